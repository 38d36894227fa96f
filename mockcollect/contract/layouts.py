"""The payload layouts real clients send, and where each keeps what identifies it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from mockcollect.contract.event import Event, Layout
from mockcollect.contract.source import Source, parameters

_SECONDS_DIGITS = 10
"""Vendor example of `ts_override`: ten digits, so seconds, unlike every other time."""

_COUNT_DIGITS = 16
_EXACT_INTEGERS = 2**53  # beyond, a JSON number is no longer exact in a double

_Paths = tuple[tuple[str, ...], ...]

_NAME_KEYS: dict[Layout, str] = {"browser-v1": "event"}
_ID_PATHS: dict[Layout, _Paths] = {
    "browser-v1": (("eventId",), ("event_id",)),
    "1.0": (("event_id",),),
    "server": (("context", "event_id"), ("event_id",)),
    "browser": (("context", "eventId"), ("context", "event_id")),
    "mobile": (("context", "event_id"), ("event_id",)),
    "pixel": (("context", "event_id"), ("event_id",)),
}
_TIME_PATHS: dict[Layout, _Paths] = {
    "browser-v1": (("created",), ("event_timestamp",)),
    "1.0": (("event_timestamp",),),
    "server": (("context", "event_timestamp"), ("event_timestamp",)),
    "browser": (("context", "created"), ("context", "event_timestamp")),
    "mobile": (("context", "event_timestamp"), ("event_timestamp",)),
    "pixel": (("context", "event_timestamp"), ("event_timestamp",)),
}
_TEST_CODE_PATHS = (
    ("test_code",),
    ("properties", "test_code"),
    ("context", "test_code"),
)


def find_layout(data: Any) -> Layout:
    """Return the layout of a JSON event by the marks that only it carries."""
    if not isinstance(data, dict):
        return "server"
    context = data.get("context")
    if isinstance(context, dict):
        if context.get("version") == 2 or "eventId" in context:
            return "browser"
        return "mobile" if "app" in context else "server"
    if isinstance(data.get("properties"), dict):
        if "event_name" in data:
            return "1.0"
        if "event" in data:
            return "browser-v1"
    return "server"


def read_event(
    data: Any,
    source: Source,
    *,
    size: int,
    layout: Layout | None = None,
    index: int = 0,
    of: int = 1,
) -> Event:
    """Return the event in `data`, with what identifies it in its layout."""
    layout = layout or find_layout(data)
    if not isinstance(data, dict):
        return Event(data, layout, None, None, *source, None, size, index, of)
    return Event(
        data,
        layout,
        _text(data.get(_NAME_KEYS.get(layout, "event_name"))),
        _identifier(_first(data, _ID_PATHS[layout])),
        *source,
        _text(_first(data, _TEST_CODE_PATHS)),
        size,
        index,
        of,
    )


def event_time(data: Any, layout: Layout, query: str = "") -> int | None:
    """Return the time of an event in milliseconds since 1970, or `None` if unreadable.

    A `ts_override` in the query comes before the event's own time; it may be in seconds
    or milliseconds, told apart by its digits.
    """
    override = dict(parameters(query)).get("ts_override") if query else None
    if override and _is_count(override):
        return int(override) * (1000 if len(override) <= _SECONDS_DIGITS else 1)
    if not isinstance(data, dict):
        return None
    return _milliseconds(_first(data, _TIME_PATHS[layout]))


def _first(data: dict[str, Any], paths: _Paths) -> Any:
    for path in paths:
        value: Any = data
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None:
            return value
    return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _identifier(value: Any) -> str | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return _text(value)


def _milliseconds(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return int(value) if abs(value) < _EXACT_INTEGERS else None
    if not isinstance(value, str):
        return None
    return int(value) if _is_count(value) else _milliseconds_of_iso(value)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < _COUNT_DIGITS


def _milliseconds_of_iso(text: str) -> int | None:
    try:
        # Python 3.10 does not read the `Z` that browsers write.
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return round(moment.timestamp() * 1000)
