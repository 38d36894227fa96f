from __future__ import annotations

import json
import math
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockcollect.contract.event import Refusal
from mockcollect.contract.source import Source
from mockcollect.contract.wire import (
    MAX_BATCH_BYTES,
    MAX_DEPTH,
    MAX_EVENT_BYTES,
    MAX_QUERY_BYTES,
    PIXEL,
    body_limit,
    parse_json,
    read_events,
    receive,
)

STATUSES = {200, 400, 404, 405}
EVENT = b'{"event_name":"search"}'
NO_SOURCE = Source(None, None)

paths = st.sampled_from(
    ["/events", "/events/batch", "/events/", "/cdp/events", "/x/cdp/events/batch"]
) | st.text(max_size=30)
queries = st.text(max_size=80) | st.sampled_from(
    ["tc_s=29&token=k", "tc_s=1&tc_s=2", "a[b][]=1&a[b]=2", "ts_override=1", "%FF=%"]
)
headers = st.dictionaries(
    st.sampled_from(
        [
            "content-type",
            "content-encoding",
            "origin",
            "authorization",
            "access-control-request-headers",
        ]
    )
    | st.text(max_size=12),
    st.text(max_size=40),
    max_size=5,
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["batch", "event_name", "context", "properties", "é"])
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
json_texts = values.map(json.dumps)
fragments = st.lists(
    st.sampled_from(
        [
            *'{}[]:,"\\ \n\t\r',
            *["0", "-", "1", ".5", "e9", "e999", "NaN", "true", "null", "False"],
            *["\\u00e9", "\\ud800", "\\udc00", "\\\\", '"a"', '"a":', "//", "é", "\0"],
        ]
    ),
    max_size=24,
).map("".join)
bodies = (
    st.binary(max_size=60)
    | json_texts.map(str.encode)
    | fragments.map(str.encode)
    | st.text(max_size=40).map(lambda text: text.encode(errors="surrogatepass"))
)


@given(
    method=st.sampled_from(["POST", "GET", "HEAD", "OPTIONS", "PUT"]) | st.text(),
    path=paths,
    query=queries,
    headers=headers,
    body=bodies,
)
@example(method="GET", path="/events", query="\ud800=\udfff", headers={}, body=b"")
@example(method="POST", path="/events", query="", headers={}, body=b"[" * 40_000)
def test_nothing_that_is_sent_can_raise(
    method: str, path: str, query: str, headers: dict[str, str], body: bytes
) -> None:
    answer = receive(method, path, query, headers, body)
    assert answer.status in STATUSES
    assert (answer.refusal is not None) == (answer.status == 400)
    assert answer.status == 200 or not answer.events


@given(body=bodies)
def test_no_body_is_refused_for_another_reason_than_its_json(body: bytes) -> None:
    answer = receive("POST", "/events", "", {}, body)
    assert answer.status == (200 if is_strict_json(body) else 400)


@given(body=bodies)
@example(body=b"1e999")
@example(body=b"1" + b"0" * 400)
@example(body=b"-0")
@example(body=b"1e-999")
@example(body=rb'"\ud83d\udecb"')
@example(body=rb'"\ud800"')
@example(body=rb'"\\ud800"')
@example(body=b"\xef\xbb\xbf{}")
@example(body=b"[1,]")
@example(body=b'"\x7f"')
def test_json_is_read_exactly_as_a_strict_reader_does(body: bytes) -> None:
    try:
        parse_json(body)
    except ValueError:
        assert not is_strict_json(body)
    else:
        assert is_strict_json(body)


@given(value=values.filter(lambda value: "nan" not in repr(value)))
def test_what_is_read_is_what_was_written(value: Any) -> None:
    try:
        text = orjson.dumps(value)
    except (TypeError, UnicodeEncodeError):
        return
    assert orjson.dumps(parse_json(text)) == text


