from __future__ import annotations

import io
import re
from typing import Any
from unittest.mock import ANY

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from fixtures.runner import Observed, check, load_cases
from mockcollect.contract.wire import MAX_BATCH_BYTES, MAX_EVENT_BYTES, PIXEL
from mockcollect.errors import MockcollectError, RecordingError
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.server.app import create_app
from mockcollect.settings import Settings
from tests.server.helpers import BATCH, EVENTS, SOURCE, json_of

CASES = load_cases()


def request_of(client: FlaskClient, request_id: str | int = 1) -> dict[str, Any]:
    shown: dict[str, Any] = json_of(client.get(f"/_inspect/requests/{request_id}"))
    return shown


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_each_case_of_the_contract_is_answered_as_it_says(
    client: FlaskClient, case: Any
) -> None:
    asked = case.request
    answer = client.open(
        asked.path,
        method=asked.method,
        query_string=asked.query,
        headers=asked.headers,
        data=asked.body or None,
    )
    seen = Observed(answer.status_code, dict(answer.headers), answer.data)
    assert check(case, seen) == []


@pytest.mark.parametrize("url", [EVENTS, BATCH, f"/cdp{EVENTS}", "/x/cdp/events/"])
@pytest.mark.parametrize(("body", "status"), [(b"{}", 200), (b"{", 400)])
def test_an_answer_is_empty_but_for_the_way_to_its_explanation(
    client: FlaskClient, url: str, body: bytes, status: int
) -> None:
    answer = client.post(url, data=body)
    assert (answer.status_code, answer.data) == (status, b"")
    assert dict(answer.headers) == {"Content-Length": "0", "X-Mockcollect-Request": "1"}


def test_ids_count_up_over_all_that_arrives(client: FlaskClient) -> None:
    answers = [
        client.post(EVENTS, data=b"{}"),
        client.post(EVENTS, data=b"{"),
        client.post(EVENTS, data=b" " * (MAX_EVENT_BYTES + 1)),
        client.get("/nowhere"),
    ]
    header = [answer.headers["X-Mockcollect-Request"] for answer in answers]
    assert header == ["1", "2", "3", "4"]


def test_the_content_type_does_not_matter(client: FlaskClient) -> None:
    for content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        answer = client.post(EVENTS, data=b'{"a":1}', content_type=content_type)
        assert answer.status_code == 200
    assert request_of(client, 2)["body"] == '{"a":1}'


def test_the_pixel_is_an_event_and_a_gif(client: FlaskClient) -> None:
    answer = client.get(f"{EVENTS}&event_name=search&items%5B0%5D%5Bid%5D=LAMP")
    assert (answer.data, answer.mimetype) == (PIXEL, "image/gif")
    [event] = request_of(client)["events"]
    assert event["event"] == {"event_name": "search", "items": [{"id": "LAMP"}]}


@pytest.mark.parametrize(
    ("sent", "query"),
    [
        (b"tc_s=29&a=%5B1%5D&b=+", "tc_s=29&a=%5B1%5D&b=+"),
        ("tc_s=29&é=ü".encode(), "tc_s=29&é=ü"),
        (b"tc_s=29&a=\xff", "tc_s=29&a=\ufffd"),
    ],
)
def test_the_query_is_kept_as_it_was_sent(
    client: FlaskClient, sent: bytes, query: str
) -> None:
    environ = {"QUERY_STRING": sent.decode("latin-1")}
    client.post("/events", data=b"{}", environ_overrides=environ)
    assert request_of(client)["query"] == query


@pytest.mark.parametrize(
    ("sent", "path"),
    [("/caf%C3%A9", "/café"), ("/%FF", "/\ufffd"), ("/a%20b", "/a b"), ("//x", "//x")],
)
def test_a_path_is_kept_decoded(client: FlaskClient, sent: str, path: str) -> None:
    raw = sent.encode("ascii")
    decoded = re.sub(rb"%(..)", lambda m: bytes.fromhex(m[1].decode()), raw)
    environ = {"PATH_INFO": decoded.decode("latin-1")}
    answer = client.post("/x", environ_overrides=environ)
    assert answer.status_code == 404
    assert request_of(client)["path"] == path


def test_a_visitor_keeps_the_id_that_it_has(client: FlaskClient) -> None:
    client = client.application.test_client(use_cookies=False)  # its own would win
    first = json_of(client.get("/get-cookie"))["TCID"]
    assert re.fullmatch(r"\d{24}", first)
    again = client.get("/get-cookie", headers={"Cookie": f"a=b; TCID={first}"})
    assert json_of(again) == {"TCID": first}
    assert json_of(client.get("/get-cookie"))["TCID"] != first
    odd = client.get("/get-cookie", headers={"Cookie": "TCID=\x01; =;;"})
    assert json_of(odd) == {"TCID": ANY}


