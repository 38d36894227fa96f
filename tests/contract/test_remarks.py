from __future__ import annotations

import pytest
from hypothesis import given

from mockcollect.contract.event import CollectRequest
from mockcollect.contract.remarks import Remark, find_remarks
from mockcollect.contract.wire import receive
from tests.contract.test_wire import bodies, headers, queries

JSON = {"content-type": "application/json"}
SOURCE = "tc_s=29&token=k"
EVENT = b'{"event_name":"search"}'


def remarks_on(
    body: bytes = EVENT,
    *,
    method: str = "POST",
    path: str = "/events",
    query: str = SOURCE,
    headers: dict[str, str] | None = None,
) -> tuple[Remark, ...]:
    headers = JSON if headers is None else headers
    answer = receive(method, path, query, headers, body)
    request = CollectRequest(method, path, query, headers, body, len(body))
    return find_remarks(request, answer.endpoint, answer.events)


def sized(size: int) -> bytes:
    return EVENT[:-1] + b',"a":"' + b"x" * (size - len(EVENT) - 7) + b'"}'


def batch(*events: bytes, size: int = 0) -> bytes:
    text = b'{"batch":[' + b",".join(events) + b"]"
    return text + b" " * (size - len(text) - 1) + b"}"


@pytest.mark.parametrize(
    ("query", "headers", "remarks"),
    [
        (SOURCE, JSON, ()),
        (
            "tc_s=29&token=k&tc_s=30&tc_s=31",
            JSON,
            (Remark("tc_s.repeated", "tc_s is given 3 times; the first, 29, counts"),),
        ),
        (
            SOURCE + "&token=z",
            JSON,
            (Remark("token.repeated", "token is given 2 times; the first, k, counts"),),
        ),
        (
            "tc_s=29&tc_skey=k",
            JSON,
            (
                Remark(
                    "token.alias",
                    "the source key came as tc_skey; the page says token",
                ),
            ),
        ),
        (
            "tc_s=29",
            {**JSON, "authorization": "Bearer k"},
            (
                Remark(
                    "token.header_only",
                    "the source key came in Authorization only; "
                    "the page wants token in the URL",
                ),
            ),
        ),
        (
            SOURCE,
            {**JSON, "authorization": "Bearer z"},
            (
                Remark(
                    "token.differs",
                    "token and Authorization name different source keys; token counts",
                ),
            ),
        ),
        (SOURCE, {**JSON, "authorization": "Bearer k"}, ()),
        (
            SOURCE + "&event_name=a&b=1&b=2",
            JSON,
            (
                Remark(
                    "query.extra", "not read from the query of a POST: event_name, b"
                ),
            ),
        ),
        (SOURCE + "&ts_override=1&tc_firsttime=1", JSON, ()),
        (
            SOURCE,
            {},
            (
                Remark(
                    "content_type",
                    "Content-Type is none; the page requires application/json",
                ),
            ),
        ),
        (
            SOURCE,
            {"content-type": "text/plain; charset=utf-8"},
            (
                Remark(
                    "content_type",
                    "Content-Type is text/plain; charset=utf-8; "
                    "the page requires application/json",
                ),
            ),
        ),
        (SOURCE, {"content-type": " Application/JSON ; charset=utf-8"}, ()),
    ],
)
def test_what_is_remarkable_about_a_request_is_said(
    query: str, headers: dict[str, str], remarks: tuple[Remark, ...]
) -> None:
    assert remarks_on(query=query, headers=headers) == remarks


@pytest.mark.parametrize(
    "event",
    [
        b'{"context":{"version":2}}',
        b'{"context":{"app":{}}}',
        b'{"event":"a","properties":{}}',
    ],
    ids=["browser", "mobile", "first browser layout"],
)
def test_the_vendors_own_clients_may_send_any_type(event: bytes) -> None:
    assert remarks_on(event, headers={"content-type": "text/plain"}) == ()


@pytest.mark.parametrize(
    ("size", "messages"),
    [
        (32_000, []),
        (
            32_001,
            ["the body has 32,001 bytes: too large if production's KB is 1000 bytes"],
        ),
        (
            32_768,
            ["the body has 32,768 bytes: too large if production's KB is 1000 bytes"],
        ),
    ],
)
def test_an_event_in_the_grey_zone_is_remarked(size: int, messages: list[str]) -> None:
    found = remarks_on(sized(size))
    assert [remark.message for remark in found] == messages
    assert {remark.code for remark in found} <= {"size.single"}


def test_a_batch_and_its_events_have_grey_zones_of_their_own() -> None:
    body = batch(EVENT, sized(32_001), size=500_001)
    assert [remark.message for remark in remarks_on(body, path="/events/batch")] == [
        "the batch has 500,001 bytes: too large if production's KB is 1000 bytes",
        "event 1 of the batch has 32,001 bytes: "
        "too large if production's KB is 1000 bytes",
    ]
    body = batch(EVENT, sized(32_000), size=500_000)
    assert remarks_on(body, path="/events/batch") == ()


@pytest.mark.parametrize(
    ("body", "remarks"),
    [
        (batch(EVENT), []),
        (b'{"batch":[]}', [("batch.empty", "the batch holds no event")]),
        (
            b'{"user":{},"batch":[{}],"context":{}}',
            [
                (
                    "batch.context_shared",
                    "beside batch, where the page names nothing else: user, context",
                )
            ],
        ),
        (EVENT, []),
        (b"[]", []),
        (b'{"batch":{},"user":1}', []),
        (
            b'{"batch":[{"a":1,"a":2}]}',
            [
                (
                    "json.duplicate_keys",
                    "a stands twice in one object; the last one counts",
                )
            ],
        ),
    ],
)
def test_what_is_remarkable_about_a_batch_is_said(
    body: bytes, remarks: list[tuple[str, str]]
) -> None:
    assert list(remarks_on(body, path="/events/batch")) == remarks


def test_a_pixel_has_no_type_and_no_extras() -> None:
    query = SOURCE + "&event_name=search&b=1"
    assert remarks_on(b"", method="GET", query=query, headers={}) == ()
    alias = remarks_on(b"", method="GET", query="tc_s=29&tc_skey=k&b=1", headers={})
    assert [remark.code for remark in alias] == ["token.alias"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/healthy"),
        ("GET", "/get-cookie"),
        ("OPTIONS", "/events"),
        ("POST", "/x"),
    ],
)
def test_only_what_collects_is_remarked(method: str, path: str) -> None:
    assert remarks_on(b"", method=method, path=path, query="tc_s=1&tc_s=2") == ()


@given(body=bodies, query=queries, headers=headers)
def test_no_accepted_request_can_make_remarks_raise(
    body: bytes, query: str, headers: dict[str, str]
) -> None:
    for path in ("/events", "/events/batch"):
        if receive("POST", path, query, headers, body).status == 200:
            remarks_on(body, path=path, query=query, headers=headers)
