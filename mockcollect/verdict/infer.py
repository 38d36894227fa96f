"""A plan written from recorded events: what they have in common becomes the rule.

Left out is what the platform or its clients fill in (`context`, `integrations`, ids,
times). What identifies a user is typed, and neither required nor listed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mockcollect.contract.event import Event
from mockcollect.verdict.actions import Actions
from mockcollect.verdict.notation import (
    MAX_SEGMENTS,
    Kind,
    PlannedProperty,
    Structure,
    write_name,
)
from mockcollect.verdict.plantext import plan_text
from mockcollect.verdict.view import PLATFORM_PROPERTIES, View
from mockcollect.verdict.words import number_in

ENFORCED = Actions("reject", "reject", "warn", "warn")
"""The actions of an inferred plan: what changes until the next run is to be seen."""

REQUIRED_FROM = 5
"""A property is required if so many events, or entries of a list, all have it."""

LISTED_FROM = 20
"""Values become an `enum` only if so many were seen, and few different ones."""

MAX_LISTED = 8
MIN_REPEATED = 3
"""Each value of an `enum` was seen so often."""

MAX_NAME = 200
"""Events with longer names are left out: nobody gave them."""

_MAX_NAMES = 60
"""An object with more different names holds data as names: it is left open."""

_MAX_DEPTH = 6
_MAX_ENTRIES = 1_000
_MAX_VALUE = 40
_REQUIRED_OF_USER = frozenset({"user.consent_categories"})
_KINDS: dict[type, Kind] = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    dict: "object",
}
_IDENTITY = re.compile(
    r"(?:^|[_.\]-])(?:id|ids|uuid|guid|key|token|hash|sha256|md5|email|mail|phone|name"
    r"|firstname|lastname|title|label|url|uri|path|referrer|date|time|timestamp|birthdate"
    r"|city|zip|zipcode|address|street|term|query|description|text|message|comment"
    r"|coupon|sku|ip)$|(?:Id|ID|Name|Url|Date|Time)$"
)
"""Properties that tell one event from another: their values are no choice."""


class _Seen:
    """What was seen of the values at one path."""

    __slots__ = ("count", "entries", "inner", "kinds", "lists", "texts", "values")

    def __init__(self) -> None:
        self.count = 0
        """How often a value was there; a null is none."""
        self.kinds: set[Kind] = set()
        self.lists = 0
        self.entries = 0
        self.texts: set[bool] = set()
        """Of a pixel's texts, whether they spell numbers."""
        self.values: Counter[str] = Counter()
        self.inner = _Names()

    def add(self, value: Any, *, pixel: bool, depth: int) -> None:
        if value is None:
            return
        self.count += 1
        if isinstance(value, list):
            self.lists += 1
            for entry in value[:_MAX_ENTRIES]:
                self.entries += 1
                self._add_one(entry, pixel=pixel, depth=depth)
        else:
            self._add_one(value, pixel=pixel, depth=depth)

    def _add_one(self, value: Any, *, pixel: bool, depth: int) -> None:
        if pixel and isinstance(value, str):
            self.texts.add(number_in(value) is not None)
            self._count(value)
            return
        self.kinds.add(_KINDS.get(type(value), "any"))
        if isinstance(value, str):
            self._count(value)
        elif isinstance(value, dict):
            self.inner.add(value, pixel=pixel, depth=depth + 1)

    def _count(self, value: str) -> None:
        if len(self.values) <= MAX_LISTED:
            self.values[value[: _MAX_VALUE + 1]] += 1

    @property
    def kind(self) -> Kind:
        """The one type of all values, or `any`."""
        kinds: set[Kind] = self.kinds or (
            {"number"} if self.texts == {True} else {"string"}
        )
        if not self.kinds and not self.texts:
            return "any"
        if self.texts and kinds != {"string"} and not self._spelled(kinds):
            return "any"
        return next(iter(kinds)) if len(kinds) == 1 else "any"

    def _spelled(self, kinds: set[Kind]) -> bool:
        return kinds == {"number"} and self.texts == {True}


