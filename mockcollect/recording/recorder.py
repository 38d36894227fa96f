"""The recorder: ids, one lock, retention, undo; what arrived, kept in TinyDB."""

from __future__ import annotations

import secrets
import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from mockcollect.contract.event import Answer, CollectRequest
from mockcollect.errors import RecordingError
from mockcollect.recording.clearing import drops, is_cleared, places
from mockcollect.recording.feed import Feed, FeedSubscription
from mockcollect.recording.index import Ids, Index
from mockcollect.recording.interface import EVERYTHING, Cleared, Place, Subscription
from mockcollect.recording.judging import Judging
from mockcollect.recording.lines import (
    EVENTS,
    REQUESTS,
    DecodedLine,
    Line,
    encode_record,
)
from mockcollect.recording.query import Query
from mockcollect.recording.reader import Reader
from mockcollect.recording.records import Page, RecordedEvent, RecordedRequest
from mockcollect.recording.search import EventSearch, RequestSearch, window
from mockcollect.recording.storage import AppendStorage, AppendTinyDB, Places
from mockcollect.recording.undo import Undos
from mockcollect.recording.waiting import Announcer, QueryWaiter, Waiter

if TYPE_CHECKING:
    from mockcollect.verdict.plan import Plan
    from mockcollect.verdict.sources import Sources


