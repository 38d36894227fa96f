from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from mockcollect.recording.recorder import TinyRecorder
from mockcollect.recording.records import (
    RecordedEvent,
    RecordedRequest,
    event_json,
    event_text,
    event_to_dict,
    iso_time,
    request_json,
)
from tests.recording.helpers import QUERY, RECEIVED_AT, deep_event, event, received


def recorded(
    body: bytes, path: str = "/events", query: str = QUERY, method: str = "POST"
) -> tuple[RecordedRequest, tuple[RecordedEvent, ...]]:
    recorder = TinyRecorder()
    request, answer = received(body, path, query, method)
    recorder.record(request, answer, received_at=RECEIVED_AT)
    (one,) = recorder.matching_requests()
    return one, recorder.events_of(one)


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (RECEIVED_AT, "2026-11-23T09:42:07.250Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_a_time_is_written_in_utc_to_the_millisecond(
    milliseconds: int, text: str
) -> None:
    assert iso_time(milliseconds) == text


def test_an_event_is_shown_with_what_identifies_it() -> None:
    _, (one,) = recorded(event(test_code="abc", context={"event_id": "e1"}))
    assert event_to_dict(one) == {
        "id": 1,
        "received_at": "2026-11-23T09:42:07.250Z",
        "event_name": "purchase",
        "event_id": "e1",
        "event_time": None,
        "site_id": "29",
        "source_key": "7183b9d4-1031-11ee-be56-0242ac120002",
        "test_code": "abc",
        "layout": "server",
        "status": 200,
        "fault": None,
        "verdict": "invalid-rejected",
        "findings": [finding.to_dict() for finding in one.verdict.findings],
        "request": {"id": 1, "path": "/events", "index": 0, "of": 1},
        "size": one.event.size,
        "event": one.event.data,
    }
    assert json.loads(event_json(one)) == event_to_dict(one)


@pytest.mark.parametrize(
    ("body", "path", "texts"),
    [
        (b'{"a":\r\n 1.50}', "/events", [b'{"a":   1.50}']),
        (
            b'{"batch": [{"n":1e2},\n{"n" : 2}]}',
            "/events/batch",
            [b'{"n":1e2}', b'{"n" : 2}'],
        ),
        (b'{"batch": 3}', "/events/batch", [b'{"batch": 3}']),
        (b'{"batch": [{}], "batch": [7]}', "/events/batch", [b"7"]),
        (b'"\xc3\xa9"', "/events", [b'"\xc3\xa9"']),
    ],
    ids=["event", "batch", "no batch", "batch twice", "text"],
)
def test_the_text_of_an_event_is_as_it_was_sent_on_one_line(
    body: bytes, path: str, texts: list[bytes]
) -> None:
    _, events = recorded(body, path)
    assert [event_text(one) for one in events] == texts
    for one in events:
        assert orjson.loads(event_text(one)) == one.event.data


def test_the_text_of_a_pixel_is_written_as_json() -> None:
    _, (one,) = recorded(b"", query="tc_s=29&event_name=view&a[b]=1", method="GET")
    assert orjson.loads(event_text(one)) == one.event.data


@pytest.mark.parametrize("path", ["/events", "/events/batch"])
def test_an_event_deeper_than_orjson_writes_is_shown_as_sent(path: str) -> None:
    body = deep_event()
    sent = b'{"batch": [%s]}' % body if path == "/events/batch" else body
    _, (one,) = recorded(sent, path)
    shown = event_json(one)
    assert shown.endswith(b'"event":' + body + b"}")
    assert orjson.loads(shown)["event"] == one.event.data


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"context": {"event_timestamp": 1_700_000_000_000}}, 1_700_000_000_000),
        ({}, None),
    ],
    ids=["time", "no time"],
)
def test_an_event_knows_its_own_time(
    fields: dict[str, Any], expected: int | None
) -> None:
    _, (one,) = recorded(event(**fields))
    assert one.time == expected


def test_a_refused_request_explains_itself() -> None:
    request, events = recorded(b'{"event_name": purchase}')
    explanation = request.explanation()
    assert events == ()
    assert explanation is not None
    assert request.remarks(()) == ()


def test_an_accepted_request_has_nothing_to_explain() -> None:
    request, events = recorded(event())
    assert request.explanation() is None
    assert isinstance(request.remarks([one.event for one in events]), tuple)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ts_override=1700000000", 1_700_000_000_000),
        ("%74s_override=1700000000", 1_700_000_000_000),
        ("x=1", 5),
    ],
)
def test_a_time_in_the_query_comes_first(query: str, expected: int) -> None:
    body = event(context={"event_timestamp": 5})
    _, (one,) = recorded(body, query=f"{QUERY}&{query}")
    assert one.time == expected


@pytest.mark.parametrize(
    ("body", "path", "verdict"),
    [
        (b'{"batch":[]}', "/events/batch", "valid"),
        (b'{"batch":[{}]}', "/events/batch", None),
        (b"{", "/events", None),
        (b"", "/nowhere", None),
    ],
    ids=["no event", "an event", "refused", "no endpoint"],
)
def test_a_request_has_a_verdict_only_where_it_should_have_brought_an_event(
    body: bytes, path: str, verdict: str | None
) -> None:
    request, _ = recorded(body, path)
    shown = json.loads(request_json(request))
    assert shown["verdict"] == verdict
    assert bool(shown["findings"]) == (verdict is not None)
