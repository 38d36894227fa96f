"""Bodies as a WSGI server hands them over: up to a limit, and what lies beyond it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

KEPT_BYTES = 1 << 20
"""How much is kept of a body over its limit."""

DRAINED_BYTES = 100 << 20
DRAIN_SECONDS = 30.0
"""How much of it is read, and for how long, so that its sender can read the answer."""

ANSWER_FIRST_SECONDS = 0.1
"""How long a sender that asks first, by `Expect: 100-continue`, has for its answer.

To read its body asks it to go on, and nothing tells when the answer has left.
"""

_CHUNK = 1 << 16


class Body(NamedTuple):
    """A body, or as much of it as was read before its answer.

    `size` is what was declared, or counted so far. `rest` is what still comes of a body
    over its limit. `aborted` means that fewer bytes came than were declared.
    """

    content: bytes
    size: int
    rest: Rest | None = None
    aborted: bool = False


def read_body(environ: WSGIEnvironment, limit: int) -> Body:
    """Read a request's body, up to its limit.

    A body over its limit is not read, beyond what it takes to know: its answer must
    leave before the rest is drained, or a sender that waits would never get one.
    """
    stream = environ["wsgi.input"]
    if _is_chunked(environ):
        return _read_chunked(stream, limit)
    declared = _declared(environ)
    if declared is None:
        return Body(b"", 0)
    if declared > limit:
        asks_first = "100-continue" in environ.get("HTTP_EXPECT", "").lower()
        rest = Rest(stream, b"", declared, wait=ANSWER_FIRST_SECONDS * asks_first)
        return Body(b"", declared, rest)
    content, _ = _read_up_to(stream, declared)
    return Body(content, declared, aborted=len(content) < declared)


class Rest:
    """What still comes of a body over its limit, read after its answer has left."""

    def __init__(
        self, stream: Any, first: bytes, declared: int | None, *, wait: float = 0.0
    ) -> None:
        self._stream = stream
        self._wait = wait
        self._declared = declared
        self._kept = bytearray(first)
        self.count = len(first)

    def drain(self) -> None:
        """Read all that comes, within bounds of size and time."""
        time.sleep(self._wait)
        deadline = time.monotonic() + DRAIN_SECONDS
        most = min(self._declared or DRAINED_BYTES, DRAINED_BYTES)
        while self.count < most and time.monotonic() < deadline:
            chunk, broken = _read_up_to(self._stream, min(_CHUNK, most - self.count))
            self.count += len(chunk)
            if len(self._kept) < KEPT_BYTES:
                self._kept += chunk[: KEPT_BYTES - len(self._kept)]
            if broken or not chunk:
                return

    @property
    def kept(self) -> bytes:
        """The first part of the body."""
        return bytes(self._kept)

    @property
    def size(self) -> int:
        """How many bytes were declared, or counted where nothing was declared."""
        return self.count if self._declared is None else self._declared

    @property
    def is_whole(self) -> bool:
        """Whether all of the body was kept."""
        return len(self._kept) == self.size


def _is_chunked(environ: WSGIEnvironment) -> bool:
    encoding = environ.get("HTTP_TRANSFER_ENCODING")
    return encoding is not None and "chunked" in encoding.lower()


def _declared(environ: WSGIEnvironment) -> int | None:
    """Return the Content-Length, `None` where there is none that counts bytes.

    Werkzeug's stream is the socket itself: an unchecked number would hang its reader.
    """
    text = environ.get("CONTENT_LENGTH") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _read_chunked(stream: Any, limit: int) -> Body:
    content, broken = _read_up_to(stream, limit + 1)
    if len(content) <= limit:
        return Body(content, len(content), aborted=broken)
    return Body(b"", len(content), Rest(stream, content, None))


def _read_up_to(stream: Any, length: int) -> tuple[bytes, bool]:
    """Return what comes, up to a length, and whether it broke off.

    Werkzeug raises where the sender is gone, or a chunk is broken; granian's stream
    just ends.
    """
    parts: list[bytes] = []
    missing = length
    try:
        while missing and (part := stream.read(missing)):
            parts.append(part)
            missing -= len(part)
    except OSError:
        return b"".join(parts), True
    return b"".join(parts), False
