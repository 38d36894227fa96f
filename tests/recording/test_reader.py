from __future__ import annotations

from typing import Any

import pytest
from tinydb import where
from tinydb.table import Document

from mockcollect.recording.lines import EVENTS, REQUESTS, DecodedLine
from mockcollect.recording.reader import Reader
from mockcollect.recording.recorder import TinyRecorder
from tests.recording.helpers import (
    RECEIVED_AT,
    batch,
    event,
    received,
    record,
    record_batch,
)


@pytest.fixture
def reader(recorder: TinyRecorder) -> Reader:
    return Reader(recorder._storage)


def test_an_event_comes_with_the_request_that_brought_it(
    recorder: TinyRecorder, reader: Reader
) -> None:
    record(recorder)
    record_batch(recorder, "view", "search")
    request, answer = received(batch("view", "search"), "/events/batch")
    found = reader.event(3)
    assert found is not None
    assert found.event == answer.events[1]
    assert found.request.request == request
    assert (found.request.id, found.request.event_ids) == (2, (2, 3))
    assert found.request.received_at == RECEIVED_AT


def test_events_come_in_the_order_asked_for_without_those_that_are_not_there(
    recorder: TinyRecorder, reader: Reader
) -> None:
    record_batch(recorder, *"abc")
    record(recorder, event("d"))
    found = [one.event.event_name for one in reader.events([4, 2, 99, 1, 3])]
    assert found == ["d", "b", "a", "c"]
    assert reader.event(99) is None
    assert reader.request(99) is None


def test_requests_come_with_their_events(
    recorder: TinyRecorder, reader: Reader
) -> None:
    record_batch(recorder, *"ab")
    record(recorder, b"{")
    read = list(reader.requests_with_events([2, 1, 99]))
    assert [(one.id, [e.id for e in events]) for one, events in read] == [
        (2, []),
        (1, [1, 2]),
    ]


def test_a_batch_is_decoded_once_for_all_its_events(
    recorder: TinyRecorder, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mockcollect.recording import storage as module

    decoded = []

    def count(raw: bytes) -> DecodedLine:
        decoded.append(raw)
        return DecodedLine(raw)

    record_batch(recorder, *["view"] * 300)
    monkeypatch.setattr(module, "DecodedLine", count)
    assert len(list(reader.events(range(1, 301)))) == 300
    assert len(decoded) == 1


@pytest.mark.parametrize(
    ("table", "document"),
    [
        (EVENTS, {"a": 1}),
        (EVENTS, {"request": "x"}),
        (EVENTS, {"request": 99, "event": {}}),
        (REQUESTS, {"a": 1}),
        (REQUESTS, {"received_at": 1, "events": 3}),
    ],
    ids=str,
)
def test_what_is_no_record_of_ours_is_left_out(
    recorder: TinyRecorder, table: str, document: dict[str, Any]
) -> None:
    record(recorder)
    recorder.db.table(table).insert(Document(document, doc_id=50))
    assert [one.id for one in recorder.matching()] == [1]
    assert [one.id for one in recorder.matching_requests()] == [1]
    assert [one.id for one in recorder.find().items] == [1]
    assert recorder.clear().requests == 1


def test_an_updated_event_is_read_as_updated_everywhere(
    recorder: TinyRecorder,
) -> None:
    record_batch(recorder, "view", "search")
    events = recorder.db.table(EVENTS)
    events.update({"event_name": "new", "event": {"n": 1}}, doc_ids=[2])
    found = recorder.get(2)
    assert found is not None
    assert (found.event.event_name, found.event.data) == ("new", {"n": 1})
    assert (found.event.index, found.event.of, found.event.site_id) == (1, 2, "29")
    request = recorder.get_request(1)
    assert request is not None
    assert recorder.events_of(request)[1] == found
    (change,) = recorder._feed.after(0).changes[:1]
    assert change.events[1] == found


def test_an_updated_request_is_read_as_updated_everywhere(
    recorder: TinyRecorder,
) -> None:
    record_batch(recorder, "view", "search")
    recorder.db.table(REQUESTS).update({"status": 299})
    found = [recorder.get_request(1), *(one.request for one in recorder.matching())]
    assert [one and one.status for one in found] == [299] * 3


def test_events_whose_request_was_removed_are_left_out(
    recorder: TinyRecorder,
) -> None:
    record_batch(recorder, "view", "search")
    record(recorder)
    recorder.db.table(REQUESTS).remove(doc_ids=[1])
    assert [one.id for one in recorder.matching()] == [3]


def test_a_removed_event_is_no_more_among_those_of_its_request(
    recorder: TinyRecorder,
) -> None:
    record_batch(recorder, "view", "search")
    recorder.db.table(EVENTS).remove(where("event_name") == "view")
    request = recorder.get_request(1)
    assert request is not None
    assert request.event_ids == (2,)
    assert [one.event.index for one in recorder.events_of(request)] == [1]
