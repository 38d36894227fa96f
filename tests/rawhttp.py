"""HTTP by hand: exactly the bytes that a test wants to send."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from types import TracebackType

from tests.processes import SECONDS, SITE


@dataclass(frozen=True)
class Response:
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes = b""

    @property
    def request_id(self) -> int:
        """The id that leads to what was recorded."""
        return int(self.headers["x-mockcollect-request"])


class Connection:
    """A connection that sends what it is told, and reads one answer after another."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._socket = socket.create_connection((host, port), timeout=SECONDS)
        self._buffer = b""

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def send(self, content: bytes) -> None:
        """Send all of it; raises OSError if the other side has gone."""
        self._socket.sendall(content)

    def send_repeatedly(self, chunk: bytes, times: int) -> None:
        """Send a chunk many times."""
        for _ in range(times):
            self._socket.sendall(chunk)

    def answer(self, *, method: str = "POST", seconds: float = SECONDS) -> Response:
        """Read one answer."""
        self._socket.settimeout(seconds)
        head = self._until(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        status = int(status_line.split(" ")[1])
        if method == "HEAD" or status in (100, 204):
            return Response(status, headers)
        if headers.get("transfer-encoding") == "chunked":
            return Response(status, headers, self._chunks())
        return Response(status, headers, self._exactly(headers.get("content-length")))

    def has_more(self, *, seconds: float) -> bool:
        """Return whether anything more comes within a time, its end not counted."""
        self._socket.settimeout(seconds)
        try:
            return bool(self._buffer) or bool(self._receive())
        except TimeoutError:
            return False

    def is_closed(self) -> bool:
        """Wait until the other side closes, and return whether it did."""
        try:
            return not self._receive()
        except ConnectionError:
            return True
        except TimeoutError:
            return False

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _receive(self) -> bytes:
        return self._socket.recv(1 << 16)

    def _until(self, end: bytes) -> bytes:
        while end not in self._buffer:
            received = self._receive()
            if not received:
                raise ConnectionResetError(f"closed after {self._buffer!r}")
            self._buffer += received
        found, _, self._buffer = self._buffer.partition(end)
        return found

    def _exactly(self, length: str | None) -> bytes:
        if length is None:
            while received := self._receive():
                self._buffer += received
            found, self._buffer = self._buffer, b""
            return found
        while len(self._buffer) < int(length):
            received = self._receive()
            if not received:
                raise ConnectionResetError("closed in the middle of an answer's body")
            self._buffer += received
        found, self._buffer = self._buffer[: int(length)], self._buffer[int(length) :]
        return found

    def _chunks(self) -> bytes:
        content = b""
        while size := int(self._until(b"\r\n").split(b";")[0], 16):
            content += self._exactly(str(size))
            self._until(b"\r\n")
        self._until(b"\r\n")
        return content


def head(
    *headers: str, method: str = "POST", path: str = "/events", version: str = "1.1"
) -> bytes:
    """Return a request up to its body, for the site of the examples."""
    target = path if "?" in path else f"{path}?{SITE}"
    lines = [f"{method} {target} HTTP/{version}", "Host: localhost", *headers, "", ""]
    return "\r\n".join(lines).encode()


def post(body: bytes, *headers: str, path: str = "/events") -> bytes:
    """Return a whole POST request."""
    return head(f"Content-Length: {len(body)}", *headers, path=path) + body


def chunk(content: bytes, extension: str = "") -> bytes:
    """Return one chunk of a chunked body."""
    return b"%x%s\r\n%s\r\n" % (len(content), extension.encode(), content)


LAST_CHUNK = b"0\r\n\r\n"


def chunked(*contents: bytes, path: str = "/events") -> bytes:
    """Return a whole POST request with a chunked body."""
    body = b"".join(map(chunk, contents)) + LAST_CHUNK
    return head("Transfer-Encoding: chunked", path=path) + body


def sized_event(size: int) -> bytes:
    """Return an event of exactly this many bytes."""
    start, end = b'{"event_name":"sized","fill":"', b'"}'
    return start + b"x" * (size - len(start) - len(end)) + end


def sized_batch(size: int, event_size: int = 30_000) -> bytes:
    """Return a batch of exactly this many bytes, of events below their own limit."""
    start, end = b'{"batch":[', b"]}"
    events = []
    left = size - len(start) - len(end)
    while left > 2 * event_size:
        events.append(sized_event(event_size))
        left -= event_size + 1
    half = (left - 1) // 2
    events += [sized_event(half), sized_event(left - 1 - half)]
    batch = start + b",".join(events) + end
    assert len(batch) == size
    return batch
