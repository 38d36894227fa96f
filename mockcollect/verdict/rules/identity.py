"""Rules on what names an event, and what names the visitor behind it."""

from __future__ import annotations

from typing import Any

from mockcollect.verdict.rules import Seen, elsewhere, rule
from mockcollect.verdict.subject import ID_PATHS, Subject, json_type

_COPIED_IDS = frozenset(
    {"202110130000000000", "202210310000000000", "202210180000000000"}
)
"""The event ids of the API page's examples."""

_OTHER_NAMES = ("event", "eventName", "name", "event_type")
_OTHER_VISITOR_IDS = ("consistent_anonymous_id", "anonymous_id", "anonymousId")
_IN_CONTEXT = frozenset({"server", "mobile"})


@rule(
    "event_name.missing",
    "error",
    "An event has a name: text that is not empty.",
    remedy="Send the event's name as event_name.",
    source="events reference",
)
def event_name_missing(subject: Subject) -> tuple[Seen, ...]:
    """Find an event without a name, or one whose name is no text."""
    key = "event" if subject.layout == "browser-v1" else "event_name"
    name = subject.data.get(key)
    if isinstance(name, str):
        return () if name.strip() else (Seen(key, f"{key} is empty", name),)
    if name is not None:
        message = f"{key} is {json_type(name)}, not a string"
        return (Seen(key, message, name),)
    hint = _hint(subject.data, _OTHER_NAMES, key)
    return (Seen(key, f"{key} is missing{hint}"),)


@rule(
    "event_id.missing",
    "error",
    "An event has an id of its own.",
    remedy="Give each event a unique text as context.event_id.",
    source="events reference",
    # A pixel stands in a page that is written once: the vendor's examples have no id.
    layouts=("browser-v1", "1.0", "server", "browser", "mobile"),
)
def event_id_missing(subject: Subject) -> tuple[Seen, ...]:
    """Find an event without an id that can be read."""
    if subject.event.event_id is not None:
        return ()
    path = ID_PATHS[subject.layout]
    if subject.layout in _IN_CONTEXT and "context" not in subject.data:
        return (Seen(path, "context is missing"),)
    part, key = (subject.context, path[8:]) if "." in path else (subject.data, path)
    value = part.get(key)
    if value is None:
        return (Seen(path, f"{path} is missing"),)
    if value == "":
        return (Seen(path, f"{path} is empty", value),)
    message = f"{path} is {json_type(value)}, which identifies nothing"
    return (Seen(path, message, value),)


@rule(
    "event_id.constant",
    "warning",
    "Each event has another id.",
    remedy="Make a new id for each event, and keep it when you send that event again.",
    source="API page, Example",
)
def event_id_constant(subject: Subject) -> tuple[Seen, ...]:
    """Find the copied id of an example; `History` finds one id on many events."""
    if subject.event.event_id not in _COPIED_IDS:
        return ()
    path = ID_PATHS[subject.layout]
    message = f"{path} is the one of the API page's example"
    return (Seen(path, message, subject.event.event_id, "note"),)


rule(
    "event_id.duplicate",
    "warning",
    "No two events have the same id.",
    remedy=(
        "Make a new id for each event. If this is a retry, know that destinations may "
        "count both."
    ),
    source="Facebook destination page",
)(elsewhere)


@rule(
    "consistent_anonymous_id.missing",
    "error",
    "A server's event carries the visitor's stable id.",
    remedy=(
        "Send the visitor's CAID as user.consistent_anonymous_id: it is what the "
        "cookie is on a web page."
    ),
    source="OpenAPI file",
    # Browsers and pixels have a cookie, the mobile SDK its sdk_id; 1.0 had neither.
    layouts=("server",),
)
def consistent_anonymous_id_missing(subject: Subject) -> tuple[Seen, ...]:
    """Find a server's event that names no visitor."""
    path = "user.consistent_anonymous_id"
    value = subject.user.get("consistent_anonymous_id")
    if isinstance(value, str):
        return () if value.strip() else (Seen(path, f"{path} is empty", value),)
    if value is not None:
        return ()
    user = subject.data.get("user")
    if user is None:
        return (Seen(path, "user is missing"),)
    if not isinstance(user, dict):
        return (Seen("user", f"user is {json_type(user)}, not an object", user),)
    hint = _hint({**subject.data, **user}, _OTHER_VISITOR_IDS, path)
    return (Seen(path, f"{path} is missing{hint}"),)


@rule(
    "anonymous_id.volatile",
    "warning",
    "A visitor keeps one stable id over many events.",
    remedy=(
        "Read the visitor's id from the CAID cookie, or store one: an id made for each "
        "event makes a new device of each."
    ),
    source="identity resolution page",
)
def anonymous_id_volatile(subject: Subject) -> tuple[Seen, ...]:
    """Find an event id used as visitor's id; `History` finds ids that never repeat."""
    value = subject.user.get("consistent_anonymous_id")
    if value is None or value != subject.event.event_id:
        return ()
    path = f"{subject.user_at}consistent_anonymous_id"
    return (Seen(path, f"{path} is the event's own id, new with each event", value),)


rule(
    "transaction.repeat",
    "warning",
    "A purchase is sent once.",
    remedy=(
        "Send the purchase when the order is placed, not whenever its confirmation "
        "page is loaded."
    ),
    source="events reference, purchase",
)(elsewhere)


@rule(
    "test_code.type",
    "note",
    "A test code is text that is not empty.",
    remedy="Send the inspector's code as text, or leave test_code out.",
    source="live event inspector page",
)
def test_code_type(subject: Subject) -> list[Seen]:
    """Find a test code that no inspector can look for."""
    places = (
        ("test_code", subject.data),
        ("properties.test_code", subject.data.get("properties")),
        ("context.test_code", subject.context),
    )
    return [
        Seen(path, _odd_test_code(path, part["test_code"]), part["test_code"])
        for path, part in places
        if isinstance(part, dict)
        and "test_code" in part
        and not (isinstance(part["test_code"], str) and part["test_code"])
    ]


def _odd_test_code(path: str, value: Any) -> str:
    if value == "":
        return f"{path} is empty"
    return f"{path} is {json_type(value)}, not a string"


def _hint(part: dict[str, Any], names: tuple[str, ...], path: str) -> str:
    """Return the question whether another key was meant to be the one at a path."""
    for name in names:
        value = part.get(name)
        if isinstance(value, str) and value:
            return f". Did you mean to send `{name}` as `{path}`?"
    return ""
