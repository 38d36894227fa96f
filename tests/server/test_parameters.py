from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from mockcollect.server import parameters
from tests.server.helpers import error_of

PATHS = [
    "/_inspect",
    "/_inspect/ready",
    "/_inspect/openapi.json",
    "/_inspect/events",
    "/_inspect/events/1",
    "/_inspect/events/latest",
    "/_inspect/events/summary",
    "/_inspect/requests",
    "/_inspect/requests/1",
    "/_inspect/requests/1/body",
    "/_inspect/stream",
    "/_inspect/export",
]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", path) for path in PATHS),
        ("DELETE", "/_inspect/events"),
        ("POST", "/_inspect/undo"),
    ],
)
def test_an_unknown_parameter_is_refused_everywhere(
    client: FlaskClient, method: str, path: str
) -> None:
    error = error_of(
        client.open(f"{path}?colour=red", method=method), 400, "unknown-parameter"
    )
    assert error["parameter"] == "colour"
    assert error["message"].startswith("Unknown parameter `colour`. This takes ")


@pytest.mark.parametrize(
    ("path", "query", "near", "message"),
    [
        (
            "events",
            "limt=5",
            "limit",
            "Unknown parameter `limt`. Did you mean `limit`?",
        ),
        ("events", "Since=5", "since", None),
        ("events", "orders=oldest", "order", None),
        ("requests", "statuses=400", "status", None),
        ("export", "fromat=csv", "format", None),
        ("ready", "q=x", None, "Unknown parameter `q`. This takes none."),
        (
            "events/summary",
            "event=purchase",
            None,
            "Unknown parameter `event`. This takes `q`.",
        ),
    ],
)
def test_an_unknown_parameter_suggests_the_nearest(
    client: FlaskClient, path: str, query: str, near: str | None, message: str | None
) -> None:
    answer = client.get(f"/_inspect/{path}?{query}")
    error = error_of(answer, 400, "unknown-parameter")
    assert error["suggestion"] == near
    assert message in (None, error["message"])


def test_a_parameter_that_is_given_twice_is_refused(client: FlaskClient) -> None:
    answer = client.get("/_inspect/events?q=event:a&q=event:b")
    error = error_of(answer, 400, "repeated-parameter")
    assert error["message"] == "`q` is given 2 times. Give it once."


