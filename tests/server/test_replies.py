from __future__ import annotations

from typing import Any

import orjson
import pytest
from flask import Flask

from mockcollect.contract.event import CollectRequest
from mockcollect.contract.wire import receive
from mockcollect.errors import RecordingError
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.recording.records import RecordedRequest
from mockcollect.server import replies
from tests.server.helpers import NESTED, error_of


def recorded(recorder: TinyRecorder, body: bytes, **changes: Any) -> RecordedRequest:
    request = CollectRequest("POST", "/events", "tc_s=29", {}, body, len(body))
    answer = receive("POST", "/events", "tc_s=29", {}, body, **changes)
    request_id = recorder.record(request, answer, received_at=1_795_430_527_113)
    kept = recorder.get_request(request_id)
    assert kept is not None
    return kept


def test_an_error_has_a_code_a_message_and_what_else_there_is_to_say() -> None:
    reply = replies.error_reply(418, "teapot", "It is a teapot.", short=True)
    assert reply.status_code == 418
    assert reply.mimetype == "application/json"
    assert reply.get_json() == {
        "error": {"code": "teapot", "message": "It is a teapot.", "short": True}
    }


def test_what_is_not_recorded_is_a_503() -> None:
    reply = replies.not_recording_reply(RecordingError("The disk is full."))
    assert error_of(reply, 503, "not-recording")["message"] == "The disk is full."


@pytest.mark.parametrize(
    ("headers", "url"),
    [
        ({"Host": "127.0.0.1:8787"}, "http://127.0.0.1:8787"),
        ({"Host": "[::1]:8787"}, "http://[::1]:8787"),
        ({"Host": "collect_mock"}, "http://collect_mock"),
        ({}, "http://localhost"),
    ],
)
def test_the_base_url_is_the_one_that_was_asked(
    headers: dict[str, str], url: str
) -> None:
    with Flask("t").test_request_context("/_inspect/events", headers=headers):
        assert replies.base_url() == url


@pytest.mark.parametrize("levels", NESTED)
def test_an_event_is_a_part_of_json_however_deep_it_is(
    recorder: TinyRecorder, levels: int
) -> None:
    recorded(recorder, NESTED[levels])
    event = recorder.get(1)
    assert event is not None
    data = orjson.dumps({"events": [replies.event_part(event)]})
    assert orjson.loads(data)["events"][0]["event"] == orjson.loads(NESTED[levels])


def test_a_request_in_a_list_has_neither_body_nor_remarks(
    recorder: TinyRecorder,
) -> None:
    part = replies.request_part(recorded(recorder, b'{"event_name":"a"}'))
    assert "body" not in part
    assert "remarks" not in part
    assert part["received_at"] == "2026-11-23T10:42:07.113Z"
    assert part["refusal"] is None


@pytest.mark.parametrize(
    ("body", "changes", "expected"),
    [
        (b"{", {}, {"reason": "invalid json", "part": "body", "limit": None}),
        (b"", {}, {"reason": "invalid json", "size": 0}),
        (b"{", {"size": 9, "aborted": True}, {"reason": "aborted", "size": 9}),
        (b"", {"size": 40_000}, {"reason": "too large", "limit": 32_768}),
    ],
    ids=["broken", "empty", "aborted", "too large"],
)
def test_a_refusal_has_its_facts_and_its_explanation(
    recorder: TinyRecorder,
    body: bytes,
    changes: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    refusal = replies.request_part(recorded(recorder, body, **changes))["refusal"]
    assert refusal | expected == refusal
    assert refusal["message"] in refusal["text"]


@pytest.mark.parametrize(
    ("body", "shown"), [(b'{"a":"\xc3\xa9"}', '{"a":"é"}'), (b"\xff", None), (b"", "")]
)
def test_a_body_is_shown_where_it_is_text(
    recorder: TinyRecorder, body: bytes, shown: str | None
) -> None:
    request = recorded(recorder, body)
    assert replies.full_request_part(request, ())["body"] == shown
