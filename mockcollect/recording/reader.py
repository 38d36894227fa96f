"""Recorded requests and events, built from their lines when somebody reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mockcollect.contract.event import Event
from mockcollect.recording.files import Locator
from mockcollect.recording.lines import (
    EVENTS,
    REQUESTS,
    DecodedLine,
    Document,
    refusal_of,
    request_of,
)
from mockcollect.recording.records import RecordedEvent, RecordedRequest
from mockcollect.recording.storage import AppendStorage

_REQUIRED = {
    *("received_at", "method", "path", "query", "headers", "peer", "size"),
    *("status", "endpoint", "site_id", "source_key", "events"),
}


class Reader:
    """Reads from the storage; one object for one reading, so that it can remember.

    What was dropped meanwhile, or is no record of ours, is left out.
    """

    def __init__(self, storage: AppendStorage) -> None:
        self._storage = storage
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

    def _events_of(
        self, request: RecordedRequest, place: Locator, decoded: DecodedLine
    ) -> Iterator[RecordedEvent]:
        for event_id in request.event_ids:
            if self._stands_at(place, EVENTS, event_id):
                found = self._event(event_id, place, decoded)
            else:
                found = Reader(self._storage).event(event_id)
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
        return RecordedEvent(event_id, event, request)

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
                request = Reader(self._storage).request(request_id)
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
        )


def _event_from(document: dict[str, Any], request: RecordedRequest) -> Event:
    """Return an event whose document was changed or rewritten since it arrived."""
    return Event(
        document.get("event"),
        document.get("layout", "server"),
        document.get("event_name"),
        document.get("event_id"),
        document.get("site_id", request.site_id),
        document.get("source_key", request.source_key),
        document.get("test_code"),
        document.get("size", 0),
        document.get("index", 0),
        document.get("of", 1),
    )
