"""The plan, the known sources, and judging without recording, over HTTP."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mockcollect.contract.wire import MAX_EVENT_BYTES
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.settings import Settings
from tests.recording.helpers import running
from tests.server.conftest import client_of
from tests.server.helpers import (
    EVENTS,
    KEY,
    NESTED,
    SOURCE,
    collect,
    collect_refused,
    error_of,
    ids,
    json_of,
)
from tests.verdict.judging import GONE, good

PLAN = "/_inspect/plan"
SOURCES = "/_inspect/sources"
VALIDATE = "/_inspect/validate"

STRICT = """\
actions:
  missing required property: reject
events:
  purchase:
    revenue: number, required
  refund:
"""
GIVEN = {"site": "29", "key": KEY, "label": "web shop", "active": True}
NEVER_SENT = {"planned": ["a"], "seen": {}, "never_sent": ["a"], "unplanned": []}


def put_plan(
    client: FlaskClient, plan: str | bytes = STRICT, **options: Any
) -> TestResponse:
    return client.put(PLAN, data=plan, **options)


def codes(client: FlaskClient, event_id: int) -> set[str]:
    event = json_of(client.get(f"/_inspect/events/{event_id}"))["event"]
    return {one["code"] for one in event["findings"]}


def known_keys(client: FlaskClient) -> list[str]:
    return [one["key"] for one in json_of(client.get(SOURCES))["sources"]]


# -- the plan


def test_there_is_no_plan_at_first(client: FlaskClient) -> None:
    collect(client, "purchase")
    assert json_of(client.get(PLAN)) == {"plan": None, "coverage": None}


def test_a_plan_is_put_shown_with_what_was_seen_of_it_and_deleted(
    client: FlaskClient, recorder: TinyRecorder
) -> None:
    collect(client, "purchase", "purchase", "other")
    put = put_plan(client)
    assert put.status_code == 200
    now = json_of(client.get(PLAN))
    assert now == json_of(put)
    assert recorder.plan is not None
    assert now["plan"] == recorder.plan.to_dict()
    assert now["plan"]["version"] == recorder.plan.version
    assert now["coverage"] == {
        "planned": ["purchase", "refund"],
        "seen": {"purchase": 2, "other": 1},
        "never_sent": ["refund"],
        "unplanned": ["other"],
    }
    assert json_of(client.delete(PLAN)) == {"plan": None, "coverage": None}
    assert recorder.plan is None


@pytest.mark.parametrize("body", ["", " \n"], ids=["nothing", "white space"])
def test_an_empty_body_removes_the_plan(client: FlaskClient, body: str) -> None:
    put_plan(client)
    assert json_of(put_plan(client, body)) == {"plan": None, "coverage": None}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("events: {a: }", "application/yaml"),
        ("events: {a: }", "text/yaml; charset=utf-8"),
        ("{events: {a: }}", "application/x-yaml"),
        ("events: {a: }", "application/x-www-form-urlencoded"),
        ("events: {a: }", None),
        ('{"events": {"a": {}}}', "application/json"),
        ('{"events": {"a": {}}}', "application/x-www-form-urlencoded"),
        ('{"events": {"a": {}}}', "text/plain"),
        ('{"events": {"a": {}}}', None),
    ],
)
def test_a_plan_is_yaml_or_json_by_what_it_says_or_looks_like(
    client: FlaskClient, body: str, content_type: str | None
) -> None:
    answer = put_plan(client, body, content_type=content_type)
    assert answer.status_code == 200, answer.text
    assert json_of(answer)["coverage"] == NEVER_SENT


@pytest.mark.parametrize(
    ("body", "content_type", "line", "reason"),
    [
        ("events:\n  a:\n    b: nmber\n", None, 3, "nmber"),
        ("events: [\n", None, 2, "not valid YAML"),
        ('{"events": {\n"a": {},}}', "application/json", 2, "not valid JSON"),
        ("{events: {a: }}", "application/json", 1, "not valid JSON"),
        ("evnts: {a: }", "application/yaml", 1, "evnts"),
        (r'events: {a: {"\ud800": number}}', None, None, "surrogate"),
        ("actions: {}", None, None, "`events` is missing"),
        ("events:\n  a: \xff".encode("latin-1"), None, 2, "UTF-8"),
    ],
)
def test_a_broken_plan_is_refused_with_its_line_and_changes_nothing(
    client: FlaskClient,
    body: str | bytes,
    content_type: str | None,
    line: int | None,
    reason: str,
) -> None:
    put_plan(client)
    before = json_of(client.get(PLAN))
    answer = put_plan(client, body, content_type=content_type)
    error = error_of(answer, 422, "invalid-plan")
    assert error["line"] == line
    assert reason in error["reason"]
    assert error["reason"] in error["message"]
    assert json_of(client.get(PLAN)) == before


def test_events_are_judged_anew_by_another_plan(client: FlaskClient) -> None:
    client.post(EVENTS, json=good("server", {"event_name": "purchase"}))
    assert ids(client, "q=verdict:invalid-rejected") == []
    put_plan(client)
    assert ids(client, "q=verdict:invalid-rejected") == [1]
    assert ids(client, "q=finding:property.required", what="requests") == [1]
    client.delete(PLAN)
    assert ids(client, "q=verdict:invalid-rejected") == []


def test_a_plan_of_the_settings_is_shown(tmp_path: Any, recorder: TinyRecorder) -> None:
    file = tmp_path / "tracking.yml"
    file.write_text("sources: ['29:planned']\nevents: {a: }")
    settings = Settings(plan=str(file), sources=(f"29:{KEY}",), test_run=True)
    client = client_of(recorder, settings)
    assert json_of(client.get(PLAN))["plan"]["name"] == str(file)
    assert known_keys(client) == [KEY, "planned"]
    client.delete(PLAN)
    assert known_keys(client) == [KEY]
    assert recorder.sources is not None
    assert recorder.sources.test_run is True


# -- the sources


def test_sources_are_put_shown_and_deleted(client: FlaskClient) -> None:
    collect(client, "purchase")
    client.post("/events?tc_s=29&token=strange", json={"event_name": "purchase"})
    assert json_of(client.get(SOURCES)) == {"sources": []}
    put = client.put(SOURCES, json=[GIVEN])
    assert json_of(put) == json_of(client.get(SOURCES)) == {"sources": [GIVEN]}
    assert ids(client, "q=finding:token.unknown") == [2]
    assert json_of(client.delete(SOURCES)) == {"sources": []}
    assert ids(client, "q=finding:token.unknown") == []


def test_what_is_shown_can_be_put_again(client: FlaskClient) -> None:
    client.put(SOURCES, json=[GIVEN])
    shown = client.get(SOURCES)
    assert client.put(SOURCES, data=shown.data).data == shown.data


@pytest.mark.parametrize("body", [b"", b"\n", b"[]", b'{"sources": []}'])
def test_no_sources_are_known_where_none_is_given(
    client: FlaskClient, body: bytes
) -> None:
    client.put(SOURCES, json=[GIVEN])
    assert json_of(client.put(SOURCES, data=body)) == {"sources": []}


@pytest.mark.parametrize(
    ("body", "said", "line"),
    [
        (b'[\n{"site": 29,}]', "not JSON", 2),
        (b'[{"site": 29}]', "no `key`", None),
        (b'[{"site": 29, "key": "k", "lable": "x"}]', "label", None),
        (b'["29:k"]', "object", None),
        (b"7", "list", None),
        (b'{"source": []}', "list", None),
        (b"\xff", "not JSON", 1),
        (b'[{"site":29,"key":"k"},{"site":30,"key":"k"}]', "given twice", None),
    ],
)
def test_broken_sources_are_refused_and_change_nothing(
    client: FlaskClient, body: bytes, said: str, line: int | None
) -> None:
    client.put(SOURCES, json=[GIVEN])
    error = error_of(client.put(SOURCES, data=body), 422, "invalid-sources")
    assert said in error["message"]
    assert error.get("line") == line
    assert known_keys(client) == [KEY]


def test_sources_of_a_plan_come_and_go_with_it(client: FlaskClient) -> None:
    client.put(SOURCES, json=[GIVEN])
    put_plan(client, "sources: ['29:planned']\nevents: {a: }")
    assert known_keys(client) == [KEY, "planned"]
    client.put(SOURCES, json=[{"site": 29, "key": "other"}])
    assert known_keys(client) == ["other", "planned"]
    client.delete(SOURCES)
    assert known_keys(client) == ["planned"]
    client.delete(PLAN)
    assert known_keys(client) == []


def test_sources_that_contradict_each_other_change_nothing(client: FlaskClient) -> None:
    client.put(SOURCES, json=[GIVEN])
    answer = put_plan(client, f"sources: ['30:{KEY}']\nevents: {{a: }}")
    error = error_of(answer, 422, "invalid-sources")
    assert "given twice" in error["message"]
    assert json_of(client.get(PLAN))["plan"] is None
    assert known_keys(client) == [KEY]


@pytest.mark.parametrize("path", [PLAN, SOURCES])
def test_a_delete_with_a_body_changes_nothing(client: FlaskClient, path: str) -> None:
    put_plan(client, "sources: ['29:planned']\nevents: {a: }")
    before = client.get(path).data
    error_of(client.delete(path, data=b"events: {b: }"), 400, "unexpected-body")
    assert client.get(path).data == before


# -- judging without recording


def validated(
    client: FlaskClient, body: Any, query: str = SOURCE, **options: Any
) -> Any:
    text = body if isinstance(body, bytes) else orjson.dumps(body)
    options.setdefault("content_type", "application/json")
    answer = client.post(f"{VALIDATE}?{query}", data=text, **options)
    assert answer.status_code == 200, answer.text
    return json_of(answer)


def test_an_event_is_judged_as_if_it_were_sent(client: FlaskClient) -> None:
    event = good("server", {"event_name": "purchase", "revenue": "16,00"})
    judged = validated(client, event)
    client.post(EVENTS, data=orjson.dumps(event), content_type="application/json")
    kept = json_of(client.get("/_inspect/events/1"))["event"]
    [one] = judged.pop("events")
    assert one == {key: kept[key] for key in one.keys() - {"index"}} | {"index": 0}
    assert one["verdict"] == "invalid-accepted"
    assert judged == {
        "status": 200,
        "endpoint": "events",
        "refusal": None,
        "verdict": "invalid-accepted",
        "findings": [],
    }


def test_nothing_is_recorded(client: FlaskClient, recorder: TinyRecorder) -> None:
    place = recorder.place()
    validated(client, good("server"))
    validated(client, b"{oops")
    assert recorder.counts()["requests"] == 0
    assert recorder.place() == place


def test_what_was_recorded_says_nothing_of_what_is_validated(
    client: FlaskClient,
) -> None:
    client.post(EVENTS, json=good("server"))
    client.post(EVENTS, json=good("server", {"search_term": "another"}))
    assert "event_id.duplicate" in codes(client, 2)
    [event] = validated(client, good("server"))["events"]
    assert "event_id.duplicate" not in {one["code"] for one in event["findings"]}


def test_a_batch_is_judged_event_by_event_and_the_worst_counts(
    client: FlaskClient,
) -> None:
    nameless = good("server", {"event_name": GONE})
    judged = validated(client, {"batch": [good("server"), nameless]})
    assert (judged["endpoint"], judged["verdict"]) == ("batch", "invalid-rejected")
    assert [one["index"] for one in judged["events"]] == [0, 1]
    assert [one["verdict"] for one in judged["events"]] == ["valid", "invalid-rejected"]


def test_an_empty_batch_has_a_verdict_of_its_own(client: FlaskClient) -> None:
    judged = validated(client, {"batch": []})
    assert judged["events"] == []
    assert judged["findings"]
    client.post(f"/events/batch?{SOURCE}", json={"batch": []})
    [kept] = json_of(client.get("/_inspect/requests"))["requests"]
    assert (judged["verdict"], judged["findings"]) == (
        kept["verdict"],
        kept["findings"],
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "invalid json"),
        (b'{"event_name": purchase}', "invalid json"),
        (b'{"a":"%s"}' % (b"x" * MAX_EVENT_BYTES), "too large"),
    ],
)
def test_what_production_refuses_is_explained(
    client: FlaskClient, body: bytes, reason: str
) -> None:
    judged = validated(client, body)
    request_id = collect_refused(client, body)
    kept = json_of(client.get(f"/_inspect/requests/{request_id}"))
    assert judged["refusal"] == kept["refusal"]
    assert judged["refusal"]["reason"] == reason
    assert (judged["status"], judged["verdict"], judged["events"]) == (400, None, [])


@pytest.mark.parametrize(
    ("body", "endpoint"),
    [
        (b'{"event_name":"a"}', "events"),
        (b'{"batch":[{}]}', "batch"),
        (b'{"x":1,"batch":[]}', "batch"),
        (b'{"batch":3}', "events"),
        (b'[{"event_name":"a"}]', "events"),
        (b'{"batch":[{"a":1}', "batch"),
        (b'\n { "batch" : [', "batch"),
        (b"{oops", "events"),
        (b"", "events"),
    ],
)
def test_the_endpoint_is_the_one_that_the_body_is_meant_for(
    client: FlaskClient, body: bytes, endpoint: str
) -> None:
    assert validated(client, body)["endpoint"] == endpoint


def test_the_endpoint_can_be_said(client: FlaskClient) -> None:
    judged = validated(client, good("server"), f"{SOURCE}&endpoint=batch")
    assert (judged["endpoint"], judged["verdict"]) == ("batch", "invalid-rejected")
    [event] = judged["events"]
    assert "batch.shape" in {one["code"] for one in event["findings"]}
    answer = client.post(f"{VALIDATE}?endpoint=batches", json={})
    error = error_of(answer, 400, "invalid-parameter")
    assert error["suggestion"] == "batch"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("token=k", "tc_s.missing"),
        ("tc_s=29", "token.missing"),
        ("tc_s=29&token=k", "token.unknown"),
        (f"tc_s=30&token={KEY}", "tc_s.mismatch"),
    ],
)
def test_site_and_key_are_those_that_are_given(
    client: FlaskClient, query: str, code: str
) -> None:
    client.put(SOURCES, json=[GIVEN])
    judged = validated(client, good("server"), query)
    assert code in {one["code"] for one in judged["events"][0]["findings"]}
    assert judged["verdict"] == "invalid-rejected"


def test_the_plan_counts_for_what_is_validated(client: FlaskClient) -> None:
    event = good("server", {"event_name": "purchase"})
    assert validated(client, event)["verdict"] != "invalid-rejected"
    put_plan(client)
    assert validated(client, event)["verdict"] == "invalid-rejected"


@pytest.mark.parametrize(
    "body",
    [*NESTED.values(), b"null", b"7", b'"text"', b"[]", b"1e308", b'{"batch":[[[]]]}'],
)
def test_any_json_can_be_validated(client: FlaskClient, body: bytes) -> None:
    judged = validated(client, body)
    assert judged["status"] == 200
    assert len(judged["events"]) == 1


# -- who may


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", PLAN),
        ("DELETE", PLAN),
        ("PUT", SOURCES),
        ("DELETE", SOURCES),
        ("POST", VALIDATE),
    ],
)
@pytest.mark.parametrize(
    "origin", ["https://shop.example", "null", "http://localhost:3000"]
)
def test_pages_of_others_change_and_validate_nothing(
    client: FlaskClient, method: str, path: str, origin: str
) -> None:
    put_plan(client, "sources: ['29:planned']\nevents: {a: }")
    before = client.get(PLAN).data
    answer = client.open(path, method=method, headers={"Origin": origin})
    error_of(answer, 403, "forbidden")
    assert client.get(PLAN).data == before


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("PUT", PLAN, STRICT), ("PUT", SOURCES, "[]"), ("POST", VALIDATE, "{}")],
)
def test_the_own_page_may(
    client: FlaskClient, method: str, path: str, body: str
) -> None:
    own = {"Origin": "http://localhost"}
    asked = client.options(path, headers=own)
    assert method in asked.headers["Access-Control-Allow-Methods"].split(", ")
    answer = client.open(path, method=method, data=body, headers=own)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost"


# -- while events arrive


def test_plans_come_and_go_while_events_are_recorded_and_looked_at(
    recorder: TinyRecorder,
) -> None:
    client = client_of(recorder)
    app = client.application

    def send() -> None:
        mine = app.test_client()
        for _ in range(150):
            collect(mine, "purchase")

    def look() -> None:
        mine = app.test_client()
        for _ in range(15):
            ids(mine, "q=verdict:invalid-rejected")
            ids(mine, "q=level:error%20wait=0", what="requests")
            json_of(mine.get("/_inspect/events/summary"))

    def plan() -> None:
        mine = app.test_client()
        for _ in range(15):
            put_plan(mine)
            mine.put(SOURCES, json=[GIVEN])
            mine.delete(PLAN)

    def clear() -> None:
        mine = app.test_client()
        for _ in range(15):
            undo = json_of(mine.delete("/_inspect/events?q=verdict:invalid"))["undo"]
            mine.post("/_inspect/undo", json={"undo": undo})

    with running(send, send, look, look, plan, clear):
        pass
    put_plan(client)
    rejected = json_of(client.get("/_inspect/events?q=verdict:invalid-rejected"))
    assert rejected["matched"] == rejected["total"]
