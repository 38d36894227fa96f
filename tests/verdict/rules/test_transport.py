from __future__ import annotations

import json
from typing import Any

import pytest

from mockcollect.contract.remarks import find_remarks
from mockcollect.contract.wire import receive
from mockcollect.verdict.rules import all_rules
from tests.verdict.judging import JSON, QUERY, findings, good, said, sent, subject_of

CODES = (
    "batch.empty",
    "content_type",
    "encoding.gzip",
    "json.duplicate_keys",
    "json.nan",
    "number.precision",
    "query.extra",
    "size.batch",
    "size.batch_event",
    "size.single",
    "tc_s.repeated",
    "token.alias",
    "token.differs",
    "token.header_only",
    "token.repeated",
)
BATCH = "/events/batch"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def all_said(body: Any, **options: Any) -> list[tuple[str, ...]]:
    subject = subject_of(body, **options)
    return [(code, *seen) for code in CODES for seen in said(code, subject)]


def sized(size: int) -> bytes:
    """Return a good event of so many bytes."""
    bare = len(json.dumps(good("server", {"a": ""})))
    return json.dumps(good("server", {"a": "x" * (size - bare)})).encode()


@pytest.mark.parametrize("code", CODES)
def test_each_is_listed_with_what_it_means(code: str) -> None:
    rule = all_rules()[code]
    assert rule.title.endswith(".")
    assert rule.remedy.endswith(".")
    assert rule.source


@pytest.mark.parametrize(
    ("body", "options"),
    [
        (good("server"), {}),
        (good("mobile"), {"headers": FORM}),
        (good("browser"), {"headers": {"content-type": "text/plain;charset=UTF-8"}}),
        (good("browser-v1"), {"headers": {"content-type": "text/plain"}}),
        (good("server"), {"headers": {"content-type": "application/json; a=b"}}),
        ({"batch": [good("server"), good("server")]}, {"path": BATCH}),
        ({"batch": [good("mobile"), good("server")]}, {"path": BATCH, "headers": {}}),
        (sized(32_000), {}),
    ],
)
def test_a_good_request_passes(body: Any, options: dict[str, Any]) -> None:
    assert all_said(body, **options) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"query": f"{QUERY}&tc_s=30"},
            (
                "tc_s.repeated",
                "warning",
                "",
                "tc_s is given 2 times; the first, 29, counts",
            ),
        ),
        (
            {"query": "tc_s=1&token=k&token=z"},
            (
                "token.repeated",
                "warning",
                "",
                "token is given 2 times; the first, k, counts",
            ),
        ),
        (
            {"query": "tc_s=29&tc_skey=k"},
            (
                "token.alias",
                "note",
                "",
                "the source key came as tc_skey; the page says token",
            ),
        ),
        (
            {"query": "tc_s=29", "headers": {**JSON, "authorization": "Bearer k"}},
            (
                "token.header_only",
                "warning",
                "",
                "the source key came in Authorization only; "
                "the page wants token in the URL",
            ),
        ),
        (
            {"headers": {**JSON, "authorization": "Bearer k"}},
            (
                "token.differs",
                "warning",
                "",
                "token and Authorization name different source keys; token counts",
            ),
        ),
        (
            {"query": f"{QUERY}&event_name=x"},
            (
                "query.extra",
                "note",
                "",
                "not read from the query of a POST: event_name",
            ),
        ),
        (
            {"headers": FORM},
            (
                "content_type",
                "note",
                "",
                "Content-Type is application/x-www-form-urlencoded; "
                "the page requires application/json",
            ),
        ),
    ],
)
def test_a_remark_on_a_request_is_a_finding(
    options: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert all_said(good("server"), **options) == [expected]


def test_the_remarks_of_a_batch_are_given_to_each_event() -> None:
    body = {"batch": [good("server"), good("server")]}
    for index in (0, 1):
        found = all_said(body, path=BATCH, headers=FORM, index=index)
        assert [code for code, *_ in found] == ["content_type"]


@pytest.mark.parametrize(
    ("body", "path", "headers"),
    [
        (sized(32_500), "/events", JSON),
        (b'{"event_name":"a","event_name":"b","x":{"y":1,"y":2}}', "/events", FORM),
        (b'{"batch":[' + sized(32_500) + b"]}", BATCH, {}),
        (
            b'{"batch":[' + b",".join([sized(20_000)] * 25) + b'],"z":0,"z":1}',
            BATCH,
            {},
        ),
    ],
)
def test_no_remark_is_lost(body: bytes, path: str, headers: dict[str, str]) -> None:
    query = f"{QUERY}&a=b&tc_s=3"
    answer, request = sent(body, path=path, query=query, headers=headers)
    remarks = find_remarks(request, answer.endpoint, answer.events)
    subject = subject_of(body, path=path, query=query, headers=headers)
    found = [
        (code, message)
        for code in (*CODES, "batch.context_shared")
        for _, _, message in said(code, subject)
    ]
    assert sorted(found) == sorted((one.code, one.message) for one in remarks)


@pytest.mark.parametrize(
    ("size", "codes"),
    [(32_000, []), (32_001, ["size.single"]), (32_768, ["size.single"])],
)
def test_a_size_between_both_readings_of_a_kb_is_a_note(
    size: int, codes: list[str]
) -> None:
    found = all_said(sized(size))
    assert [code for code, *_ in found] == codes
    assert all(level == "note" for _, level, *_ in found)


def test_only_the_large_event_of_a_batch_is_told_of_its_size() -> None:
    body = b'{"batch":[' + sized(500) + b"," + sized(32_400) + b"]}"
    assert all_said(body, path=BATCH, index=0) == []
    ((code, level, _, message),) = all_said(body, path=BATCH, index=1)
    assert (code, level) == ("size.batch_event", "note")
    assert message.startswith("event 1 of the batch has 32,")


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        (b'{"event_name":"a","b":"\\"b\\":1","c":"x:y"}', []),
        (b'{"event_name":"a","b":"\\u0022","c":{"b":1}}', []),
        (b'{"event_name":"a","caf\\u00e9":1}', []),
        (b'{"event_name" : "a" , "x" :1}', []),
        (b'{"event_name":"a","event_name":"b"}', ["event_name"]),
        (b'{"event_name" :"a","b":1,"b" :2}', ["b"]),
        (b'{"event_name":"a","b":[{"c":1,"d":2,"\\u0063":3}]}', ["c"]),
        (b'{"event_name":"a","b":1,"b":"\\u0022\\u0022"}', ["b"]),
        (b'{"event_name":"a","b":1,"b":2,"b":3,"c":1,"c":2}', ["b", "c"]),
        (b'{"event_name":"a","b":{"b":{}},"":1,"":2}', [""]),
    ],
)
def test_keys_that_stand_twice_are_found(body: bytes, keys: list[str]) -> None:
    found = said("json.duplicate_keys", subject_of(body))
    assert [message for _, _, message in found] == [
        f"{key} stands twice in one object; the last one counts" for key in keys
    ]
    assert {level for level, _, _ in found} <= {"warning"}


