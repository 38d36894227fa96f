"""Senders that the test does not wait for itself: threads, and other processes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
import requests

from mockcollect.testing.arguments import Step
from mockcollect.testing.inspector import Inspector
from tests.processes import SECONDS, SITE

LATER = 0.1
"""Long enough that an assertion which does not wait would be made before."""

PROGRAM = f"""
import os, sys, time, urllib.request
time.sleep({LATER})
for name in sys.argv[1:]:
    url = os.environ["MOCKCOLLECT_URL"] + "/events?{SITE}"
    body = b'{{"event_name": "%s", "pid": %d}}' % (name.encode(), os.getpid())
    with urllib.request.urlopen(url, body, timeout=10) as answer:
        assert answer.status == 200
"""

SendLater = Callable[[str], None]


def send(name: str) -> None:
    url = f"{os.environ['MOCKCOLLECT_URL']}/events?{SITE}"
    assert requests.post(url, json={"event_name": name}, timeout=10).ok


@pytest.fixture
def send_later(mockcollect: Inspector) -> Iterator[SendLater]:
    """Sends from a thread, some time after it was asked to."""
    timers: list[threading.Timer] = []

    def later(name: str) -> None:
        timers.append(threading.Timer(LATER, send, [name]))
        timers[-1].start()

    yield later
    for timer in timers:
        timer.join(SECONDS)
        assert not timer.is_alive()


@pytest.fixture
def program() -> Iterator[Callable[..., int]]:
    """Starts a program that knows of the server by its environment only."""
    processes: list[subprocess.Popen[str]] = []

    def start(*names: str) -> int:
        command = [sys.executable, "-c", PROGRAM, *names]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        return process.pid

    yield start
    for process in processes:
        _, said = process.communicate(timeout=SECONDS)
        assert (process.returncode, said) == (0, "")


def test_an_assertion_waits_for_a_thread_that_sends_later(
    mockcollect: Inspector, send_later: SendLater
) -> None:
    send_later("purchase")
    mockcollect.assert_sent("purchase", timeout=SECONDS)


def test_that_nothing_is_sent_fails_for_a_thread_that_sends_later(
    mockcollect: Inspector, send_later: SendLater
) -> None:
    send_later("refund")
    with pytest.raises(AssertionError, match="refund"):
        mockcollect.assert_not_sent("refund", settle=10 * LATER)


def test_once_is_not_twice_when_a_thread_sends_again(
    mockcollect: Inspector, send_later: SendLater
) -> None:
    send("purchase")
    send_later("purchase")
    with pytest.raises(AssertionError, match="purchase"):
        mockcollect.assert_sent_once("purchase", settle=10 * LATER)


def test_threads_that_send_at_once_are_all_counted(mockcollect: Inspector) -> None:
    threads = [threading.Thread(target=send, args=["ping"]) for _ in range(16)]
    for thread in threads:
        thread.start()
    mockcollect.assert_sent("ping", count=16, timeout=SECONDS)
    for thread in threads:
        thread.join(SECONDS)
    assert len(mockcollect.events) == 16


def test_a_program_finds_the_server_by_its_variable(
    mockcollect: Inspector, program: Callable[..., int]
) -> None:
    pid = program("page_view", "purchase")
    steps: list[Step] = ["page_view", {"event_name": "purchase", "pid": pid}]
    mockcollect.assert_sequence(steps, timeout=SECONDS)


def test_two_programs_are_told_apart_by_what_they_send(
    mockcollect: Inspector, program: Callable[..., int]
) -> None:
    pids = [program("purchase"), program("purchase")]
    for pid in pids:
        mockcollect.assert_sent("purchase", pid=pid, timeout=SECONDS)
    mockcollect.assert_sent("purchase", count=2)