@pytest.mark.parametrize("levels", [1, 254, 255, MAX_DEPTH - 1, MAX_DEPTH])
def test_nesting_up_to_the_limit_is_read(levels: int) -> None:
    parse_json(b"[" * levels + b"]" * levels)
    parse_json(b'{"":' * levels + b"0" + b"}" * levels)


@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 1_024, 1_025, 100_000])
def test_nesting_over_the_limit_is_an_error(levels: int) -> None:
    with pytest.raises(ValueError, match=r"level|recursion|depth"):
        parse_json(b"[" * levels + b"]" * levels)


def test_many_containers_side_by_side_are_no_nesting() -> None:
    assert parse_json(b"[" + b"{}," * 2_000 + b"{}]") == [{}] * 2_001


def sized(size: int) -> bytes:
    return EVENT[:-1] + b" " * (size - len(EVENT)) + b"}"


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/events", MAX_EVENT_BYTES), ("/events/batch", MAX_BATCH_BYTES)],
)
def test_a_body_over_its_limit_is_refused(path: str, limit: int) -> None:
    assert receive("POST", path, "", {}, sized(limit)).status == 200
    refused = receive("POST", path, "", {}, sized(limit + 1))
    assert refused.status == 400
    assert refused.refusal == Refusal("too large", "body", limit + 1, limit)


def test_the_limits_are_what_the_page_says_with_1024_bytes_a_kb() -> None:
    assert (MAX_EVENT_BYTES, MAX_BATCH_BYTES) == (32_768, 512_000)
    assert body_limit("events") == MAX_EVENT_BYTES
    assert body_limit("batch") == MAX_BATCH_BYTES


def test_the_size_that_was_counted_decides_when_only_a_part_was_kept() -> None:
    refused = receive("POST", "/events", "", {}, EVENT, size=1_000_000)
    assert refused.refusal == Refusal("too large", "body", 1_000_000, MAX_EVENT_BYTES)


def test_a_sender_that_hung_up_is_no_matter_of_json() -> None:
    refused = receive("POST", "/events", "", {}, EVENT, size=900, aborted=True)
    assert refused.status == 400
    assert refused.refusal == Refusal("aborted", "body", 900)
    assert refused.events == ()


def test_too_large_comes_before_hung_up() -> None:
    refused = receive("POST", "/events", "", {}, b"", size=40_000, aborted=True)
    assert refused.refusal is not None
    assert refused.refusal.reason == "too large"


def batch(*events: bytes) -> bytes:
    return b'{"batch":[' + b",".join(events) + b"]}"


def padded(size: int) -> bytes:
    start = b'{"event_name":"search","padding":"'
    return start + b"x" * (size - len(start) - 2) + b'"}'


def test_event_over_32_kb_in_a_batch_refuses_the_batch() -> None:
    body = batch(EVENT, padded(MAX_EVENT_BYTES), padded(MAX_EVENT_BYTES + 1))
    refused = receive("POST", "/events/batch", "", {}, body)
    assert refused.refusal == Refusal(
        "too large", "event", MAX_EVENT_BYTES + 1, MAX_EVENT_BYTES, 2
    )
    assert refused.events == ()


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(b'{"a":1' + b" " * 33_000 + b"}", id="white space"),
        pytest.param(b'{"a":"' + rb"\u00e9" * 8_000 + b'"}', id="escapes"),
        pytest.param(b"[" + b"1e9," * 8_000 + b"1]", id="numbers that grow"),
        pytest.param(b"[" * 300 + b"]" * 300, id="deeper than can be written"),
    ],
)
def test_an_event_of_a_batch_counts_as_compact_as_it_can_be(event: bytes) -> None:
    assert receive("POST", "/events/batch", "", {}, batch(EVENT, event)).status == 200


def test_the_events_of_a_batch_know_their_place() -> None:
    events = receive("POST", "/events/batch", "", {}, batch(EVENT, EVENT)).events
    assert [(event.index, event.of, event.size) for event in events] == [
        (0, 2, len(EVENT)),
        (1, 2, len(EVENT)),
    ]


