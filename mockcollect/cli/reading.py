"""Events in a file: one, a batch, a line each, an export, or a recording of `--db`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from mockcollect.contract import jsontext
from mockcollect.contract.endpoints import find_endpoint
from mockcollect.contract.event import (
    CollectRequest,
    Event,
    Layout,
    Refusal,
    RefusalReason,
)
from mockcollect.contract.layouts import event_time, read_event
from mockcollect.contract.refusal import Explanation
from mockcollect.contract.source import Source
from mockcollect.contract.wire import parse_json, receive
from mockcollect.errors import MockcollectError, StorageDamaged
from mockcollect.recording.lines import HEADER

if TYPE_CHECKING:
    from mockcollect.recording.recorder import TinyRecorder
    from mockcollect.recording.records import RecordedEvent, RecordedRequest

STANDARD_INPUT = "-"
_JSON = {"content-type": "application/json"}
_EXPORTED = {"event", "request", "received_at", "status", "layout"}
"""What a line of an export has, and no event has all of."""

_EVENTLESS = {"request", "received_at", "method", "path", "status", "refusal"}
"""What a line for a request without events has."""

_SUFFIXES = (".jsonl", ".ndjson")
_RECORDING = HEADER.partition(b",")[0]
"""What a recording begins with, of whatever format."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where what a file holds is taken to be sent.

    Without a `path` a batch goes to /events/batch, all else to /events. Without a
    `query` nothing is known of site and key.
    """

    path: str | None = None
    query: str | None = None


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """A request as a file has it, with its events and what is known of it.

    `where` names it, by its line or its path. `line` is the line of the file that it
    begins in, and `event_lines` are those of its events. `received_at` is in
    milliseconds since 1970, `None` for what was never sent. `numbers` are the ids that
    its events had where they were captured. `exported` is the line of an export as it
    is, and `explanation` what that says of a refusal.
    """

    request: CollectRequest
    where: str
    endpoint: str | None
    events: tuple[Event, ...]
    received_at: int | None
    refusal: Refusal | None = None
    has_source: bool = False
    line: int | None = None
    event_lines: tuple[int, ...] = ()
    numbers: tuple[int, ...] = ()
    exported: Mapping[str, Any] | None = None
    explanation: Explanation | None = None


def title_of(path: str) -> str:
    """Return a file's name as a sentence has it."""
    return "standard input" if path == STANDARD_INPUT else path


def read_bytes(path: str) -> bytes:
    """Return what a file holds, or standard input. Raises MockcollectError."""
    with _opened(path) as stream:
        return stream.read()


def read_requests(path: str, address: Address) -> Iterator[ReadRequest]:
    """Yield what a file holds, in its order. Raises MockcollectError."""
    with _opened(path) as stream:
        head = stream.read(len(HEADER))
        if head.startswith(_RECORDING):
            yield from _recorded(path, head, stream)
            return
        content = head + stream.read()
    if not _is_lines(path, content):
        yield _document(content, address)
        return
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.strip():
            yield _document(line.strip(), address, number)


def arrival_of(read: ReadRequest, event: Event | None = None) -> int:
    """Return when an event arrived, or its request; in time, where nobody can say."""
    event = event or next(iter(read.events), None)
    if read.received_at is not None:
        return read.received_at
    own = event_time(event.data, event.layout) if event is not None else None
    return own or int(time.time() * 1000)


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    try:
        if path == STANDARD_INPUT:
            if sys.stdin is None:  # closed, as by `<&-`
                raise OSError("it is closed")
            yield sys.stdin.buffer
        else:
            with open(path, "rb") as stream:
                yield stream
    except OSError as error:
        reason = error.strerror or str(error)
        raise MockcollectError(f"{title_of(path)} cannot be read: {reason}.") from error


def _is_lines(path: str, content: bytes) -> bool:
    """Return whether each line is a document of its own."""
    if path.endswith(_SUFFIXES):
        return True
    lines = content.split(b"\n")
    first = next((line for line in lines if line.strip()), b"")
    if first.strip() == content.strip():
        return False
    try:
        return isinstance(parse_json(first), dict)
    except ValueError:
        return False


def _document(
    content: bytes, address: Address, number: int | None = None
) -> ReadRequest:
    """Return the request of a file that holds one, or of one of its lines."""
    try:
        data = parse_json(content)
    except ValueError:
        data = None
    if isinstance(data, dict) and data.keys() >= _EXPORTED:
        return replace(_exported(data, number or 1), exported=data)
    if isinstance(data, dict) and data.keys() >= _EVENTLESS:
        return _eventless(data, number or 1)
    path = address.path or ("/events/batch" if _is_batch(data) else "/events")
    where = path if number is None else f"line {number}"
    return _sent(content, Address(path, address.query), number or 1, where)


def _is_batch(data: Any) -> bool:
    if not isinstance(data, dict) or "event_name" in data or "event" in data:
        return False
    return isinstance(data.get("batch"), list)


