"""Recording in one line, for the tests of this room."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mockcollect.contract.event import Answer, CollectRequest
from mockcollect.contract.wire import receive
from mockcollect.recording.query import Query, parse_query
from mockcollect.recording.recorder import TinyRecorder

SECONDS = 20.0
"""How long anything may take before a test gives up: far more than it needs."""

QUERY = "tc_s=29&token=7183b9d4-1031-11ee-be56-0242ac120002"
HEADERS = {"host": "collect.example", "content-type": "application/json"}
ROOT = Path(__file__).parents[2]
RECEIVED_AT = 1_795_426_927_250


def event(name: str = "purchase", **fields: Any) -> bytes:
    return json.dumps({"event_name": name, **fields}).encode()


def batch(*names: str, **fields: Any) -> bytes:
    return json.dumps(
        {"batch": [{"event_name": name, **fields} for name in names]}
    ).encode()


def deep_event(name: str = "deep", levels: int = 900) -> bytes:
    """Return an event of more levels than orjson writes, and fewer than are refused."""
    return b'{"event_name":"%s","a":%s}' % (
        name.encode(),
        b"[" * levels + b"]" * levels,
    )


def received(
    body: bytes, path: str = "/events", query: str = QUERY, method: str = "POST"
) -> tuple[CollectRequest, Answer]:
    """Return a request with what it is answered."""
    request = CollectRequest(
        method, path, query, HEADERS, body, len(body), peer="127.0.0.1"
    )
    return request, receive(method, path, query, HEADERS, body)


def record(
    recorder: TinyRecorder,
    body: bytes | None = None,
    path: str = "/events",
    *,
    at: int = RECEIVED_AT,
    request_id: int | None = None,
) -> int:
    """Record a request, and return its id."""
    request, answer = received(event() if body is None else body, path)
    return recorder.record(request, answer, received_at=at, request_id=request_id)


def record_batch(recorder: TinyRecorder, *names: str, **fields: Any) -> int:
    return record(recorder, batch(*names, **fields), "/events/batch")


def ids(recorder: TinyRecorder, query: str = "") -> list[int]:
    return [one.id for one in recorder.matching(parse_query(query))]


def request_ids(recorder: TinyRecorder, query: str = "") -> list[int]:
    return [one.id for one in recorder.matching_requests(parse_query(query))]


def purchases() -> Query:
    return parse_query("event:purchase")


@contextmanager
def running(*targets: Callable[[], object]) -> Iterator[None]:
    """Run threads beside a block; whatever one of them raised is raised at its end."""
    errors: list[BaseException] = []

    def guarded(target: Callable[[], object]) -> None:
        try:
            target()
        except BaseException as error:
            errors.append(error)

    threads = [
        threading.Thread(target=guarded, args=(one,), daemon=True) for one in targets
    ]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(SECONDS)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    if errors:
        raise errors[0]


def python(code: str, *arguments: object) -> subprocess.Popen[bytes]:
    """Start a process that runs some code."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