class TinyRecorder:
    """A recorder over an append-only TinyDB, in a file or in memory.

    `max_events` is how many events are kept, with their requests, and how many requests
    without events; the oldest are dropped. 0 keeps all. `db` is the live TinyDB: its
    documents may be read and changed with all that TinyDB documents; but a function
    that is given to its `update` or `remove` must not ask the recorder.

    Raises StorageError if the file cannot be used.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        max_events: int = 0,
        fsync: bool = False,
    ) -> None:
        self._lock = threading.RLock()
        self._index = Index(max_events=max_events)
        self._opened = False
        self._undos = Undos()
        self._announcer = Announcer(self._prepare)
        self.db = AppendTinyDB(path, fsync=fsync, observe=self._follow, lock=self._lock)
        self._storage = self.db.storage
        self._judging = Judging(self._read_behind)
        self._reader = partial(Reader, self._storage, self._judging)
        self._search = EventSearch(self._storage, self._index, self._reader)
        self._request_search = RequestSearch(self._storage, self._index, self._reader)
        self._feed = Feed(self._storage, self._index, self._reader)
        try:
            self.identity = self._identify()
            self._tidy()
        except BaseException:
            self.db.close()
            raise
        self._opened = True
        self._mend_order()

    @property
    def torn_bytes(self) -> int:
        """How many bytes of an unfinished line were cut from the file on opening."""
        return self._storage.torn_bytes

    # -- writing

    def reserve(self) -> int:
        """Return an id for a request that will be recorded later."""
        with self._lock:
            request_id = self._index.next_request
            self._storage.change(mark={"next_request": request_id + 1})
            return request_id

    def check(self) -> None:
        """Raise RecordingError if nothing can be recorded now."""
        with self._lock:
            self._storage.check()

    def record(
        self,
        request: CollectRequest,
        answer: Answer,
        *,
        received_at: int,
        request_id: int | None = None,
    ) -> int:
        """Keep a request with its answer and events, and return its id."""
        with self._lock:
            index = self._index
            if request_id is None:
                request_id = index.next_request
            first = index.next_event
            raw = encode_record(request_id, first, request, answer, received_at)
            locator = self._storage.append(raw)
            event_ids = range(first, first + len(answer.events))
            self._storage.place(locator, {REQUESTS: (request_id,), EVENTS: event_ids})
            index.add(request_id, event_ids, [e.event_name for e in answer.events])
            self._drop_oldest(self._storage)
            if index.max_events or self._undos:
                self._tidy()
        self._announcer.announce()
        return request_id

    def clear(self, query: Query = EVERYTHING) -> Cleared:
        """Take out what matches, with an undo that holds for ten seconds."""
        requests, events = self._to_clear(query)
        with self._lock:
            self._tidy()
            requests = self._there(REQUESTS, requests)
            events = self._there(EVENTS, events)
            where = places(self._storage.tables, requests, events)
            # Kept before the change, so that no compaction moves what it points at.
            cleared = self._undos.add(len(events), len(requests), where)
            try:
                self._storage.change(drop=drops(self._storage.tables, requests, events))
            except RecordingError:
                self._undos.forget(cleared.token)
                raise
            return cleared

    def restore(self, token: str) -> Cleared:
        """Bring back what a `clear` took out; raises UndoExpired."""
        with self._lock:
            undo = self._undos.get(token)
            self._opened = False  # the order is mended once, at the end
            try:
                for locator, documents in undo.places.items():
                    line = DecodedLine(self._storage.raw_at(locator))
                    self._storage.add(line.part(documents))
                # Not before: a full disk must not cost what is left.
                self._undos.forget(token)
            finally:
                self._opened = True
                self._mend_order()
                self._forget_searches()
                self._judging.forget()
            self._tidy()
        self._announcer.announce()
        return undo.cleared

    def interrupt(self) -> None:
        """Wake all who wait, for good; recording goes on."""
        self._announcer.close()

    def close(self) -> None:
        """Wake all who wait, and give the file back."""
        self.interrupt()
        with self._lock:
            self.db.close()

    # -- reading

    def find(
        self,
        query: Query = EVERYTHING,
        *,
        since: int | None = None,
        before: int | None = None,
        limit: int = 100,
        newest: bool = True,
    ) -> Page[RecordedEvent]:
        """Return a page of the events that match, between two ids, both exclusive."""
        ids = self._living_matches(query)
        chosen, next_id = window(ids, since, before, limit, newest=newest)
        items = tuple(self._reader().events(chosen))
        return Page(items, self._kept(EVENTS), len(ids), next_id)

    def find_requests(
        self,
        query: Query = EVERYTHING,
        *,
        since: int | None = None,
        before: int | None = None,
        limit: int = 100,
        newest: bool = True,
    ) -> Page[RecordedRequest]:
        """Return a page of the requests that match, or whose events do."""
        ids = self._matching_requests(query)
        chosen, next_id = window(ids, since, before, limit, newest=newest)
        items = tuple(self._reader().requests(chosen))
        return Page(items, self._kept(REQUESTS), len(ids), next_id)

    def matching(self, query: Query = EVERYTHING) -> Iterator[RecordedEvent]:
        """Yield all events that match, the oldest first."""
        return self._reader().events(self._living_matches(query))

    def matching_requests(self, query: Query = EVERYTHING) -> Iterator[RecordedRequest]:
        """Yield all requests that match, or whose events do, the oldest first."""
        return self._reader().requests(self._matching_requests(query))

    def get(self, event_id: int) -> RecordedEvent | None:
        """Return the event with an id, or `None`."""
        return self._reader().event(event_id)

    def get_request(self, request_id: int) -> RecordedRequest | None:
        """Return the request with an id, or `None`."""
        return self._reader().request(request_id)

    def events_of(self, request: RecordedRequest) -> tuple[RecordedEvent, ...]:
        """Return the events of a request that are still kept."""
        return tuple(self._reader().events(request.event_ids))

    def counts(self) -> Mapping[str, int]:
        """Return how many requests and events are kept, and how many were dropped."""
        with self._lock:
            return {
                "requests": self._kept(REQUESTS),
                "events": self._kept(EVENTS),
                "dropped": self._index.dropped,
                "max_events": self._index.max_events,
            }

    # -- judging

    @property
    def plan(self) -> Plan | None:
        """The tracking plan that events are judged by."""
        return self._judging.plan

    @property
    def sources(self) -> Sources | None:
        """The known sources that events are judged by."""
        return self._judging.sources

    def judge_by(self, *, plan: Plan | None, sources: Sources | None) -> None:
        """Judge all events by another plan and other sources from now on."""
        self._judging.use(plan=plan, sources=sources)
        with self._lock:
            self._forget_searches()
            # Opened again, the file must not be behind those who followed along.
            with suppress(RecordingError):
                self._storage.change(mark=self._index.alter())
        self._announcer.announce()

    def begin_history(self, place: Place) -> None:
        """Let verdicts rest on nothing that was recorded before a place: a test's."""
        self._judging.begin_behind(place.event_id)

    # -- waiting

    def wait(
        self, query: Query, *, since: int | None, count: int, timeout: float
    ) -> bool:
        """Wait until `count` events match behind an id; return whether they do."""
        holds = partial(self._holds, query, since or 0, count)
        return self._announcer.wait(QueryWaiter(holds, query), timeout)

    def place(self) -> Place:
        """Return the place behind all that was recorded so far."""
        with self._lock:
            return Place(self._index.seq, self._index.next_event - 1)

    def events_behind(
        self, place: Place, *, event_name: str | None = None
    ) -> Iterator[RecordedEvent]:
        """Yield the events behind a place, the oldest first; only those of a name."""
        with self._lock:
            index = self._index
            ids = index.events if event_name is None else index.named(event_name)
            ids = ids[bisect_right(ids, place.event_id) :]
        found = self._reader().events(self._there(EVENTS, ids))
        if event_name is None:
            return found
        return (one for one in found if one.event.event_name == event_name)

    def eventless_behind(self, place: Place) -> Iterator[RecordedRequest]:
        """Yield the requests behind a place that brought no event, as recorded."""
        with self._lock:
            _, requests = self._index.after(place.seq, len(self._index.seqs))
            ids = [one for one in requests if one in self._index.eventless]
        return self._reader().requests(self._there(REQUESTS, ids))

    def wait_behind(self, place: Place, *, timeout: float) -> bool:
        """Wait until something is recorded behind a place; return whether it is."""
        waiter = Waiter(lambda: self._index.seq > place.seq)
        return self._announcer.wait(waiter, timeout)

    def subscribe(self, *, after: int | None = None) -> Subscription:
        """Return what tells of all changes behind a `seq`, or from now on."""
        start = self._index.seq if after is None else after
        return FeedSubscription(self._feed, self._announcer, after=start)

    def _holds(self, query: Query, since: int, count: int) -> bool:
        ids = self._search.ids(query)
        there = self._storage.tables.get(EVENTS, {})
        living = (one for one in ids[bisect_right(ids, since) :] if one in there)
        return sum(1 for _ in islice(living, count)) == count

    def _prepare(self, waiters: Iterable[Waiter]) -> None:
        """Look at what is new once for all who wait for it."""
        queries = {w.query for w in waiters if isinstance(w, QueryWaiter)}
        self._search.extend(queries)

    # -- inner workings

    def _read_behind(self, event_id: int, most: int) -> Iterator[RecordedEvent]:
        with self._lock:
            ids, _ = window(self._index.events, event_id, None, most, newest=False)
        return self._reader().events(ids)

    def _follow(self, storage: AppendStorage, line: Line, replaced: Places) -> None:
        """Keep the index true to the file, and to what TinyDB's own operations do."""
        concerns_us = self._index.apply(line, replaced)
        self._drop_oldest(storage)
        if not self._opened:
            return
        if concerns_us:
            self._mend_order()
            self._forget_searches()
            self._judging.forget()
            self._announcer.announce()
        self._tidy()

    def _drop_oldest(self, storage: AppendStorage) -> None:
        gone = self._index.beyond_retention(storage.tables)
        if gone:
            requests = [request_id for request_id, _ in gone]
            events = [event_id for _, ids in gone for event_id in ids]
            # Nothing is written: on opening again, the same are dropped again.
            storage.forget({REQUESTS: requests, EVENTS: events})

    def _mend_order(self) -> None:
        if self._index.is_disordered:
            self._index.sort()

    def _forget_searches(self) -> None:
        self._search.forget()
        self._request_search.forget()

    def _tidy(self) -> None:
        undoable = self._undos.hold()
        if self._index.wants_sweep():
            tables = self._storage.tables
            self._index.sweep(tables.get(EVENTS, {}), tables.get(REQUESTS, {}))
            self._forget_searches()
        # Its lines would be gone from the file while an undo may still want them.
        if self._storage.wants_compaction() and not undoable:
            self._storage.marks.update(self._index.marks())
            with suppress(RecordingError):  # the file is only larger than it need be
                self._storage.compact(self._index.seq_of())

    def _identify(self) -> str:
        """Return what tells this recording from others, the same after a restart."""
        with self._lock:
            if "identity" not in self._storage.marks:
                self._storage.change(mark={"identity": secrets.randbits(48)})
            return f"{self._storage.marks['identity']:012x}"

    def _living_matches(self, query: Query) -> Ids:
        ids = self._search.ids(query)
        if query.is_empty and self._index.is_exact:
            return ids
        return self._there(EVENTS, ids)

    def _kept(self, table: str) -> int:
        return len(self._storage.tables.get(table, ()))

    def _there(self, table: str, ids: Ids) -> list[int]:
        there = self._storage.tables.get(table, {})
        return [one for one in ids if one in there]

    def _matching_requests(self, query: Query) -> Ids:
        ids = self._request_search.ids(query)
        if query.is_empty and self._index.is_exact:
            return ids
        return self._there(REQUESTS, ids)

    def _to_clear(self, query: Query) -> tuple[list[int], list[int]]:
        """Return what to take out: a request goes with the last of its events."""
        events = list(self._living_matches(query))
        gone = set(events)
        read = self.matching_requests(query)
        return [one.id for one in read if is_cleared(one, query, gone)], events
