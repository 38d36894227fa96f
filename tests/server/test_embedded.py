"""The server in a thread, as tests have it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection

import pytest

from mockcollect.recording.recorder import TinyRecorder
from mockcollect.server.app import create_app
from mockcollect.server.embedded import EmbeddedServer
from mockcollect.settings import Settings

EVENT = b'{"event_name": "purchase"}'


@pytest.fixture
def server() -> Iterator[EmbeddedServer]:
    recorder = TinyRecorder()
    app = create_app(recorder, Settings())
    with EmbeddedServer(app, host="127.0.0.1", port=0) as running:
        yield running
    recorder.close()


def post(server: EmbeddedServer) -> int:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("POST", "/events?tc_s=29&token=k", EVENT)
    status = connection.getresponse().status
    connection.close()
    return status


def threads() -> set[threading.Thread]:
    return set(threading.enumerate())


def test_a_thread_that_has_answered_answers_the_next_as_well(
    server: EmbeddedServer,
) -> None:
    before = threads()
    assert [post(server) for _ in range(50)] == [200] * 50
    # The next may come before the first one's thread is back.
    assert len(threads() - before) <= 10


def test_slow_senders_hold_up_nobody_else(server: EmbeddedServer) -> None:
    head = b"POST /events HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n{"
    with ExitStack() as slow:
        for _ in range(40):
            address = ("127.0.0.1", server.port)
            sender = slow.enter_context(socket.create_connection(address))
            sender.sendall(head)
        assert post(server) == 200


def test_its_threads_end_with_it() -> None:
    before = threads()
    recorder = TinyRecorder()
    app = create_app(recorder, Settings())
    with EmbeddedServer(app, host="127.0.0.1", port=0) as running:
        assert post(running) == 200
    recorder.close()
    for thread in threads() - before:
        thread.join(timeout=10)
        assert not thread.is_alive()


def test_it_dispatches_nothing_by_itself(server: EmbeddedServer) -> None:
    with pytest.raises(NotImplementedError):
        server.dispatch(None)  # type: ignore[arg-type]


def test_it_says_nothing_of_requests(
    server: EmbeddedServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="werkzeug"):  # as other servers leave it
        assert post(server) == 200
    assert caplog.records == []