@pytest.mark.parametrize(
    ("query", "suggestion", "position"),
    [
        ("evnt:purchase", "event", 0),
        ("revenue>10 event_name:purchase", "event", 11),
        ("-evnt:purchase", "event", 1),
        ('"purchase', None, 0),
        ("colour:red", None, 0),
        ("status:4xx", None, 7),
        ("revenue==10", "=", 7),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "events"),
        ("GET", "events/latest"),
        ("GET", "events/summary"),
        ("GET", "requests"),
        ("GET", "stream"),
        ("GET", "export"),
        ("DELETE", "events"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_with_a_suggestion(
    client: FlaskClient,
    method: str,
    path: str,
    query: str,
    suggestion: str | None,
    position: int,
) -> None:
    url = f"/_inspect/{path}?{urlencode({'q': query})}"
    error = error_of(client.open(url, method=method), 400, "invalid-query")
    assert error["parameter"] == "q"
    assert (error["suggestion"], error["position"]) == (suggestion, position)
    if suggestion == "event":
        assert "Did you mean `event`?" in error["message"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=-1", "`limit` takes a whole number from 0 up, not `-1`."),
        ("limit=ten", "`limit` takes a whole number from 0 up, not `ten`."),
        ("limit=", "`limit` takes a whole number from 0 up, not ``."),
        ("limit=1.5", "`limit` takes a whole number from 0 up, not `1.5`."),
        ("limit=%D9%A1", "`limit` takes a whole number from 0 up, not `١`."),
        ("since=x", "`since` takes a whole number from 0 up, not `x`."),
        ("before=0x1", "`before` takes a whole number from 0 up, not `0x1`."),
        ("order=up", "`order` takes newest or oldest, not `up`."),
        ("order=NEWEST", "`order` takes newest or oldest, not `NEWEST`."),
        ("wait=-1", "`wait` takes a number of seconds from 0 to 60, not `-1`."),
        ("wait=2s", "`wait` takes a number of seconds from 0 to 60, not `2s`."),
        ("wait=nan", "`wait` takes a number of seconds from 0 to 60, not `nan`."),
        ("wait=9e9", "`wait` takes a number of seconds from 0 to 60, not `9e9`."),
        ("wait=inf", "`wait` takes a number of seconds from 0 to 60, not `inf`."),
        ("wait=1&count=0", "`count` takes a whole number from 1 up, not `0`."),
        ("wait=1&count=x", "`count` takes a whole number from 1 up, not `x`."),
    ],
)
def test_a_value_that_cannot_be_read_is_refused(
    client: FlaskClient, query: str, message: str
) -> None:
    error = error_of(client.get(f"/_inspect/events?{query}"), 400, "invalid-parameter")
    assert error["message"] == message
    assert error["parameter"] == query.rpartition("&")[2].partition("=")[0]


def test_a_long_value_is_not_shown_in_full(client: FlaskClient) -> None:
    answer = client.get(f"/_inspect/events?limit={'x' * 5_000}")
    assert len(error_of(answer, 400, "invalid-parameter")["message"]) < 150


def test_a_count_without_a_wait_is_refused(client: FlaskClient) -> None:
    answer = client.get("/_inspect/events?count=2")
    error = error_of(answer, 400, "invalid-parameter")
    assert (error["parameter"], error["suggestion"]) == ("count", "wait")
    assert "`limit`" in error["message"]


@pytest.mark.parametrize("status", ["99", "600", "4000", "4xx", "-1", "400 site:29"])
def test_a_status_that_is_none_is_refused(client: FlaskClient, status: str) -> None:
    answer = client.get(f"/_inspect/requests?{urlencode({'status': status})}")
    error = error_of(answer, 400, "invalid-parameter")
    assert error["parameter"] == "status"
    assert "from 100 to 599" in error["message"]


def test_a_format_that_is_none_is_refused_with_a_suggestion(
    client: FlaskClient,
) -> None:
    answer = client.get("/_inspect/export?format=json")
    error = error_of(answer, 400, "invalid-parameter")
    assert error["suggestion"] == "jsonl"
    assert error["message"] == "`format` takes jsonl, curl, csv or har, not `json`."


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("7", 7),
        ("007", 7),
        ("0" * 50 + "7", 7),
        ("10000", 10_000),
        ("10001", 10_000),
        ("9" * 20, 10_000),
        ("9" * 5_000, 10_000),
    ],
)
def test_a_whole_number_is_cut_to_its_bound(text: str, number: int) -> None:
    with Flask("t").test_request_context(f"/?n={text}"):
        assert parameters.integer("n", 1, high=10_000) == number


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("2", 2),
        ("0.25", 0.25),
        (".5", 0.5),
        ("2.", 2),
        ("61", 60),
    ],
)
def test_seconds_are_cut_to_their_bound(text: str, seconds: float) -> None:
    with Flask("t").test_request_context(f"/?wait={text}"):
        assert parameters.seconds("wait", high=60) == seconds


@pytest.mark.parametrize(
    ("read", "default"),
    [
        (lambda: parameters.integer("n", 100, high=10), 100),
        (lambda: parameters.integer("n", None), None),
        (lambda: parameters.seconds("n", high=60), None),
        (lambda: parameters.choice("n", "first", "second"), "first"),
        (lambda: str(parameters.query()), ""),
        (lambda: str(parameters.status()), ""),
    ],
)
def test_what_is_not_given_has_its_default(read: Any, default: object) -> None:
    with Flask("t").test_request_context("/"):
        assert read() == default
