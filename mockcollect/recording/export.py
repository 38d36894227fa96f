"""What was captured, in the formats of other tools."""

from __future__ import annotations

import csv
import io
import shlex
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from mockcollect.contract.source import parameters
from mockcollect.recording.records import (
    RecordedRequest,
    event_json,
    event_text,
    event_to_dict,
    iso_time,
)

if TYPE_CHECKING:
    from mockcollect.recording.interface import Recorder
    from mockcollect.recording.query import Query

Writer = Callable[["Recorder", "Query", str], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Export:
    """A format: its media type, its file extension, and what writes it.

    `write` takes the recorder, a filter and the base URL of this server, and yields the
    file piece by piece, the oldest first.
    """

    media_type: str
    extension: str
    write: Writer


CSV_COLUMNS = (
    "id",
    "received_at",
    "event_name",
    "event_id",
    "event_time",
    "site_id",
    "source_key",
    "test_code",
    "layout",
    "status",
    "request_id",
    "path",
    "index",
    "size",
    "event",
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NOT_REPEATED = frozenset(
    {"host", "content-length", "connection", "transfer-encoding", "expect"}
)
"""Headers that a client makes anew for each request."""


def write_jsonl(recorder: Recorder, query: Query, base_url: str) -> Iterator[bytes]:
    """Yield one line of JSON an event, as the inspection API shows it."""
    for event in recorder.matching(query):
        yield event_json(event) + b"\n"


def write_csv(recorder: Recorder, query: Query, base_url: str) -> Iterator[bytes]:
    """Yield one row an event, the event itself as JSON in the last column."""
    yield _csv_row(CSV_COLUMNS)
    for event in recorder.matching(query):
        shown = event_to_dict(event)
        request = shown["request"]
        shown.update(
            request_id=request["id"],
            path=request["path"],
            index=request["index"],
            event=event_text(event).decode(),
        )
        yield _csv_row([_harmless(shown[name]) for name in CSV_COLUMNS])


def write_curl(recorder: Recorder, query: Query, base_url: str) -> Iterator[bytes]:
    """Yield one shell command a request, which sends it to this server again."""
    for recorded in recorder.matching_requests(query):
        yield f"{curl_command(recorded, base_url)}\n".encode()


def write_har(recorder: Recorder, query: Query, base_url: str) -> Iterator[bytes]:
    """Yield one HTTP archive (HAR 1.2) of the requests."""
    creator = {"name": "mockcollect", "version": "1"}
    head = orjson.dumps({"version": "1.2", "creator": creator})
    yield b'{"log":' + head[:-1] + b',"entries":['
    separator = b"\n"
    for recorded in recorder.matching_requests(query):
        yield separator + orjson.dumps(_har_entry(recorded, base_url))
        separator = b",\n"
    yield b"\n]}}\n"


def curl_command(recorded: RecordedRequest, base_url: str) -> str:
    """Return a POSIX shell command that sends a request again, its body byte for byte.

    Of a body that was not kept whole it sends the part that was.
    """
    request = recorded.request
    url = base_url.rstrip("/") + request.target
    words = ["curl", "-i", "-X", request.method, url]
    for name, value in request.headers.items():
        if name not in _NOT_REPEATED:
            words += ["-H", f"{name}: {value}" if value else f"{name};"]
    if "content-type" not in request.headers and request.body:
        words += ["-H", "content-type:"]  # curl would say that it is a form
    if not request.body:
        return shlex.join(words)
    if b"\0" in request.body or not _is_text(request.body):
        encoded = b64encode(request.body).decode()
        sent = shlex.join([*words, "--data-binary", "@-"])
        return f"printf %s {encoded} | base64 -d | {sent}"
    # A body that begins with @ would name a file to curl.
    option = "--data-raw" if request.body.startswith(b"@") else "--data-binary"
    return shlex.join([*words, option, request.body.decode()])


def _har_entry(recorded: RecordedRequest, base_url: str) -> dict[str, Any]:
    request = recorded.request
    sent: dict[str, Any] = {
        "method": request.method,
        "url": base_url.rstrip("/") + request.target,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _named(request.headers.items()),
        "queryString": _named(parameters(request.query)),
        "headersSize": -1,
        "bodySize": request.size,
    }
    if request.body:
        sent["postData"] = _post_data(recorded)
    return {
        "startedDateTime": iso_time(recorded.received_at),
        "time": 0,
        "request": sent,
        "response": {
            "status": recorded.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [],
            "content": {"size": 0, "mimeType": "x-unknown"},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
    }


def _post_data(recorded: RecordedRequest) -> dict[str, Any]:
    body = recorded.request.body
    media_type = recorded.request.headers.get("content-type", "")
    if _is_text(body):
        return {"mimeType": media_type, "params": [], "text": body.decode()}
    # HAR has no encoding for what was sent; it allows own fields with an underscore.
    text = b64encode(body).decode()
    return {"mimeType": media_type, "params": [], "text": text, "_encoding": "base64"}


def _named(pairs: Any) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _csv_row(values: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue().encode()


def _harmless(value: Any) -> Any:
    """Keep a spreadsheet from running captured text as a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


EXPORTS = {
    "jsonl": Export("application/x-ndjson", "jsonl", write_jsonl),
    "curl": Export("text/plain; charset=utf-8", "sh", write_curl),
    "csv": Export("text/csv; charset=utf-8", "csv", write_csv),
    "har": Export("application/json", "har", write_har),
}
"""The formats by name; the first is the default."""
