"""What the recorder knows without decoding anything: ids, their order, event names."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from itertools import count
from typing import Any

from mockcollect.recording.lines import EVENTS, REQUESTS, Document, Line
from mockcollect.recording.retention import Retention, Tables

LONGEST_NAME = 200
"""Longer names are found by reading: an index of them could fill the memory."""

_SWEEP_FROM = 1_024
_COUNTERS = ("next_request", "next_event", "seq", "altered", "dropped")

Ids = Sequence[int]


def _ids() -> array[int]:
    return array("Q")


class Index:
    """Ids of requests and events in order, and the counters that never go back.

    Dropped ids stay in the arrays until `sweep`: whoever reads them asks the tables
    what is still there. `seq` counts changes in the order of recording: each request
    gets the next number, and so does each change of what was recorded before; `altered`
    is the number of the last such one. `eventless` are the requests without events.
    """

    def __init__(self, *, max_events: int = 0) -> None:
        self.next_request = self.next_event = 1
        self.seq = self.altered = self.dropped = 0
        self.max_events = max_events
        self.events = _ids()
        self.names: dict[str, array[int]] = {}
        self.seqs, self.requests = _ids(), _ids()
        self.requests_by_id = _ids()
        self.eventless: set[int] = set()
        self.is_disordered = False
        self._retention = Retention(max_events)
        self._dead = 0

    def add(
        self,
        request_id: int,
        event_ids: range,
        names: Iterable[str | None],
        *,
        seq: int | None = None,
    ) -> None:
        """Add a request that was recorded, with its events' ids and names."""
        self._add_request(request_id, event_ids, self.seq + 1 if seq is None else seq)
        _sort_in_last(self.requests_by_id)
        for event_id, name in zip(event_ids, names, strict=True):
            self._add_event(event_id, name)

    def apply(self, line: Line, replaced: Collection[tuple[str, int]] = ()) -> bool:
        """Follow a line that was read, or that TinyDB's own operations appended.

        `replaced` are documents that were there before. Return whether the line changes
        what was recorded before, which is a step of its own in the order of recording.
        """
        if marks := line.get("mark"):
            self.take_marks(marks)
        put, seq = line.get("put", {}), line.get("seq")
        requests: dict[str, Document] = put.get(REQUESTS, {})
        events: dict[str, Document] = put.get(EVENTS, {})
        self._take_requests(requests, replaced, seq)
        self._take_events(events, replaced)
        dropped = self._take_drops(line.get("drop", {}))
        is_ours = bool(requests or events)
        altered = dropped or (is_ours and bool(replaced)) or _has_orphan(put)
        if altered and seq is None:
            self.alter()
        return altered or is_ours

    def alter(self) -> dict[str, int]:
        """Count a change of what was recorded before: all must be looked at again.

        Return the marks of that, for a change that nothing else writes down.
        """
        self.seq += 1
        self.altered = self.seq
        return {"seq": self.seq, "altered": self.altered}

    def take_marks(self, marks: dict[str, int]) -> None:
        """Take over counters that were written down."""
        for name in _COUNTERS:
            setattr(self, name, max(getattr(self, name), marks.get(name, 0)))

    def marks(self) -> dict[str, int]:
        """Return the counters that must survive the documents."""
        return {name: getattr(self, name) for name in _COUNTERS}

    def beyond_retention(self, tables: Tables) -> list[tuple[int, list[int]]]:
        """Return the oldest requests, and their events, that must go now."""
        if not self.max_events:
            return []
        gone = self._retention.beyond(tables)
        if not gone:
            return gone
        events = sum(len(event_ids) for _, event_ids in gone)
        self.dropped += events
        self._dead += len(gone) + events
        return gone

    def seq_of(self) -> Callable[[Iterable[tuple[str, int]]], int]:
        """Return what gives a compacted line its request's place in the order."""
        seqs = dict(zip(self.requests, self.seqs, strict=True))

        def seq_of(documents: Iterable[tuple[str, int]]) -> int:
            ids = (one for table, one in documents if table == REQUESTS)
            return min((seqs[one] for one in ids if one in seqs), default=0)

        return seq_of

    def named(self, name: str) -> Ids:
        """Return the ids of the events with a name, of all if it is not indexed."""
        if len(name) > LONGEST_NAME:
            return self.events
        return self.names.get(name, ())

    def after(self, seq: int, most: int) -> tuple[Ids, Ids]:
        """Return the next changes behind a number: their numbers and requests."""
        start = bisect_right(self.seqs, seq)
        return self.seqs[start : start + most], self.requests[start : start + most]

    @property
    def is_exact(self) -> bool:
        """Whether the arrays hold nothing that is gone."""
        return self._dead == 0

    def wants_sweep(self) -> bool:
        """Return whether more than half of the ids may be gone."""
        return self._dead > len(self.events) + len(self.requests) + _SWEEP_FROM

    def sweep(self, events: Container[int], requests: Container[int]) -> None:
        """Forget the ids that are in the tables no more."""
        self.events = _living(self.events, events)
        names = {name: _living(ids, events) for name, ids in self.names.items()}
        self.names = {name: ids for name, ids in names.items() if ids}
        kept = [n for n, request in enumerate(self.requests) if request in requests]
        self.seqs = array("Q", (self.seqs[n] for n in kept))
        self.requests = array("Q", (self.requests[n] for n in kept))
        self.requests_by_id = array("Q", sorted(self.requests))
        self.eventless.intersection_update(self.requests)
        self._dead = 0

    def sort(self) -> None:
        """Put all in order again after older documents came back."""
        self.is_disordered = False
        self.events = array("Q", sorted(set(self.events)))
        for name, ids in self.names.items():
            self.names[name] = array("Q", sorted(set(ids)))
        last = dict(zip(self.requests, self.seqs, strict=True))
        pairs = sorted((seq, request_id) for request_id, seq in last.items())
        # Readers may be looking: each array is replaced whole.
        self.seqs = array("Q", (seq for seq, _ in pairs))
        self.requests = array("Q", (request_id for _, request_id in pairs))
        self.requests_by_id = array("Q", sorted(self.requests))

    def _take_requests(
        self,
        requests: Mapping[str, Document],
        replaced: Collection[tuple[str, int]],
        seq: int | None,
    ) -> None:
        numbers = count(self.seq + 1 if seq is None else seq)
        for key, document in requests.items():
            request_id = int(key)
            if (REQUESTS, request_id) in replaced or not _is_id(request_id):
                continue
            number = next(numbers)
            if self.requests and (
                request_id <= self.requests[-1] or number <= self.seqs[-1]
            ):
                self.is_disordered = True
            self._add_request(request_id, _brought(document), number)

    def _take_events(
        self, events: Mapping[str, Document], replaced: Collection[tuple[str, int]]
    ) -> None:
        for key, document in events.items():
            event_id, name = int(key), document.get("event_name")
            if (EVENTS, event_id) in replaced:
                self._rename(event_id, name)
            elif _is_id(event_id):
                self._add_event(event_id, name)

    def _take_drops(self, drops: Mapping[str, list[int] | None]) -> bool:
        """Note deletions; return whether there was one of ours."""
        ours = {name: ids for name, ids in drops.items() if name in (EVENTS, REQUESTS)}
        for name, ids in ours.items():
            held = self.events if name == EVENTS else self.requests
            self._dead += len(held) if ids is None else len(ids)
        if REQUESTS in ours:
            self._retention.discard(ours[REQUESTS])
        return bool(ours)

    def _add_request(self, request_id: int, event_ids: range, number: int) -> None:
        if number > self.seq:
            self.seq = number
        self.seqs.append(number)
        self.requests.append(request_id)
        self.requests_by_id.append(request_id)
        if request_id >= self.next_request:
            self.next_request = request_id + 1
        if not event_ids:
            self.eventless.add(request_id)
        if self.max_events:
            self._retention.add(request_id, event_ids)

    def _add_event(self, event_id: int, name: Any) -> None:
        if event_id >= self.next_event:
            self.next_event = event_id + 1
        elif self.events and event_id <= self.events[-1]:
            self.is_disordered = True
        self.events.append(event_id)
        if isinstance(name, str) and len(name) <= LONGEST_NAME:
            ids = self.names.get(name)
            if ids is None:
                ids = self.names[name] = _ids()
            ids.append(event_id)

    def _rename(self, event_id: int, name: Any) -> None:
        """Have an event found under a name; that it may have another now is no harm."""
        if isinstance(name, str) and len(name) <= LONGEST_NAME:
            ids = self.names.setdefault(name, _ids())
            place = bisect_left(ids, event_id)
            if ids[place : place + 1] != array("Q", [event_id]):
                ids.insert(place, event_id)


def _brought(request: Document) -> range:
    """Return the ids of the events that a request brought."""
    match request.get("events"):
        case [int(first), int(length)]:
            return range(first, first + length)
    return range(0)


def _has_orphan(put: Mapping[str, Mapping[str, Document]]) -> bool:
    """Return whether an event comes without its request."""
    requests = put.get(REQUESTS, {})
    events = put.get(EVENTS, {}).values()
    return any(str(event.get("request")) not in requests for event in events)


def _sort_in_last(ids: array[int]) -> None:
    """Move the last id to its place: a reserved one comes later than its followers."""
    if len(ids) > 1 and ids[-1] < ids[-2]:
        late = ids.pop()
        ids.insert(bisect_left(ids, late), late)


def _is_id(number: int) -> bool:
    """Return whether the arrays can hold a number that somebody chose."""
    return 0 < number < 1 << 63


def _living(ids: Ids, table: Container[int]) -> array[int]:
    return array("Q", (one for one in ids if one in table))
