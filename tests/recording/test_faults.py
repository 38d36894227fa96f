"""What a fault did to an answer, recorded with its request."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from mockcollect.contract.event import Fault, FaultKind
from mockcollect.recording.lines import encode_record, fault_of
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.recording.records import event_json, request_json
from tests.recording.helpers import (
    RECEIVED_AT,
    event,
    ids,
    received,
    record,
    request_ids,
)

FAULT = Fault("status", 3, 200, 1.5)


def record_faulted(
    recorder: TinyRecorder, fault: Fault, status: int = 503, body: bytes | None = None
) -> int:
    request, answer = received(event() if body is None else body)
    answer = replace(answer, status=status, fault=fault)
    return recorder.record(request, answer, received_at=RECEIVED_AT)


def test_a_fault_outlives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    recorder = TinyRecorder(path)
    record_faulted(recorder, FAULT)
    record(recorder)
    recorder.close()
    recorder = TinyRecorder(path)
    first, second = recorder.matching_requests()
    assert (first.fault, first.status, first.is_collected) == (FAULT, 503, False)
    assert (second.fault, second.status, second.is_collected) == (None, 200, True)
    recorder.close()


GOOD = {
    "kind": "reset",
    "rule": 1,
    "instead_of": 200,
    "delay": None,
    "collected": False,
}


def test_a_fault_is_read_as_it_was_written() -> None:
    assert fault_of({"fault": GOOD}) == Fault("reset", 1, 200)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        7,
        "reset",
        {},
        {**GOOD, "kind": "hang"},
        {**GOOD, "kind": []},
        {**GOOD, "rule": "1"},
        {**GOOD, "instead_of": None},
        {**GOOD, "delay": "1"},
        {**GOOD, "collected": 0},
        {**GOOD, "more": 1},
    ],
    ids=str,
)
def test_what_is_no_fault_is_left_out(wrong: Any) -> None:
    assert fault_of({"fault": wrong}) is None


def test_without_a_fault_a_line_is_as_it_always_was() -> None:
    line = encode_record(1, 1, *received(event()), RECEIVED_AT)
    assert "fault" not in json.loads(line)["put"]["requests"]["1"]


def test_json_shows_the_fault_of_events_and_of_requests_without() -> None:
    recorder = TinyRecorder()
    record_faulted(recorder, FAULT)
    record_faulted(recorder, FAULT, body=b"{oops")
    record(recorder, b"{oops")
    shown = {
        "kind": "status",
        "rule": 3,
        "instead_of": 200,
        "delay": 1.5,
        "collected": False,
    }
    one = recorder.get(1)
    assert one is not None
    assert json.loads(event_json(one))["fault"] == shown
    found = [json.loads(request_json(one)) for one in recorder.matching_requests()]
    assert [one["fault"] for one in found] == [shown, shown, None]
    recorder.close()


@pytest.mark.parametrize("kind", get_args(FaultKind))
def test_each_kind_is_said_in_words_and_found(kind: FaultKind) -> None:
    recorder = TinyRecorder()
    record(recorder)
    record_faulted(recorder, Fault(kind, 1, 200, 2.0))
    _, one = recorder.matching_requests()
    assert " by a fault" in one.fault_in_words()
    assert "2 s" in one.fault_in_words()
    assert ids(recorder, f"fault:{kind}") == request_ids(recorder, "fault:yes") == [2]
    assert ids(recorder, "fault:no") == [1]
    recorder.close()


def test_what_was_not_collected_is_repeated_by_nothing() -> None:
    recorder = TinyRecorder()
    body = event(context={"event_id": "e-1"})
    for fault in (FAULT, FAULT, replace(FAULT, collected=True)):
        record_faulted(recorder, fault, body=body)
    record(recorder, body)
    # The last first: the order of asking changes no verdict.
    assert ids(recorder, "finding:event_id.duplicate id:4") == [4]
    assert ids(recorder, "finding:event_id.duplicate") == [4]
    recorder.close()
