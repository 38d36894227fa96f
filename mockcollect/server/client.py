"""The inspection API from outside, by the standard library's HTTP client.

Nothing that patches other clients in a test gets between, and no proxy either.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, BinaryIO
from urllib.parse import urlencode, urlsplit

from mockcollect.errors import MockcollectError, NotRunning
from mockcollect.server.probe import reachable

ANSWER_SECONDS = 30.0
"""How long an answer may take, beside what it was asked to wait."""

PAGE = 1_000
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Answered:
    """What a server answered: its status, its headers in lower case, its body."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the stream: its kind, its id and its JSON."""

    kind: str
    id: str
    data: Any


class Client:
    """Asks one mockcollect. All methods raise NotRunning where none answers.

    What a server refuses is raised as MockcollectError, in the server's own words.
    Raises MockcollectError for a URL that is none.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._host, self._port = address_of(url)

    def request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        timeout: float = ANSWER_SECONDS,
    ) -> Answered:
        """Send one request, of whatever kind, and return the answer."""
        with closing(self._connection(timeout)) as connection:
            response = self._ask(connection, method, target, body, headers)
            content = self._read(response)
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answered(response.status, named, content)

    def get(self, path: str, *, timeout: float = ANSWER_SECONDS, **query: Any) -> Any:
        """Return the JSON that the inspection API answers to a GET."""
        answered = self.request("GET", _target(path, query), timeout=timeout)
        return self._json(answered, 200)

    def find(self, path: str) -> Any | None:
        """Return the JSON at a path, `None` where it has nothing."""
        answered = self.request("GET", _target(path, {}))
        return None if answered.status == 404 else self._json(answered, 200)

    def delete(self, path: str, **query: Any) -> Any:
        """Return the JSON that the inspection API answers to a DELETE."""
        return self._json(self.request("DELETE", _target(path, query)), 200)

    def put(self, path: str, value: Any) -> Any:
        """Return the JSON that the inspection API answers to a PUT of JSON."""
        body = json.dumps(value).encode()
        return self._json(self.request("PUT", _target(path, {}), body, _JSON), 200)

    def check(self, body: bytes, *, kind: str, timeout: float = 0.0) -> Any:
        """Return what came of expectations, JSON or YAML as the media type says."""
        patience = timeout + ANSWER_SECONDS
        named = {"Content-Type": kind}
        target = _target("/check", {})
        answered = self.request("POST", target, body, named, timeout=patience)
        return self._json(answered, 200, 422)

    def expect(self, *expectations: str, wait: float = 0.0) -> Any:
        """Return what came of expectations, once they hold or the time is over."""
        body = json.dumps({"expect": expectations, "wait": wait}).encode()
        return self.check(body, kind="application/json", timeout=wait)

    def events(self, query: str = "", *, limit: int = 0) -> tuple[list[Any], int]:
        """Return the newest events that match, the oldest first, and how many match.

        A `limit` of 0 is none.
        """
        found: list[Any] = []
        before: dict[str, int] = {}
        matched: int | None = None
        while True:
            most = min(PAGE, limit - len(found)) if limit else PAGE
            page = self.get("/events", q=query, limit=most, order="newest", **before)
            matched = page["matched"] if matched is None else matched
            found += page["events"]
            if page["next"] is None or len(found) == limit:
                return found[::-1], matched or 0
            before = {"before": page["next"]}

    def download(self, path: str, out: BinaryIO, **query: Any) -> None:
        """Write what the inspection API answers, piece by piece."""
        with closing(self._connection(ANSWER_SECONDS)) as connection:
            response = self._ask(connection, "GET", _target(path, query))
            if response.status != 200:
                raise self._refused(response.status, self._read(response))
            while chunk := self._read(response, _CHUNK):
                out.write(chunk)

    def follow(self, query: str = "", *, last: str = "") -> Stream:
        """Return the stream of what is recorded from now on, or behind a message."""
        connection = self._connection(ANSWER_SECONDS)
        headers = {"Last-Event-ID": last} if last else None
        try:
            self._connect(connection)
            # An answer without a length takes the socket out of its connection.
            sock = connection.sock
            target = _target("/stream", {"q": query})
            response = self._ask(connection, "GET", target, headers=headers)
            if response.status != 200:
                raise self._refused(response.status, self._read(response))
        except BaseException:
            connection.close()
            raise
        return Stream(connection, response, sock)

    def _connection(self, timeout: float) -> HTTPConnection:
        return HTTPConnection(self._host, self._port, timeout=timeout)

    def _connect(self, connection: HTTPConnection) -> None:
        try:
            connection.connect()
        except OSError as error:
            raise self._gone(error) from error

    def _ask(
        self,
        connection: HTTPConnection,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HTTPResponse:
        try:
            connection.request(method, target, body, dict(headers or {}))
            return connection.getresponse()
        except (OSError, HTTPException) as error:
            raise self._gone(error) from error

    def _read(self, response: HTTPResponse, size: int | None = None) -> bytes:
        try:
            return response.read(size)
        except (OSError, HTTPException) as error:
            raise self._gone(error) from error

    def _gone(self, error: Exception) -> NotRunning:
        if isinstance(error, TimeoutError):
            return NotRunning(f"{self.url} does not answer in time.")
        if isinstance(error, ConnectionRefusedError):
            return NotRunning(
                f"No mockcollect answers at {self.url}. Start one with `mockcollect`, "
                "or name another with --url or MOCKCOLLECT_URL."
            )
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return NotRunning(f"No mockcollect answers at {self.url}: {reason}.")

    def _json(self, answered: Answered, *good: int) -> Any:
        if answered.status not in good:
            raise self._refused(answered.status, answered.content)
        try:
            return json.loads(answered.content)
        except ValueError as error:
            raise self._stranger() from error

    def _refused(self, status: int, content: bytes) -> MockcollectError:
        try:
            return MockcollectError(str(json.loads(content)["error"]["message"]))
        except (ValueError, KeyError, TypeError):
            return self._stranger(status)

    def _stranger(self, status: int = 200) -> NotRunning:
        return NotRunning(f"What answers at {self.url} is no mockcollect ({status}).")


class Stream:
    """Messages as they come; closed when its block ends."""

    def __init__(
        self, connection: HTTPConnection, response: HTTPResponse, sock: socket.socket
    ) -> None:
        self._connection = connection
        self._response = response
        self._socket = sock
        self._buffer = b""

    def __enter__(self) -> Stream:
        """Return the stream itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self._response.close()
        self._connection.close()

    def __iter__(self) -> Iterator[Message]:
        """Yield each message, pings left out, until the server ends."""
        while (message := self.next(timeout=ANSWER_SECONDS)) is not None:
            if message.kind != "ping":
                yield message

    def next(self, *, timeout: float) -> Message | None:
        """Return the next message, a ping if none came in time, `None` at the end."""
        deadline = time.monotonic() + timeout
        while True:
            block, found, rest = self._buffer.partition(b"\n\n")
            if found:
                self._buffer = rest
                if message := _message(block):
                    return message
                continue
            left = deadline - time.monotonic()
            if left <= 0:
                return _PING
            if (chunk := self._read(left)) is None:
                return _PING
            if not chunk:
                return None
            self._buffer += chunk

    def _read(self, seconds: float) -> bytes | None:
        """Return what came, nothing at the end, and `None` if the time is over."""
        self._socket.settimeout(seconds)
        try:
            return self._response.read1(_CHUNK)
        except TimeoutError:
            return None
        except (OSError, HTTPException):
            return b""


_PING = Message("ping", "", {})
_JSON = {"Content-Type": "application/json"}


def _message(block: bytes) -> Message | None:
    fields: dict[str, str] = {}
    for line in block.decode().split("\n"):
        name, _, value = line.partition(": ")
        fields[name] = value
    if "event" not in fields:
        return None
    data = json.loads(fields.get("data", "{}"))
    return Message(fields["event"], fields.get("id", ""), data)


def _target(path: str, query: Mapping[str, Any]) -> str:
    given = {name: value for name, value in query.items() if value not in (None, "")}
    return f"/_inspect{path}" + (f"?{urlencode(given)}" if given else "")


def address_of(url: str) -> tuple[str, int]:
    """Return host and port of a URL. Raises MockcollectError where it is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or parts.scheme != "http":
        raise MockcollectError(
            f"{url} is no address of a mockcollect: give http://HOST:PORT."
        )
    return reachable(host), port or 80
