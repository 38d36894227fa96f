from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import unquote

import pytest

from fixtures import runner
from fixtures.runner import Case, Found, Observed, Request
from mockcollect.contract.event import Answer, CollectRequest, Event
from mockcollect.contract.layouts import event_time
from mockcollect.contract.refusal import explain
from mockcollect.contract.remarks import find_remarks
from mockcollect.contract.wire import receive

ROWS = runner.load_rows()
CASES = runner.load_cases()
SEED = {
    "search.json": "4281ca9ac7193aafcd99e8eb670d0c23d625c9cb7dde640d5900a80f1b1f5c2f",
    "batch.json": "6e7581567ee3f572d19efda3a0ae3420adc4d93d12302686940fb548130b7315",
}


def observe(request: Request) -> Observed:
    headers = {name.lower(): value for name, value in request.headers.items()}
    path = unquote(request.path)
    answer = receive(request.method, path, request.query, headers, request.body)
    arrived = CollectRequest(
        request.method, path, request.query, headers, request.body, len(request.body)
    )
    return Observed(
        answer.status, dict(answer.headers), answer.body, found_in(answer, arrived)
    )


def found_in(answer: Answer, request: CollectRequest) -> Found:
    return Found(
        answer.site_id,
        answer.source_key,
        refusal_of(answer, request),
        remarks_of(answer, request),
        tuple(event_to_dict(event, request.query) for event in answer.events),
    )


def remarks_of(answer: Answer, request: CollectRequest) -> tuple[str, ...]:
    if answer.status != 200:
        return ()
    remarks = find_remarks(request, answer.endpoint, answer.events)
    return tuple(remark.code for remark in remarks)


def refusal_of(answer: Answer, request: CollectRequest) -> dict[str, Any] | None:
    refusal = answer.refusal
    if refusal is None:
        return None
    return {
        "reason": refusal.reason,
        "part": refusal.part,
        "size": refusal.size,
        "limit": refusal.limit,
        "index": refusal.index,
        **explain(refusal, request.body, request.headers).to_dict(),
    }


def event_to_dict(event: Event, query: str) -> dict[str, Any]:
    return {
        "layout": event.layout,
        "event_name": event.event_name,
        "event_id": event.event_id,
        "test_code": event.test_code,
        "event_time": event_time(event.data, event.layout, query),
        "size": event.size,
        "event": event.data,
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}: {case.name}")
def test_the_contract_answers_each_case_as_described(case: Case) -> None:
    assert runner.check(case, observe(case.request)) == []


def test_each_row_is_named_by_a_case() -> None:
    named = {row for case in CASES for row in case.rows}
    assert sorted(set(ROWS) - named) == []


def test_each_case_names_rows_that_exist() -> None:
    unknown = {case.name: set(case.rows) - set(ROWS) for case in CASES}
    assert {name: rows for name, rows in unknown.items() if rows} == {}
    assert all(case.rows for case in CASES)


def test_no_two_cases_share_a_name() -> None:
    names = [case.name for case in CASES]
    assert sorted(names) == sorted(set(names))


def test_each_file_that_a_case_names_exists() -> None:
    files = {body["file"] for case in CASES if "file" in (body := body_of(case))}
    missing = {name for name in files if not (runner.FOLDER / name).is_file()}
    assert files
    assert missing == set()


def test_each_example_is_used_by_a_case() -> None:
    files = {body["file"] for case in CASES if "file" in (body := body_of(case))}
    kept = {
        f"{folder}/{path.name}"
        for folder in ("seed", "layouts")
        for path in (runner.FOLDER / folder).iterdir()
    }
    assert kept == files


@pytest.mark.parametrize(("name", "digest"), SEED.items(), ids=SEED)
def test_the_seed_examples_are_as_the_page_prints_them(name: str, digest: str) -> None:
    data = (runner.FOLDER / "seed" / name).read_bytes()
    assert hashlib.sha256(data).hexdigest() == digest


def test_the_seed_batch_lacks_one_comma_and_nothing_else() -> None:
    text = (runner.FOLDER / "seed" / "batch.json").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="Expecting ',' delimiter: line 26 column 13"):
        json.loads(text)
    mended = json.loads(text.replace('"5689865"', '"5689865",'))
    assert len(mended["batch"]) == 2


HARMLESS = [case for case in CASES if case.harmless]