def test_the_size_of_a_pixel_is_that_of_its_query() -> None:
    event = receive("GET", "/events", "event_name=search").events[0]
    assert event.size == len("event_name=search")
    refused = receive("GET", "/events", "a" * (MAX_QUERY_BYTES + 1))
    assert refused.refusal == Refusal(
        "too large", "query", MAX_QUERY_BYTES + 1, MAX_QUERY_BYTES
    )


def test_the_pixel_is_a_gif_of_one_pixel() -> None:
    answer = receive("GET", "/events", "event_name=search")
    assert answer.body == PIXEL
    assert PIXEL[:10] == b"GIF89a\x01\x00\x01\x00"
    assert PIXEL[-1:] == b";"
    assert ("Content-Length", str(len(PIXEL))) in answer.headers


def test_get_cookie_gives_the_id_it_is_told() -> None:
    answer = receive("GET", "/get-cookie", "tc_s=29&name=TCID", visitor_id="123")
    assert answer.body == b'{"TCID":"123"}'
    assert answer.events == ()


def test_a_wrong_method_names_the_right_ones() -> None:
    answer = receive("PUT", "/events/batch")
    assert answer.status == 405
    assert ("Allow", "POST, GET, OPTIONS") in answer.headers
    error = json.loads(answer.body)["error"]
    assert error == "/events/batch takes POST, GET, OPTIONS, not PUT."


def test_a_wrong_path_names_the_right_ones() -> None:
    answer = receive("POST", "/evnts", "tc_s=29&token=k")
    assert answer.status == 404
    assert answer.endpoint is None
    assert (answer.site_id, answer.source_key) == ("29", "k")
    assert json.loads(answer.body)["error"] == "There is no /evnts here."
    assert "POST /events" in json.loads(answer.body)["known"]


@pytest.mark.parametrize("endpoint", ["cookie", "healthy", "preflight", None])
def test_other_endpoints_have_no_events(endpoint: str | None) -> None:
    assert read_events(endpoint, "event_name=search", EVENT, NO_SOURCE) == ()


@pytest.mark.parametrize(
    ("endpoint", "query", "body"),
    [
        ("events", "", EVENT),
        ("batch", "", batch(EVENT, EVENT)),
        ("pixel", "event_name=search", b""),
    ],
)
def test_events_can_be_read_again_from_what_was_recorded(
    endpoint: str, query: str, body: bytes
) -> None:
    method = "GET" if endpoint == "pixel" else "POST"
    path = "/events/batch" if endpoint == "batch" else "/events"
    answer = receive(method, path, query, {}, body)
    assert read_events(endpoint, query, body, NO_SOURCE) == answer.events


def is_strict_json(body: bytes) -> bool:
    """Judge as RFC 8259 does, and refuse what parsers read differently."""
    try:
        value = json.loads(
            body.decode(), parse_constant=refuse, parse_float=finite, parse_int=finite
        )
        json.dumps(value, ensure_ascii=False).encode()  # fails on half a surrogate pair
    except (ValueError, RecursionError):
        return False
    return True


def refuse(word: str) -> None:
    raise ValueError(word)


def finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)
    return number


def test_a_pixel_whose_sender_hung_up_is_no_event() -> None:
    answer = receive("GET", "/events", "event_name=a", {}, b"x", size=9, aborted=True)
    assert (answer.status, answer.events) == (400, ())
    assert answer.refusal == Refusal("aborted", "body", 9)


def test_an_ordinary_batch_is_not_measured_for_its_depth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def measure(text: str) -> int:
        raise AssertionError("measured")

    monkeypatch.setattr("mockcollect.contract.jsontext.depth", measure)
    batch = b'{"batch":[' + b",".join([b'{"a":[{"b":[]}]}'] * 1_000) + b"]}"
    assert len(receive("POST", "/events/batch", "", {}, batch).events) == 1_000
