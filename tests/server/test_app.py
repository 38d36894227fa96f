from __future__ import annotations

import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient

from mockcollect.errors import MockcollectError, RecordingError
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.server.app import MAX_INSPECT_BYTES, create_app, is_ours
from mockcollect.settings import Settings
from tests.server.conftest import client_of
from tests.server.helpers import EVENTS, collect, error_of, ids, json_of


@pytest.mark.parametrize(
    ("method", "path", "query", "ours"),
    [
        ("GET", "/", "", True),
        ("HEAD", "/", "q=event:purchase", True),
        ("POST", "/", "", False),
        ("OPTIONS", "/", "", False),
        ("GET", "/", "validate_geo=healthy", False),
        ("GET", "/_inspect", "", True),
        ("DELETE", "/_inspect", "", True),
        ("OPTIONS", "/_inspect/events", "", True),
        ("POST", "/_inspect/events/batch", "", True),
        ("GET", "/_inspector", "", False),
        ("GET", "/x/_inspect", "", False),
        ("GET", "/_INSPECT", "", False),
        ("GET", "/events", "", False),
    ],
)
def test_only_the_page_and_the_inspection_api_are_ours(
    method: str, path: str, query: str, ours: bool
) -> None:
    assert is_ours(method, path, query) is ours


def test_post_to_the_pages_path_is_recorded_and_not_swallowed(
    client: FlaskClient,
) -> None:
    answer = client.post("/", json={"event_name": "purchase"})
    assert answer.status_code == 404
    assert "POST /events" in json_of(answer)["known"]
    [seen] = json_of(client.get("/_inspect/requests"))["requests"]
    assert (seen["method"], seen["path"], seen["status"]) == ("POST", "/", 404)
    assert seen["event_ids"] == []


@pytest.mark.parametrize(
    ("method", "path", "status", "endpoint"),
    [
        ("OPTIONS", "/events", 200, "preflight"),
        ("OPTIONS", "/", 200, "preflight"),
        ("POST", "/event", 404, None),
        ("PUT", "/events", 405, None),
        ("DELETE", "/events", 405, None),
        ("GET", "/healthy", 200, "healthy"),
        ("GET", "/?validate_geo=healthy", 200, "healthy"),
        ("GET", "/get-cookie", 200, "cookie"),
        ("GET", "/_inspector", 404, None),
    ],
)
def test_whatever_is_asked_outside_is_recorded_as_a_request_without_events(
    client: FlaskClient, method: str, path: str, status: int, endpoint: str | None
) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    [seen] = json_of(client.get("/_inspect/requests"))["requests"]
    assert seen["id"] == int(answer.headers["X-Mockcollect-Request"])
    assert (seen["method"], seen["status"]) == (method, status)
    assert (seen["endpoint"], seen["refusal"]) == (endpoint, None)
    assert ids(client) == []


@pytest.mark.parametrize("path", ["/", "/_inspect", "/_inspect/events", "/_inspect/x"])
def test_what_is_ours_is_not_recorded(client: FlaskClient, path: str) -> None:
    client.get(path)
    client.head(path)
    assert json_of(client.get("/_inspect"))["requests"] == 0


def test_head_answers_as_get_without_a_body_and_is_not_recorded(
    client: FlaskClient,
) -> None:
    collect(client, "purchase")
    for path in (
        "/",
        "/_inspect",
        "/_inspect/events",
        "/_inspect/requests/1/body",
        "/_inspect/stream",
        "/_inspect/export?format=har",
        "/events",
        "/healthy",
    ):
        answer = client.head(path)
        assert (answer.status_code, answer.data) == (200, b""), path
    assert ids(client, what="requests") == [1]
    assert client.head("/_inspect/events/9").status_code == 404


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/_inspect/event", "Did you mean /_inspect/events?"),
        ("/_inspect/events/lates", "Did you mean /_inspect/events/latest?"),
        ("/_inspect//events", "Did you mean /_inspect/events?"),
        ("/_inspect/nowhere", "GET /_inspect lists all."),
        ("/_inspect/events/-1", ""),
        ("/_inspect/events/1.5", ""),
        ("/_inspect/" + "x" * 5_000, "…` here. GET /_inspect lists all."),
        ("/_inspect/requests/1/bodi", ""),
        ("/_inspect/events/event_id", "GET /_inspect lists all."),
        ("/_inspect/events/%00%FF", ""),
    ],
)
def test_a_path_that_is_not_there_is_a_404_in_json_with_a_hint(
    client: FlaskClient, path: str, hint: str
) -> None:
    error = error_of(client.get(path), 404, "not-found")
    assert error["message"].endswith(hint)
    assert len(error["message"]) < 200


def test_a_slash_at_the_end_makes_no_difference(client: FlaskClient) -> None:
    collect(client, "purchase")
    for path in ("", "/events", "/events/1", "/requests/1", "/ready"):
        with_slash = client.get(f"/_inspect{path}/")
        assert with_slash.json == client.get(f"/_inspect{path}").json, path


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/_inspect/events", "DELETE, GET, HEAD"),
        ("GET", "/_inspect/undo", "POST"),
        ("DELETE", "/_inspect/requests", "GET, HEAD"),
        ("PUT", "/_inspect", "GET, HEAD"),
        ("PATCH", "/_inspect/events/1", "GET, HEAD"),
    ],
)
def test_a_method_that_a_path_does_not_take_is_a_405_that_names_those_it_does(
    client: FlaskClient, method: str, path: str, allowed: str
) -> None:
    answer = client.open(path, method=method)
    error = error_of(answer, 405, "method-not-allowed")
    assert error["message"] == f"{path} takes {allowed}, not {method}."
    assert answer.headers["Allow"] == allowed


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "chunked"])
def test_a_body_over_its_limit_is_a_413_in_json(
    client: FlaskClient, chunked: bool
) -> None:
    environ: dict[str, object] = {"wsgi.input_terminated": True} if chunked else {}
    headers = {"Transfer-Encoding": "chunked"} if chunked else {}
    for method, path in (("POST", "/_inspect/undo"), ("DELETE", "/_inspect/events")):
        answer = client.open(
            path,
            method=method,
            data=b" " * (MAX_INSPECT_BYTES + 1),
            headers=headers,
            environ_overrides=environ,
        )
        assert "1,048,576 bytes" in error_of(answer, 413, "too-large")["message"]


