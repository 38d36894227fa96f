"""Rules on how an event is laid out, and on the keys of its properties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeAlias

import orjson

from mockcollect.contract.event import Layout
from mockcollect.contract.printable import printable
from mockcollect.verdict.rules import MAX_FINDINGS, Seen, elsewhere, rule
from mockcollect.verdict.standard import standard_events
from mockcollect.verdict.subject import Subject
from mockcollect.verdict.words import quoted

_MAX_DEPTH = 50  # what stands deeper, nobody sent on purpose
_CONTAINERS = frozenset({dict, list})

_Trail: TypeAlias = "tuple[Any, str | int] | None"
"""The keys from a value up to the event: those above it, and its own."""

_OF_2_0: tuple[Layout, ...] = ("server", "browser", "mobile", "pixel")
_MISPLACED = ("page", "device", "app", "event_id", "properties")
_IDS = ("event_id", "eventId")
_OLD_NAMES = {"1.0": "the 1.0 layout", "browser-v1": "the browser's first layout"}

_PARTS = frozenset({"user", "context", "page", "device", "items", "properties"})
"""What a flat key such as `user.email` was to stand in; other dotted keys are names."""

_CLIENTS: frozenset[Layout] = frozenset({"browser", "browser-v1", "mobile"})
_WRITTEN_BY_CLIENTS = ("context.", "page.", "device.", "integrations.")
"""What the vendor's clients write: nobody who reads a finding could mend it."""

_JUDGED_BY_RULES = frozenset(
    {
        "event_name",
        "event",
        "event_id",
        "eventId",
        "event_timestamp",
        "created",
        "user",
        "context",
        "consistent_anonymous_id",
        "consent_categories",
        "currency",
        "test_code",
    }
)
"""Keys whose null is as good as nothing there, which rules of their own judge."""


@rule(
    "layout.old",
    "warning",
    "An event has the layout of 2.0.",
    remedy="Send the properties at the root, and page, device, id and time in context.",
    source="HTTP tracking API 1.0 page",
    layouts=("1.0", "browser-v1"),
)
def old_layout(subject: Subject) -> Iterable[Seen]:
    """Deprecated since December 2023: production may refuse it."""
    layout = _OLD_NAMES[subject.layout]
    message = f"properties hold the event's own: {layout}, deprecated since 2023"
    return (Seen("properties", message),)


@rule(
    "layout.misplaced",
    "warning",
    "Nothing that belongs in `context` stands beside it.",
    remedy="Send page, device, app and event_id in context, user beside it.",
    source="HTTP tracking API 1.0 page",
    layouts=_OF_2_0,
)
def misplaced(subject: Subject) -> Iterable[Seen]:
    """A text or number of these names is somebody's own property."""
    data = subject.data
    if data.keys().isdisjoint(_MISPLACED) or not isinstance(data.get("context"), dict):
        return ()
    found = [
        Seen(name, f"{name} stands beside context; it belongs in it")
        for name in ("page", "device", "app")
        if isinstance(data.get(name), dict)
    ]
    if "event_id" in data and subject.context.keys().isdisjoint(_IDS):
        message = "event_id stands beside context, which has none; it belongs in it"
        found.append(Seen("event_id", message))
    if isinstance(data.get("properties"), dict):
        found.append(_nested(data["properties"]))
    return found


def _nested(properties: dict[str, Any]) -> Seen:
    if isinstance(properties.get("user"), dict):
        message = "properties.user stands inside properties; it belongs beside context"
        return Seen("properties.user", message)
    message = "properties stands beside context; what it holds belongs at the root"
    return Seen("properties", message)


@rule(
    "key.numeric",
    "warning",
    "No property has a number for its name.",
    remedy="Give the property a name, or send a list.",
    source="GA4, which drops such properties",
)
def numeric_keys(subject: Subject) -> Iterable[Seen]:
    """At the level of the event's properties."""
    properties = subject.properties
    if not any(map(str.isdigit, properties)):
        return ()
    numeric = [key for key in properties if key.isdigit() and key.isascii()]
    return [
        Seen(f"{subject.at}{key}", f"a property is named {quoted(key)}, a number", key)
        for key in numeric[:MAX_FINDINGS]
    ]


