"""An event laid out for the rules: its parts found once, whatever its layout."""

from __future__ import annotations

from typing import Any, NamedTuple

from mockcollect.contract.event import CollectRequest, Event, Layout
from mockcollect.verdict.facts import RequestFacts

_NOTHING: dict[str, Any] = {}
_NESTING_LAYOUTS = frozenset({"1.0", "browser-v1"})
"""Layouts that keep an event's properties under `properties`, others at the root."""

ID_PATHS: dict[Layout, str] = {
    "browser-v1": "eventId",
    "1.0": "event_id",
    "server": "context.event_id",
    "browser": "context.eventId",
    "mobile": "context.event_id",
    "pixel": "context.event_id",
}
"""Where each layout has its event id."""

TIME_PATHS: dict[Layout, str] = {
    "browser-v1": "created",
    "1.0": "event_timestamp",
    "server": "context.event_timestamp",
    "browser": "context.created",
    "mobile": "context.event_timestamp",
    "pixel": "context.event_timestamp",
}
"""Where each layout has its time."""

_IN_CONTEXT = "context.event_timestamp"


class UserPart(NamedTuple):
    """The user of an event, empty without one, and the prefix of its paths."""

    user: dict[str, Any]
    at: str


class Subject:
    """One event with its request, and the parts of it that rules ask for.

    `data`, `context`, `user`, `device` and `properties` are dicts, empty where the
    event has something else there, or nothing. `at` is where the properties stand, as
    a prefix of paths: empty, or `properties.`; `user_at` is the user's. `time` is the
    event's time as sent, found at the path `time_at`. `received_at` is in milliseconds
    since 1970. `facts` are those of the request: give them where it has many events.
    """

    __slots__ = (
        "at",
        "context",
        "data",
        "device",
        "endpoint",
        "event",
        "facts",
        "layout",
        "properties",
        "received_at",
        "request",
        "time",
        "time_at",
        "user",
        "user_at",
    )

    def __init__(
        self,
        event: Event,
        request: CollectRequest,
        *,
        endpoint: str | None,
        received_at: int,
        facts: RequestFacts | None = None,
    ) -> None:
        self.event = event
        self.request = request
        self.endpoint = endpoint
        self.received_at = received_at
        self.facts = facts or RequestFacts(request, endpoint, event)
        self.layout: Layout = event.layout
        self.data = _dict(event.data)
        self.at = "properties." if event.layout in _NESTING_LAYOUTS else ""
        self.properties = find_properties(event)
        self.context = _dict(self.data.get("context"))
        self.user, self.user_at = find_user(event)
        self.device = _dict(self.context.get("device") or self.data.get("device"))
        self._find_time()

    @property
    def is_event(self) -> bool:
        """Whether the body can be meant as one event, however faulty."""
        data = self.event.data
        if not isinstance(data, dict):
            return False
        if "event_name" in data or "event" in data:
            return True
        if isinstance(data.get("batch"), list):
            return False
        return self.endpoint != "batch" or self.facts.is_batch

    def _find_time(self) -> None:
        path = TIME_PATHS[self.layout]
        in_context = path.startswith("context.")
        part = self.context if in_context else self.data
        value = part.get(path[8:] if in_context else path)
        if value is None and in_context:
            # A browser's event may say its time as a server does.
            value = self.context.get("event_timestamp")
            path = path if value is None else _IN_CONTEXT
        if value is None:
            value = self.data.get("event_timestamp")
            path = path if value is None else "event_timestamp"
        self.time, self.time_at = value, path


def find_properties(event: Event) -> dict[str, Any]:
    """Return the object that holds an event's own properties, empty without one."""
    data = _dict(event.data)
    return _dict(data.get("properties")) if event.layout in _NESTING_LAYOUTS else data


def find_user(event: Event) -> UserPart:
    """Return an event's user: at its root, or in the properties of an old layout."""
    data = _dict(event.data)
    user = data.get("user")
    if user is None and event.layout in _NESTING_LAYOUTS:
        user = _dict(data.get("properties")).get("user")
        return UserPart(_dict(user), "properties.user.")
    return UserPart(_dict(user), "user.")


def json_type(value: Any) -> str:
    """Return what JSON calls a value, with its article."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "an object" if isinstance(value, dict) else "an array"


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else _NOTHING
