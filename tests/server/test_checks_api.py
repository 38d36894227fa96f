"""Expectations, checked over HTTP."""

from __future__ import annotations

import threading
import time
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from mockcollect.recording.recorder import TinyRecorder
from mockcollect.server import checks_api
from mockcollect.settings import Settings
from tests.server.conftest import client_of
from tests.server.helpers import EVENTS, collect, collect_refused, error_of, json_of

CHECK = "/_inspect/check"


def check(client: FlaskClient, status: int = 200, **body: Any) -> Any:
    answer = client.post(CHECK, json=body)
    assert answer.status_code == status, answer.text
    return json_of(answer)


def test_what_holds_is_answered_200(client: FlaskClient) -> None:
    collect(client, "purchase", "search")
    collect_refused(client)
    answered = check(client, expect=["event:purchase count=1", "status:400 count=1"])
    assert answered["ok"] is True
    assert (answered["events"], answered["refused"], answered["dropped"]) == (2, 1, 0)
    assert answered["verdicts"] == {"invalid-rejected": 2}
    assert answered["coverage"] is None
    assert [one["matched"] for one in answered["results"]] == [1, 1]
    assert answered["results"][0]["event_ids"] == [1]
    assert answered["results"][1]["request_ids"] == [3]


def test_what_does_not_hold_is_answered_422_with_what_came_closest(
    client: FlaskClient,
) -> None:
    collect(client, "purchase", revenue=16)
    answered = check(client, 422, expect=["event:purchase revenue=17", "purchase"])
    assert answered["ok"] is False
    missed, held = answered["results"]
    assert (missed["ok"], held["ok"]) == (False, True)
    assert missed["said"] == "0 matched, expected at least 1"
    assert any("revenue=17" in line and "16" in line for line in missed["details"])
    assert missed["sentence"].startswith("event:purchase revenue=17 matched 0.")


def test_a_body_of_yaml_is_read_as_a_file_of_expectations(client: FlaskClient) -> None:
    collect(client, "page_view", "purchase")
    body = (
        "expect:\n  - event: purchase\n    count: 1\n"
        "never:\n  - event:refund\nsequence: [page_view, purchase]\nwait: 0\n"
    )
    answer = client.post(CHECK, data=body, content_type="application/yaml")
    assert answer.status_code == 200, answer.text
    kinds = [one["kind"] for one in json_of(answer)["results"]]
    assert kinds == ["events", "events", "sequence"]


def test_the_plan_of_the_server_is_what_coverage_is_of(client: FlaskClient) -> None:
    assert (
        client.put("/_inspect/plan", data="events: {a: {}, b: {}}").status_code == 200
    )
    collect(client, "a")
    answered = check(client, 422, coverage="80%")
    assert answered["coverage"]["never_sent"] == ["b"]
    assert check(client, coverage="50%")["ok"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"expect": ["evnt:a"]}, "unknown filter key `evnt`"),
        ({"expects": ["event:a"]}, "Did you mean `expect`?"),
        ({"expect": []}, "list of filters"),
        ({}, "nothing is expected"),
        ({"wait": 2}, "nothing is expected"),
        ({"coverage": "80%"}, "needs a tracking plan"),
        ("{", "line 1"),
        ("expect: [a\n", "line 2"),
        (b"\xff", "not UTF-8"),
        ("", "the file is empty"),
    ],
)
def test_what_cannot_be_checked_is_answered_400(
    client: FlaskClient, body: Any, says: str
) -> None:
    sent = {"json": body} if isinstance(body, dict) else {"data": body}
    error = error_of(client.post(CHECK, **sent), 400, "invalid-expectations")
    assert says in error["message"]
    assert error["reason"] in error["message"]


@pytest.mark.parametrize(
    "more",
    [{"wait": -1}, {"wait": "2"}, {"wait": True}, {"wait": None}, {"format": "xml"}],
    ids=str,
)
def test_a_wait_or_a_format_that_is_none_is_refused(
    client: FlaskClient, more: dict[str, Any]
) -> None:
    answer = client.post(CHECK, json={"expect": ["a"], **more})
    error = error_of(answer, 400, "invalid-body")
    assert error["parameter"] == next(iter(more))


@pytest.mark.parametrize("form", ["text", "github"])
def test_a_report_can_be_asked_for_instead(client: FlaskClient, form: str) -> None:
    collect(client, "a")
    answer = client.post(CHECK, json={"expect": ["event:b"], "format": form})
    assert answer.status_code == 422
    assert answer.mimetype == "text/plain"
    assert "  FAIL  event:b  0 matched, expected at least 1\n" in answer.text
    assert ("::error title=mockcollect::event:b" in answer.text) is (form == "github")


def test_a_report_as_junit_is_xml(client: FlaskClient) -> None:
    answer = client.post(CHECK, json={"expect": ["event:b"], "format": "junit"})
    assert answer.mimetype == "application/xml"
    suite = ET.fromstring(answer.data)[0]
    assert suite.attrib["failures"] == "1"


def test_waiting_ends_as_soon_as_all_holds(client: FlaskClient) -> None:
    sender = threading.Timer(0.2, lambda: collect(client, "late"))
    sender.start()
    start = time.monotonic()
    answered = check(client, expect=["event:late", "event:other count=0"], wait=30)
    assert answered["ok"]
    assert time.monotonic() - start < 10
    sender.join()


def test_what_can_no_longer_hold_is_not_waited_for(client: FlaskClient) -> None:
    collect(client, "purchase", "purchase")
    start = time.monotonic()
    check(client, 422, expect=["event:purchase count=1", "event:late"], wait=30)
    assert time.monotonic() - start < 10


def test_what_never_comes_is_waited_for_so_long(client: FlaskClient) -> None:
    start = time.monotonic()
    check(client, 422, expect=["event:late"], wait=0.3)
    assert 0.3 <= time.monotonic() - start < 10


def test_a_wait_is_cut(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks_api, "MAX_WAIT_SECONDS", 0.1)
    start = time.monotonic()
    check(client, 422, expect=["event:late"], wait=1e300)
    assert time.monotonic() - start < 10


def test_events_that_were_dropped_are_told() -> None:
    recorder = TinyRecorder(max_events=2)
    client = client_of(recorder, Settings())
    collect(client, "a", "b", "c")
    answered = check(client, 422, expect=["event:a"])
    assert (answered["events"], answered["dropped"]) == (2, 1)
    text = client.post(CHECK, json={"expect": ["event:c"], "format": "text"}).text
    assert "1 older event dropped before" in text
    recorder.close()


def test_what_a_fault_kept_away_counts_for_nothing(client: FlaskClient) -> None:
    rule = {"rules": [{"status": 503, "next": 1}]}
    assert client.put("/_inspect/faults", json=rule).status_code == 200
    assert client.post(EVENTS, json={"event_name": "a"}).status_code == 503
    collect(client, "a")
    answered = check(client, expect=["event:a count=1"])
    assert (answered["events"], answered["kept_away"]) == (1, 1)
    text = client.post(CHECK, json={"expect": ["event:a"], "format": "text"}).text
    assert "1 event kept away by faults" in text
