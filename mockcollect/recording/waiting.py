"""Telling those who wait, without making the sender of an event wait for them.

A recording thread only sets a flag. One thread of the announcer looks at what is new
and wakes a waiter when its condition holds, and the subscribers at most ten times a
second: a hundred waiting threads that all woke at each event would cost the collect
path dearly.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from mockcollect.recording.query import Query

GATHER_SECONDS = 0.1
"""Subscribers are woken no more often, and get all that has gathered."""

CHECK_SECONDS = 0.005
"""Waiters' conditions are looked at no more often while events stream in."""


_T = TypeVar("_T")


class Waiter:
    """Somebody who waits until a condition holds."""

    def __init__(self, holds: Callable[[], bool]) -> None:
        self.holds = holds
        self.woken = threading.Event()


class QueryWaiter(Waiter):
    """A waiter whose condition is a query, so that several can share one reading."""

    def __init__(self, holds: Callable[[], bool], query: Query) -> None:
        super().__init__(holds)
        self.query = query


class Announcer:
    """Wakes waiters and subscribers from a thread of its own, begun when one comes."""

    def __init__(self, prepare: Callable[[list[Waiter]], None]) -> None:
        self._prepare = prepare
        self._lock = threading.Lock()
        self._waiters: list[Waiter] = []
        self._subscribers: list[threading.Event] = []
        self._news = threading.Event()
        self._joined = threading.Event()
        self._thread: threading.Thread | None = None
        self.closed = False

    def announce(self) -> None:
        """Say that something was recorded; cheap, for the collect path."""
        if self._thread is not None and not self._news.is_set():
            self._news.set()

    def wait(self, waiter: Waiter, timeout: float) -> bool:
        """Wait until the condition of a waiter holds; return whether it does."""
        self._add(self._waiters, waiter)
        try:
            # It may have come to hold before it was listed.
            if waiter.holds():
                return True
            if timeout > 0 and not self.closed:
                waiter.woken.wait(timeout)
            return waiter.holds()
        finally:
            self._remove(self._waiters, waiter)

    def subscribe(self, subscriber: threading.Event) -> None:
        """Set an event whenever something new was recorded."""
        self._add(self._subscribers, subscriber)

    def unsubscribe(self, subscriber: threading.Event) -> None:
        """Stop setting an event."""
        self._remove(self._subscribers, subscriber)

    def close(self) -> None:
        """Wake everybody, for good."""
        self.closed = True
        self._news.set()
        self._joined.set()
        with self._lock:
            for waiter in self._waiters:
                waiter.woken.set()
            for subscriber in self._subscribers:
                subscriber.set()

    def _add(self, listed: list[_T], one: _T) -> None:
        with self._lock:
            listed.append(one)
            self._joined.set()
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="mockcollect-announcer", daemon=True
                )
                self._thread.start()

    def _remove(self, listed: list[_T], one: _T) -> None:
        with self._lock:
            if one in listed:
                listed.remove(one)

    def _run(self) -> None:
        next_tick = 0.0
        pending = False
        while not self.closed:
            timeout = max(0.0, next_tick - time.monotonic()) if pending else None
            if self._news.wait(timeout):
                self._news.clear()
                self._check_waiters()
                pending = True
            if pending and time.monotonic() >= next_tick:
                self._wake_subscribers()
                pending = False
                next_tick = time.monotonic() + GATHER_SECONDS
            self._rest(next_tick)

    def _rest(self, next_tick: float) -> None:
        """Leave the processor to the senders before looking again."""
        seconds = next_tick - time.monotonic()
        if self._waiters:
            seconds = min(seconds, CHECK_SECONDS)
        if seconds > 0:
            self._joined.wait(seconds)
        self._joined.clear()

    def _check_waiters(self) -> None:
        with self._lock:
            waiters = list(self._waiters)
        if not waiters:
            return
        try:
            self._prepare(waiters)
            woken = [waiter for waiter in waiters if waiter.holds()]
        except Exception:  # each waiter meets the same when it looks itself
            woken = waiters
        for waiter in woken:
            waiter.woken.set()

    def _wake_subscribers(self) -> None:
        with self._lock:
            for subscriber in self._subscribers:
                subscriber.set()
