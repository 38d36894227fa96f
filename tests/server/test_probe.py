"""Asking from outside whether a mockcollect is there, and whether it records."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from mockcollect.server import probe
from tests.processes import mockcollect

ERROR = b'{"error": {"code": "not-recording", "message": "The disk is full."}}'


@contextmanager
def answering(status: int, content: bytes) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.005,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join(5)


@pytest.mark.parametrize(
    ("status", "content", "said"),
    [
        (200, b'{"ready": true}', None),
        (503, ERROR, "The disk is full."),
        (200, b'{"ready": false}', "no mockcollect answers there."),
        (200, b"<html>", "no mockcollect answers there."),
        (200, b"[]", "no mockcollect answers there."),
        (404, b"", "no mockcollect answers there."),
    ],
)
def test_ready_is_what_says_so_in_its_own_words(
    status: int, content: bytes, said: str | None
) -> None:
    with answering(status, content) as port:
        assert probe.why_not_ready("127.0.0.1", port) == said
        assert probe.is_ready("127.0.0.1", port) == (said is None)


def test_nobody_is_not_ready() -> None:
    with answering(200, b"") as port:
        pass
    assert not probe.is_ready("127.0.0.1", port)
    assert probe.ask("127.0.0.1", port) is None


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"pid": "a", "started": 1}', b"\xff"]
)
def test_what_is_no_mockcollect_is_not_taken_for_one(content: bytes) -> None:
    with answering(200, content) as port:
        assert probe.ask("127.0.0.1", port) is None


def test_a_mockcollect_says_who_it_is() -> None:
    with mockcollect("--quiet") as server:
        holder = probe.ask("127.0.0.1", server.port)
        assert holder is not None
        assert holder.pid == server.worker
        assert len(holder.started) == len("10:42")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("localhost", "http://localhost:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("::1", "http://[::1]:80"),
    ],
)
def test_the_url_is_one_that_can_be_opened(host: str, url: str) -> None:
    assert probe.base_url(host, 80) == url
