"""What one event should be, by a filter and by properties, and what it is instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from mockcollect.asking.clues import find_clue
from mockcollect.asking.describing import clock, short, show
from mockcollect.asking.matching import Comparison, Expectation
from mockcollect.contract.printable import printable
from mockcollect.recording.paths import (
    Path,
    is_present,
    read_path,
    values_at,
    write_path,
)
from mockcollect.recording.query import Query, Term
from mockcollect.recording.records import RecordedEvent, RecordedRequest
from mockcollect.recording.values import read_pattern
from mockcollect.verdict.suggestions import shown
from mockcollect.verdict.verdict import Finding
from mockcollect.verdict.words import kind, kind_of_text, quoted

NOTHING = "nothing there"

_MOST_VALUES = 3
_MOST_TITLE = 60
_OF_REQUESTS = ("refused", "status")
_OF_FAULTS = ("fault", "status")
_OF_VERDICTS = ("finding", "level", "verdict")


@dataclass(frozen=True, slots=True)
class Place:
    """One thing that was asked of an event, and what the event has there.

    `is_there` tells whether there is anything to be asked at all.
    """

    asked: str
    holds: bool
    seen: str = ""
    is_there: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an event should be: all terms of a filter, and all expected properties."""

    query: Query = field(default_factory=Query)
    expectation: Expectation | None = None

    def __str__(self) -> str:
        asked = [str(self.query)] if not self.query.is_empty else []
        if self.expectation is not None:
            asked += _expected(self.expectation)
        return " ".join(asked) or "any event"

    @property
    def event_name(self) -> str | None:
        """The only event name that can match, `None` where there may be several."""
        return self.query.event_name

    @property
    def asks_for_verdicts(self) -> bool:
        """Whether what it finds is of interest for its findings."""
        return any(one.left in _OF_VERDICTS for one in self.query.terms)

    @property
    def asks_for_requests(self) -> bool:
        """Whether requests without events count too: refused ones have none."""
        terms = self.query.terms
        return self.expectation is None and any(
            one.operator == ":" and one.left in _OF_REQUESTS and not one.negated
            for one in terms
        )

    @property
    def asks_for_faults(self) -> bool:
        """Whether events count that faults have kept from being collected."""
        return any(
            one.operator == ":" and one.left in _OF_FAULTS and not one.negated
            for one in self.query.terms
        )

    def matches(self, recorded: RecordedEvent) -> bool:
        """Return whether an event is as it should be."""
        if not self.query.matches_event(recorded):
            return False
        return self.expectation is None or self.expectation.matches(recorded.event)

    def matches_request(self, request: RecordedRequest) -> bool:
        """Return whether a request without events is one that was asked for."""
        is_odd = request.status != 200
        return (
            is_odd
            and self.asks_for_requests
            and self.query.matches_request(request, ())
        )

    def findings(self, recorded: RecordedEvent) -> tuple[Finding, ...]:
        """Return those findings of an event that were asked for; else all of them."""
        terms = [one for one in self.query.terms if not one.negated]
        codes = [read_pattern(one.value) for one in terms if one.left == "finding"]
        levels = {one.value for one in terms if one.left == "level"}
        found = recorded.verdict.findings
        asked = [
            one
            for one in found
            if one.level in levels or any(holds(one.code) for holds in codes)
        ]
        return tuple(asked) or found

    def places(self, recorded: RecordedEvent) -> tuple[Place, ...]:
        """Return what was asked, one by one, and what the event has there."""
        return tuple(self._places(recorded))

    def _places(self, recorded: RecordedEvent) -> Iterator[Place]:
        for term in self.query.terms:
            yield _of_term(term, recorded)
        if self.expectation is not None:
            for one in self.expectation.compare(recorded.event):
                yield _of_comparison(one, recorded.event.data)


def _expected(expectation: Expectation) -> list[str]:
    asked = {write_path((key,)): one for key, one in expectation.properties.items()}
    asked |= expectation.where
    return [f"{path}={_json(value)}" for path, value in asked.items()]


def _of_term(term: Term, recorded: RecordedEvent) -> Place:
    asked, holds = shown(str(term)), term.condition.event(recorded) != term.negated
    if holds:
        return Place(asked, holds=True)
    if term.operator == ":" and term.left != "has":
        seen = SEEN[term.left](recorded)
        if term.left == "event":
            seen += _near(term.value, recorded.event.event_name)
        return Place(asked, False, seen, is_there=False)
    if not term.operator:
        seen = "somewhere in it" if term.negated else "nowhere in it"
        return Place(asked, False, seen, is_there=False)
    return _at_path(term, asked, recorded.event.data)