def test_a_key_that_stands_twice_deep_down_is_found() -> None:
    deep = b"[" * 500 + b'{"b":1,"b":2}' + b"]" * 500
    body = b'{"event_name":"x","a":' + deep + b"}"
    assert len(said("json.duplicate_keys", subject_of(body))) == 1


@pytest.mark.parametrize(
    ("number", "is_lossy"),
    [
        ("12.50", False),
        ("1764000000000.123", False),
        ("0.30000000000000004", False),
        ("22.529999999999998", False),
        ("9007199254740992", False),
        ("9007199254740993", True),
        ("-9007199254740993", True),
        ("202110130000000000", False),
        ("202110130000000001", True),
        ("1152921504606846976", False),
        ("12.500000000000000000", False),
        ("0.1234567890123456789", True),
        ("123456789012345678901234567890", True),
        ("1234567890123456.55e-3", True),
        ("0.10000000000000001", False),
        ("1e300", False),
        ('"9007199254740993"', False),
        ('"[9007199254740993]"', False),
        ('", 12345678901234567890"', False),
        ('"1.2.3.4.5.6.7.8.9.10.11.12"', False),
        ('"a: 1.2.3.4.5.6.7.8.9.10.11.12"', False),
        ("1234567890123456e-99999999999999999999", False),
    ],
)
def test_a_number_that_loses_digits_is_found(number: str, is_lossy: bool) -> None:
    body = b'{"event_name":"a","b":[{"c": ' + number.encode() + b"}]}"
    found = findings("number.precision", subject_of(body))
    assert [(one.path, one.sample) for one in found] == (
        [("b[0].c", number)] if is_lossy else []
    )


def test_a_number_that_loses_digits_is_found_in_its_event_of_a_batch() -> None:
    body = b'{"batch":[{"event_name":"a","n":9007199254740993},{"event_name":"b"}]}'
    assert len(said("number.precision", subject_of(body, path=BATCH, index=0))) == 1
    assert said("number.precision", subject_of(body, path=BATCH, index=1)) == []


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({**JSON, "content-encoding": "gzip"}, b"\x1f\x8b\x08\x00"),
        (JSON, b'{"value":NaN}'),
    ],
    ids=["encoding.gzip", "json.nan"],
)
def test_two_rules_are_about_what_is_answered_400(
    headers: dict[str, str], body: bytes
) -> None:
    assert receive("POST", "/events", QUERY, headers, body).status == 400
