"""Events, requests and values as the lines of a failure show them."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from mockcollect.contract.printable import printable
from mockcollect.recording.records import RecordedEvent, RecordedRequest

LONGEST_VALUE = 48
LONGEST_NAME = 32
LONGEST_LIST = 60
MOST_ROWS = 10
MOST_IDS = 3

_DEEP = reprlib.Repr()
_DEEP.maxlevel = 4


def show(value: Any) -> str:
    """Return a value as Python writes it, the middle of a long one left out."""
    try:
        text = repr(value)
    except RecursionError:  # JSON may be a thousand levels deep
        text = _DEEP.repr(value)
    return cut(printable(text), LONGEST_VALUE)


def short(text: str) -> str:
    """Return captured text that is safe to print, and not too long."""
    return cut(printable(text), LONGEST_NAME)


def cut(text: str, most: int) -> str:
    """Leave the middle of a long text out: its end tells as much as its start."""
    if len(text) <= most:
        return text
    end = (most - 1) // 2
    return f"{text[: most - 1 - end]}…{text[len(text) - end :]}"


def plural(count: int, noun: str) -> str:
    """Return a count with its noun: `1 event`, `2 events`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def as_many_as_fit(parts: Sequence[str], most: int = LONGEST_LIST) -> str:
    """Return the first of some parts, and how many more there are; at least one."""
    ends = accumulate(len(one) + 2 for one in parts)
    fit = max(1, sum(end <= most for end in ends))
    hidden = len(parts) - fit
    return ", ".join(parts[:fit]) + (f" and {hidden:,} more" if hidden else "")


def joined(parts: Sequence[str], last: str) -> str:
    """Return parts as a sentence lists them: `a, b and c`."""
    *first, end = parts
    return f"{', '.join(first)} {last} {end}" if first else end


def name_of(recorded: RecordedEvent) -> str:
    """Return an event's name, or what is said of an event without one."""
    return short(recorded.event.event_name or "(no name)")


def describe(recorded: RecordedEvent) -> str:
    """Return which event it is, what brought it, and what was answered."""
    request, event = recorded.request, recorded.event
    where = place_of(request)
    if event.of > 1:
        where = f"event {event.index + 1} of {event.of} in {where}"
    return f"#{recorded.id} {name_of(recorded)}, {where}, answered {request.answered}"


def event_rows(events: Iterable[RecordedEvent], *, most: int = MOST_ROWS) -> list[str]:
    """Return one aligned line for each event; of many, for the newest."""
    return rows(events, (), most=most)


def rows(
    events: Iterable[RecordedEvent],
    requests: Iterable[RecordedRequest],
    *,
    most: int = MOST_ROWS,
) -> list[str]:
    """Return one aligned line for each event and each request without events.

    They stand in the order of arrival; of many, the newest are shown.
    """
    found: list[RecordedEvent | RecordedRequest] = sorted(
        [*events, *requests], key=_arrival
    )
    shown = found[-most:]  # only these are judged
    lines = list(_aligned([_cells(one) for one in shown]))
    if hidden := len(found) - len(shown):
        lines.insert(0, f"… {hidden:,} earlier")
    return lines


def same_event_id(events: Sequence[RecordedEvent]) -> str | None:
    """Return a sentence on events that carry one event id, if there are any."""
    by_id: dict[str, list[int]] = {}
    for one in events:
        if one.event.event_id is not None:
            by_id.setdefault(one.event.event_id, []).append(one.id)
    for ids in by_id.values():
        if len(ids) > 1:
            named = joined(_some(ids), "and")
            return f"{named} carry the same event id: a retry is sending twice."
    return None


def reason_of(request: RecordedRequest) -> str:
    """Return why a request brought no event, in two words."""
    if request.refusal is None:
        return "no event in it"
    return reason_in_words(request.refusal.reason)


def reason_in_words(reason: str) -> str:
    """Return the reason of a refusal as it stands in a sentence."""
    return reason.replace("json", "JSON")


def clock(request: RecordedRequest) -> str:
    """Return when a request arrived, in local time to the millisecond."""
    moment = datetime.fromtimestamp(request.received_at / 1000)
    return f"{moment:%H:%M:%S}.{request.received_at % 1000:03d}"


def place_of(request: RecordedRequest) -> str:
    """Return the method and path of a request."""
    return f"{short(request.request.method)} {short(request.request.path)}"


def _some(ids: Sequence[int]) -> list[str]:
    names = [f"#{one}" for one in ids]
    if len(names) > MOST_IDS:
        names[MOST_IDS - 1 :] = [f"{len(names) - MOST_IDS + 1:,} more"]
    return names


def _arrival(one: RecordedEvent | RecordedRequest) -> tuple[int, int]:
    if isinstance(one, RecordedEvent):
        return one.request.received_at, one.id
    return one.received_at, 0


def _cells(one: RecordedEvent | RecordedRequest) -> tuple[str, ...]:
    return _event_cells(one) if isinstance(one, RecordedEvent) else _request_cells(one)


def _event_cells(one: RecordedEvent) -> tuple[str, ...]:
    where = place_of(one.request)
    if one.event.of > 1:
        where += f"  {one.event.index + 1} of {one.event.of}"
    status, verdict = one.request.answered, one.verdict.name
    return f"#{one.id} {name_of(one)}", clock(one.request), status, verdict, where


def _request_cells(one: RecordedRequest) -> tuple[str, ...]:
    return "(no event)", clock(one), one.answered, reason_of(one), place_of(one)


def _aligned(table: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        padded = (f"{text:<{width}}" for text, width in zip(cells, widths, strict=True))
        yield "  ".join(padded).rstrip()
