"""The endpoints under test, answered before Flask's routing.

Routing and request objects of Flask cost several times what all the rest of an event
costs. This wrapper is Flask's own documented place for middleware, so there is one
collect path for each server and for the test client. All decisions are in `contract`.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

import orjson

from mockcollect.contract.endpoints import find_endpoint
from mockcollect.contract.event import Answer, CollectRequest
from mockcollect.contract.wire import body_limit, receive
from mockcollect.errors import RecordingError
from mockcollect.server.bodies import Rest, read_body
from mockcollect.server.breaking import broken_answer
from mockcollect.server.headers import request_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from mockcollect.recording.interface import Recorder
    from mockcollect.server.faults import ActiveRule, Faults

REQUEST_HEADER = "X-Mockcollect-Request"
ACCEPTED_AT = "mockcollect.accepted_at"
"""In the environment, where a server says when it began, in milliseconds since 1970."""

_REASONS = {
    200: "200 OK",
    400: "400 Bad Request",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
}


class Collect:
    """WSGI middleware: answers the collect paths, and leaves `inner` its own.

    `faults` may have another answer sent, or none, to a request within its limit.
    `on_trouble` is told once when recording begins to fail.
    """

    def __init__(
        self,
        inner: WSGIApplication,
        recorder: Recorder,
        *,
        is_inner: Callable[[str, str, str], bool],
        faults: Faults,
        on_trouble: Callable[[RecordingError], None],
    ) -> None:
        self._inner = inner
        self._recorder = recorder
        self._is_inner = is_inner
        self._faults = faults
        self._on_trouble = on_trouble
        self._records = False  # until it was tried
        self._has_said = False

    def trouble(self) -> RecordingError | None:
        """Return why nothing can be recorded, or `None` if it can.

        Where it never was, or failed, it is tried: somebody may wait for this to send.
        """
        if not self._records:
            try:
                self._recorder.check()
            except RecordingError as error:
                return error
            self._records, self._has_said = True, False
        return None

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request, or hand it to the wrapped application."""
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        query = environ.get("QUERY_STRING", "")
        if self._is_inner(method, path, query):
            return self._inner(environ, start_response)
        if not (path.isascii() and query.isascii()):
            path, query = _as_utf8(path), _as_utf8(query)
        return self._answer(environ, start_response, method, path, query)

    def _answer(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        method: str,
        path: str,
        query: str,
    ) -> Iterable[bytes]:
        received_at = environ.get(ACCEPTED_AT) or time.time_ns() // 1_000_000
        limit = body_limit(find_endpoint(method, path, query))
        body = read_body(environ, limit)
        request = CollectRequest(
            method,
            path,
            query,
            request_headers(environ),
            body.content,
            body.size,
            body.rest is not None,
            body.aborted,
            environ.get("REMOTE_ADDR", ""),
        )
        answer = receive(
            method,
            path,
            query,
            request.headers,
            body.content,
            size=body.size,
            aborted=body.aborted,
            visitor_id=_visitor_id(request) if path.endswith("/get-cookie") else "",
        )
        sent = b"" if method == "HEAD" else answer.body
        content: Iterable[bytes] = [sent]
        if body.rest is not None:
            content = _AnswerThenDrain(sent, body.rest)
        if method == "HEAD":
            return _send(start_response, answer, content)
        if self._faults.rules and body.rest is None:
            active = self._faults.take(request, answer, received_at)
            if active is not None:
                return self._break(
                    active, received_at, request, answer, environ, start_response
                )
        try:
            # What is answered 200 is recorded before, whatever else still comes.
            if body.rest is not None and answer.status != 200:
                request_id = self._recorder.reserve()
                record = partial(
                    self._record_rest,
                    received_at,
                    request,
                    answer,
                    body.rest,
                    request_id,
                )
                content = _AnswerThenDrain(sent, body.rest, record)
                return _send(start_response, answer, content, request_id)
            request_id = self._recorder.record(request, answer, received_at=received_at)
        except RecordingError as error:
            return self._unavailable(error, answer, body.rest, start_response)
        self._records, self._has_said = True, False
        return _send(start_response, answer, content, request_id)

    def _break(
        self,
        active: ActiveRule,
        received_at: int,
        request: CollectRequest,
        answer: Answer,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Record what a fault rule makes of an answer, and have it so."""
        answer = active.made_of(answer)
        try:
            request_id = self._recorder.record(request, answer, received_at=received_at)
        except RecordingError as error:
            return self._unavailable(error, answer, None, start_response)
        self._records, self._has_said = True, False
        headers = [*answer.headers, (REQUEST_HEADER, str(request_id))]
        return broken_answer(active, answer, headers, environ, start_response)

    def _record_rest(
        self,
        received_at: int,
        request: CollectRequest,
        answer: Answer,
        rest: Rest,
        request_id: int,
    ) -> None:
        """Record a request over its limit, once what came of it is known."""
        request = replace(
            request, body=rest.kept, size=rest.size, truncated=not rest.is_whole
        )
        if answer.refusal is not None:
            answer = replace(answer, refusal=replace(answer.refusal, size=rest.size))
        try:
            self._recorder.record(
                request, answer, received_at=received_at, request_id=request_id
            )
        except RecordingError as error:
            self._note(error)
        else:
            self._records, self._has_said = True, False

    def _unavailable(
        self,
        error: RecordingError,
        answer: Answer,
        rest: Rest | None,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Answer 503: a 200 for what could not be recorded would be a lie."""
        self._note(error)
        content = orjson.dumps({"error": str(error)})
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(content))),
        ]
        cors = [one for one in answer.headers if one[0].startswith("Access-Control")]
        start_response("503 Service Unavailable", headers + cors)
        return _AnswerThenDrain(content, rest) if rest is not None else [content]

    def _note(self, error: RecordingError) -> None:
        is_new = not self._has_said
        self._records, self._has_said = False, True
        if is_new:
            with suppress(OSError):  # a terminal that is gone
                self._on_trouble(error)


def _send(
    start_response: StartResponse,
    answer: Answer,
    content: Iterable[bytes],
    request_id: int | None = None,
) -> Iterable[bytes]:
    headers = list(answer.headers)
    if request_id is not None:
        headers.append((REQUEST_HEADER, str(request_id)))
    start_response(_REASONS[answer.status], headers)
    return content


class _AnswerThenDrain:
    """An answer's body that leaves first, then drains the request's and records it.

    Draining first would let a sender that declares more than it sends wait for ever;
    not draining would break the pipe of one that is still sending. A server that loses
    the client before it has asked for more says so by `close`.
    """

    def __init__(
        self, content: bytes, rest: Rest, record: Callable[[], None] | None = None
    ) -> None:
        self._content = content
        self._rest: Rest | None = rest
        self._record = record

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._content:
            content, self._content = self._content, b""
            return content
        self.close()
        raise StopIteration

    def close(self) -> None:
        """Drain and record, once."""
        rest, self._rest = self._rest, None
        if rest is not None:
            rest.drain()
            if self._record is not None:
                self._record()


def _as_utf8(text: str) -> str:
    """Undo WSGI's reading of bytes as Latin-1."""
    return text.encode("latin-1", errors="replace").decode(errors="replace")


def _visitor_id(request: CollectRequest) -> str:
    """Return the browser's id, or a new one: a date and a number, as the vendor's."""
    cookie = SimpleCookie()
    with suppress(CookieError):
        cookie.load(request.headers.get("cookie", ""))
    if "TCID" in cookie:
        return cookie["TCID"].value
    return f"{time.strftime('%Y%m%d%H%M%S')}{secrets.randbelow(10**10):010d}"
