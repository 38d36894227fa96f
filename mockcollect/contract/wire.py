"""The decision 200 or 400: the API page alone makes it, from bytes alone."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import orjson

from mockcollect.contract import jsontext
from mockcollect.contract.cors import cors_headers, preflight_headers
from mockcollect.contract.endpoints import (
    KNOWN_PATHS,
    EndpointName,
    NotAllowed,
    NotFound,
    find_endpoint,
)
from mockcollect.contract.event import Answer, Event, Refusal
from mockcollect.contract.layouts import read_event
from mockcollect.contract.pixel import decode_pixel
from mockcollect.contract.source import Source, find_source

MAX_EVENT_BYTES = 32 * 1024  # seed, "Max Request Size": 32KB per API request
MAX_BATCH_BYTES = 500 * 1024  # seed, "Max Request Size": 500KB per batch request
MAX_QUERY_BYTES = 32 * 1024  # the page is silent on GET: the limit of one event
MAX_DEPTH = 1000  # parsers differ from about here on; a strict one is the safer teacher

PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
"""A transparent GIF of one pixel: the vendor says that `/events` "returns a pixel"."""

_EMPTY = (("Content-Length", "0"),)
_PIXEL_HEADERS = (
    ("Content-Type", "image/gif"),
    ("Content-Length", str(len(PIXEL))),
    ("Cache-Control", "no-store"),
)
_JSON = ("Content-Type", "application/json")
_TEXT = ("Content-Type", "text/plain; charset=utf-8")


def receive(
    method: str,
    path: str,
    query: str = "",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    size: int | None = None,
    aborted: bool = False,
    visitor_id: str = "",
) -> Answer:
    """Return what production answers to a request, and the events in it.

    `headers` have lower-case names. `size` is the number of bytes of the whole body
    where `body` is only a part of one over its limit. `aborted` says that the sender
    hung up early. `visitor_id` is what `/get-cookie` gives a browser that has no id
    yet. Nothing that a client can send makes this raise.
    """
    headers = headers or {}
    endpoint = find_endpoint(method, path, query)
    cors = cors_headers(headers)
    if endpoint == "events" or endpoint == "batch":
        return _collect(
            endpoint, query, headers, body, size=size, aborted=aborted, cors=cors
        )
    if endpoint == "pixel":
        sent = len(body) if size is None else size
        return _pixel(query, headers, sent, cors, aborted=aborted)
    if isinstance(endpoint, (NotFound, NotAllowed)):
        return _wrong_address(endpoint, method, path, query, headers, cors)
    source = find_source(query, headers)
    if endpoint == "preflight":
        return Answer(200, endpoint, preflight_headers(headers), b"", *source)
    content, kind = (b"ok", _TEXT) if endpoint == "healthy" else _cookie(visitor_id)
    answer_headers = (kind, ("Content-Length", str(len(content))), *cors)
    return Answer(200, endpoint, answer_headers, content, *source)


def body_limit(endpoint: EndpointName | NotFound | NotAllowed) -> int:
    """Return how many bytes of a body an endpoint takes."""
    return MAX_EVENT_BYTES if endpoint == "events" else MAX_BATCH_BYTES


def parse_json(body: bytes) -> Any:
    """Return the value of a body that is one strict RFC 8259 document.

    Raises ValueError otherwise, and for the grammatical JSON that parsers read
    differently: numbers beyond a double, lone surrogates, more than 1,000 levels.
    """
    value = orjson.loads(body)
    if _may_be_too_deep(value, body) and jsontext.depth(body.decode()) > MAX_DEPTH:
        raise ValueError(f"more than {MAX_DEPTH} levels")
    return value


def _may_be_too_deep(value: Any, body: bytes) -> bool:
    """Return whether the depth must be measured, which costs much and is rarely so.

    There are as many brackets as levels at least; and orjson writes 254 levels only,
    which is tried a hundred times faster than the depth is measured.
    """
    if len(body) <= 2 * MAX_DEPTH:
        return False
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return False
    try:
        orjson.dumps(value)
    except TypeError:
        return True
    return False


def read_events(
    endpoint: str | None, query: str, body: bytes, source: Source
) -> tuple[Event, ...] | Refusal:
    """Return the events of a whole request to an endpoint, or why it gets a 400."""
    if endpoint == "pixel":
        return _read_pixel(query, source)
    if endpoint != "events" and endpoint != "batch":
        return ()
    try:
        data = parse_json(body)
    except ValueError:
        return Refusal("invalid json", "body", len(body))
    if endpoint == "batch" and isinstance(data, dict):
        batch = data.get("batch")
        if isinstance(batch, list):
            return _read_batch(batch, body, source)
    # A batch endpoint's body that is no batch is answered 200 all the same: it is kept
    # as the one event it may have been meant as.
    return (read_event(data, source, size=len(body)),)


def _collect(
    endpoint: EndpointName,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    size: int | None,
    aborted: bool,
    cors: tuple[tuple[str, str], ...],
) -> Answer:
    source = find_source(query, headers)
    size = len(body) if size is None else size
    limit = body_limit(endpoint)
    found: tuple[Event, ...] | Refusal
    if size > limit:
        found = Refusal("too large", "body", size, limit)
    elif aborted:
        found = Refusal("aborted", "body", size)
    else:
        found = read_events(endpoint, query, body, source)
    if isinstance(found, Refusal):
        return Answer(400, endpoint, _EMPTY + cors, b"", *source, found)
    return Answer(200, endpoint, _EMPTY + cors, b"", *source, None, found)


def _read_batch(
    batch: list[Any], body: bytes, source: Source
) -> tuple[Event, ...] | Refusal:
    """Read the events of a batch; one over its limit refuses all, as the page says."""
    sizes = _sizes(batch, body)
    for index, size in enumerate(sizes):
        if size > MAX_EVENT_BYTES:
            return Refusal("too large", "event", size, MAX_EVENT_BYTES, index)
    of = len(batch)
    return tuple(
        read_event(item, source, size=sizes[index], index=index, of=of)
        for index, item in enumerate(batch)
    )


def _sizes(batch: list[Any], body: bytes) -> list[int]:
    """Return each event's size: written compactly, or as sent where that is less.

    Compact text leaves out the white space between tokens, but can lengthen a number.
    Both together never refuse what production may take.
    """
    sizes = [_compact_size(item) for item in batch]
    if max(sizes, default=0) <= MAX_EVENT_BYTES:
        return sizes
    text = body.decode()
    return [
        min(size, len(text[start:end].encode()))
        for size, (start, end) in zip(sizes, jsontext.items(text, "batch"), strict=True)
    ]


def _compact_size(item: Any) -> int:
    try:
        return len(orjson.dumps(item))
    except TypeError:  # orjson writes 254 levels and reads 1,024
        return sys.maxsize


def _read_pixel(query: str, source: Source) -> tuple[Event, ...] | Refusal:
    size = len(query.encode(errors="replace"))
    if size > MAX_QUERY_BYTES:
        return Refusal("too large", "query", size, MAX_QUERY_BYTES)
    return (read_event(decode_pixel(query), source, size=size, layout="pixel"),)


def _pixel(
    query: str,
    headers: Mapping[str, str],
    size: int,
    cors: tuple[tuple[str, str], ...],
    *,
    aborted: bool,
) -> Answer:
    source = find_source(query, headers)
    found = Refusal("aborted", "body", size) if aborted else _read_pixel(query, source)
    if isinstance(found, Refusal):
        return Answer(400, "pixel", _EMPTY + cors, b"", *source, found)
    return Answer(200, "pixel", _PIXEL_HEADERS + cors, PIXEL, *source, None, found)


def _wrong_address(
    endpoint: NotFound | NotAllowed,
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    cors: tuple[tuple[str, str], ...],
) -> Answer:
    status, error = 404, f"There is no {path} here."
    allow: tuple[tuple[str, str], ...] = ()
    if isinstance(endpoint, NotAllowed):
        methods = ", ".join(endpoint.allow)
        status, allow = 405, (("Allow", methods),)
        error = f"{path} takes {methods}, not {method}."
    content = orjson.dumps({"error": error, "known": KNOWN_PATHS})
    length = ("Content-Length", str(len(content)))
    answer_headers = (_JSON, length, *allow, *cors)
    return Answer(status, None, answer_headers, content, *find_source(query, headers))


def _cookie(visitor_id: str) -> tuple[bytes, tuple[str, str]]:
    return orjson.dumps({"TCID": visitor_id}), _JSON
