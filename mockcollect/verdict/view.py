"""An event as a plan sees it: one shape, whatever the layout it was sent in."""

from __future__ import annotations

from typing import Any

from mockcollect.contract.event import Event, Layout
from mockcollect.verdict.subject import find_properties, find_user

PLATFORM_PROPERTIES = frozenset(
    {
        "event_name",
        "user",
        "context",
        "integrations",
        "test_code",
        "event_id",
        "event_timestamp",
    }
)
"""What the platform itself defines, or the vendor's clients, beside the properties."""

_FILLED_IN = frozenset(
    {
        "user.consistent_anonymous_id",
        "context.event_id",
        "context.event_timestamp",
        "context.device.ip",
        "context.device.user_agent",
    }
)
"""What the platform adds where browsers and apps send it otherwise, or not at all."""

_CLIENT_SIDE: frozenset[Layout] = frozenset(
    {"browser-v1", "browser", "mobile", "pixel"}
)
_NOT_CONTEXT = frozenset({"event", "event_name", "properties", "user"})


class View:
    """An event with its properties at the root, beside `user` and `context`.

    `data` is a dict, empty for an event that is none.
    """

    __slots__ = ("_at", "_user_at", "data", "layout")

    def __init__(self, event: Event) -> None:
        self.layout = event.layout
        properties = find_properties(event)
        self._at = "" if properties is event.data else "properties."
        self._user_at = "user."
        self.data = properties if not self._at else self._flat(event, properties)

    def _flat(self, event: Event, properties: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(event.data, dict):
            return {}
        self._user_at = find_user(event).at
        context = {key: event.data[key] for key in event.data.keys() - _NOT_CONTEXT}
        data = {**properties, "event_name": event.event_name, "context": context}
        if event.data.get("user") is not None:
            data["user"] = event.data["user"]
        return data

    @property
    def is_pixel(self) -> bool:
        """Whether all values arrived as text."""
        return self.layout == "pixel"

    @property
    def awaits_consent(self) -> bool:
        """Whether an app has a text in its user's place, as the vendor's SDK writes."""
        if self.layout not in _CLIENT_SIDE:
            return False
        return bool(self.data.get("user") == "{waiting_for_consent}")

    def is_filled_in(self, path: str) -> bool:
        """Return whether the platform, or the app later, adds what is missing."""
        if path in _FILLED_IN:
            return self.layout in _CLIENT_SIDE
        return f"{path}.".startswith("user.") and self.awaits_consent

    def path(self, path: str) -> str:
        """Return where in the event, as it was sent, a path of the view stands."""
        if not self._at:
            return path
        name, dot, rest = path.partition(".")
        if name == "user":
            return self._user_at + rest if dot else self._user_at.removesuffix(".")
        return rest if name == "context" and dot else self._at + path


def name_path(layout: Layout) -> str:
    """Return where a layout keeps an event's name."""
    return "event" if layout == "browser-v1" else "event_name"