def test_nothing_of_what_was_captured_is_cached_or_sniffed(client: FlaskClient) -> None:
    collect(client, "purchase")
    for path in ("/", "/_inspect/events", "/_inspect/requests/1/body", "/_inspect/x"):
        answer = client.get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Origin" in answer.headers["Vary"]


def test_nothing_can_be_deleted_or_undone_once_the_recorder_is_closed(
    client: FlaskClient, recorder: TinyRecorder
) -> None:
    collect(client, "purchase")
    token = json_of(client.delete("/_inspect/events"))["undo"]
    recorder.close()
    undo = client.post("/_inspect/undo", json={"undo": token})
    for answer in (client.delete("/_inspect/events?q=event:x"), undo):
        if answer.status_code != 200:  # a deletion of nothing writes nothing
            error = error_of(answer, 503, "not-recording")
            assert error["message"] == "The recorder is closed."
    assert undo.status_code == 503


def test_a_fault_of_ours_is_a_500_in_json_that_says_so(
    recorder: TinyRecorder,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(recorder, "counts", fail)
    client = create_app(recorder, Settings()).test_client()
    with caplog.at_level(logging.CRITICAL):
        error = error_of(client.get("/_inspect"), 500, "internal-server-error")
    assert "a fault of mockcollect" in error["message"]


class _Troubled(TinyRecorder):
    """A recorder that cannot record while it has a trouble."""

    trouble: RecordingError | None = None

    def reserve(self) -> int:
        if self.trouble is not None:
            raise self.trouble
        return super().reserve()

    def check(self) -> None:
        if self.trouble is not None:
            raise self.trouble
        super().check()

    def record(self, *args, **kwargs):  # type: ignore[no-untyped-def]
        if self.trouble is not None:
            raise self.trouble
        return super().record(*args, **kwargs)


@pytest.fixture
def troubled() -> _Troubled:
    return _Troubled()


@pytest.fixture
def said() -> list[MockcollectError]:
    return []


@pytest.fixture
def app(troubled: _Troubled, said: list[MockcollectError]) -> Flask:
    return create_app(troubled, Settings(), on_trouble=said.append)


def test_what_cannot_be_recorded_is_answered_503_and_said_once(
    app: Flask, troubled: _Troubled, said: list[MockcollectError]
) -> None:
    client = app.test_client()
    assert client.get("/_inspect/ready").json == {"ready": True}

    troubled.trouble = full = RecordingError("The disk is full.")
    for path in (EVENTS, "/nowhere", f"{EVENTS}&again"):
        answer = client.post(path, json={"event_name": "purchase"})
        assert answer.status_code == 503
        assert json_of(answer) == {"error": "The disk is full."}
        assert "X-Mockcollect-Request" not in answer.headers
    assert said == [full]
    ready = error_of(client.get("/_inspect/ready"), 503, "not-recording")
    assert ready["message"] == "The disk is full."
    assert client.get("/_inspect/events").status_code == 200

    troubled.trouble = None
    before = troubled.counts()
    assert client.get("/_inspect/ready").status_code == 200
    assert troubled.counts() == before  # it was tried, and changed nothing
    assert client.post(EVENTS, json={"event_name": "purchase"}).status_code == 200

    troubled.trouble = again = RecordingError("It is full again.")
    assert client.post(EVENTS, json={}).status_code == 503
    assert said == [full, again]


def test_a_body_over_its_limit_that_cannot_be_recorded_is_answered_503(
    app: Flask, troubled: _Troubled, said: list[MockcollectError]
) -> None:
    troubled.trouble = RecordingError("The disk is full.")
    answer = app.test_client().post(EVENTS, data=b" " * 40_000)
    assert answer.status_code == 503
    assert len(said) == 1


def test_a_browser_can_read_that_nothing_was_recorded(
    app: Flask, troubled: _Troubled
) -> None:
    troubled.trouble = RecordingError("The disk is full.")
    origin = "https://shop.example"
    answer = app.test_client().post(EVENTS, headers={"Origin": origin})
    assert answer.status_code == 503
    assert answer.headers["Access-Control-Allow-Origin"] == origin


def test_trouble_is_said_on_standard_error_where_nobody_else_wants_it(
    troubled: _Troubled, capsys: pytest.CaptureFixture[str]
) -> None:
    troubled.trouble = RecordingError("The disk is full.")
    client = client_of(troubled)
    client.post(EVENTS, json={})
    client.post(EVENTS, json={})
    said = capsys.readouterr().err
    assert said == "mockcollect: not recorded, answered 503: The disk is full.\n"


def test_the_icon_that_browsers_ask_for_by_themselves_is_not_recorded(
    client: FlaskClient, recorder: TinyRecorder
) -> None:
    assert client.get("/favicon.ico").status_code == 404
    assert recorder.counts()["requests"] == 0