class _Names:
    """What was seen of the properties at one level."""

    __slots__ = ("count", "is_open", "names")

    def __init__(self) -> None:
        self.count = 0
        self.names: dict[str, _Seen] = {}
        self.is_open = False
        """Whether its names cannot be listed, and so are not."""

    def add(self, data: Mapping[str, Any], *, pixel: bool, depth: int) -> None:
        self.count += 1
        if self.is_open or depth > _MAX_DEPTH:
            self.is_open = True
            return
        for name, value in data.items():
            seen = self.names.get(name)
            if seen is None:
                if len(self.names) >= _MAX_NAMES or not 0 < len(name) <= MAX_NAME:
                    self.is_open = True
                    return
                seen = self.names[name] = _Seen()
            seen.add(value, pixel=pixel, depth=depth)


def infer(events: Iterable[Event], *, required_from: int = REQUIRED_FROM) -> str:
    """Return a plan, as YAML, that recorded events keep to.

    It refuses what misses a property that all had, of `required_from` events or more,
    or has another type. Each event says in a comment from how many it was inferred.
    """
    names: dict[str, _Names] = {}
    for event in events:
        name = event.event_name
        if name is not None and len(name) <= MAX_NAME:
            view = View(event)
            named = names.setdefault(name, _Names())
            named.add(_planned_part(view), pixel=view.is_pixel, depth=0)
    data = {
        "actions": ENFORCED.to_dict(),
        "events": {
            name: dict(_properties(names[name], "", required_from))
            for name in sorted(names)
        },
    }
    comments = {name: _comment(one) for name, one in names.items()}
    return plan_text(data, comments)


def _planned_part(view: View) -> dict[str, Any]:
    data = view.data
    part = {name: one for name, one in data.items() if name not in PLATFORM_PROPERTIES}
    known = "user" in data and not view.awaits_consent
    return part | {"user": data["user"]} if known else part


def _comment(names: _Names) -> str:
    events = "event" if names.count == 1 else "events"
    rest = "; its properties are too many to list" if names.is_open else ""
    return f"from {names.count:,} {events}{rest}"


def _properties(
    names: _Names, at: str, required_from: int
) -> Iterator[tuple[str, str | dict[str, Any]]]:
    if names.is_open:
        return
    for name in sorted(names.names, key=lambda one: (one == "user", one)):
        seen = names.names[name]
        path = at + write_name(name)
        required = seen.count == names.count >= required_from
        planned = _planned(seen, path, required=required)
        yield path, planned.to_data()
        if planned.kind == "object" and path.count(".") < MAX_SEGMENTS - 2:
            brackets = "" if planned.structure == "single" else "[]"
            yield from _properties(seen.inner, f"{path}{brackets}.", required_from)


def _planned(seen: _Seen, path: str, *, required: bool) -> PlannedProperty:
    if path.startswith("user."):
        required = required and path in _REQUIRED_OF_USER
    elif path == "user":
        required = False
    if seen.lists and seen.lists < seen.count:
        return PlannedProperty(required=required)
    structure: Structure = "list" if seen.lists else "single"
    kind = seen.kind
    return PlannedProperty(kind, structure, required, _listed(seen, path, kind))


def _listed(seen: _Seen, path: str, kind: str) -> tuple[str, ...]:
    """Return the values of a choice: few, short, each seen several times."""
    values = seen.values
    if kind != "string" or path.startswith("user.") or _IDENTITY.search(path):
        return ()
    if path == "schema":  # an object at this place would be the event's JSON Schema
        return ()
    if not 1 < len(values) <= MAX_LISTED or values.total() < LISTED_FROM:
        return ()
    short = all(0 < len(value) <= _MAX_VALUE for value in values)
    repeated = min(values.values()) >= MIN_REPEATED
    return tuple(sorted(values)) if short and repeated else ()
