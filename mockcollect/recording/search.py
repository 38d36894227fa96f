"""Searches that remember: asked again, they look only at what came since."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from mockcollect.recording.index import Ids, Index
from mockcollect.recording.query import Query
from mockcollect.recording.reader import Reader
from mockcollect.recording.records import RecordedEvent, RecordedRequest
from mockcollect.recording.storage import AppendStorage

REMEMBERED_SEARCHES = 256
"""More than those who wait at the same time, or each would begin anew each time."""

_Read = TypeVar("_Read")
_WithEvents = tuple[RecordedRequest, tuple[RecordedEvent, ...]]


class _Search:
    """The ids that matched a query so far, and up to where it has looked."""

    __slots__ = ("ids", "upto")

    def __init__(self) -> None:
        self.ids: array[int] = array("Q")
        self.upto = -1


class _Searches(ABC, Generic[_Read]):
    """Finds the ids of what matches a query, in ascending order, and remembers them.

    `forget` must be called when something changed or came back; dropped ones may still
    be among the ids. Decoding happens outside the storage's lock.
    """

    def __init__(
        self, storage: AppendStorage, index: Index, reader: Callable[[], Reader]
    ) -> None:
        self._storage = storage
        self._index = index
        self._reader = reader
        self._searches: OrderedDict[Query, _Search] = OrderedDict()
        self._lock = threading.Lock()
        self._generation = self._searched = 0

    def ids(self, query: Query) -> Ids:
        """Return the ids of all that match, those dropped since included."""
        if query.is_empty:
            with self._storage.lock:  # in a restore they are out of order for a while
                return self._all()
        with self._lock:
            search = self._search(query)
            self._extend([(query, search)])
            return search.ids[:]

    def extend(self, queries: Iterable[Query]) -> None:
        """Look at what is new for several queries at once, decoding it once."""
        with self._lock:
            self._extend([(q, self._search(q)) for q in queries if not q.is_empty])

    def forget(self) -> None:
        """Forget all that was found.

        Called under the storage's lock: it must not wait for a search that wants it.
        """
        self._generation += 1

    @abstractmethod
    def _all(self) -> Ids:
        """Return a copy of all ids."""

    @abstractmethod
    def _newest(self) -> int:
        """Return up to where there is something to look at."""

    @abstractmethod
    def _candidates(self, query: Query, upto: int, newest: int) -> Ids:
        """Return the ids that may match of what came between two places."""

    @abstractmethod
    def _read(self, ids: Iterable[int]) -> Iterator[tuple[int, _Read]]:
        """Yield those with these ids that are still there."""

    @abstractmethod
    def _matches(self, query: Query, read: _Read) -> bool:
        """Return whether one matches."""

    def _search(self, query: Query) -> _Search:
        if self._searched != self._generation:
            self._searched = self._generation
            self._searches.clear()
        search = self._searches.pop(query, None) or _Search()
        self._searches[query] = search
        while len(self._searches) > REMEMBERED_SEARCHES:
            self._searches.popitem(last=False)
        return search

    def _extend(self, searches: list[tuple[Query, _Search]]) -> None:
        with self._storage.lock:
            newest = self._newest()
            todo = [
                (query, search, self._candidates(query, search.upto, newest))
                for query, search in searches
                if search.upto < newest
            ]
        by_id: dict[int, list[tuple[Query, _Search]]] = {}
        for query, search, candidates in todo:
            for one in candidates:
                by_id.setdefault(one, []).append((query, search))
        found = [
            (search, one)
            for one, read in self._read(sorted(by_id))
            for query, search in by_id[one]
            if self._matches(query, read)
        ]
        for search, one in found:
            _put_in_order(search.ids, one)
        for _, search, _ in todo:
            search.upto = newest


class EventSearch(_Searches[RecordedEvent]):
    """Finds events. They are recorded in the order of their ids."""

    def _all(self) -> Ids:
        return self._index.events[:]

    def _newest(self) -> int:
        return self._index.next_event - 1

    def _candidates(self, query: Query, upto: int, newest: int) -> Ids:
        name = query.event_name
        ids = self._index.named(name) if name is not None else self._index.events
        return ids[bisect_right(ids, upto) : bisect_right(ids, newest)]

    def _read(self, ids: Iterable[int]) -> Iterator[tuple[int, RecordedEvent]]:
        return ((event.id, event) for event in self._reader().events(ids))

    def _matches(self, query: Query, read: RecordedEvent) -> bool:
        return query.matches_event(read)


class RequestSearch(_Searches[_WithEvents]):
    """Finds requests that match, or whose events do.

    It goes by the order of recording: a reserved id is recorded after later ones.
    """

    def _all(self) -> Ids:
        return self._index.requests_by_id[:]

    def _newest(self) -> int:
        return self._index.seq

    def _candidates(self, query: Query, upto: int, newest: int) -> Ids:
        seqs = self._index.seqs
        first, last = bisect_right(seqs, upto), bisect_right(seqs, newest)
        return self._index.requests[first:last]

    def _read(self, ids: Iterable[int]) -> Iterator[tuple[int, _WithEvents]]:
        read = self._reader().requests_with_events(ids)
        return ((request.id, (request, events)) for request, events in read)

    def _matches(self, query: Query, read: _WithEvents) -> bool:
        return query.matches_request(*read)


def _put_in_order(ids: array[int], one: int) -> None:
    if ids and one < ids[-1]:
        ids.insert(bisect_left(ids, one), one)
    else:
        ids.append(one)


def window(
    ids: Ids, since: int | None, before: int | None, limit: int, *, newest: bool
) -> tuple[Ids, int | None]:
    """Return some of ascending ids between two, both exclusive, and where to go on.

    The newest come first, or the oldest; the second value is `None` at the end.
    """
    low = 0 if since is None else bisect_right(ids, since)
    high = len(ids) if before is None else bisect_left(ids, before)
    size = max(0, min(limit, high - low))
    if newest:
        chosen: Ids = ids[high - size : high][::-1]
    else:
        chosen = ids[low : low + size]
    return chosen, chosen[-1] if size and size < high - low else None
