"""Slow senders, and events that are left behind on purpose, to arrive too late."""

from __future__ import annotations

import http.client
import json
import threading
from collections import Counter
from collections.abc import Callable
from random import SystemRandom
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from mockcollect.testing.inspector import Inspector

NAME = "purchase"
"""The name of all events of all tests, so that none is told apart by it."""

SITE = "tc_s=29&token=7183b9d4-1031-11ee-be56-0242ac120002"
SECONDS = 60.0
RANDOM = SystemRandom()  # the usual one is seeded anew by pytest-randomly, alike

Deliver = Callable[[], None]


class Late:
    """The deliveries that still wait for their test to be over, or for a later one.

    `begun` counts the tests that began in this process.
    """

    def __init__(self) -> None:
        self.begun = 0
        self.told: Counter[str] = Counter()
        self._turn = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._between: list[Deliver] = []
        self._next: list[Deliver] = []

    def begin(self) -> None:
        """Note that a test begins: some deliveries have waited for that."""
        with self._turn:
            self.begun += 1
            self._turn.notify_all()

    def in_a_later_test(self, test: str, deliver: Deliver) -> None:
        """Deliver from a thread, some time in one of the tests to come."""
        self.told[test] += 1
        turn = self.begun + RANDOM.randint(1, 3)

        def run() -> None:
            with self._turn:
                self._turn.wait_for(lambda: self.begun >= turn, SECONDS)
            pause()
            deliver()

        self._threads.append(start(run))

    def before_the_next_test(self, test: str, deliver: Deliver) -> None:
        """Deliver when a test is over, and none has begun yet."""
        self.told[test] += 1
        self._between.append(deliver)

    def during_the_next_test(self, test: str, deliver: Deliver) -> None:
        """Deliver while the next test runs."""
        self.told[test] += 1
        self._next.append(deliver)

    def deliver_between(self) -> None:
        """Deliver what has waited for the end of a test."""
        for deliver in _taken(self._between):
            deliver()

    def deliver_during(self) -> list[threading.Thread]:
        """Begin to deliver what has waited for this test, and return who does."""
        return [start(deliver) for deliver in _taken(self._next)]

    def finish(self) -> None:
        """Deliver all that still waits."""
        self.deliver_between()
        with self._turn:
            self.begun += 10
            self._turn.notify_all()
        join(self._threads + self.deliver_during())


class Sender:
    """Sends for one test, and says in each event whose it is."""

    def __init__(self, mockcollect: Inspector) -> None:
        self.test = mockcollect.view.name
        self._mockcollect = mockcollect

    def deliver(self, test_code: str | None = None) -> None:
        """Send one event, slowly."""
        pause()
        self.begin(test_code)()

    def begin(self, test_code: str | None = None) -> Deliver:
        """Send one event up to its middle, and return what sends the rest."""
        body = json.dumps(self._event(test_code)).encode()
        half = len(body) // 2
        url = urlsplit(self._mockcollect.url)
        connection = http.client.HTTPConnection(str(url.hostname), url.port, SECONDS)
        connection.putrequest("POST", f"/events?{SITE}")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        connection.send(body[:half])

        def rest() -> None:
            connection.send(body[half:])
            status = connection.getresponse().status
            connection.close()
            assert status == 200

        return rest

    def _event(self, test_code: str | None) -> dict[str, Any]:
        event = {"event_name": NAME, "test": self.test, "filler": "x" * 100}
        return {**event, "test_code": test_code} if test_code else event


def start(run: Callable[[], None]) -> threading.Thread:
    """Return a thread that has started."""
    thread = threading.Thread(target=run)
    thread.start()
    return thread


def join(threads: list[threading.Thread]) -> None:
    """Wait for threads to end."""
    for thread in threads:
        thread.join(SECONDS)
        assert not thread.is_alive()


def pause() -> None:
    """Wait as long as slow networks do, on a small scale."""
    threading.Event().wait(RANDOM.uniform(0.0, 0.008))


def _taken(waiting: list[Deliver]) -> list[Deliver]:
    taken = waiting[:]
    waiting.clear()
    return taken
