"""Near misses: the event that came closest to what was wanted, term by term."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from mockcollect.asking.describing import clock, describe, place_of, reason_of, short
from mockcollect.asking.matching import found_at
from mockcollect.asking.wanted import Place, Wanted
from mockcollect.contract.printable import printable
from mockcollect.recording.paths import read_path
from mockcollect.recording.records import RecordedEvent, RecordedRequest
from mockcollect.verdict.verdict import Finding

FindingsOf = Callable[[RecordedEvent], Sequence[Finding]]

MOST_COMPARED = 500
"""The closest is looked for among the newest: comparing all of many takes a while."""

MOST_LISTED = 10
MOST_NAMES = 8
_MOST_PLACES = 12
_MOST_FINDINGS = 2
_MOST_REFUSED = 3
_CLOSE_NAME = 0.75  # of difflib's ratio: `puchase` and `purchase` have 0.93
_LONGEST_NAME = 60  # difflib takes the square of the length
_NO_NAME = "(no name)"
_ID_PATHS = ("context.event_id", "context.eventId", "event_id", "eventId")


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The event that came closest, and what was asked of it, one by one."""

    recorded: RecordedEvent
    places: tuple[Place, ...]

    @property
    def wrong(self) -> int:
        """How many of the places do not hold."""
        return sum(not one.holds for one in self.places)

    @property
    def is_close(self) -> bool:
        """Whether anything of what was asked is there."""
        return any(one.holds or one.is_there for one in self.places)

    @property
    def sentence(self) -> str:
        """The closest in one sentence, with the first thing that is wrong."""
        wrong = next(one for one in self.places if not one.holds)
        return f"Closest: {_label(self.recorded)}, {wrong.asked}: {wrong.seen}."

    @property
    def distance(self) -> tuple[int, int]:
        """What is wrong, and of that, what is not there at all."""
        return self.wrong, sum(not one.is_there for one in self.places)

    def lines(self) -> list[str]:
        """Return which event it is, then each thing that was asked."""
        shown = self.places[:_MOST_PLACES]
        width = max(len(one.asked) for one in shown)
        lines = [f"Closest: {describe(self.recorded)}"]
        for one in shown:
            mark = " " if one.holds else "✗"
            lines.append(f"  {mark} {one.asked:<{width}}  {one.seen}".rstrip())
        if hidden := len(self.places) - len(shown):
            lines.append(f"    … and {hidden} more")
        return lines


def find_near(wanted: Wanted, events: Sequence[RecordedEvent]) -> NearMiss | None:
    """Return the event that came closest, the latest of equally close ones.

    If a name was asked for, it is one of that name, or else of one that is spelled
    nearly so.
    """
    near = [
        NearMiss(one, wanted.places(one))
        for one in reversed(_named(wanted.event_name, events)[-MOST_COMPARED:])
    ]
    close = [one for one in near if one.wrong and _is_close(one, wanted)]
    return min(close, key=lambda one: one.distance, default=None)


def _is_close(miss: NearMiss, wanted: Wanted) -> bool:
    return wanted.event_name is not None or miss.is_close


def _named(
    event_name: str | None, events: Sequence[RecordedEvent]
) -> Sequence[RecordedEvent]:
    if event_name is None:
        return events
    same = [one for one in events if one.event.event_name == event_name]
    if same:
        return same
    similar = _similar_names(event_name, events[-MOST_COMPARED:])
    return [one for one in events if one.event.event_name in similar]


def _similar_names(event_name: str, events: Iterable[RecordedEvent]) -> set[str]:
    names = {one.event.event_name for one in events}
    spelled = {name: _plain(name) for name in names if name}
    near = get_close_matches(
        _plain(event_name), set(spelled.values()), n=1, cutoff=_CLOSE_NAME
    )
    return {name for name, plain in spelled.items() if plain in near}


def _plain(name: str) -> str:
    """Return a name as it reads in any spelling: `page_view` is `Page View`."""
    return "".join(filter(str.isalnum, name[:_LONGEST_NAME].casefold())) or name[:1]


def names_of(events: Iterable[RecordedEvent]) -> str:
    """Return the names of events with their counts, the most frequent first."""
    counted = Counter(one.event.event_name or _NO_NAME for one in events)
    told = [f"{short(name)} ({n:,})" for name, n in counted.most_common(MOST_NAMES)]
    if hidden := len(counted) - len(told):
        told.append(f"and {hidden:,} more")
    return ", ".join(told)


