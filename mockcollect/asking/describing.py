"""Events, requests and values as the lines of a failure show them."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from mockcollect.asking.matching import ABSENT, Expectation
from mockcollect.contract.printable import printable
from mockcollect.recording.records import RecordedEvent, RecordedRequest

LONGEST_VALUE = 60
LONGEST_NAME = 40
MOST_ROWS = 10

_DEEP = reprlib.Repr()
_DEEP.maxlevel = 4


def show(value: Any) -> str:
    """Return a value as Python writes it, the middle of a long one left out."""
    if isinstance(value, re.Pattern):
        return f"/{_cut(printable(value.pattern), LONGEST_VALUE)}/"
    try:
        text = repr(value)
    except RecursionError:  # JSON may be a thousand levels deep
        text = _DEEP.repr(value)
    return _cut(printable(text), LONGEST_VALUE)


def quoted(event_name: str | None) -> str:
    """Return an event's name in backticks, or what is said of an event without one."""
    return f"`{short(event_name)}`" if event_name else "nameless"


def short(text: str) -> str:
    """Return captured text that is safe to print, and not too long."""
    return _cut(printable(text), LONGEST_NAME)


def plural(count: int, noun: str) -> str:
    """Return a count with its noun: `1 event`, `2 events`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def of_expectation(expectation: Expectation) -> str:
    """Return what was asked beside the name: ` with revenue=16.0, user.id='1'`."""
    asked = [f"{key}={show(one)}" for key, one in expectation.properties.items()]
    asked += [
        f"no {path}" if one is ABSENT else f"{path}={show(one)}"
        for path, one in expectation.where.items()
    ]
    return f" with {', '.join(asked)}" if asked else ""


def describe(recorded: RecordedEvent) -> str:
    """Return which event it is, what brought it, and what was answered."""
    request, event = recorded.request, recorded.event
    where = f"{request.request.method} {short(request.request.path)}"
    if event.of > 1:
        where = f"event {event.index + 1} of {event.of} in {where}"
    name = short(event.event_name or "(no name)")
    return f"#{recorded.id} {name}, {where}, answered {request.status}"


def event_rows(events: Iterable[RecordedEvent]) -> list[str]:
    """Return one aligned line for each event."""
    return rows(events, ())


def rows(
    events: Iterable[RecordedEvent], requests: Iterable[RecordedRequest]
) -> list[str]:
    """Return one aligned line for each event and each request without events.

    They stand in the order of arrival; of many, the newest are shown.
    """
    cells = [(one.request.received_at, one.id, _event_cells(one)) for one in events]
    cells += [(one.received_at, 0, _request_cells(one)) for one in requests]
    cells.sort(key=lambda one: one[:2])
    shown = [texts for _, _, texts in cells[-MOST_ROWS:]]
    lines = list(_aligned(shown))
    if hidden := len(cells) - len(shown):
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
            names = ", ".join(f"#{one}" for one in ids[:-1]) + f" and #{ids[-1]}"
            return f"{names} carry the same event id: a retry is sending twice."
    return None


def reason_of(request: RecordedRequest) -> str:
    """Return why a request brought no event, in two words."""
    if request.refusal is None:
        return "no event in it"
    return request.refusal.reason.replace("json", "JSON")


def clock(request: RecordedRequest) -> str:
    """Return when a request arrived, in local time to the millisecond."""
    moment = datetime.fromtimestamp(request.received_at / 1000)
    return f"{moment:%H:%M:%S}.{request.received_at % 1000:03d}"


def place_of(request: RecordedRequest) -> str:
    """Return the method and path of a request."""
    return f"{request.request.method} {short(request.request.path)}"


def _event_cells(one: RecordedEvent) -> tuple[str, ...]:
    name = short(one.event.event_name or "(no name)")
    where = place_of(one.request)
    if one.event.of > 1:
        where += f"  {one.event.index + 1} of {one.event.of}"
    return f"#{one.id} {name}", clock(one.request), str(one.request.status), where


def _request_cells(one: RecordedRequest) -> tuple[str, ...]:
    where = f"{place_of(one)}  {reason_of(one)}"
    return "(no event)", clock(one), str(one.status), where


def _aligned(table: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        padded = (f"{text:<{width}}" for text, width in zip(cells, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _cut(text: str, most: int) -> str:
    """Leave the middle of a long text out: its end tells as much as its start."""
    if len(text) <= most:
        return text
    half = (most - 1) // 2
    return f"{text[:half]}…{text[-half:]}"