def _at_path(term: Term, asked: str, data: Any) -> Place:
    path = read_path(term.value if term.operator == ":" else term.left)
    values = values_at(data, path)
    if not is_present(values):
        seen = "received null" if values else _missing(path, data)
        return Place(asked, False, seen, is_there=False)
    told = ", ".join(map(_value, values[:_MOST_VALUES]))
    if (hidden := len(values) - _MOST_VALUES) > 0:
        told += f" and {hidden:,} more"
    near = _near(term.value, values[0]) if len(values) == 1 else ""
    return Place(asked, False, f"received {told}{near}")


def _of_comparison(one: Comparison, data: Any) -> Place:
    name = shown(one.name)
    if one.outcome == "missing":
        seen = _missing(one.path, data)
        return Place(f"{name}={_json(one.expected)}", False, seen, is_there=False)
    near = _near(one.expected, one.received)
    received = f"received {_value(one.received)}{near}"
    holds = one.outcome == "equal"
    return Place(f"{name}={_json(one.expected)}", holds, "" if holds else received)


def _missing(path: Path, data: Any) -> str:
    clue = find_clue(Comparison(path, "missing", None), data).words
    return f"{NOTHING}; {clue}" if clue else NOTHING


def _near(expected: Any, received: Any) -> str:
    if not isinstance(expected, str) or not isinstance(received, str):
        return ""
    if expected == received:
        return ""
    if expected == received.strip():
        return ", with white space around it"
    same = expected.casefold() == received.casefold()
    return ", in other capitals" if same else ""


def _value(value: Any) -> str:
    if isinstance(value, str):
        unusual = kind_of_text(value) if value else "text"
        return quoted(value) + ("" if unusual == "text" else f", {unusual}")
    if value is None or isinstance(value, (bool, dict, list)):
        return kind(value)
    return show(value)


def _json(value: Any) -> str:
    text = printable(orjson.dumps(value).decode())
    return text if len(text) <= _MOST_TITLE else f"{text[: _MOST_TITLE - 1]}…"


def _text(text: str | None) -> str:
    return f"received {quoted(text)}" if text is not None else "it has none"


def _verdict(recorded: RecordedEvent) -> str:
    verdict = recorded.verdict
    said = f": {verdict.findings[0].message}" if verdict.findings else ""
    return f"it is {verdict.name}{said}"


def _findings(recorded: RecordedEvent) -> str:
    codes = [one.code for one in recorded.verdict.findings]
    return _listed(list(dict.fromkeys(codes)))


def _levels(recorded: RecordedEvent) -> str:
    return _listed(sorted({one.level for one in recorded.verdict.findings}))


def _listed(words: Sequence[str]) -> str:
    return f"it has {', '.join(words[:5])}" if words else "it has no finding"


def _time(recorded: RecordedEvent) -> str:
    return f"received at {clock(recorded.request)}"


def _size(recorded: RecordedEvent) -> str:
    return f"it has {recorded.event.size:,} bytes"


SEEN: dict[str, Callable[[RecordedEvent], str]] = {
    "event": lambda one: _text(one.event.event_name),
    "status": lambda one: f"answered {one.request.answered}",
    "site": lambda one: _text(one.event.site_id),
    "source": lambda one: _text(one.event.source_key),
    "test": lambda one: _text(one.event.test_code),
    "layout": lambda one: f"it is {one.event.layout}",
    "id": lambda one: f"it is #{one.id}",
    "request": lambda one: f"it came by request {one.request.id}",
    "event_id": lambda one: _text(one.event.event_id),
    "path": lambda one: f"sent to {short(one.request.request.path)}",
    "method": lambda one: f"sent by {short(one.request.request.method)}",
    "refused": lambda one: "it was not refused",
    "fault": lambda one: one.request.fault_in_words() or "it met no fault",
    "verdict": _verdict,
    "finding": _findings,
    "level": _levels,
    "after": _time,
    "before": _time,
    "larger": _size,
    "smaller": _size,
}
"""What an event has instead of what a key asks for; `has` looks at its path."""