def event_lines(
    events: Sequence[RecordedEvent],
    requests: Sequence[RecordedRequest] = (),
    *,
    findings: FindingsOf | None = None,
) -> list[str]:
    """Return an aligned line for each event and request, of many for the first.

    With `findings` the first of these stand below each event.
    """
    cells = [_event_cells(one) for one in events[:MOST_LISTED]]
    cells += [_request_cells(one) for one in requests[: MOST_LISTED - len(cells)]]
    lines: list[str] = []
    for index, line in enumerate(_aligned(cells)):
        lines.append(line)
        if findings and index < len(events):
            lines += _finding_lines(findings(events[index]))
    if hidden := len(events) + len(requests) - len(cells):
        lines.append(f"… and {hidden:,} more")
    return lines


def request_lines(requests: Sequence[RecordedRequest]) -> list[str]:
    """Return the refused among requests without events, and why they were."""
    refused = [one for one in requests if one.refusal]
    if not refused:
        return []
    noun = "request was" if len(refused) == 1 else "requests were"
    lines = [f"{len(refused):,} {noun} refused, and what is refused is lost:"]
    for one in refused[:_MOST_REFUSED]:
        lines.append("  " + "  ".join(filter(None, _request_cells(one))))
        explanation = one.explanation()
        said = explanation.lines() if explanation else []
        lines += [f"    {printable(line)}" for line in said[:1]]
    if (hidden := len(refused) - _MOST_REFUSED) > 0:
        lines.append(f"  … and {hidden:,} more")
    return lines


@dataclass(frozen=True, slots=True)
class Repeated:
    """Events that carry one event id."""

    ids: tuple[int, ...]
    where: str
    are_all: bool

    def words(self, *, numbered: bool) -> str:
        """Return which events carry the same id; `numbered` by their numbers."""
        if self.are_all and not numbered:
            who = "The two" if len(self.ids) == 2 else f"All {len(self.ids)}"
        else:
            shown = [f"#{one}" for one in self.ids[:MOST_NAMES]]
            who = f"{', '.join(shown[:-1])} and {shown[-1]}"
            if len(self.ids) > MOST_NAMES:
                who = f"{', '.join(shown)} and {len(self.ids) - MOST_NAMES:,} more"
        return f"{who} carry the same {self.where}"


def find_repeated(events: Sequence[RecordedEvent]) -> Repeated | None:
    """Return the first events that carry the same event id, if any do."""
    by_id: dict[str, list[RecordedEvent]] = {}
    for one in events:
        if one.event.event_id is not None:
            by_id.setdefault(one.event.event_id, []).append(one)
    for same in by_id.values():
        if len(same) > 1:
            ids = tuple(one.id for one in same)
            return Repeated(ids, _id_place(same[0]), len(same) == len(events))
    return None


def _id_place(recorded: RecordedEvent) -> str:
    data = recorded.event.data
    there = (one for one in _ID_PATHS if found_at(data, read_path(one))[0])
    return next(there, "event id")


def _label(recorded: RecordedEvent) -> str:
    return f"#{recorded.id} {short(recorded.event.event_name or _NO_NAME)}"


def _event_cells(one: RecordedEvent) -> tuple[str, ...]:
    event_id = one.event.event_id
    return (
        f"#{one.id}",
        short(one.event.event_name or _NO_NAME),
        f"event_id {short(event_id)}" if event_id is not None else "",
        place_of(one.request) + _place_in_batch(one),
        clock(one.request),
    )


def _place_in_batch(one: RecordedEvent) -> str:
    return f"  {one.event.index + 1} of {one.event.of}" if one.event.of > 1 else ""


def _request_cells(one: RecordedRequest) -> tuple[str, ...]:
    where = f"{place_of(one)}  {one.status}, {reason_of(one)}"
    return f"request {one.id}", "", "", where, clock(one)


def _finding_lines(found: Sequence[Finding]) -> Iterator[str]:
    for finding in found[:_MOST_FINDINGS]:
        yield f"     {finding.level}  {printable(finding.message)}"
    if (hidden := len(found) - _MOST_FINDINGS) > 0:
        yield f"     … and {hidden} more"


def _aligned(table: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        padded = [
            f"{text:<{width}}"
            for text, width in zip(cells, widths, strict=True)
            if width
        ]
        yield "  ".join(padded).rstrip()
