"""The lines of a recording: what one append holds, and the documents read from it.

A line is one JSON object with any of these keys, applied in this order:

* `put`: `{table: {id: document}}`, new or replaced documents;
* `drop`: `{table: [id, …]}`, documents taken out; `null` for the whole table;
* `mark`: numbers that must survive their documents, such as the next id;
* `seq`: the place of the request in the order of recording, where compaction made gaps;
  0 if there is none in a line that compaction wrote;
* `from`: requests that are not put here, but that events of this line are read from.

A request and its events are one line, so that a kill never leaves half of them. An
event is not written twice: its document says which request brought it and at which
index, and the event as sent is read from the body in the same line.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping
from typing import Any, get_args

import orjson

from mockcollect.contract.event import (
    Answer,
    CollectRequest,
    Event,
    Fault,
    FaultKind,
    Refusal,
)
from mockcollect.contract.source import Source
from mockcollect.contract.wire import read_events

FORMAT = 1
HEADER = orjson.dumps({"mockcollect": "recording", "format": FORMAT}) + b"\n"

REQUESTS, EVENTS = "requests", "events"

_FAULT_KEYS = frozenset(Fault.__dataclass_fields__)
_FAULT_KINDS = get_args(FaultKind)

Document = dict[str, Any]
Line = dict[str, Any]


def encode_line(line: Mapping[str, Any]) -> bytes:
    """Return a line with its line break; raises TypeError for what is not JSON."""
    return orjson.dumps(line) + b"\n"


def encode_record(
    request_id: int,
    first_event_id: int,
    request: CollectRequest,
    answer: Answer,
    received_at: int,
) -> bytes:
    """Return the one line that records a request, its answer and all its events."""
    put: Document = {
        REQUESTS: {
            str(request_id): _request_document(
                request, answer, received_at, first_event_id
            )
        }
    }
    if answer.events:
        put[EVENTS] = {
            str(first_event_id + event.index): {
                "request": request_id,
                "index": event.index,
                "of": event.of,
                "event_name": event.event_name,
                "event_id": event.event_id,
                "test_code": event.test_code,
                "layout": event.layout,
                "size": event.size,
            }
            for event in answer.events
        }
    return orjson.dumps({"put": put}) + b"\n"


def _request_document(
    request: CollectRequest, answer: Answer, received_at: int, first_event_id: int
) -> Document:
    document = {
        "received_at": received_at,
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": request.headers,
        "peer": request.peer,
        "size": request.size,
        "status": answer.status,
        "endpoint": answer.endpoint,
        "site_id": answer.site_id,
        "source_key": answer.source_key,
        "events": (first_event_id, len(answer.events)),
    }
    try:
        document["body"] = request.body.decode()
    except UnicodeDecodeError:
        document["body_base64"] = b64encode(request.body).decode()
    if request.truncated:
        document["truncated"] = True
    if request.aborted:
        document["aborted"] = True
    if answer.refusal:
        document["refusal"] = _refusal_document(answer.refusal)
    if answer.fault:
        document["fault"] = fault_to_dict(answer.fault)
    return document


def _refusal_document(refusal: Refusal) -> Document:
    return {
        "reason": refusal.reason,
        "part": refusal.part,
        "size": refusal.size,
        "limit": refusal.limit,
        "index": refusal.index,
    }


def fault_to_dict(fault: Fault) -> Document:
    """Return a fault as JSON shows it, here and in the inspection API."""
    return {
        "kind": fault.kind,
        "rule": fault.rule,
        "instead_of": fault.instead_of,
        "delay": fault.delay,
        "collected": fault.collected,
    }


def body_of(request: Document) -> bytes:
    """Return the exact bytes of a request document's body."""
    if "body_base64" in request:
        return b64decode(request["body_base64"])
    return str(request.get("body", "")).encode()


def request_of(document: Document) -> CollectRequest:
    """Return the request that a request document holds."""
    return CollectRequest(
        document["method"],
        document["path"],
        document["query"],
        document["headers"],
        body_of(document),
        document["size"],
        document.get("truncated", False),
        document.get("aborted", False),
        document["peer"],
    )


