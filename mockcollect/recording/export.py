"""What was captured, in the formats of other tools."""

from __future__ import annotations

import csv
import io
import re
import shlex
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import responses
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from mockcollect import __version__
from mockcollect.contract.source import parameters
from mockcollect.recording.records import (
    RecordedEvent,
    RecordedRequest,
    event_json,
    event_text,
    event_to_dict,
    iso_time,
)

if TYPE_CHECKING:
    from mockcollect.contract.event import CollectRequest
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
    "verdict",
    "findings",
    "event",
)
_FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""Signs that make a formula of a cell; some spreadsheets take the wide ones too."""

_NOT_REPEATED = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that a client makes anew for each request."""

_URL_SIGNS = "!$%&'()*+,/:;=?@[]{}|\\^`<>\"~"
_PATH_SIGNS = "!$&'()*+,/:;=@~"
_CONTROLS = re.compile(
    r"[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
_LONGEST_ARGUMENT = 100_000
"""Linux gives a program no argument of 128 KB or more."""


def write_jsonl(recorder: Recorder, query: Query, base_url: str) -> Iterator[bytes]:
    """Yield one line of JSON an event, as the inspection API shows it."""
    for event in recorder.matching(query):
        yield event_json(event) + b"\n"


def write_csv(recorder: Recorder, query: Query, base_url: str) -> Iterator[bytes]:
    """Yield one row an event, the event itself as JSON in the last column.

    The findings are their codes, with spaces between.
    """
    yield _csv_row(CSV_COLUMNS)
    for event in recorder.matching(query):
        shown = event_to_dict(event)
        request = shown["request"]
        shown.update(
            request_id=request["id"],
            path=request["path"],
            index=request["index"],
            findings=_codes(event),
            event=event_text(event).decode(),
        )
        yield _csv_row([_harmless(shown[name]) for name in CSV_COLUMNS])


def _codes(event: RecordedEvent) -> str:
    """Return the code of each finding once, with spaces between."""
    return " ".join(dict.fromkeys(one.code for one in event.verdict.findings))


def write_curl(recorder: Recorder, query: Query, base_url: str) -> Iterator[bytes]:
    """Yield one shell command a request, which sends it to this server again."""
    for recorded in recorder.matching_requests(query):
        yield f"{curl_command(recorded, base_url)}\n".encode()


def write_har(recorder: Recorder, query: Query, base_url: str) -> Iterator[bytes]:
    """Yield one HTTP archive (HAR 1.2) of the requests."""
    creator = {"name": "mockcollect", "version": __version__}
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
    body = recorded.request.body
    words = _curl_words(recorded.request, base_url)
    if not body:
        return shlex.join(words)
    text = _plain_text(body)
    if text is None:
        words += ["--data-binary", "@-"]
        return f"printf %s {b64encode(body).decode()} | base64 -d | {shlex.join(words)}"
    if len(body) > _LONGEST_ARGUMENT:
        words += ["--data-binary", "@-"]  # a shell's own printf takes any length
        return f"printf %s {shlex.quote(text)} | {shlex.join(words)}"
    # A body that begins with @ would name a file to curl.
    option = "--data-raw" if text.startswith("@") else "--data-binary"
    return shlex.join([*words, option, text])


def _curl_words(request: CollectRequest, base_url: str) -> list[str]:
    url = _url(request, base_url)
    words = ["curl", "-i", "-X", request.method, url]
    if any(sign in url for sign in "[]{}"):
        words.insert(1, "-g")  # curl would read them as a list of URLs
    if "/." in request.path:
        words.insert(1, "--path-as-is")
    for name, value in request.headers.items():
        if name not in _NOT_REPEATED:
            words += ["-H", f"{name}: {value}" if value else f"{name};"]
    if "content-type" not in request.headers and request.body:
        words += ["-H", "content-type:"]  # curl would say that it is a form
    return words


def _url(request: CollectRequest, base_url: str) -> str:
    """Return the URL of a request, what a server decoded in its path encoded again."""
    url = base_url.rstrip("/") + quote(request.path, safe=_PATH_SIGNS)
    return f"{url}?{quote(request.query, safe=_URL_SIGNS)}" if request.query else url


def _plain_text(body: bytes) -> str | None:
    """Return a body as text, `None` if a terminal could make something else of it."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return None if _CONTROLS.search(text) else text


def _har_entry(recorded: RecordedRequest, base_url: str) -> dict[str, Any]:
    request = recorded.request
    sent: dict[str, Any] = {
        "method": request.method,
        "url": _url(request, base_url),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _named(request.headers.items()),
        "queryString": _named(parameters(request.query)),
        "headersSize": -1,
        "bodySize": request.size,
    }
    if request.body:
        sent["postData"] = _post_data(request)
    return {
        "startedDateTime": iso_time(recorded.received_at),
        "time": 0,
        "request": sent,
        "response": {
            "status": recorded.status,
            "statusText": responses.get(recorded.status, ""),
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


def _post_data(request: CollectRequest) -> dict[str, Any]:
    data: dict[str, Any] = {"mimeType": request.headers.get("content-type", "")}
    try:
        data["text"] = request.body.decode()
    except UnicodeDecodeError:
        # HAR has no encoding for what was sent; it allows own fields that begin so.
        data.update(text=b64encode(request.body).decode(), _encoding="base64")
    if len(request.body) < request.size:
        kept = f"{len(request.body):,} of {request.size:,}"
        data["comment"] = f"the first {kept} bytes"
    return data


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


EXPORTS = {
    "jsonl": Export("application/x-ndjson", "jsonl", write_jsonl),
    "curl": Export("text/plain; charset=utf-8", "sh", write_curl),
    "csv": Export("text/csv; charset=utf-8", "csv", write_csv),
    "har": Export("application/json", "har", write_har),
}
"""The formats by name; the first is the default."""