@rule(
    "key.dotted",
    "warning",
    "Objects are sent as objects, and not as keys with dots.",
    remedy='Send {"user": {"email": …}} instead of {"user.email": …}.',
    source="events reference",
)
def dotted_keys(subject: Subject) -> Iterable[Seen]:
    """At the level of the event's properties, and only of the platform's objects."""
    properties = subject.properties
    if "." not in "".join(properties):
        return ()
    dotted = [key for key in properties if "." in key and _part(key) in _PARTS]
    return [
        Seen(f"{subject.at}{key}", f"{quoted(key)} is one key, and not in {_part(key)}")
        for key in dotted[:MAX_FINDINGS]
    ]


def _part(key: str) -> str:
    return key.partition(".")[0].partition("[")[0]


@rule(
    "key.null",
    "warning",
    "What has no value is left out, and not sent as null.",
    remedy="Leave the key out.",
    source="events reference",
)
def null_values(subject: Subject) -> Iterable[Seen]:
    """Anywhere, except where the reference allows it or another rule judges it."""
    if not _may_hold_null(subject):
        return ()
    nulls = (path for path in _nulls(subject.data) if not _is_judged(path, subject))
    return [
        Seen(path, f"{printable(path)} is null") for path in islice(nulls, MAX_FINDINGS)
    ]


def _may_hold_null(subject: Subject) -> bool:
    """Writing an event takes a third of the time that a look at each value takes."""
    if subject.layout != "pixel" and b"null" not in subject.request.body:
        return False
    try:
        return b"null" in orjson.dumps(subject.data)
    except TypeError:  # deeper than orjson writes, or with a number too big for it
        return True


def _nulls(data: dict[str, Any]) -> Iterator[str]:
    """Yield the paths of nulls, those nearest to the root first."""
    level: list[tuple[Any, _Trail]] = [(data, None)]
    for _ in range(_MAX_DEPTH):
        below: list[tuple[Any, _Trail]] = []
        for node, trail in level:
            named = node.__class__ is dict
            for key, value in node.items() if named else enumerate(node):
                if value is None:
                    yield _path((trail, key))
                elif value and value.__class__ in _CONTAINERS:
                    below.append((value, (trail, key)))
        level = below


def _path(trail: _Trail) -> str:
    """Return the path of a trail; only made for the few that are shown."""
    parts = []
    while trail is not None:
        trail, key = trail
        parts.append(f"[{key}]" if isinstance(key, int) else f".{key}")
    return "".join(reversed(parts)).removeprefix(".")


def _is_judged(path: str, subject: Subject) -> bool:
    name = path.rpartition(".")[2]
    if subject.layout in _CLIENTS and path.startswith(_WRITTEN_BY_CLIENTS):
        return True
    if name in _JUDGED_BY_RULES or path in ("user.id", "properties.user.id"):
        return True
    if path.startswith(f"{subject.at}items[") and name in ("id", "quantity", "product"):
        return True
    event = standard_events().event(subject.event.event_name)
    one = event.properties.get(path.removeprefix(subject.at)) if event else None
    return one is not None and (one.required or one.nullable)


rule(
    "property.required",
    "warning",
    "An event has the properties that are required for it.",
    remedy="Send the property.",
    source="events reference",
)(elsewhere)
rule(
    "property.type",
    "warning",
    "A property has the type that is listed for it.",
    remedy="Send it in that type.",
    source="events reference",
)(elsewhere)
rule(
    "property.value",
    "warning",
    "A property has one of the values, and the format, that are listed for it.",
    remedy="Send one of them.",
    source="events reference",
)(elsewhere)
rule(
    "property.unknown",
    "note",
    "A property is in the tracking plan.",
    remedy="Add it to the plan, or mend its name.",
    source="tracking plan",
)(elsewhere)
