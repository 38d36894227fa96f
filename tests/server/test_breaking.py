"""What clients on real sockets see of each fault, under each of our two servers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

import pytest
import requests

from mockcollect.recording.recorder import TinyRecorder
from mockcollect.server.app import create_app
from mockcollect.server.embedded import EmbeddedServer
from mockcollect.server.faults import FaultRule, Faults, read_rules
from mockcollect.settings import Settings
from tests.processes import Process, mockcollect, wait_until
from tests.rawhttp import Connection, post

EVENT = b'{"event_name":"purchase"}'
LONG = 60.0
"""Seconds that no test waits: each ends what it waits for."""


class Served:
    """A server, and the three things that tests do with its rules."""

    def __init__(self, name: str, port: int, inspect: Callable[..., Any]) -> None:
        self.name = name
        self.port = port
        self.inspect = inspect

    def use(self, **rule: Any) -> None:
        """Have only one rule, for the next request."""
        made = self.inspect("PUT", "/faults", [{"next": 1, **rule}])
        assert len(made["rules"]) == 1

    def clear(self) -> None:
        """Remove all rules."""
        self.inspect("DELETE", "/faults")

    def hits(self) -> int:
        """Return how often the rule has acted."""
        return int(self.inspect("GET", "/faults")["rules"][0]["hits"])

    def last(self) -> Any:
        """Return the request that was recorded last."""
        return self.inspect("GET", "/requests?limit=1")["requests"][0]

    @contextmanager
    def sent(self) -> Iterator[Connection]:
        """Send an event, and give the connection to read the answer from."""
        with Connection(self.port) as connection:
            connection.send(post(EVENT))
            yield connection


def inspected(port: int) -> Callable[..., Any]:
    def inspect(method: str, path: str, value: Any = None) -> Any:
        url = f"http://127.0.0.1:{port}/_inspect{path}"
        answer = requests.request(method, url, json=value, timeout=15)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return inspect


@pytest.fixture(scope="module")
def process() -> Iterator[Process]:
    with mockcollect("--quiet") as running:
        yield running


@pytest.fixture(params=["werkzeug", "granian"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    if request.param == "granian":
        port = request.getfixturevalue("process").port
        one = Served("granian", port, inspected(port))
        yield one
        one.clear()
        return
    recorder = TinyRecorder()
    faults = Faults(recorder)
    app = create_app(recorder, Settings(), faults=faults)
    with EmbeddedServer(app, host="127.0.0.1", port=0) as server:
        yield Served("werkzeug", server.port, inspected(server.port))
        faults.remove()
    recorder.close()


def assert_next_is_answered(served: Served) -> None:
    with served.sent() as connection:
        assert connection.answer().status == 200


def test_a_status_is_answered_with_its_headers(served: Served) -> None:
    served.use(status=503, retry_after=7)
    with served.sent() as connection:
        answer = connection.answer()
    assert (answer.status, answer.body) == (503, b"")
    assert answer.headers["retry-after"] == "7"
    assert answer.headers["content-length"] == "0"
    assert served.last()["id"] == answer.request_id
    assert served.last()["status"] == 503
    assert_next_is_answered(served)


def test_a_delayed_answer_is_productions_and_late(served: Served) -> None:
    served.use(delay=0.2)
    started = time.monotonic()
    with served.sent() as connection:
        answer = connection.answer()
    assert time.monotonic() - started >= 0.2
    assert (answer.status, answer.headers["content-length"]) == (200, "0")
    assert served.last()["fault"]["delay"] == 0.2


def test_an_event_is_recorded_before_its_delay(served: Served) -> None:
    served.use(delay=LONG)
    with served.sent() as connection:
        wait_until(lambda: served.hits() == 1, "the rule did not act")
        wait_until(lambda: served.last()["fault"], "the event was not recorded")
        served.clear()  # which lets it go
        assert connection.answer().status == 200


@pytest.mark.parametrize("rule", [{"reset": True}, {"timeout": 0.05}], ids=str)
def test_a_broken_connection_brings_no_byte(
    served: Served, rule: dict[str, Any]
) -> None:
    served.use(**rule)
    with served.sent() as connection, pytest.raises(ConnectionError):
        connection.answer()
    assert served.last()["status"] == 0
    assert_next_is_answered(served)


def test_a_reset_is_a_true_one_where_the_socket_is_at_hand(served: Served) -> None:
    served.use(reset=True)
    with socket.create_connection(("127.0.0.1", served.port), timeout=15) as client:
        client.sendall(post(EVENT))
        if served.name == "granian":
            assert client.recv(1) == b""
        else:
            with pytest.raises(ConnectionResetError):
                client.recv(1)


def test_clients_know_a_reset_for_a_connection_error(served: Served) -> None:
    served.use(reset=True)
    url = f"http://127.0.0.1:{served.port}/events"
    with pytest.raises(requests.ConnectionError, match="Connection aborted"):
        requests.post(url, EVENT, timeout=15)


def test_a_timeout_never_answers(served: Served) -> None:
    served.use(timeout=LONG)
    url = f"http://127.0.0.1:{served.port}/events"
    with pytest.raises(requests.ReadTimeout):
        requests.post(url, EVENT, timeout=0.2)
    assert served.last()["fault"]["kind"] == "timeout"
    assert_next_is_answered(served)


def test_a_timeout_ends_with_its_rule(served: Served) -> None:
    served.use(timeout=LONG)
    with served.sent() as connection:
        wait_until(lambda: served.hits() == 1, "the rule did not act")
        served.clear()
        with pytest.raises(ConnectionError):
            connection.answer()


def test_a_truncated_answer_is_shorter_than_it_says(served: Served) -> None:
    served.use(truncate=True)
    with (
        served.sent() as connection,
        pytest.raises(ConnectionResetError, match="in the middle"),
    ):
        connection.answer()
    assert served.last()["status"] == 200
    served.use(truncate=True)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="8 more"):
        requests.post(f"http://127.0.0.1:{served.port}/events", EVENT, timeout=15)


def test_a_dripped_answer_comes_byte_by_byte(served: Served) -> None:
    served.use(drip=0.5)
    client = HTTPConnection("127.0.0.1", served.port, timeout=15)
    client.request("POST", "/events", EVENT)
    response = client.getresponse()
    started = time.monotonic()
    came = [response.read1(100) for _ in range(16)]
    assert came == [b" "] * 16
    assert time.monotonic() - started > 0.3
    assert response.read() == b""
    client.close()


def test_a_client_that_leaves_a_drip_holds_nothing_up(served: Served) -> None:
    served.use(drip=1.0)
    with served.sent():
        wait_until(lambda: served.hits() == 1, "the rule did not act")
    assert_next_is_answered(served)


def test_a_delay_goes_with_another_fault(served: Served) -> None:
    served.use(status=500, delay=0.1)
    started = time.monotonic()
    with served.sent() as connection:
        assert connection.answer().status == 500
    assert time.monotonic() - started >= 0.1


# -- what ends a wait


def test_a_client_that_leaves_ends_a_timeout() -> None:
    before = set(threading.enumerate())
    recorder = TinyRecorder()
    faults = Faults(recorder)
    faults.add(FaultRule(timeout=LONG))
    app = create_app(recorder, Settings(), faults=faults)
    with EmbeddedServer(app, host="127.0.0.1", port=0) as server:
        place = recorder.place()
        with Connection(server.port) as connection:
            connection.send(post(EVENT))
            assert recorder.wait_behind(place, timeout=15)
    recorder.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(15)
        assert not thread.is_alive()


def test_a_timeout_does_not_hold_up_the_end_of_the_process() -> None:
    with mockcollect("--quiet") as running:
        served = Served("granian", running.port, inspected(running.port))
        served.use(timeout=LONG)
        with served.sent() as connection:
            wait_until(lambda: served.hits() == 1, "the rule did not act")
            assert running.stop(seconds=5) == 0
            assert connection.is_closed()


def test_nothing_is_printed_of_a_broken_connection(
    capfd: pytest.CaptureFixture[str],
) -> None:
    recorder = TinyRecorder()
    faults = Faults(recorder)
    faults.use(read_rules([{"reset": True}]))
    app = create_app(recorder, Settings(), faults=faults)
    with (
        EmbeddedServer(app, host="127.0.0.1", port=0) as server,
        pytest.raises(requests.ConnectionError),
    ):
        requests.post(f"http://127.0.0.1:{server.port}/events", EVENT, timeout=15)
    recorder.close()
    assert capfd.readouterr() == ("", "")
