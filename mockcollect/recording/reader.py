"""Recorded requests and events, built from their lines when somebody reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, get_args

from mockcollect.contract.event import Event, Layout
from mockcollect.recording.files import Locator
from mockcollect.recording.lines import (
    EVENTS,
    REQUESTS,
    DecodedLine,
    Document,
    fault_of,
    refusal_of,
    request_of,
)
from mockcollect.recording.records import RecordedEvent, RecordedRequest
from mockcollect.recording.storage import AppendStorage

if TYPE_CHECKING:
    from mockcollect.recording.judging import Judging

_LAYOUTS: tuple[Layout, ...] = get_args(Layout)
_REQUIRED = {
    *("received_at", "method", "path", "query", "headers", "peer", "size"),
    *("status", "endpoint", "site_id", "source_key", "events"),
}


class Reader:
    """Reads from the storage; one object for one reading, so that it can remember.

    What was dropped meanwhile, or is no record of ours, is left out.
    """

    def __init__(self, storage: AppendStorage, judging: Judging | None = None) -> None:
        self._storage = storage
        self._judging = judging
        self._as_of = 0 if judging is None else judging.changes
        self._requests: dict[int, RecordedRequest] = {}

    def events(self, ids: Iterable[int]) -> Iterator[RecordedEvent]:
        """Yield the events with these ids, in the order given."""
        for event_id, place, decoded in self._lines(EVENTS, ids):
            if event := self._event(event_id, place, decoded):
                yield event

    def requests(self, ids: Iterable[int]) -> Iterator[RecordedRequest]:
        """Yield the requests with these ids, in the order given."""
        for request_id, _, decoded in self._lines(REQUESTS, ids):
            if request := self._request(request_id, decoded):
                yield request

    def requests_with_events(
        self, ids: Iterable[int]
    ) -> Iterator[tuple[RecordedRequest, tuple[RecordedEvent, ...]]]:
        """Yield the requests with these ids, each with its events."""
        for request_id, place, decoded in self._lines(REQUESTS, ids):
            if request := self._request(request_id, decoded):
                self._requests[request_id] = request
                yield request, tuple(self._events_of(request, place, decoded))

    def event(self, event_id: int) -> RecordedEvent | None:
        """Return the event with an id, or `None`."""
        return next(self.events([event_id]), None)

    def request(self, request_id: int) -> RecordedRequest | None:
        """Return the request with an id, or `None`."""
        return next(self.requests([request_id]), None)

    def _lines(
        self, table: str, ids: Iterable[int]
    ) -> Iterator[tuple[int, Locator, DecodedLine]]:
        last: DecodedLine | None = None
        for one, place, decoded in self._storage.decoded_lines_of(table, ids):
            if decoded is not last:
                last = decoded
                self._requests.clear()
            yield one, place, decoded

    def _other(self) -> Reader:
        """Return a reader for what stands on another line."""
        return Reader(self._storage, self._judging)

    def _events_of(
        self, request: RecordedRequest, place: Locator, decoded: DecodedLine
    ) -> Iterator[RecordedEvent]:
        for event_id in request.event_ids:
            if self._stands_at(place, EVENTS, event_id):
                found = self._event(event_id, place, decoded)
            else:
                found = self._other().event(event_id)
            if found:
                yield found

    def _event(
        self, event_id: int, place: Locator, decoded: DecodedLine
    ) -> RecordedEvent | None:
        document = decoded.put[EVENTS][str(event_id)]
        request = self._request_of(document, place, decoded)
        if request is None:
            return None
        event = decoded.event(document) or _event_from(document, request)
        return RecordedEvent(event_id, event, request, self._judging, self._as_of)

    def _request_of(
        self, event: Document, place: Locator, decoded: DecodedLine
    ) -> RecordedRequest | None:
        request_id = event.get("request")
        if not isinstance(request_id, int):
            return None
        if request_id not in self._requests:
            if self._stands_at(place, REQUESTS, request_id):
                request = self._request(request_id, decoded)
            else:
                request = self._other().request(request_id)
            if request is None:
                return None
            self._requests[request_id] = request
        return self._requests[request_id]

    def _stands_at(self, place: Locator, table: str, document_id: int) -> bool:
        """Return whether a document was not updated since its line was written."""
        return self._storage.tables.get(table, {}).get(document_id) == place

    def _request(self, request_id: int, decoded: DecodedLine) -> RecordedRequest | None:
        document = decoded.document(REQUESTS, request_id)
        if not document.keys() >= _REQUIRED:
            return None
        first, count = document["events"]
        there = self._storage.tables.get(EVENTS, {})
        ids = tuple(one for one in range(first, first + count) if one in there)
        return RecordedRequest(
            request_id,
            document["received_at"],
            request_of(document),
            document["status"],
            document["endpoint"],
            document["site_id"],
            document["source_key"],
            refusal_of(document),
            ids,
            self._judging,
            fault_of(document),
        )


def _event_from(document: dict[str, Any], request: RecordedRequest) -> Event:
    """Return an event whose document was changed or rewritten since it arrived.

    Anything may have been written there: what cannot be so is left out.
    """
    layout = document.get("layout")
    return Event(
        document.get("event"),
        layout if layout in _LAYOUTS else "server",
        _text(document.get("event_name")),
        _text(document.get("event_id")),
        _text(document.get("site_id", request.site_id)),
        _text(document.get("source_key", request.source_key)),
        _text(document.get("test_code")),
        _number(document.get("size"), 0),
        _number(document.get("index"), 0),
        _number(document.get("of"), 1),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any, default: int) -> int:
    return value if isinstance(value, int) else default
