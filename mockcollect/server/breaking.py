"""What a fault rule does to an answer on the wire, under each server.

Under Werkzeug, and so in tests, the socket is at hand: a connection is reset by RST. It
is out of reach under granian, where the connection is closed without a byte of answer
instead: clients see both as a broken connection. Where there is no socket at all, as in
Flask's test client, ConnectionResetError is raised to whoever asked; another server may
make a 500 of it.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from http.client import responses
from typing import TYPE_CHECKING

from mockcollect.contract.event import Answer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from mockcollect.server.faults import ActiveRule

LOOK_SECONDS = 0.05
"""How often a request without an answer is looked at: has its client left?"""

FLUSH_SECONDS = 0.05
"""How long granian has to send what there is, before an answer is cut."""

FILL_BYTES = 16
"""How long an answer says it is that is cut or dripped, where production's is empty."""

_RESET_ON_CLOSE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
_NOT_ON_A_FAULT = ("content-length", "content-type", "cache-control")

Headers = list[tuple[str, str]]


def broken_answer(
    active: ActiveRule,
    answer: Answer,
    headers: Headers,
    environ: WSGIEnvironment,
    start_response: StartResponse,
) -> Iterable[bytes]:
    """Answer as a rule says; `headers` are those of production's answer, and ours."""
    rule = active.rule
    if rule.delay is not None:
        active.over.wait(rule.delay)
    if rule.kind == "reset":
        return _reset(environ, start_response)
    if rule.kind == "timeout":
        _wait_while_there(active, environ)
        return _reset(environ, start_response)
    if rule.kind == "status":
        start_response(status_line(answer.status), _of_status(headers, active))
        return [b""]
    body = answer.body
    if rule.kind == "delay":
        start_response(status_line(answer.status), headers)
        return [body]
    body = body or b" " * FILL_BYTES
    start_response(status_line(answer.status), _with_length(headers, len(body)))
    return _cut(body) if rule.kind == "truncate" else _drip(body, active)


def status_line(status: int) -> str:
    """Return a status with its reason, as WSGI wants it."""
    return f"{status} {responses.get(status, 'Fault')}"


def _of_status(headers: Headers, active: ActiveRule) -> Headers:
    kept = [one for one in headers if one[0].lower() not in _NOT_ON_A_FAULT]
    if active.rule.retry_after is not None:
        kept.append(("Retry-After", str(active.rule.retry_after)))
    return [*kept, ("Content-Length", "0")]


def _with_length(headers: Headers, length: int) -> Headers:
    kept = [one for one in headers if one[0].lower() != "content-length"]
    return [*kept, ("Content-Length", str(length))]


def _wait_while_there(active: ActiveRule, environ: WSGIEnvironment) -> None:
    """Wait until the client leaves, the rule is removed, or its time is over."""
    connection = environ.get("werkzeug.socket")
    deadline = time.monotonic() + (active.rule.timeout or 0.0)
    while (left := deadline - time.monotonic()) > 0:
        # Without its socket nothing tells that a client has left.
        if active.over.wait(left if connection is None else min(left, LOOK_SECONDS)):
            return
        if connection is not None and _has_left(connection):
            return


def _has_left(connection: socket.socket) -> bool:
    try:
        if not _is_readable(connection):
            return False
        return not connection.recv(1, socket.MSG_PEEK)
    except (OSError, ValueError):
        return True


def _is_readable(connection: socket.socket) -> bool:
    if not hasattr(select, "poll"):
        return bool(select.select([connection], [], [], 0)[0])
    poll = select.poll()  # which takes sockets of any number
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


def _reset(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Break the connection off, as near to a reset as the server allows."""
    if environ.get("SERVER_SOFTWARE") == "Granian":
        # Two lengths that exclude each other: it gives up before it sends a byte.
        both = [("Content-Length", "0"), ("Transfer-Encoding", "chunked")]
        start_response("200 OK", both)
        return _Pieces()
    connection = environ.get("werkzeug.socket")
    if connection is not None:
        _close_with_reset(connection)
    raise ConnectionResetError("The connection was reset by a fault rule.")


def _close_with_reset(connection: socket.socket) -> None:
    """Close a connection by RST, here and now: Werkzeug would say goodbye first."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    if os.name == "nt":
        socket.close(connection.detach())
        return
    # Werkzeug goes on to read the next request: it finds an end there, and no error.
    ended, other = socket.socketpair()
    with ended, other:
        os.dup2(ended.fileno(), connection.fileno(), inheritable=False)


class _Pieces:
    """A body in pieces, with a pause before each and at the end."""

    def __init__(
        self, pieces: Iterable[bytes] = (), *, pause: Callable[[], object] = bool
    ) -> None:
        self._pieces = iter(pieces)
        self._pause = pause

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces, None)
        self._pause()
        if piece is None:
            raise StopIteration
        return piece

    def close(self) -> None:
        """Nothing is to be done, but granian calls it."""


def _cut(body: bytes) -> _Pieces:
    return _Pieces([body[: len(body) // 2]], pause=partial(time.sleep, FLUSH_SECONDS))


def _drip(body: bytes, active: ActiveRule) -> _Pieces:
    pause = (active.rule.drip or 0.0) / (len(body) + 1)
    pieces = (bytes([one]) for one in body)
    return _Pieces(pieces, pause=partial(active.over.wait, pause))
