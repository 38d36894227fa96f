from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockcollect.contract.event import Answer, CollectRequest, Event
from mockcollect.recording.lines import (
    EVENTS,
    REQUESTS,
    DecodedLine,
    body_of,
    encode_line,
    encode_record,
    events_of,
    refusal_of,
    request_of,
)
from tests.recording.helpers import RECEIVED_AT, batch, deep_event, event, received

Decoded = DecodedLine


def line_of(request: CollectRequest, answer: Answer) -> bytes:
    return encode_record(3, 7, request, answer, RECEIVED_AT)


def batch_line(*names: str) -> bytes:
    return line_of(*received(batch(*names), "/events/batch"))


def document_of(body: bytes) -> dict[str, Any]:
    return Decoded(line_of(*received(body))).document(REQUESTS, 3)


@given(st.binary(max_size=200) | st.text().map(str.encode))
@example(b"")
@example(b"\0\n\r\xff\xfe")
@example("é \u2028".encode())
@example(b'{"a": "\xc3\x28"}')
def test_any_body_comes_back_byte_for_byte(body: bytes) -> None:
    line = line_of(*received(body))
    assert line.count(b"\n") == 1
    assert body_of(Decoded(line).document(REQUESTS, 3)) == body


def test_a_body_of_a_mebibyte_comes_back_byte_for_byte() -> None:
    body = bytes(range(256)) * 4096
    assert body_of(document_of(body)) == body


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({}, "/events"),
        ({"truncated": True, "size": 10**12}, "/events"),
        ({"aborted": True}, "/events/batch"),
        ({"method": "PUT", "query": "a=é&b=%FF", "peer": ""}, "/no/such/path"),
        ({"headers": {"x-name": "v\u00e9", "y": ""}}, "/events"),
    ],
    ids=["plain", "truncated", "aborted", "other words", "headers"],
)
def test_a_request_comes_back_as_it_was(changes: dict[str, Any], path: str) -> None:
    request, answer = received(event(), path)
    request = replace(request, **changes)
    document = Decoded(line_of(request, answer)).document(REQUESTS, 3)
    assert request_of(document) == request
    assert document["received_at"] == RECEIVED_AT
    assert document["status"] == answer.status


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"{", "/events"),
        (b'"' + b"x" * 40_000 + b'"', "/events"),
        (batch("a", "b" * 40_000), "/events/batch"),
    ],
    ids=["not json", "too large", "too large in a batch"],
)
def test_a_refusal_comes_back_as_it_was(body: bytes, path: str) -> None:
    request, answer = received(body, path)
    document = Decoded(line_of(request, answer)).document(REQUESTS, 3)
    assert answer.refusal is not None
    assert refusal_of(document) == answer.refusal


def test_a_request_that_was_not_refused_has_no_refusal() -> None:
    assert refusal_of(document_of(event())) is None


@pytest.mark.parametrize(
    ("body", "path", "query"),
    [
        (event(a=[1, {"b": None}]), "/events", "tc_s=29"),
        (batch("a", "b", "a"), "/events/batch", "tc_s=29&token=k"),
        (b"[]", "/events", ""),
        (b'{\n"event_name"\r\n:"x"}', "/events", ""),
        (deep_event(), "/events", ""),
        (b'{"big": 123456789012345678901234567890}', "/events", ""),
    ],
    ids=["event", "batch", "no object", "line breaks", "deep", "big number"],
)
def test_the_events_come_back_as_they_were(body: bytes, path: str, query: str) -> None:
    request, answer = received(body, path, query)
    line = Decoded(line_of(request, answer))
    documents = line.put[EVENTS]
    assert list(documents) == [str(7 + n) for n in range(len(answer.events))]
    assert [line.event(one) for one in documents.values()] == list(answer.events)
    assert line.document(EVENTS, 7)["event"] == answer.events[0].data
    assert line.document(EVENTS, 7)["site_id"] == answer.events[0].site_id


def test_the_event_of_a_pixel_is_read_from_its_query() -> None:
    request, answer = received(b"", "/events", "tc_s=29&event_name=view", "GET")
    line = Decoded(line_of(request, answer))
    assert line.document(EVENTS, 7)["event"] == answer.events[0].data


def test_a_batch_is_parsed_once_however_many_events_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from mockcollect.recording import lines

    parsed: list[object] = []

    def count(request: dict[str, Any]) -> tuple[Event, ...]:
        parsed.append(request)
        return events_of(request)

    monkeypatch.setattr(lines, "events_of", count)
    line = Decoded(batch_line("a", "b", "c"))
    assert [line.document(EVENTS, 7 + n)["event_name"] for n in range(3)] == list("abc")
    assert len(parsed) == 1


def test_an_event_is_not_written_beside_its_body() -> None:
    name = "a name that is long enough to be seen"
    assert batch_line(name).count(name.encode()) == 2  # in the body, and for the index


WHOLE = ((REQUESTS, 3), (EVENTS, 7), (EVENTS, 8))


@pytest.mark.parametrize("seq", [None, 0, 12])
@pytest.mark.parametrize("before", [None, 0, 5])
def test_a_whole_line_is_written_as_it_is_but_for_its_seq(
    seq: int | None, before: int | None
) -> None:
    raw = Decoded(batch_line("a", "b")).part(WHOLE, seq=before)
    part = Decoded(raw).part(WHOLE, seq=seq)
    assert part.endswith(b"}\n")
    assert part.count(b'"seq"') == (seq is not None)
    assert orjson.loads(part).get("seq") == seq
    assert orjson.loads(part)["put"] == orjson.loads(raw)["put"]
    if seq == before:
        assert part == raw


@pytest.mark.parametrize("body", [batch("a", "b"), b'{"batch":[{},%s]}' % deep_event()])
@pytest.mark.parametrize("again", [False, True], ids=["once", "of a part"])
def test_an_event_without_its_request_is_still_read_from_the_body(
    body: bytes, again: bool
) -> None:
    request, answer = received(body, "/events/batch")
    line = Decoded(line_of(request, answer))
    part = Decoded(line.part([(EVENTS, 8)]))
    if again:
        both = Decoded(line.part([(EVENTS, 7), (EVENTS, 8)], seq=4))
        part = Decoded(both.part([(EVENTS, 8)]))
    assert list(part.put) == [EVENTS]
    assert list(part.put[EVENTS]) == ["8"]
    assert part.event(part.put[EVENTS]["8"]) == answer.events[1]


def test_a_request_may_stay_without_its_events() -> None:
    part = Decoded(Decoded(batch_line("a", "b")).part([(REQUESTS, 3)], seq=2))
    assert list(part.put) == [REQUESTS]
    assert "from" not in part.line
    assert part.line["seq"] == 2


def test_an_updated_event_is_complete_in_itself() -> None:
    raw = encode_line({"put": {EVENTS: {"7": {"request": 3, "event": {"a": 1}}}}})
    line = Decoded(raw)
    assert line.event(line.put[EVENTS]["7"]) is None
    assert line.document(EVENTS, 7) == {"request": 3, "event": {"a": 1}}
    assert line.part([(EVENTS, 7)]) == raw
