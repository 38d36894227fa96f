"""Which requests are dropped when more is recorded than is to be kept."""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Collection, Iterator, Mapping

from mockcollect.recording.lines import EVENTS, REQUESTS

Tables = Mapping[str, Collection[int]]


class Retention:
    """Keeps `limit` events with their requests, and as many requests without events.

    The oldest go first, the newest request with events never. What was deleted
    otherwise is passed over when its turn comes.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._with_events: deque[tuple[int, int, int]] = deque()
        self._without_events: deque[int] = deque()
        self._bare: set[int] = set()
        self._newest = 0

    def add(self, request_id: int, event_ids: range) -> None:
        """Note a request that was recorded, with its events' ids."""
        if event_ids:
            entry = (request_id, event_ids.start, event_ids.stop)
            if request_id > self._newest:
                self._newest = request_id
                self._with_events.append(entry)
            else:  # one whose id was reserved, or that came back
                insort(self._with_events, entry)
        elif request_id not in self._bare:
            self._bare.add(request_id)
            if self._without_events and request_id < self._without_events[-1]:
                insort(self._without_events, request_id)
            else:
                self._without_events.append(request_id)

    def discard(self, request_ids: Collection[int] | None) -> None:
        """Note that requests were deleted otherwise, all of them for `None`."""
        if request_ids is None:
            self._bare.clear()
        else:
            self._bare.difference_update(request_ids)

    def beyond(self, tables: Tables) -> list[tuple[int, list[int]]]:
        """Return the requests that must go now, each with its events that are left."""
        gone: list[tuple[int, list[int]]] = []
        kept = tables.get(EVENTS, ())
        count, oldest = len(kept), self._with_events
        while count > self.limit and oldest and oldest[0][0] < self._newest:
            request_id, start, stop = oldest.popleft()
            events = [one for one in range(start, stop) if one in kept]
            count -= len(events)
            if events or request_id in tables.get(REQUESTS, ()):
                gone.append((request_id, events))
        if len(self._bare) > self.limit:
            gone.extend(self._bare_beyond())
        return gone

    def _bare_beyond(self) -> Iterator[tuple[int, list[int]]]:
        oldest = self._without_events
        while len(self._bare) > self.limit:
            request_id = oldest.popleft()
            if request_id in self._bare:
                self._bare.remove(request_id)
                yield request_id, []