@pytest.mark.parametrize("case", HARMLESS, ids=lambda case: case.name)
def test_what_may_be_sent_to_production_is_small_valid_and_marked(case: Case) -> None:
    found = observe(case.request).found
    assert case.answer["status"] == 200
    assert not case.ours
    assert len(case.request.body) + len(case.request.query) < 2_000
    assert "Host" not in case.request.headers
    assert found is not None
    assert found.events
    assert {event["test_code"] for event in found.events} == {"contract"}


@pytest.mark.parametrize("case", HARMLESS, ids=lambda case: case.name)
def test_a_harmless_request_can_be_sent_under_another_source(case: Case) -> None:
    found = observe(runner.aim(case.request, "7", "my/key=", "run 1")).found
    assert found is not None
    assert (found.site_id, found.source_key) == ("7", "my/key=")
    assert {event["test_code"] for event in found.events} == {"run 1"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(None, b"", id="none"),
        pytest.param({"text": "é"}, b"\xc3\xa9", id="text"),
        pytest.param({"json": {"a": [1, "é"]}}, b'{"a":[1,"\xc3\xa9"]}', id="json"),
        pytest.param({"base64": "AP8="}, b"\x00\xff", id="base64"),
        pytest.param({"sized": {"parts": ["a", "b"]}}, b"ab", id="parts"),
        pytest.param({"sized": {"parts": ["ab"], "times": 2}}, b"abab", id="times"),
        pytest.param(
            {"sized": {"bytes": 5, "parts": ["é", {"fill": "x"}, "!"]}},
            b"\xc3\xa9xx!",
            id="fill",
        ),
        pytest.param(
            {"sized": {"parts": [{"parts": ["[", {"parts": ["1"]}], "times": 2}, "]"]}},
            b"[1[1]",
            id="nested",
        ),
    ],
)
def test_a_body_is_built_as_described(
    body: dict[str, Any] | None, expected: bytes
) -> None:
    assert runner.build_body(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        {"xml": "<a/>"},
        {"text": "a", "json": {}},
        {"sized": {"bytes": 1, "parts": ["ab", {"fill": "x"}]}},
        {"sized": {"bytes": 3, "parts": ["ab"]}},
    ],
    ids=["unknown form", "two forms", "no room", "no fill"],
)
def test_a_body_that_cannot_be_built_is_an_error(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"body takes|bytes need"):
        runner.build_body(body)


EXPECTED = {
    "status": 400,
    "site_id": "29",
    "remarks": ["a"],
    "refusal": {"reason": "too large", "message_contains": "bytes"},
    "events": [{"event_name": "search"}],
    "ours": {"headers": {"Location": None, "X": "1"}, "body": {"text": ""}},
}
CASE = Case("a case", "file", (), {"method": "POST", "path": "/events"}, EXPECTED)


def test_an_answer_that_holds_has_no_differences() -> None:
    found = Found(
        "29",
        refusal={"reason": "too large", "message": "9 bytes"},
        remarks=("a",),
        events=({"event_name": "search", "layout": "server"},),
    )
    assert runner.check(CASE, Observed(400, {"x": "1"}, b"", found)) == []


def test_each_difference_is_said() -> None:
    found = Found("30", refusal={}, events=({"event_name": 1},))
    observed = Observed(200, {"location": "/"}, b"no", found)
    assert runner.check(CASE, observed) == [
        "status: expected 400, got 200",
        "header Location: expected none, got '/'",
        "header X: expected '1', got none",
        "body: expected b'', got b'no'",
        "site_id: expected '29', got '30'",
        "remarks: expected ['a'], got []",
        "refusal reason: expected 'too large', got none",
        "refusal message: expected 'bytes' in it, got none",
        "event 0 event_name: expected 'search', got 1",
    ]


def test_of_production_only_the_status_is_judged() -> None:
    observed = Observed(200, {})
    assert runner.check(CASE, observed, status_only=True) == [
        "status: expected 400, got 200"
    ]


def test_what_the_server_does_not_tell_is_not_judged() -> None:
    assert runner.check(CASE, Observed(400, {"X": "1"})) == []


def test_an_unknown_key_of_a_case_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown key stauts"):
        runner._read_case(
            "file",
            {"name": "a case", "request": {}, "answer": {"stauts": 200}, "rows": []},
        )


def body_of(case: Case) -> dict[str, Any]:
    return case.asked.get("body") or {}
