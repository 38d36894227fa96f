from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest
from hypothesis import given

from fixtures import runner
from mockcollect.contract.event import Refusal
from mockcollect.contract.refusal import explain
from mockcollect.contract.wire import receive
from tests.contract.test_wire import bodies, headers

MESSAGES = Path(__file__).parents[1] / "messages" / "refusals"
GOLDEN = re.compile(
    r"--- body(?P<coded> in Base64)?(?: with Content-Encoding: (?P<encoding>\w+))?\n"
    r"(?P<body>.*)\n--- says\n(?P<says>.*)\n",
    re.DOTALL,
)
SEED_BATCH = (runner.FOLDER / "seed" / "batch.json").read_bytes()


def message_of(name: str) -> tuple[bytes, dict[str, str], str]:
    text = (MESSAGES / f"{name}.txt").read_bytes().decode()
    golden = GOLDEN.fullmatch(text)
    assert golden is not None
    body = golden["body"].encode()
    encoding = golden["encoding"]
    return (
        base64.b64decode(body, validate=True) if golden["coded"] else body,
        {"content-encoding": encoding} if encoding else {},
        golden["says"],
    )


@pytest.mark.parametrize("name", sorted(path.stem for path in MESSAGES.iterdir()))
def test_a_typical_mistake_is_explained(name: str) -> None:
    body, headers, says = message_of(name)
    answer = receive("POST", "/events", "", headers, body)
    assert answer.refusal is not None
    explanation = explain(answer.refusal, body, headers)
    assert "\n".join(explanation.lines()) == says


def test_the_seed_batch_is_explained_as_it_is_printed() -> None:
    body, _, says = message_of("the-pages-batch-example")
    assert body == SEED_BATCH
    assert 'a comma is missing after "5689865"' in says


def test_the_seed_batch_is_explained_as_curl_d_sends_it() -> None:
    body, _, says = message_of("the-pages-batch-example-on-one-line")
    assert body == SEED_BATCH.replace(b"\n", b"")
    assert 'a comma is missing after "5689865"' in says
    assert max(map(len, says.splitlines())) < 80


@given(body=bodies, headers=headers)
def test_each_refused_body_is_explained(body: bytes, headers: dict[str, str]) -> None:
    answer = receive("POST", "/events/batch", "", headers, body)
    if answer.refusal is None:
        return
    explanation = explain(answer.refusal, body, headers)
    assert explanation.message
    assert (explanation.line is None) == (explanation.column is None)
    assert all("\n" not in line for line in explanation.excerpt)
    json.dumps(explanation.to_dict())


@given(body=bodies)
def test_what_is_shown_can_do_nothing_to_a_terminal(body: bytes) -> None:
    shown = explain(Refusal("invalid json"), body, {}).lines()
    assert not re.search(
        r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]", "".join(shown)
    )


def test_a_hostile_name_of_an_encoding_is_shown_harmless() -> None:
    encoding = {"content-encoding": "\x9b31m"}
    explanation = explain(Refusal("invalid json"), b"\x1f\x8b", encoding)
    assert explanation.message == "the body is compressed (gzip), not JSON text"


def test_an_encoding_that_compresses_nothing_does_not_hide_the_fault() -> None:
    body = '{"a":"é",}'.encode()
    explanation = explain(Refusal("invalid json"), body, {"content-encoding": "utf-8"})
    assert explanation.message == "a comma with nothing after it"


def test_the_biggest_fields_of_a_large_event_are_named() -> None:
    event = {
        "event_name": "search",
        "description": "x" * 3_000,
        "context": {"device": {"cookie": "y" * 30_000}},
    }
    body = json.dumps(event).encode()
    refusal = Refusal("too large", "body", len(body), 32_768)
    assert explain(refusal, body, {}).lines() == [
        "the body has 33,082 bytes, 314 over the limit of 32,768 (32 KB)",
        "  biggest fields: context.device.cookie 30,002 B, description 3,002 B",
    ]


def test_a_large_event_of_a_batch_is_named_with_its_fields() -> None:
    small = {"event_name": "search"}
    large = {"items": [{"id": "1", "product": {"name": "x" * 40_000}}]}
    body = json.dumps({"batch": [small, large]}).encode()
    refusal = receive("POST", "/events/batch", "", {}, body).refusal
    assert refusal is not None
    assert explain(refusal, body, {}).lines() == [
        "event 1 of the batch has 40,044 bytes, 7,276 over the limit of 32,768 (32 KB)",
        "  biggest fields: batch[1].items[0].product.name 40,002 B",
    ]


def test_a_long_query_has_no_fields() -> None:
    refusal = Refusal("too large", "query", 32_769, 32_768)
    assert explain(refusal, b"", {}).lines() == [
        "the query has 32,769 bytes, 1 over the limit of 32,768 (32 KB)"
    ]


@pytest.mark.parametrize(
    ("body", "whole"),
    [(b"{" + b" " * 40_000, True), (b'{"a":"' + b"x" * 40_000 + b'"}', False)],
    ids=["not JSON", "only a part kept"],
)
def test_what_cannot_be_read_whole_names_no_fields(body: bytes, whole: bool) -> None:
    refusal = Refusal("too large", "body", 40_008, 32_768)
    explanation = explain(refusal, body, {}, whole=whole)
    assert explanation.fields == ()
    assert explanation.message.startswith("the body has 40,008 bytes")


def test_a_hostile_name_of_a_field_is_shown_harmless() -> None:
    body = json.dumps({"\u202ea\x9b": "x" * 40_000}, ensure_ascii=False).encode()
    refusal = Refusal("too large", "body", len(body), 32_768)
    assert [field.path for field in explain(refusal, body, {}).fields] == ["·a·"]


def test_a_sender_that_hung_up_is_told_what_arrived() -> None:
    refusal = Refusal("aborted", "body", 1_000)
    assert explain(refusal, b"x" * 10, {}).lines() == [
        "the sender hung up: 10 of 1,000 bytes arrived",
        "  nothing was collected; the sender should see a broken connection",
    ]


def test_a_body_that_broke_off_without_a_declared_size_says_how_much_came() -> None:
    refusal = Refusal("aborted", "body", 3)
    message = "the sender hung up: its body broke off after 3 bytes"
    assert explain(refusal, b"abc", {}).message == message


def test_an_explanation_is_told_as_data_too() -> None:
    shown = explain(Refusal("invalid json"), b'{"a":1,}', {}).to_dict()
    assert shown == {
        "message": "a comma with nothing after it",
        "line": 1,
        "column": 7,
        "guess": "JSON has no trailing comma: take it out before the `}`",
        "excerpt": [
            '1 | {"a":1,}',
            "  |       ^ JSON has no trailing comma: take it out before the `}`",
        ],
        "fields": [],
        "text": "line 1, column 7: a comma with nothing after it\n"
        '  1 | {"a":1,}\n'
        "    |       ^ JSON has no trailing comma: take it out before the `}`",
    }


def test_a_body_that_holds_no_fault_says_so() -> None:
    shown = explain(Refusal("invalid json"), b"{}", {}).lines()
    assert shown == ["the body is not valid JSON"]
