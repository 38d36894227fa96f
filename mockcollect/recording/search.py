"""Searches that remember: asked again, they look only at what came since."""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterable

from mockcollect.recording.index import Ids, Index
from mockcollect.recording.query import Query
from mockcollect.recording.reader import Reader
from mockcollect.recording.storage import AppendStorage

REMEMBERED_SEARCHES = 256
"""More than those who wait at the same time, or each would begin anew each time."""


class _Search:
    """The ids that matched a query so far, and up to where it has looked."""

    __slots__ = ("ids", "upto")

    def __init__(self) -> None:
        self.ids: array[int] = array("Q")
        self.upto = 0


class EventSearch:
    """Finds the ids of the events that match a query, in ascending order.

    `forget` must be called when events changed or came back; dropped ones may still be
    among the ids. Decoding happens outside the storage's lock.
    """

    def __init__(self, storage: AppendStorage, index: Index) -> None:
        self._storage = storage
        self._index = index
        self._searches: OrderedDict[Query, _Search] = OrderedDict()
        self._lock = threading.Lock()
        self._generation = self._searched = 0

    def ids(self, query: Query) -> Ids:
        """Return the ids of all events that match, those dropped since included."""
        if query.is_empty:
            with self._storage.lock:  # in a restore they are out of order for a while
                return self._index.events[:]
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
            newest = self._index.next_event - 1
            todo = [
                (query, search, self._candidates(query, search.upto, newest))
                for query, search in searches
                if search.upto < newest
            ]
        by_id: dict[int, list[tuple[Query, _Search]]] = {}
        for query, search, candidates in todo:
            for event_id in candidates:
                by_id.setdefault(event_id, []).append((query, search))
        found = [
            (search, event.id)
            for event in Reader(self._storage).events(sorted(by_id))
            for query, search in by_id[event.id]
            if query.matches_event(event)
        ]
        for search, event_id in found:
            search.ids.append(event_id)
        for _, search, _ in todo:
            search.upto = newest

    def _candidates(self, query: Query, upto: int, newest: int) -> Ids:
        name = query.event_name
        ids = self._index.named(name) if name is not None else self._index.events
        return ids[bisect_right(ids, upto) : bisect_right(ids, newest)]


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
