"""What the recorder knows without decoding anything: ids, their order, event names."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator, Sequence

from mockcollect.recording.lines import EVENTS, REQUESTS, Document, Line

LONGEST_NAME = 200
"""Longer names are found by reading: an index of them could fill the memory."""

_SWEEP_FROM = 1_024

Ids = Sequence[int]


def _ids() -> array[int]:
    return array("Q")


class Queue:
    """Requests in the order in which retention drops them, with their events' ids."""

    def __init__(self) -> None:
        self._requests: deque[tuple[int, Ids]] = deque()
        self._kept = 0

    def add(self, request_id: int, event_ids: Ids) -> None:
        """Append a request; one without events counts for one."""
        self._requests.append((request_id, event_ids))
        self._kept += len(event_ids) or 1

    def beyond(self, limit: int) -> Iterator[tuple[int, Ids]]:
        """Yield what must go so that `limit` stay; never the newest request."""
        while self._kept > limit and len(self._requests) > 1:
            request_id, event_ids = self._requests.popleft()
            self._kept -= len(event_ids) or 1
            yield request_id, event_ids


class Index:
    """Ids of requests and events in order, and the counters that never go back.

    Dropped ids stay in the arrays until `sweep`: whoever reads them asks the tables
    what is still there. `seq` counts changes in the order of recording: each request
    gets the next number, and so does each deletion that a person asked for.
    """

    def __init__(self, *, max_events: int = 0) -> None:
        self.next_request = self.next_event = 1
        self.seq = self.dropped = 0
        self.max_events = max_events
        self.events = _ids()
        self.names: dict[str, array[int]] = {}
        self.seqs, self.requests = _ids(), _ids()
        self.deletions = _ids()
        self._with_events, self._without_events = Queue(), Queue()
        self._dead = 0
        self.is_disordered = False

    def add(
        self,
        request_id: int,
        event_ids: Ids,
        names: Iterable[str | None],
        *,
        seq: int | None = None,
    ) -> None:
        """Add a request that was recorded, with its events' ids and names."""
        number = seq or self.seq + 1
        self.seq = max(self.seq, number)
        self.seqs.append(number)
        self.requests.append(request_id)
        self.next_request = max(self.next_request, request_id + 1)
        for event_id, name in zip(event_ids, names, strict=True):
            self._add_event(event_id, name)
        if self.max_events:
            self._queue_for(event_ids).add(request_id, event_ids)

    def apply(self, line: Line) -> None:
        """Follow a line that was read, or that TinyDB's own operations appended."""
        put = line.get("put", {})
        events: dict[str, Document] = put.get(EVENTS, {})
        names = [event.get("event_name") for event in events.values()]
        event_ids = [int(key) for key in events]
        requests = put.get(REQUESTS, {})
        for key in requests:
            self.add(int(key), event_ids, names, seq=line.get("seq"))
        if not requests:
            for event_id, name in zip(event_ids, names, strict=True):
                self._add_event(event_id, name)
        if drop := line.get("drop"):
            self.deleted(sum(map(len, filter(None, drop.values()))))
        self.take_marks(line.get("mark", {}))

    def take_marks(self, marks: dict[str, int]) -> None:
        """Take over counters that were written down."""
        self.next_request = max(self.next_request, marks.get("next_request", 1))
        self.next_event = max(self.next_event, marks.get("next_event", 1))
        self.seq = max(self.seq, marks.get("seq", 0))
        self.dropped = max(self.dropped, marks.get("dropped", 0))

    def marks(self) -> dict[str, int]:
        """Return the counters that must survive the documents."""
        return {
            "next_request": self.next_request,
            "next_event": self.next_event,
            "seq": self.seq,
            "dropped": self.dropped,
        }

    def deleted(self, count: int) -> None:
        """Note a deletion that a person asked for."""
        self._dead += count
        self.seq += 1
        self.deletions.append(self.seq)

    def beyond_retention(self) -> list[tuple[int, Ids]]:
        """Return the oldest requests, and their events, that must go now."""
        if not self.max_events:
            return []
        gone = [
            *self._with_events.beyond(self.max_events),
            *self._without_events.beyond(self.max_events),
        ]
        events = sum(len(event_ids) for _, event_ids in gone)
        self.dropped += events
        self._dead += len(gone) + events
        return gone

    def named(self, name: str) -> Ids:
        """Return the ids of the events with a name, of all if it is not indexed."""
        if len(name) > LONGEST_NAME:
            return self.events
        return self.names.get(name, ())

    def after(self, seq: int, most: int) -> tuple[Ids, Ids]:
        """Return the next changes behind a number: their numbers and requests."""
        start = bisect_right(self.seqs, seq)
        return self.seqs[start : start + most], self.requests[start : start + most]

    def deletion_after(self, seq: int) -> int | None:
        """Return the number of the last deletion behind a number, if there is one."""
        last = self.deletions[-1] if self.deletions else 0
        return last if last > seq else None

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
        self.deletions = self.deletions[-1:]
        self._dead = 0

    def sort(self, event_ids: Callable[[int], Ids]) -> None:
        """Put all in order again after older requests came back.

        `event_ids` gives the ids of the events that a request brought.
        """
        self.is_disordered = False
        self.events = array("Q", sorted(set(self.events)))
        for name, ids in self.names.items():
            self.names[name] = array("Q", sorted(set(ids)))
        last = {
            request_id: seq
            for seq, request_id in zip(self.seqs, self.requests, strict=True)
        }
        self.seqs, self.requests = _ids(), _ids()
        for request_id, seq in sorted(last.items(), key=lambda item: item[1]):
            self.seqs.append(seq)
            self.requests.append(request_id)
        if self.max_events:
            self._with_events, self._without_events = Queue(), Queue()
            for request_id in sorted(set(self.requests)):
                brought = event_ids(request_id)
                self._queue_for(brought).add(request_id, brought)

    def _queue_for(self, event_ids: Ids) -> Queue:
        return self._with_events if event_ids else self._without_events

    def _add_event(self, event_id: int, name: str | None) -> None:
        if self.events and event_id <= self.events[-1]:
            self.is_disordered = True
        self.events.append(event_id)
        if isinstance(name, str) and len(name) <= LONGEST_NAME:
            ids = self.names.get(name)
            if ids is None:
                ids = self.names[name] = _ids()
            ids.append(event_id)
        self.next_event = max(self.next_event, event_id + 1)


def _living(ids: Ids, table: Container[int]) -> array[int]:
    return array("Q", (one for one in ids if one in table))
