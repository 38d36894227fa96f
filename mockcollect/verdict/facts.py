"""What a request says, beyond its events: found once for all of them.

The remarks are those of `contract.remarks`, asked piece by piece of requests that hold
one piece only: what many requests have in common is then asked once, and a body is not
read again to be told that nothing is odd about it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from mockcollect.contract.event import CollectRequest, Event, Layout
from mockcollect.contract.layouts import find_layout
from mockcollect.contract.remarks import (
    GREY_BATCH_BYTES,
    GREY_EVENT_BYTES,
    Remark,
    find_remarks,
)
from mockcollect.contract.source import parameters
from mockcollect.contract.wire import parse_json
from mockcollect.verdict import bodytext

_CACHED_LENGTH = 512  # as `contract.source`: nobody fills the memory with long ones
_JSON = {"content-type": "application/json"}


class Named(NamedTuple):
    """Site id and source key as the query gives them: empty is not absent."""

    tc_s: str | None
    token: str | None


class RequestFacts:
    """What a request says that concerns each of its events.

    `is_batch` tells whether the body holds a list of events, `beside` what stands
    beside it. `remarks` are all but those on one event's size.
    """

    __slots__ = (
        "_body",
        "_lossy",
        "_repeated",
        "batch",
        "beside",
        "endpoint",
        "named",
        "remarks",
        "request",
    )

    def __init__(
        self, request: CollectRequest, endpoint: str | None, event: Event | None = None
    ) -> None:
        self.request = request
        self.endpoint = endpoint
        self.batch: list[Any] | None = None
        self.beside: tuple[str, ...] = ()
        self._body: Any = None
        self._lossy: dict[int, list[bodytext.Lossy]] | None = None
        self._repeated: tuple[Remark, ...] | None = None
        authorization = request.headers.get("authorization", "")
        is_pixel = endpoint == "pixel"
        known = len(request.query) + len(authorization) <= _CACHED_LENGTH
        read = _read_query_cached if known else _read_query
        self.named, self.remarks = read(request.query, authorization, is_pixel)
        if endpoint == "batch":
            self._read_batch()
        if endpoint in ("events", "batch"):
            self.remarks += self._on_body(event)

    @property
    def is_batch(self) -> bool:
        """Whether the body of a batch request holds a list of events."""
        return self.batch is not None

    def of(self, request: CollectRequest, endpoint: str | None) -> bool:
        """Return whether these are the facts of a request."""
        if self.endpoint != endpoint:
            return False
        return self.request is request or self.request == request

    def repeated(self, data: Any) -> tuple[Remark, ...]:
        """Return the remarks on keys that stand twice.

        `data` is the value of the body where that is no batch.
        """
        if self._repeated is None:
            whole = data if self.batch is None else self._body
            self._repeated = _on_repeated(self.request.body, whole)
        return self._repeated

    def lossy(self, index: int) -> list[bodytext.Lossy]:
        """Return the numbers of the event at an index that lose digits in a double."""
        if self._lossy is None:
            body = self.request.body
            self._lossy = bodytext.lossy_numbers(body, is_batch=self.is_batch)
        return self._lossy.get(index, [])

    def _read_batch(self) -> None:
        try:
            data = parse_json(self.request.body)
        except ValueError:  # a part of a refused body, or none at all
            return
        batch = data.get("batch") if isinstance(data, dict) else None
        if isinstance(batch, list):
            self.batch, self._body = batch, data
            self.beside = tuple(key for key in data if key != "batch")

    def _on_body(self, event: Event | None) -> tuple[Remark, ...]:
        remarks: tuple[Remark, ...] = ()
        content_type = self.request.headers.get("content-type", "")
        if content_type != "application/json":
            remarks += self._on_content_type(content_type[:_CACHED_LENGTH], event)
        limit = GREY_BATCH_BYTES if self.endpoint == "batch" else GREY_EVENT_BYTES
        if self.request.size > limit:
            remarks += ask(endpoint=self.endpoint, size=self.request.size)
        if self.batch is not None and (self.beside or not self.batch):
            # The batch with its events and values left out.
            named = dict.fromkeys(self.beside[: bodytext.MOST])
            body = {"batch": [0] if self.batch else [], **named}
            remarks += ask(endpoint="batch", body=orjson.dumps(body))
        return remarks

    def _on_content_type(
        self, content_type: str, event: Event | None
    ) -> tuple[Remark, ...]:
        layouts: set[Layout] = {"server" if event is None else event.layout}
        if self.batch:
            layouts = {find_layout(one) for one in self.batch}
        found = [_on_content_type(content_type, one) for one in layouts]
        # One event of the vendor's own clients tells who sent the batch.
        return found[0] if all(found) else ()


def ask(
    *,
    endpoint: str | None,
    query: str = "",
    headers: dict[str, str] = _JSON,
    body: bytes = b"{}",
    size: int = 0,
    events: Iterable[Event] = (),
) -> tuple[Remark, ...]:
    """Return the remarks on a request that has nothing but what is given."""
    request = CollectRequest("POST", "/events", query, headers, body, size)
    return find_remarks(request, endpoint, tuple(events))


def on_event_size(event: Event) -> tuple[Remark, ...]:
    """Return the remark on the size of an event of a batch, if it deserves one."""
    if event.size <= GREY_EVENT_BYTES:
        return ()
    return ask(endpoint="batch", events=(event,))


def _read_query(
    query: str, authorization: str, is_pixel: bool
) -> tuple[Named, tuple[Remark, ...]]:
    given = dict(reversed(parameters(query)))
    token = given.get("token")
    named = Named(given.get("tc_s"), given.get("tc_skey") if token is None else token)
    endpoint = "pixel" if is_pixel else "events"
    headers = {**_JSON, "authorization": authorization}
    return named, ask(endpoint=endpoint, query=query, headers=headers)


_read_query_cached = lru_cache(maxsize=1024)(_read_query)


@lru_cache(maxsize=256)
def _on_content_type(content_type: str, layout: Layout) -> tuple[Remark, ...]:
    event = Event({}, layout, None, None, None, None, None, 0)
    headers = {"content-type": content_type}
    return ask(endpoint="events", headers=headers, events=(event,))


def _on_repeated(body: bytes, data: Any) -> tuple[Remark, ...]:
    keys = bodytext.repeated_keys(body, data)
    if not keys:
        return ()
    pairs = ",".join(f"{name}:0,{name}:0" for name in map(json.dumps, keys))
    return ask(endpoint="events", body=f"{{{pairs}}}".encode())