def refusal_of(document: Document) -> Refusal | None:
    """Return why the request of a request document was refused, if it was."""
    refusal = document.get("refusal")
    return Refusal(**refusal) if refusal else None


def fault_of(document: Document) -> Fault | None:
    """Return what a fault made of the answer to a request document's request.

    Anything may have been written there: what is no fault is left out.
    """
    said = document.get("fault")
    if not isinstance(said, dict) or said.keys() != _FAULT_KEYS:
        return None
    fault = Fault(**said)
    delay_is_fine = fault.delay is None or type(fault.delay) in (int, float)
    numbers_are_fine = type(fault.rule) is int and type(fault.instead_of) is int
    is_one = fault.kind in _FAULT_KINDS and delay_is_fine and numbers_are_fine
    return fault if is_one and isinstance(fault.collected, bool) else None


def events_of(request: Document) -> tuple[Event, ...]:
    """Return the events in a request document's body or query, as received."""
    source = Source(request["site_id"], request["source_key"])
    found = read_events(request["endpoint"], request["query"], body_of(request), source)
    return () if isinstance(found, Refusal) else found


class DecodedLine:
    """One line, decoded, that gives out its documents complete.

    The bodies of its requests are parsed once, however many events are asked for.
    """

    __slots__ = ("_events", "_raw", "line", "put")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self.line: Line = orjson.loads(raw)
        self.put: dict[str, dict[str, Document]] = self.line["put"]
        self._events: dict[str, tuple[Event, ...]] = {}

    def document(self, table: str, document_id: int) -> Document:
        """Return a document of the line; an event with its text as sent."""
        document = self.put[table][str(document_id)]
        event = self.event(document) if table == EVENTS else None
        if event is None:
            return document
        return {
            **document,
            "site_id": event.site_id,
            "source_key": event.source_key,
            "event": event.data,
        }

    def event(self, document: Document) -> Event | None:
        """Return the event that an event document of this line stands for.

        `None` where the document is complete in itself, as after an update.
        """
        request = self._source(document)
        if request is None:
            return None
        request_id = str(document["request"])
        if request_id not in self._events:
            self._events[request_id] = events_of(request)
        return self._events[request_id][document["index"]]

    def part(
        self, documents: Collection[tuple[str, int]], *, seq: int | None = None
    ) -> bytes:
        """Return a line with only these documents, and another `seq`."""
        if self._is_just(documents):
            return self._whole(seq)
        put: dict[str, dict[str, Document]] = {}
        for table, document_id in documents:
            document = self.put[table][str(document_id)]
            put.setdefault(table, {})[str(document_id)] = document
        sources = {
            str(document["request"]): source
            for document in put.get(EVENTS, {}).values()
            if (source := self._source(document)) is not None
            and str(document["request"]) not in put.get(REQUESTS, {})
        }
        return _encode(put, sources, seq)

    def _source(self, event: Document) -> Document | None:
        """Return the request of this line that an event document is read from."""
        if "event" in event:
            return None
        request_id = str(event.get("request"))
        beside = self.put.get(REQUESTS, {}).get(request_id)
        return beside or self.line.get("from", {}).get(request_id)

    def _is_just(self, documents: Collection[tuple[str, int]]) -> bool:
        """Return whether the line puts these documents, and does nothing else."""
        held = sum(map(len, self.put.values()))
        return held == len(documents) and self.line.keys() <= {"put", "from", "seq"}

    def _whole(self, seq: int | None) -> bytes:
        if self.line.get("seq") == seq:
            return self._raw
        if "seq" in self.line:
            return _encode(self.put, self.line.get("from", {}), seq)
        return self._raw.rstrip()[:-1] + b',"seq":%d}\n' % (seq or 0)


def _encode(put: Document, sources: Document, seq: int | None) -> bytes:
    line: Line = {"put": put}
    if sources:
        line["from"] = sources
    if seq is not None:
        line["seq"] = seq
    return encode_line(line)
