"""The same application under other WSGI servers, and in Flask's test client."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any, NamedTuple
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler as WerkzeugHandler
from werkzeug.serving import make_server as make_werkzeug_server

from mockcollect.contract.wire import MAX_BATCH_BYTES, MAX_EVENT_BYTES, PIXEL
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.server.app import create_app
from mockcollect.settings import Settings
from tests.processes import SITE, wait_until
from tests.rawhttp import Connection, chunked, head, post, sized_batch, sized_event

if TYPE_CHECKING:
    from mockcollect.errors import MockcollectError
    from mockcollect.recording.records import RecordedRequest

EVENT = b'{"event_name":"purchase"}'
MIB = 1 << 20


class Served(NamedTuple):
    """A server, what it records, and what it said of trouble."""

    name: str
    port: int
    recorder: TinyRecorder
    troubles: list[MockcollectError]

    def requests(self) -> tuple[RecordedRequest, ...]:
        return self.recorder.find_requests(newest=False).items


class ThreadingWSGIServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Silent(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


class SilentWerkzeug(WerkzeugHandler):
    def log(self, *args: Any) -> None:
        pass


def under_werkzeug(app: Flask) -> Any:
    handler = SilentWerkzeug
    return make_werkzeug_server(
        "127.0.0.1", 0, app, threaded=True, request_handler=handler
    )


def under_wsgiref(app: Flask) -> Any:
    return make_server(
        "127.0.0.1",
        0,
        app,
        server_class=ThreadingWSGIServer,
        handler_class=Silent,
    )


@contextmanager
def standard_library(make: Callable[[Flask], Any], app: Flask) -> Iterator[int]:
    server = make(app)
    thread = threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def under_waitress(app: Flask) -> Iterator[int]:
    reason = "waitress is not installed: the application is not tried under it"
    waitress = pytest.importorskip("waitress", reason=reason)
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.effective_port
    finally:
        # In its own thread: a socket closed from here may be in its `select`.
        end = partial(server.asyncore.close_all, server._map, ignore_all=True)
        with suppress(OSError):  # another thread's trigger had it run already
            server.trigger.pull_trigger(end)
        thread.join(5)
        server.task_dispatcher.shutdown()


SERVERS = ("werkzeug", "wsgiref", "waitress")


@pytest.fixture(params=SERVERS)
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    recorder = TinyRecorder()
    troubles: list[MockcollectError] = []
    app = create_app(recorder, Settings(), on_trouble=troubles.append)
    with ExitStack() as stack:
        if request.param == "waitress":
            port = stack.enter_context(under_waitress(app))
        else:
            make = under_werkzeug if request.param == "werkzeug" else under_wsgiref
            port = stack.enter_context(standard_library(make, app))
        yield Served(request.param, port, recorder, troubles)
    recorder.close()


def status_of(served: Served, request: bytes) -> int:
    with Connection(served.port) as connection:
        connection.send(request)
        return connection.answer().status


def test_an_event_is_recorded_before_it_is_answered(served: Served) -> None:
    assert status_of(served, post(EVENT, "X-Mine: 1")) == 200
    (recorded,) = served.requests()
    assert recorded.request.body == EVENT
    assert recorded.request.query == SITE
    assert recorded.request.headers["x-mine"] == "1"
    assert [event.event.event_name for event in served.recorder.find().items] == [
        "purchase"
    ]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/events", sized_event(MAX_EVENT_BYTES), 200),
        ("/events", sized_event(MAX_EVENT_BYTES + 1), 400),
        ("/events/batch", sized_batch(MAX_BATCH_BYTES), 200),
        ("/events/batch", sized_batch(MAX_BATCH_BYTES + 1), 400),
        ("/events", b"{", 400),
        ("/events", b"", 400),
    ],
    ids=["32768", "32769", "512000", "512001", "half", "empty"],
)
def test_the_answers_are_the_same(
    served: Served, path: str, body: bytes, status: int
) -> None:
    assert status_of(served, post(body, path=path)) == status


@pytest.mark.parametrize("megabytes", [1, 5])
def test_who_sends_far_too_much_reads_its_400(served: Served, megabytes: int) -> None:
    with Connection(served.port) as connection:
        connection.send(head(f"Content-Length: {megabytes * MIB}"))
        connection.send_repeatedly(b"x" * MIB, megabytes)
        assert connection.answer().status == 400
    wait_until(served.requests, "the request was not recorded")
    (recorded,) = served.requests()
    assert recorded.request.size == megabytes * MIB
    assert recorded.request.truncated == (megabytes > 1)
    assert len(recorded.request.body) == MIB


def test_a_sender_that_hangs_up_leaves_no_event(served: Served) -> None:
    if served.name == "waitress":
        pytest.skip("waitress reads a whole body before it calls the application")
    with Connection(served.port) as connection:
        connection.send(head("Content-Length: 500") + b"{}")
    wait_until(served.requests, "the request was not recorded")
    (recorded,) = served.requests()
    assert recorded.request.aborted
    assert recorded.status == 400
    assert served.recorder.counts()["events"] == 0


@pytest.mark.parametrize("length", ["-5", "abc"])
def test_a_length_that_is_no_number_does_not_hang(served: Served, length: str) -> None:
    assert status_of(served, head(f"Content-Length: {length}")) == 400


def test_what_cannot_be_recorded_is_answered_503(served: Served) -> None:
    served.recorder.close()
    assert status_of(served, post(EVENT)) == 503
    assert status_of(served, post(b"{")) == 503
    with Connection(served.port) as connection:
        connection.send(head(f"Content-Length: {5 * MIB}"))
        connection.send_repeatedly(b"x" * MIB, 5)
        assert connection.answer().status == 503
    assert len(served.troubles) == 1


def test_head_and_pixel(served: Served) -> None:
    with Connection(served.port) as connection:
        connection.send(head("Connection: close", method="HEAD"))
        answer = connection.answer(method="HEAD")
        assert answer.status == 200
        assert answer.headers["content-length"] == str(len(PIXEL))
        assert connection.is_closed()
    with Connection(served.port) as connection:
        connection.send(head(method="GET"))
        assert connection.answer(method="GET").body == PIXEL


def test_flasks_test_client_goes_the_same_way() -> None:
    recorder = TinyRecorder()
    client = create_app(recorder, Settings()).test_client()
    assert client.post(f"/events?{SITE}", data=EVENT).status_code == 200
    assert client.post("/events", data=b"{").status_code == 400
    large = client.post("/events", data=b"x" * 5 * MIB)
    assert large.status_code == 400
    assert large.headers["X-Mockcollect-Request"] == "3"
    assert client.get("/events").data == PIXEL
    assert client.head("/events").data == b""
    recorded = recorder.find_requests(newest=False).items
    assert [one.request.size for one in recorded[:3]] == [len(EVENT), 1, 5 * MIB]
    assert client.get("/_inspect/events").get_json()["total"] == 2
    recorder.close()


@pytest.mark.parametrize("body", [b"zz\r\n", b"5\r\n{"], ids=["bad", "cut"])
def test_a_broken_chunk_is_no_event_under_werkzeug(body: bytes) -> None:
    recorder = TinyRecorder()
    app = create_app(recorder, Settings())
    with standard_library(under_werkzeug, app) as port:
        with Connection(port) as connection:
            connection.send(head("Transfer-Encoding: chunked") + body)
        wait_until(lambda: recorder.find_requests().items, "it was not recorded")
        (recorded,) = recorder.find_requests().items
        assert recorded.request.aborted
        with Connection(port) as connection:
            connection.send(chunked(EVENT[:5], EVENT[5:]))
            assert connection.answer().status == 200
    assert recorder.counts()["events"] == 1
    recorder.close()
