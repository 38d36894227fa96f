"""Changes in the order of recording, for those who follow along."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from mockcollect.recording.index import Index
from mockcollect.recording.interface import Change
from mockcollect.recording.reader import Reader
from mockcollect.recording.storage import AppendStorage
from mockcollect.recording.waiting import Announcer

MOST_CHANGES = 500
"""Changes given at once: who is far behind gets them in several steps."""

_REMEMBERED = 4


class _Reading(NamedTuple):
    changes: tuple[Change, ...]
    upto: int


class Feed:
    """Reads changes; those who follow together share what was read."""

    def __init__(
        self, storage: AppendStorage, index: Index, reader: Callable[[], Reader]
    ) -> None:
        self._storage = storage
        self._index = index
        self._reader = reader
        self._lock = threading.Lock()
        self._read: OrderedDict[tuple[int, int], _Reading] = OrderedDict()

    def after(self, seq: int) -> _Reading:
        """Return the next few hundred changes behind a number, and how far they go."""
        with self._lock:
            key = (seq, self._index.seq)
            if seq >= key[1]:
                return _Reading((), seq)
            if key not in self._read:
                self._read[key] = self._reading(seq)
                while len(self._read) > _REMEMBERED:
                    self._read.popitem(last=False)
            return self._read[key]

    def _reading(self, seq: int) -> _Reading:
        with self._storage.lock:
            seqs, ids = self._index.after(seq, MOST_CHANGES)
            upto = seqs[-1] if len(seqs) == MOST_CHANGES else self._index.seq
            altered = self._index.altered
        seq_of = dict(zip(ids, seqs, strict=True))
        read = self._reader().requests_with_events(seq_of)
        changes = [Change(seq_of[one.id], one, events) for one, events in read]
        if seq < altered <= upto:
            changes.append(Change(altered, None))
            changes.sort(key=lambda change: change.seq)
        return _Reading(tuple(changes), upto)


class FeedSubscription:
    """One follower of a feed."""

    def __init__(self, feed: Feed, announcer: Announcer, *, after: int) -> None:
        self._feed = feed
        self._announcer = announcer
        self._after = after
        self._news = threading.Event()
        announcer.subscribe(self._news)

    def changes(self, *, timeout: float) -> Sequence[Change] | None:
        """Wait for changes and return them; empty on timeout, `None` once closed."""
        if changes := self._next():
            return changes
        # A change after this line sets the event again: none is slept over.
        if self._announcer.closed or not self._news.wait(timeout):
            return None if self._announcer.closed else ()
        self._news.clear()
        return None if self._announcer.closed else self._next()

    def close(self) -> None:
        """Stop listening."""
        self._announcer.unsubscribe(self._news)

    def _next(self) -> Sequence[Change]:
        while True:
            changes, upto = self._feed.after(self._after)
            idle, self._after = upto == self._after, upto
            if changes or idle:
                return changes
