"""The inspection API asked from outside."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator
from itertools import islice

import pytest

from mockcollect.errors import MockcollectError, NotRunning
from mockcollect.server.client import Client, address_of
from tests.processes import Process, mockcollect


@pytest.fixture(scope="module")
def server() -> Iterator[Process]:
    with mockcollect("--quiet") as process:
        yield process


@pytest.fixture
def client(server: Process) -> Client:
    server.request("DELETE", "/_inspect/events")
    return Client(server.url)


def test_what_the_api_says_is_returned(server: Process, client: Client) -> None:
    server.post({"event_name": "a"})
    assert client.get("/ready") == {"ready": True}
    [event], matched = client.events("event:a")
    assert (event["event_name"], matched) == ("a", 1)
    assert client.events("event:b") == ([], 0)
    assert client.find("/events/999999") is None
    assert client.expect("event:a count=1")["ok"] is True
    assert client.expect("event:b")["ok"] is False
    assert client.delete("/events", q="event:a")["deleted"] == 1


def test_what_the_api_refuses_is_raised_in_its_words(client: Client) -> None:
    for refused in (
        lambda: client.get("/events", q="evnt:a"),
        lambda: client.follow("evnt:a"),
        lambda: client.download("/export", io.BytesIO(), q="evnt:a"),
        lambda: client.delete("/events", q="evnt:a"),
    ):
        with pytest.raises(MockcollectError, match="Did you mean `event`"):
            refused()


def test_a_stream_gives_what_comes_and_tells_silence(
    server: Process, client: Client
) -> None:
    with client.follow() as stream:
        assert stream.next(timeout=0).kind == "ping"  # type: ignore[union-attr]
        server.post({"event_name": "x" * 30_000})
        server.post({"event_name": "b"})
        first, second = islice((one for one in stream if one.kind == "event"), 2)
        assert first.data["event_name"] == "x" * 30_000
        assert second.data["event_name"] == "b"
    with client.follow(last=first.id) as stream:
        assert next(one for one in stream if one.kind == "event").id == second.id


def test_a_stream_ends_with_its_server() -> None:
    with mockcollect("--quiet") as server, Client(server.url).follow() as stream:
        server.post({"event_name": "a"})
        server.kill()
        assert [one.data["event_name"] for one in stream] in ([], ["a"])
        assert stream.next(timeout=5) is None


def _answering(content: bytes) -> tuple[str, threading.Thread]:
    """Return the URL of a server that says one thing to one client."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        with listener, listener.accept()[0] as connection:
            connection.recv(65536)
            connection.sendall(content)

    thread = threading.Thread(target=answer)
    thread.start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}", thread


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhi",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}",
        b'HTTP/1.1 500 No\r\nContent-Length: 13\r\n\r\n{"error":null',
    ],
)
def test_what_is_no_mockcollect_is_said(content: bytes) -> None:
    url, thread = _answering(content)
    with pytest.raises(NotRunning, match=url):
        Client(url).get("/events")
    thread.join()


@pytest.mark.parametrize("url", ["", "x", "https://x", "http://", "http://x:y"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(MockcollectError, match="give http://HOST:PORT"):
        Client(url)


def test_an_address_is_one_that_can_be_asked() -> None:
    assert address_of("http://0.0.0.0:8787/") == ("127.0.0.1", 8787)
    assert address_of("http://[::1]") == ("::1", 80)
