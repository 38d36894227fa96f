"""Rules on when an event says it happened."""

from __future__ import annotations

import re
from typing import Any

from mockcollect.contract.layouts import event_time
from mockcollect.verdict.rules import Seen, rule
from mockcollect.verdict.subject import TIME_PATHS, Subject, json_type

_DIGITS = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{0,30})?")
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.,]{4,18}(?:Z|[+-][0-9:]+)?)?"
)
_OTHER_NAMES = ("timestamp", "event_time", "eventTimestamp", "created", "time")

_MINUTE, _HOUR, _DAY = 60_000, 3_600_000, 86_400_000
_MOST_PAST, _MOST_AHEAD = 7 * _DAY, _HOUR


@rule(
    "timestamp.missing",
    "error",
    "An event says when it happened.",
    remedy="Send the time in milliseconds since 1970 as context.event_timestamp.",
    source="events reference",
    # The first browser container sends no time, and a pixel's is when it arrives.
    layouts=("1.0", "server", "browser", "mobile"),
)
def timestamp_missing(subject: Subject) -> tuple[Seen, ...]:
    """Find an event without a time."""
    if subject.time is not None and subject.time != "":
        return ()
    path = TIME_PATHS[subject.layout]
    if subject.time == "":
        return (Seen(subject.time_at, f"{subject.time_at} is empty", ""),)
    if subject.layout in ("server", "mobile") and "context" not in subject.data:
        return (Seen(path, "context is missing"),)
    for name in _OTHER_NAMES:
        if name in subject.context or name in subject.data:
            hint = f"{path} is missing. Did you mean to send `{name}` as `{path}`?"
            return (Seen(path, hint),)
    return (Seen(path, f"{path} is missing"),)


@rule(
    "timestamp.seconds",
    "error",
    "A time is in milliseconds, not in seconds.",
    remedy="Multiply the seconds by 1000.",
    source="API page, Payload",
)
def timestamp_seconds(subject: Subject) -> tuple[Seen, ...]:
    """Find a time of ten digits."""
    number = _number(subject.time)
    if number is None or not 1e9 <= number < 1e10:
        return ()
    message = f"{subject.time_at} has 10 digits, so it is in seconds"
    return (Seen(subject.time_at, message, subject.time),)


@rule(
    "timestamp.micros",
    "error",
    "A time is in milliseconds, not in microseconds.",
    remedy="Divide the microseconds by 1000.",
    source="API page, Payload",
)
def timestamp_micros(subject: Subject) -> tuple[Seen, ...]:
    """Find a time of sixteen digits, or of nineteen."""
    number = _number(subject.time)
    if number is None or number < 1e15:
        return ()
    digits = len(f"{min(number, 1e30):.0f}")
    unit = "microseconds" if digits == 16 else "nanoseconds"
    if digits not in (16, 19):
        unit = "no milliseconds"
    message = f"{subject.time_at} has {digits} digits, so it is in {unit}"
    return (Seen(subject.time_at, message, subject.time),)


@rule(
    "timestamp.iso",
    "error",
    "A time is a number of milliseconds, not a date.",
    remedy="Send the milliseconds since 1970.",
    source="API page, Payload",
)
def timestamp_iso(subject: Subject) -> tuple[Seen, ...]:
    """Find a time written as a date, where only `created` is."""
    value = subject.time
    if not isinstance(value, str) or subject.time_at.endswith("created"):
        return ()
    if not _ISO.fullmatch(value[:40]):
        return ()
    message = f"{subject.time_at} is a date; the API page wants milliseconds"
    return (Seen(subject.time_at, message, value),)


@rule(
    "timestamp.text",
    "note",
    "A time is a number.",
    remedy="Send the milliseconds as a number, without quotes.",
    source="OpenAPI file",
)
def timestamp_text(subject: Subject) -> tuple[Seen, ...]:
    """Find a time in digits between quotes; what can be no time at all is an error."""
    path, value = subject.time_at, subject.time
    if value is None or value == "" or value.__class__ in (int, float):
        return ()
    if not isinstance(value, str):
        message = f"{path} is {json_type(value)}, which is no time"
        return (Seen(path, message, value, "error"),)
    if (number := _number(value)) is None:
        # A browser's `created` and a date elsewhere have their own say.
        return () if _ISO.fullmatch(value[:40]) else (_no_time(path, value),)
    if number >= 1e15 or 1e9 <= number < 1e10:
        return ()
    message = f"{path} is a string of digits; the specification file types it integer"
    return (Seen(path, message, value),)


@rule(
    "timestamp.at_root",
    "warning",
    "The time stands in the context.",
    remedy="Move event_timestamp into context.",
    source="events reference; the API page's batch example has it at the root",
    layouts=("server", "mobile"),
)
def timestamp_at_root(subject: Subject) -> tuple[Seen, ...]:
    """Find the old layout's place of the time."""
    if subject.time_at != "event_timestamp":
        return ()
    message = "event_timestamp is at the root; its place is context.event_timestamp"
    return (Seen("event_timestamp", message, subject.time),)


@rule(
    "timestamp.far",
    "note",
    "An event is sent within seven days, and not from the future.",
    remedy="Send events as they happen, from a machine whose clock is right.",
    source="Meta Conversions API page",
)
def timestamp_far(subject: Subject) -> tuple[Seen, ...]:
    """Find a time more than seven days before the event arrived, or an hour after."""
    # Only the query's part that moves a time is worth reading.
    query = subject.request.query
    moment = event_time(
        subject.event.data, subject.layout, query if "ts_override" in query else ""
    )
    if moment is None:
        return ()
    late = subject.received_at - moment
    if -_MOST_AHEAD <= late <= _MOST_PAST or _has_another_unit(subject):
        return ()
    when = "before" if late > 0 else "after"
    message = f"{subject.time_at} is {_span(abs(late))} {when} the event was received"
    return (Seen(subject.time_at, message, subject.time),)


def _has_another_unit(subject: Subject) -> bool:
    return bool(timestamp_seconds(subject) or timestamp_micros(subject))


def _number(value: Any) -> float | None:
    if value.__class__ is int or value.__class__ is float:
        return value
    if isinstance(value, str) and len(value) < 62 and _DIGITS.fullmatch(value):
        return float(value)
    return None


def _no_time(path: str, value: str) -> Seen:
    return Seen(path, f"{path} is a string that holds no time", value, "error")


def _span(milliseconds: int) -> str:
    for unit, name in ((_DAY, "days"), (_HOUR, "hours")):
        if milliseconds >= 2 * unit:
            return f"{milliseconds // unit:,} {name}"
    return f"{milliseconds // _MINUTE} minutes"
