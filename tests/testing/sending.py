"""Sends events as the code under test would."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from typing import Any

SOURCE = "tc_s=29&token=7183b9d4-1031-11ee-be56-0242ac120002"
SECONDS = 15.0
"""How long anything may take before a test gives up: far more than it needs."""

_NUMBERS = count(1)


def post(port: int, body: bytes, path: str = "/events") -> int:
    """Send a body, and return the status of the answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", f"{path}?{SOURCE}", body, headers)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def send(port: int, *event_names: str, **properties: Any) -> None:
    """Send one event of each name, one after the other."""
    for name in event_names:
        body = json.dumps({"event_name": name, **properties}).encode()
        assert post(port, body) == 200


def send_whole(port: int, *event_names: str, **properties: Any) -> None:
    """Send one event of each name that production finds nothing wrong with.

    Each has an id of its own, and is given further properties.
    """
    for name in event_names:
        send(port, name, **(_whole(next(_NUMBERS)) | properties))


def _whole(number: int) -> dict[str, Any]:
    return {
        "user": {
            "id": "12345",
            "consent_categories": ["1", "3"],
            "consistent_anonymous_id": "202641827364509182736450",
        },
        "context": {
            "event_id": f"event-{number}",
            "event_timestamp": time.time_ns() // 1_000_000,
            "page": {},
            "device": {"ip": "203.0.113.24", "user_agent": "Mozilla/5.0 (X11)"},
        },
    }


def send_batch(port: int, *events: dict[str, Any]) -> None:
    """Send several events in one request."""
    body = json.dumps({"batch": list(events)}).encode()
    assert post(port, body, "/events/batch") == 200


def send_refused(port: int, body: bytes = b"{oops") -> None:
    """Send what is answered 400."""
    assert post(port, body) == 400


@contextmanager
def later(work: Callable[[], object], *, seconds: float = 0.05) -> Iterator[None]:
    """Do some work a moment after a block has begun, and have it done at its end."""
    timer = threading.Timer(seconds, work)
    timer.start()
    try:
        yield
    finally:
        timer.join(SECONDS)


class SlowRequest:
    """A request whose last byte is held back: it begins now, and arrives later."""

    def __init__(self, port: int, event_name: str, **properties: Any) -> None:
        self._body = json.dumps({"event_name": event_name, **properties}).encode()
        self._connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        self._connection.putrequest("POST", f"/events?{SOURCE}")
        self._connection.putheader("Content-Length", str(len(self._body)))
        self._connection.putheader("Expect", "100-continue")
        self._connection.endheaders()
        # Only now is it known to the server.
        assert self._connection.sock.recv(100).startswith(b"HTTP/1.1 100 ")
        self._connection.send(self._body[:-1])

    def finish(self) -> int:
        """Send the last byte, and return the status of the answer."""
        self._connection.send(self._body[-1:])
        response = self._connection.getresponse()
        response.read()
        self._connection.close()
        return response.status