def _sent(body: bytes, address: Address, line: int, where: str) -> ReadRequest:
    path, query = address.path or "", address.query
    answer = receive("POST", path, query or "", _JSON, body)
    request = CollectRequest("POST", path, query or "", _JSON, body, len(body))
    return ReadRequest(
        request,
        where,
        answer.endpoint,
        answer.events,
        None,
        answer.refusal,
        has_source=query is not None,
        line=line,
        event_lines=_lines_of(answer.events, body, line),
    )


def _lines_of(events: tuple[Event, ...], body: bytes, line: int) -> tuple[int, ...]:
    if len(events) < 2 or b"\n" not in body:
        return (line,) * len(events)
    text = body.decode()
    starts = [start for start, _ in jsontext.items(text, "batch")]
    return tuple(line + text.count("\n", 0, start) for start in starts)


def _exported(data: dict[str, Any], line: int) -> ReadRequest:
    """Return the request of an exported event: as much of it as an export keeps."""
    site, key = data.get("site_id"), data.get("source_key")
    source = Source(_text(site), _text(key))
    body = _body(data["event"])
    layout: Layout | None = "pixel" if data["layout"] == "pixel" else None
    event = read_event(data["event"], source, size=len(body), layout=layout)
    number = data.get("id")
    return ReadRequest(
        CollectRequest("POST", "/events", "", _JSON, body, len(body)),
        f"line {line}",
        "pixel" if layout else "events",
        (event,),
        _milliseconds(data["received_at"]),
        has_source=True,
        line=line,
        event_lines=(line,),
        numbers=(number,) if isinstance(number, int) else (),
    )


def _eventless(data: dict[str, Any], line: int) -> ReadRequest:
    """Return a request that brought no events: its body is not in such a line."""
    method, path, query = (str(data.get(n, "")) for n in ("method", "path", "query"))
    size = data.get("size")
    size = size if isinstance(size, int) else 0
    said = data["refusal"]
    refusal = Refusal(_reason(said), size=size) if isinstance(said, dict) else None
    endpoint = find_endpoint(method, path, query)
    return ReadRequest(
        CollectRequest(method, path, query, _JSON, b"", size, size > 0),
        f"line {line}, {path}",
        endpoint if isinstance(endpoint, str) else None,
        (),
        _milliseconds(data["received_at"]),
        refusal,
        has_source=True,
        line=line,
        exported=data,
        explanation=_explanation(said) if refusal else None,
    )


def _reason(said: Mapping[str, Any]) -> RefusalReason:
    if said.get("line") is not None:
        return "invalid json"
    return "aborted" if "hung up" in str(said.get("message")) else "too large"


def _explanation(said: Mapping[str, Any]) -> Explanation:
    excerpt = said.get("excerpt")
    return Explanation(
        str(said.get("message", "")),
        _integer(said.get("line")),
        _integer(said.get("column")),
        _text(said.get("guess")),
        tuple(map(str, excerpt)) if isinstance(excerpt, list) else (),
    )


def _integer(value: Any) -> int | None:
    return value if type(value) is int else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _body(data: Any) -> bytes:
    try:
        return orjson.dumps(data)
    except TypeError:  # deeper than orjson writes; it is judged all the same
        return b"{}"


def _milliseconds(iso_time: Any) -> int | None:
    try:
        moment = datetime.fromisoformat(str(iso_time).replace("Z", "+00:00"))
        return int(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def _recorded(path: str, head: bytes, stream: BinaryIO) -> Iterator[ReadRequest]:
    with _opened_copy(path, head, stream) as recorder:
        for recorded in recorder.matching_requests():
            yield _as_recorded(recorded, recorder.events_of(recorded))


@contextmanager
def opened_recording(path: str) -> Iterator[TinyRecorder | None]:
    """Give what a recording holds, or nothing for a file of another kind.

    Raises MockcollectError where it cannot be read.
    """
    with _opened(path) as stream:
        head = b"" if path == STANDARD_INPUT else stream.read(len(HEADER))
        if not head.startswith(_RECORDING):
            yield None
            return
        with _opened_copy(path, head, stream) as recorder:
            yield recorder


@contextmanager
def _opened_copy(path: str, head: bytes, stream: BinaryIO) -> Iterator[TinyRecorder]:
    """Give what a recording holds: a copy is read, so that its server goes on."""
    from mockcollect.recording.recorder import TinyRecorder

    with TemporaryDirectory() as folder:
        copy = Path(folder, "recording")
        with copy.open("wb") as out:
            out.write(head)
            copyfileobj(stream, out)
        try:
            recorder = TinyRecorder(copy)
        except StorageDamaged as error:
            said = str(error).replace(str(copy), title_of(path))
            raise MockcollectError(said) from error
        try:
            yield recorder
        finally:
            recorder.close()


def _as_recorded(
    recorded: RecordedRequest, events: tuple[RecordedEvent, ...]
) -> ReadRequest:
    return ReadRequest(
        recorded.request,
        f"request {recorded.id}, {recorded.request.path}",
        recorded.endpoint,
        tuple(one.event for one in events),
        recorded.received_at,
        recorded.refusal,
        has_source=True,
        numbers=tuple(one.id for one in events),
    )
