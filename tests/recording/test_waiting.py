from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from mockcollect.recording.waiting import GATHER_SECONDS, Announcer, Waiter
from tests.processes import wait_until
from tests.recording.helpers import SECONDS, running


@pytest.fixture
def prepared() -> list[list[Waiter]]:
    return []


@pytest.fixture
def announcer(prepared: list[list[Waiter]]) -> Iterator[Announcer]:
    made = Announcer(prepared.append)
    yield made
    made.close()


class Flag:
    """A condition, and a waiter for it."""

    def __init__(self) -> None:
        self.holds = False
        self.waiter = Waiter(lambda: self.holds)


def test_a_condition_that_holds_is_not_waited_for(announcer: Announcer) -> None:
    flag = Flag()
    flag.holds = True
    started = time.monotonic()
    assert announcer.wait(flag.waiter, SECONDS)
    assert time.monotonic() - started < SECONDS / 2


@pytest.mark.parametrize("timeout", [0, -1, 0.01])
def test_a_condition_that_does_not_come_to_hold_times_out(
    announcer: Announcer, timeout: float
) -> None:
    assert not announcer.wait(Flag().waiter, timeout)


def test_a_waiter_is_woken_when_its_condition_comes_to_hold(
    announcer: Announcer,
) -> None:
    flag, other = Flag(), Flag()
    results: list[bool] = []
    waits = [
        lambda: results.append(announcer.wait(flag.waiter, SECONDS)),
        lambda: results.append(announcer.wait(other.waiter, SECONDS)),
    ]
    with running(*waits):
        wait_until(lambda: len(announcer._waiters) == 2, "both wait")
        announcer.announce()
        flag.holds = True
        announcer.announce()
        wait_until(lambda: results == [True], "one is woken")
        assert not other.waiter.woken.is_set()
        other.holds = True
        announcer.announce()
    assert results == [True, True]
    assert announcer._waiters == []


def test_those_who_wait_are_prepared_together(
    announcer: Announcer, prepared: list[list[Waiter]]
) -> None:
    flags = [Flag() for _ in range(5)]
    waits = [lambda flag=flag: announcer.wait(flag.waiter, SECONDS) for flag in flags]
    with running(*waits):
        wait_until(lambda: len(announcer._waiters) == 5, "all wait")
        for flag in flags:
            flag.holds = True
        announcer.announce()
    assert len(prepared[0]) == 5


def test_an_announcement_without_anybody_starts_no_thread(
    announcer: Announcer,
) -> None:
    announcer.announce()
    assert announcer._thread is None


def test_subscribers_are_woken_and_no_more_often_than_promised(
    announcer: Announcer,
) -> None:
    woken = threading.Event()
    announcer.subscribe(woken)
    moments = []
    stop = threading.Event()

    def announce() -> None:
        while not stop.wait(0.001):
            announcer.announce()

    with running(announce):
        for _ in range(4):
            assert woken.wait(SECONDS)
            woken.clear()
            moments.append(time.monotonic())
        stop.set()
    assert moments[3] - moments[1] >= 1.5 * GATHER_SECONDS
    announcer.unsubscribe(woken)
    announcer.unsubscribe(woken)


def test_closing_wakes_all_who_wait_and_all_who_come_later(
    announcer: Announcer,
) -> None:
    results: list[bool] = []
    woken = threading.Event()
    announcer.subscribe(woken)
    started = time.monotonic()
    with running(lambda: results.append(announcer.wait(Flag().waiter, SECONDS * 2))):
        wait_until(lambda: announcer._waiters, "it waits")
        announcer.close()
    assert results == [False]
    assert woken.is_set()
    assert not announcer.wait(Flag().waiter, SECONDS * 2)
    assert time.monotonic() - started < SECONDS
    thread = announcer._thread
    assert thread is not None
    thread.join(SECONDS)
    assert not thread.is_alive()


def test_a_condition_that_fails_wakes_its_waiter_and_nobody_else_suffers(
    announcer: Announcer,
) -> None:
    flag = Flag()
    broken = [False]

    def holds() -> bool:
        if broken[0]:
            raise RuntimeError("broken")
        return False

    def wait_for_broken() -> None:
        with pytest.raises(RuntimeError, match="broken"):
            announcer.wait(Waiter(holds), SECONDS)

    with running(wait_for_broken):
        wait_until(lambda: announcer._waiters, "it waits")
        broken[0] = True
        announcer.announce()
    with running(lambda: announcer.wait(flag.waiter, SECONDS)):
        wait_until(lambda: announcer._waiters, "it waits")
        flag.holds = True
        announcer.announce()
        assert flag.waiter.woken.wait(SECONDS)