@pytest.mark.parametrize(
    ("url", "limit"), [(EVENTS, MAX_EVENT_BYTES), (BATCH, MAX_BATCH_BYTES)]
)
@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "chunked"])
def test_a_body_over_its_limit_is_refused_and_kept(
    client: FlaskClient, url: str, limit: int, chunked: bool
) -> None:
    body = b'{"note":"%s"}' % (b"x" * limit)
    answer = client.post(
        url, data=body, headers={"Transfer-Encoding": "chunked"} if chunked else {}
    )
    assert (answer.status_code, answer.data) == (400, b"")
    shown = request_of(client, answer.headers["X-Mockcollect-Request"])
    assert (shown["size"], shown["truncated"]) == (len(body), False)
    assert shown["refusal"]["size"] == len(body)
    assert shown["refusal"]["fields"] == [{"path": "note", "size": limit + 2}]
    assert client.get("/_inspect/requests/1/body").data == body


def test_of_a_huge_body_the_first_mebibyte_is_kept(client: FlaskClient) -> None:
    size = (1 << 20) + 5
    client.post(EVENTS, data=b"x" * size)
    shown = request_of(client)
    assert (shown["size"], shown["truncated"]) == (size, True)
    assert shown["refusal"]["fields"] == []
    assert len(client.get("/_inspect/requests/1/body").data) == 1 << 20


def test_who_hangs_up_early_is_recorded_as_aborted_without_events(
    client: FlaskClient,
) -> None:
    answer = client.post(
        EVENTS,
        environ_overrides={
            "wsgi.input": io.BytesIO(b'{"event_name":"a"}'),
            "CONTENT_LENGTH": "400",
        },
    )
    assert answer.status_code == 400
    shown = request_of(client)
    assert (shown["aborted"], shown["size"], shown["events"]) == (True, 400, [])
    assert shown["refusal"]["reason"] == "aborted"
    assert "18 of 400 bytes" in shown["refusal"]["message"]


def test_the_answer_of_a_large_body_leaves_before_it_is_drained(
    recorder: TinyRecorder,
) -> None:
    class Body(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            order.append("drain")
            return super().read(size)

    order: list[str] = []
    app = create_app(recorder, Settings())
    environ = Flask("t").test_request_context().request.environ | {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/events",
        "QUERY_STRING": SOURCE,
        "CONTENT_LENGTH": "40000",
        "wsgi.input": Body(b" " * 40_000),
    }
    answer = app.wsgi_app(environ, lambda *_: order.append("answer") or order.append)  # type: ignore[arg-type,func-returns-value]
    assert order == ["answer"]
    assert recorder.counts()["requests"] == 0
    assert list(answer) == []
    assert order[1] == "drain"
    assert recorder.counts()["requests"] == 1
    answer.close()  # type: ignore[attr-defined]
    assert recorder.counts()["requests"] == 1


def test_a_large_body_whose_record_fails_turns_ready_off(
    recorder: TinyRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise RecordingError("The disk is full.")

    said: list[MockcollectError] = []
    client = create_app(recorder, Settings(), on_trouble=said.append).test_client()
    monkeypatch.setattr(recorder, "record", fail)
    monkeypatch.setattr(recorder, "check", fail)
    assert client.post(EVENTS, data=b" " * 40_000).status_code == 400
    assert client.get("/_inspect/ready").status_code == 503
    assert len(said) == 1


def test_headers_are_kept_by_lower_case_name(client: FlaskClient) -> None:
    client.post(
        EVENTS,
        data=b"{}",
        content_type="application/json",
        headers={"X-Shop-Id": "7", "Authorization": "Bearer k"},
    )
    headers = request_of(client)["headers"]
    assert headers["x-shop-id"] == "7"
    assert headers["authorization"] == "Bearer k"
    assert headers["content-type"] == "application/json"
    assert headers["content-length"] == "2"


@pytest.mark.parametrize("path", ["/events", "/events/batch", "/nowhere", "/healthy"])
def test_head_is_answered_and_not_recorded(client: FlaskClient, path: str) -> None:
    answer = client.head(path)
    assert answer.data == b""
    assert answer.status_code == client.get(path).status_code
    assert json_of(client.get("/_inspect"))["requests"] == 1


def test_a_pixel_with_a_body_over_the_limit_is_recorded_before_its_answer(
    recorder: TinyRecorder,
) -> None:
    environ = EnvironBuilder(
        "/events?event_name=a", method="GET", data=b"x" * 600_000
    ).get_environ()
    app = create_app(recorder, Settings())
    answer = app.wsgi_app(environ, lambda *_: list.append)  # type: ignore[arg-type]
    assert recorder.counts()["events"] == 1
    assert next(iter(answer)) == PIXEL
    answer.close()  # type: ignore[attr-defined]
    assert recorder.counts()["events"] == 1


def test_it_says_that_it_cannot_record_before_anything_was_sent(
    recorder: TinyRecorder,
) -> None:
    recorder.close()
    client = create_app(recorder, Settings()).test_client()
    assert client.get("/_inspect/ready").status_code == 503
