from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from flask.testing import FlaskClient

from mockcollect import __version__
from mockcollect.recording.query import Query
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.server.inspection import ROUTES
from tests.server.conftest import client_of
from tests.server.helpers import (
    BATCH,
    EVENTS,
    KEY,
    NESTED,
    collect,
    collect_refused,
    error_of,
    ids,
    json_of,
)

EVENT = {
    "event_name": "purchase",
    "revenue": 16.0,
    "test_code": "abc",
    "user": {"id": "12345"},
    "context": {"event_id": "2022", "event_timestamp": 1_667_212_800_000},
}

# -- the index, and whether it is ready


def test_the_index_says_what_this_is_and_lists_all_there_is(
    client: FlaskClient, recorder: TinyRecorder
) -> None:
    collect(client, "a", "b")
    index = json_of(client.get("/_inspect"))
    links = index.pop("links")
    started = index.pop("started")
    assert index == {
        "name": "mockcollect",
        "version": __version__,
        "pid": os.getpid(),
        "stands_in_for": "collect.commander1.com",
        "recording": recorder.identity,
        "requests": 2,
        "events": 2,
        "dropped": 0,
        "max_events": 0,
    }
    assert abs(_age(started)) < 60
    assert links["events/{id}"] == "http://localhost/_inspect/events/{id}"
    assert len(links) == len({path for path, _, _ in ROUTES}) - 1
    for name, url in links.items():
        if name not in ("check", "undo", "stream", "validate", "events/latest"):
            assert client.get(url.replace("{id}", "1")).status_code == 200, name


def test_the_index_says_what_was_dropped() -> None:
    recorder = TinyRecorder(max_events=2)
    client = client_of(recorder)
    collect(client, "a", "b", "c")
    index = json_of(client.get("/_inspect"))
    assert (index["events"], index["dropped"], index["max_events"]) == (2, 1, 2)
    error_of(client.get("/_inspect/events/1"), 404, "unknown-event")
    recorder.close()


# -- events


def test_an_event_is_shown_with_all_that_identifies_it(
    client: FlaskClient, recorder: TinyRecorder
) -> None:
    client.post(BATCH, json={"batch": [{"event_name": "first"}, EVENT]})
    page = json_of(client.get("/_inspect/events?limit=1"))
    [event] = page["events"]
    assert abs(_age(event.pop("received_at"))) < 60
    assert event.pop("size") > 100
    recorded = recorder.get(2)
    assert recorded is not None
    findings = [one.to_dict() for one in recorded.verdict.findings]
    assert "consistent_anonymous_id.missing" in {one["code"] for one in findings}
    assert event == {
        "id": 2,
        "event_name": "purchase",
        "event_id": "2022",
        "event_time": 1_667_212_800_000,
        "site_id": "29",
        "source_key": KEY,
        "test_code": "abc",
        "layout": "server",
        "status": 200,
        "fault": None,
        "verdict": "invalid-rejected",
        "findings": findings,
        "request": {"id": 1, "path": "/events/batch", "index": 1, "of": 2},
        "event": EVENT,
    }
    assert {key: page[key] for key in ("total", "matched", "next")} == {
        "total": 2,
        "matched": 2,
        "next": 2,
    }


def test_events_are_filtered_and_both_counts_are_given(client: FlaskClient) -> None:
    collect(client, "purchase", "search", "purchase")
    page = json_of(client.get("/_inspect/events?q=event:purchase"))
    assert [event["id"] for event in page["events"]] == [3, 1]
    assert (page["total"], page["matched"], page["next"]) == (3, 2, None)
    assert ids(client, "q=-event:purchase") == [2]
    assert ids(client, "q=event:purchase%20id:1") == [1]
    assert ids(client, "q=nowhere") == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [6, 5, 4, 3, 2, 1]),
        ("order=oldest", [1, 2, 3, 4, 5, 6]),
        ("since=4", [6, 5]),
        ("before=3", [2, 1]),
        ("since=2&before=5", [4, 3]),
        ("since=2&before=5&order=oldest", [3, 4]),
        ("since=2&before=3", []),
        ("since=5&before=2", []),
        ("since=6", []),
        ("since=999999999999999999999999", []),
        ("before=0", []),
        ("before=999999999999999999999999", [6, 5, 4, 3, 2, 1]),
        ("limit=2", [6, 5]),
        ("limit=2&order=oldest", [1, 2]),
        ("limit=2&since=1&order=oldest", [2, 3]),
        ("limit=0", []),
        ("limit=99999999999999999999", [6, 5, 4, 3, 2, 1]),
    ],
)
@pytest.mark.parametrize("what", ["events", "requests"])
def test_pages_are_cut_by_ids_limit_and_order(
    client: FlaskClient, what: str, query: str, expected: list[int]
) -> None:
    collect(client, *"abcdef")
    assert ids(client, query, what=what) == expected


def test_a_limit_is_cut_to_ten_thousand(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, recorder: TinyRecorder
) -> None:
    asked: list[int] = []
    find = recorder.find

    def noting(query: Query, **options: Any) -> Any:
        asked.append(options["limit"])
        return find(query, **options)

    monkeypatch.setattr(recorder, "find", noting)
    for limit in ("10001", "9" * 30, "10000", "9999"):
        assert client.get(f"/_inspect/events?limit={limit}").status_code == 200
    client.get("/_inspect/events")
    assert asked == [10_000, 10_000, 10_000, 9_999, 100]


@pytest.mark.parametrize("what", ["events", "requests"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
@pytest.mark.parametrize(
    ("order", "cursor"), [("newest", "before"), ("oldest", "since")]
)
def test_following_next_reads_everything_once(
    client: FlaskClient, what: str, limit: int, order: str, cursor: str
) -> None:
    collect(client, *"abaabab")
    seen: list[int] = []
    query, pages = f"q=event:a&limit={limit}&order={order}", 0
    following = ""
    while True:
        page = json_of(client.get(f"/_inspect/{what}?{query}{following}"))
        assert page["matched"] == 4
        seen += [one["id"] for one in page[what]]
        pages += 1
        if page["next"] is None:
            break
        following = f"&{cursor}={page['next']}"
    assert seen == ([6, 4, 3, 1] if order == "newest" else [1, 3, 4, 6])
    assert pages == -(-4 // limit)


def test_paging_is_stable_while_events_arrive(client: FlaskClient) -> None:
    collect(client, *"abcd")
    first = json_of(client.get("/_inspect/events?limit=2"))
    collect(client, "e")
    assert ids(client, f"limit=2&before={first['next']}") == [2, 1]


# -- waiting


def _soon(act: Callable[[], object]) -> threading.Thread:
    """Do something from another thread, once the request waits."""
    thread = threading.Timer(0.05, act)
    thread.start()
    return thread


def test_a_wait_ends_as_soon_as_enough_events_match(client: FlaskClient) -> None:
    collect(client, "purchase")
    sender = client.application.test_client()
    thread = _soon(lambda: collect(sender, "search", "purchase", "purchase"))
    began = time.monotonic()
    page = client.get("/_inspect/events?q=event:purchase&since=1&wait=30&count=2")
    assert time.monotonic() - began < 10
    assert [event["id"] for event in json_of(page)["events"]] == [4, 3]
    thread.join()


def test_a_wait_ends_with_its_time_and_answers_with_what_there_is(
    client: FlaskClient,
) -> None:
    collect(client, "purchase")
    began = time.monotonic()
    assert ids(client, "q=event:purchase&wait=.1&count=2") == [1]
    assert 0.1 <= time.monotonic() - began < 5


def test_a_wait_for_what_is_there_already_does_not_wait(client: FlaskClient) -> None:
    collect(client, "purchase")
    began = time.monotonic()
    assert ids(client, "q=event:purchase&wait=60") == [1]
    assert time.monotonic() - began < 5


def test_waits_are_cut_to_a_minute_and_counts_to_the_largest_page(
    client: FlaskClient, recorder: TinyRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[tuple[int | None, int, float]] = []

    def wait(query: Query, *, since: int | None, count: int, timeout: float) -> bool:
        waited.append((since, count, timeout))
        return False

    monkeypatch.setattr(recorder, "wait", wait)
    client.get("/_inspect/events?wait=61&count=999999&since=3")
    client.get("/_inspect/events?wait=60")
    client.get("/_inspect/events?wait=0")
    client.get("/_inspect/events/latest?wait=3600")
    client.get("/_inspect/events")
    assert waited == [(3, 10_000, 60), (None, 1, 60), (None, 1, 0), (None, 1, 60)]


def test_a_wait_ends_when_the_server_stops(
    client: FlaskClient, recorder: TinyRecorder
) -> None:
    thread = _soon(recorder.interrupt)
    began = time.monotonic()
    assert ids(client, "wait=30") == []
    assert time.monotonic() - began < 10
    thread.join()


# -- one event


def test_one_event_is_shown_with_its_request(client: FlaskClient) -> None:
    body = {"batch": [{"event_name": "first"}, EVENT]}
    client.post(BATCH, json=body)
    shown = json_of(client.get("/_inspect/events/2"))
    assert shown["event"] == json_of(client.get("/_inspect/events"))["events"][0]
    whole = json_of(client.get("/_inspect/requests/1"))
    del whole["events"]
    assert shown["request"] == whole
    assert shown["request"]["event_ids"] == [1, 2]


@pytest.mark.parametrize("what", ["event", "request"])
@pytest.mark.parametrize("number", ["0", "2", "18446744073709551616", "9" * 60])
def test_an_unknown_id_is_a_404(client: FlaskClient, what: str, number: str) -> None:
    collect(client, "a")
    error = error_of(client.get(f"/_inspect/{what}s/{number}"), 404, f"unknown-{what}")
    assert f"There is no {what} {number}" in error["message"]


def test_an_id_of_thousands_of_digits_is_a_404(client: FlaskClient) -> None:
    for path in ("events/{}", "requests/{}", "requests/{}/body"):
        path = f"/_inspect/{path.format('9' * 5_000)}"
        error_of(client.get(path), 404, "not-found")


def test_the_latest_event_that_matches(client: FlaskClient) -> None:
    collect(client, "purchase", "search", "purchase", "search")
    latest = client.get("/_inspect/events/latest?q=event:purchase")
    assert json_of(latest) == json_of(client.get("/_inspect/events/3"))
    assert json_of(client.get("/_inspect/events/latest"))["event"]["id"] == 4


def test_the_latest_event_can_be_waited_for(client: FlaskClient) -> None:
    sender = client.application.test_client()
    thread = _soon(lambda: collect(sender, "search", "purchase"))
    latest = json_of(client.get("/_inspect/events/latest?q=event:purchase&wait=30"))
    assert latest["event"]["id"] == 2
    thread.join()


def test_no_latest_event_says_what_was_seen_instead(client: FlaskClient) -> None:
    collect(client, "search", "purchase", "purchase")
    client.post(EVENTS, json={})
    answer = client.get("/_inspect/events/latest?q=event:purchas%20site:29")
    assert error_of(answer, 404, "no-match") == {
        "code": "no-match",
        "message": "No event matches `event:purchas site:29`. "
        "Kept are: `purchase` 2, without a name 1, `search` 1.",
        "suggestion": "purchase",
        "seen": [
            {"value": "purchase", "count": 2},
            {"value": None, "count": 1},
            {"value": "search", "count": 1},
        ],
    }


def test_no_latest_event_names_only_the_commonest(client: FlaskClient) -> None:
    collect(client, *"abcdef", "x" * 500)
    answer = client.get("/_inspect/events/latest?q=event:a%20site:30")
    error = error_of(answer, 404, "no-match")
    assert error["message"].endswith(", ….")
    assert len(error["message"]) < 200
    assert error["suggestion"] is None  # there are such events: the rest differs
    assert len(error["seen"]) == 7


def test_no_latest_event_says_so_where_there_is_none_at_all(
    client: FlaskClient,
) -> None:
    error = error_of(client.get("/_inspect/events/latest"), 404, "no-match")
    assert error["message"] == "No event is kept, and no request: nothing arrived."
    collect_refused(client)
    error = error_of(client.get("/_inspect/events/latest?q=a"), 404, "no-match")
    assert "Requests without events: 1. GET /_inspect/requests" in error["message"]


# -- the summary


def test_the_summary_counts_what_matches(client: FlaskClient) -> None:
    collect(client, "purchase", "search", "purchase", test_code="abc")
    client.post("/events?tc_s=30", json={"properties": {}, "event": "search"})
    collect_refused(client)
    client.post("/events?tc_s=30", data=b"{")
    summary = json_of(client.get("/_inspect/events/summary"))
    # Of verdicts test_summary tells.
    for key in ("verdicts", "findings", "quality", "personal_data", "coverage"):
        del summary[key]
    assert summary == {
        "requests": 6,
        "events": 4,
        "dropped": 0,
        "max_events": 0,
        "matched": 4,
        "refused": 2,
        "event_names": [
            {"value": "purchase", "count": 2},
            {"value": "search", "count": 2},
        ],
        "site_ids": [{"value": "29", "count": 3}, {"value": "30", "count": 1}],
        "source_keys": [{"value": KEY, "count": 3}, {"value": None, "count": 1}],
        "test_codes": [{"value": "abc", "count": 3}, {"value": None, "count": 1}],
        "layouts": [
            {"value": "server", "count": 3},
            {"value": "browser-v1", "count": 1},
        ],
    }
    of_site = json_of(client.get("/_inspect/events/summary?q=site:30"))
    assert (of_site["matched"], of_site["refused"], of_site["events"]) == (1, 1, 4)
    assert of_site["event_names"] == [{"value": "search", "count": 1}]


def test_the_summary_of_nothing(client: FlaskClient) -> None:
    summary = json_of(client.get("/_inspect/events/summary"))
    assert summary["matched"] == summary["refused"] == 0
    assert summary["event_names"] == []


# -- requests


def test_requests_are_listed_with_the_refusal_explained(client: FlaskClient) -> None:
    collect(client, "purchase")
    body = b'{\n  "event_name": "purchase"\n  "revenue": 16\n}'
    client.post(
        f"{EVENTS}&x=1", data=body, headers={"X-Mine": "é", "User-Agent": "shop"}
    )
    page = json_of(client.get("/_inspect/requests"))
    assert (page["total"], page["matched"], page["next"]) == (2, 2, None)
    refused, taken = page["requests"]
    assert (taken["refusal"], taken["event_ids"], taken["status"]) == (None, [1], 200)
    assert abs(_age(refused.pop("received_at"))) < 60
    refusal = refused.pop("refusal")
    assert refused == {
        "id": 2,
        "method": "POST",
        "path": "/events",
        "query": f"tc_s=29&token={KEY}&x=1",
        "headers": {
            "host": "localhost",
            "user-agent": "shop",
            "x-mine": "é",
            "content-length": str(len(body)),
        },
        "peer": "127.0.0.1",
        "size": len(body),
        "truncated": False,
        "aborted": False,
        "status": 400,
        "endpoint": "events",
        "site_id": "29",
        "source_key": KEY,
        "fault": None,
        "verdict": None,
        "findings": [],
        "event_ids": [],
    }
    assert refusal["reason"] == "invalid json"
    assert (refusal["line"], refusal["column"]) == (3, 3)
    assert "comma" in refusal["message"]
    assert "a comma is missing" in refusal["text"]
    assert any("^" in line for line in refusal["excerpt"])


def test_a_refusal_for_size_names_the_biggest_fields(client: FlaskClient) -> None:
    collect_refused(client, b'{"event_name":"a","note":"%s"}' % (b"x" * 40_000))
    [request] = json_of(client.get("/_inspect/requests"))["requests"]
    refusal = request["refusal"]
    assert (refusal["reason"], refusal["part"]) == ("too large", "body")
    assert (refusal["size"], refusal["limit"]) == (40_028, 32_768)
    assert refusal["fields"] == [{"path": "note", "size": 40_002}]
    assert "7,260 over the limit" in refusal["text"]


def test_requests_are_filtered_by_status_and_filter(client: FlaskClient) -> None:
    collect(client, "purchase", "search")
    collect_refused(client)
    client.get("/nowhere")
    assert ids(client, "status=400", what="requests") == [3]
    assert ids(client, "status=404", what="requests") == [4]
    assert ids(client, "status=200&q=event:search", what="requests") == [2]
    assert ids(client, "q=refused:yes", what="requests") == [3]
    assert ids(client, "q=event:purchase", what="requests") == [1]
    assert ids(client, "status=500", what="requests") == []


def test_one_request_is_shown_with_its_body_remarks_and_events(
    client: FlaskClient,
) -> None:
    body = b'{"event_name": "purchase"}'
    client.post(f"{EVENTS}&tc_s=30", data=body, content_type="text/plain")
    shown = json_of(client.get("/_inspect/requests/1"))
    assert shown["body"] == body.decode()
    repeated = "tc_s is given 2 times; the first, 29, counts"
    assert {"code": "tc_s.repeated", "message": repeated} in shown["remarks"]
    assert shown["events"] == json_of(client.get("/_inspect/events"))["events"]


def test_a_request_shows_only_the_events_that_are_still_kept(
    client: FlaskClient,
) -> None:
    client.post(BATCH, json={"batch": [{"event_name": name} for name in "abc"]})
    client.delete("/_inspect/events?q=event:b")
    shown = json_of(client.get("/_inspect/requests/1"))
    assert shown["event_ids"] == [1, 3]
    assert [event["event_name"] for event in shown["events"]] == ["a", "c"]
    assert [event["request"]["index"] for event in shown["events"]] == [0, 2]


BODIES = {
    "text": b'{"event_name": "purchase"}\n',
    "crlf": b'{"event_name":\r\n"purchase"}\r\n',
    "not UTF-8": b'{"event_name": "\xff\xfe\x00"}',
    "NUL": b"\0",
    "html": b"<script>alert(1)</script>",
    "empty": b"",
    "gzip": b"\x1f\x8b\x08\x00" + bytes(range(256)),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_is_served_byte_for_byte_and_never_as_what_a_browser_runs(
    client: FlaskClient, body: bytes
) -> None:
    client.post(EVENTS, data=body, content_type="text/html")
    answer = client.get("/_inspect/requests/1/body")
    assert answer.data == body
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    disposition = 'attachment; filename="request-1.bin"'
    assert answer.headers["Content-Disposition"] == disposition
    error_of(client.get("/_inspect/requests/2/body"), 404, "unknown-request")


def test_a_body_that_is_no_text_is_null_in_json(client: FlaskClient) -> None:
    client.post(EVENTS, data=BODIES["not UTF-8"])
    assert json_of(client.get("/_inspect/requests/1"))["body"] is None


# -- deleting, and undoing it


def test_everything_is_deleted_and_brought_back(client: FlaskClient) -> None:
    collect(client, "a", "b")
    collect_refused(client)
    before = _everything(client)
    deleted = json_of(client.delete("/_inspect/events"))
    token = deleted.pop("undo")
    assert deleted == {"deleted": 2, "requests": 3, "expires_in": 10}
    assert (ids(client), ids(client, what="requests")) == ([], [])

    undone = client.post("/_inspect/undo", json={"undo": token})
    assert json_of(undone) == {"restored": 2, "requests": 3}
    assert _everything(client) == before


def test_only_what_matches_is_deleted_and_brought_back(client: FlaskClient) -> None:
    client.post(BATCH, json={"batch": [{"event_name": name} for name in "aab"]})
    collect(client, "a", "c")
    collect_refused(client)
    before = _everything(client)
    deleted = json_of(client.delete("/_inspect/events?q=event:a"))
    assert (deleted["deleted"], deleted["requests"]) == (3, 1)
    assert ids(client) == [5, 3]
    assert ids(client, what="requests") == [4, 3, 1]
    collect(client, "d")
    assert ids(client) == [6, 5, 3]  # no id is used again
    undone = client.post("/_inspect/undo", json={"undo": deleted["undo"]})
    assert json_of(undone) == {"restored": 3, "requests": 1}
    client.delete("/_inspect/events?q=event:d")
    assert _everything(client) == before


def test_nothing_that_matches_deletes_nothing(client: FlaskClient) -> None:
    collect(client, "a")
    deleted = json_of(client.delete("/_inspect/events?q=event:b"))
    assert (deleted["deleted"], deleted["requests"]) == (0, 0)
    assert ids(client) == [1]


def test_an_undo_holds_once(client: FlaskClient) -> None:
    collect(client, "a")
    token = json_of(client.delete("/_inspect/events"))["undo"]
    assert client.post("/_inspect/undo", json={"undo": token}).status_code == 200
    again = client.post("/_inspect/undo", json={"undo": token})
    error = error_of(again, 404, "undo-expired")
    assert "only once" in error["message"]
    assert ids(client) == [1]


def test_an_undo_holds_for_ten_seconds(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect(client, "a")
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    token = json_of(client.delete("/_inspect/events"))["undo"]
    other = json_of(client.delete("/_inspect/events"))["undo"]
    now += 9.99
    assert client.post("/_inspect/undo", json={"undo": token}).status_code == 200
    now += 0.02
    answer = client.post("/_inspect/undo", json={"undo": other})
    assert "10 seconds" in error_of(answer, 404, "undo-expired")["message"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is not JSON: "),
        (b"{", "The body is not JSON: "),
        (b"\xff", "The body is not JSON: "),
        (b"[" * 100_000, "The body is not JSON: "),
        (b"null", 'The body is {"undo": TOKEN}'),
        (b"[]", 'The body is {"undo": TOKEN}'),
        (b'"token"', 'The body is {"undo": TOKEN}'),
        (b"{}", 'The body is {"undo": TOKEN}'),
        (b'{"undo": null}', 'The body is {"undo": TOKEN}'),
        (b'{"undo": 1}', 'The body is {"undo": TOKEN}'),
        (b'{"token": "x"}', 'The body is {"undo": TOKEN}'),
    ],
)
def test_an_undo_with_a_broken_body_is_refused(
    client: FlaskClient, body: bytes, message: str
) -> None:
    error = error_of(client.post("/_inspect/undo", data=body), 400, "invalid-body")
    assert error["message"].startswith(message)


def test_an_undo_with_a_wrong_token_is_a_404(client: FlaskClient) -> None:
    collect(client, "a")
    client.delete("/_inspect/events")
    answer = client.post("/_inspect/undo", json={"undo": "0" * 16})
    error_of(answer, 404, "undo-expired")
    assert ids(client) == []


def test_an_undo_reads_a_chunked_body(client: FlaskClient) -> None:
    collect(client, "a")
    token = json_of(client.delete("/_inspect/events"))["undo"]
    answer = client.post(
        "/_inspect/undo",
        data=b'{"undo": "%s"}' % token.encode(),
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert json_of(answer) == {"restored": 1, "requests": 1}


def test_a_delete_with_a_body_deletes_nothing(client: FlaskClient) -> None:
    collect(client, "a")
    answer = client.delete("/_inspect/events", json={"q": "event:b"})
    error = error_of(answer, 400, "unexpected-body")
    assert "?q=event:" in error["message"]
    assert ids(client) == [1]
    empty = client.delete("/_inspect/events", headers={"Content-Length": "0"})
    assert empty.status_code == 200


# -- what holds for all of it


def test_a_get_never_changes_anything(client: FlaskClient) -> None:
    client.post(BATCH, json={"batch": [{"event_name": name} for name in "ab"]})
    collect(client, "c")
    collect_refused(client)
    client.delete("/_inspect/events?q=event:c")
    before = _everything(client)
    for path, method, _ in ROUTES:
        if method == "GET":
            path = path.replace("<int:event_id>", "1").replace("<int:request_id>", "1")
            with client.get(f"/_inspect{path}") as answer:
                if path == "/stream":
                    next(answer.iter_encoded())
                else:
                    assert answer.status_code == 200, path
            client.head(f"/_inspect{path}")
            client.options(f"/_inspect{path}")
            assert _everything(client) == before, path
    for path in ("/", "/_inspect/nowhere", "/_inspect/undo", "/_inspect/events?x=1"):
        client.get(path)
        assert _everything(client) == before, path


HUGE = b'{"event_name":"huge","a":123456789012345678901234567890,"b":%s}' % (b"9" * 300)


@pytest.mark.parametrize(
    "body",
    [*NESTED.values(), HUGE, b'{"a":18446744073709551615,"b":-9223372036854775808}'],
    ids=["300 levels", "900 levels", "huge integers", "64 bits"],
)
@pytest.mark.parametrize("batch", [False, True], ids=["event", "batch"])
def test_deep_events_and_huge_numbers_pass_everywhere(
    client: FlaskClient, body: bytes, batch: bool
) -> None:
    if batch:
        sent = client.post(BATCH, data=b'{"batch": [%s,\n%s]}' % (body, body))
    else:
        sent = client.post(EVENTS, data=body)
    assert sent.status_code == 200
    for path in (
        "events",
        "events/1",
        "events/latest",
        "events/summary",
        "requests",
        "requests/1",
        "requests/1/body",
        "export",
        "export?format=curl",
        "export?format=csv",
        "export?format=har",
        "events?q=a",
        "events?q=has:a",
        "events?q=a>1",
    ):
        assert client.get(f"/_inspect/{path}").status_code == 200, path
    assert len(ids(client)) == 1 + batch
    token = json_of(client.delete("/_inspect/events"))["undo"]
    undone = client.post("/_inspect/undo", json={"undo": token})
    assert json_of(undone)["restored"] == 1 + batch
    before = _everything(client)
    token = json_of(client.delete("/_inspect/events?q=id:1"))["undo"]
    undone = client.post("/_inspect/undo", json={"undo": token})
    assert json_of(undone) == {"restored": 1, "requests": 0 if batch else 1}
    assert _everything(client) == before


@pytest.mark.parametrize("body", [b"1", b"null", b'"text"', b"[1,2]", b"[]", b"{}"])
def test_any_json_is_shown_as_it_was_sent(client: FlaskClient, body: bytes) -> None:
    for url in (EVENTS, BATCH):
        assert client.post(url, data=body).status_code == 200
    answer = client.get("/_inspect/events")
    for event in json_of(answer)["events"]:
        assert repr(event["event"]) == repr(client.application.json.loads(body))


def _everything(client: FlaskClient) -> list[bytes]:
    return [
        client.get(f"/_inspect/{path}").data
        for path in (
            "events",
            "requests",
            "events/summary",
            "export",
            "export?format=curl",
            "export?format=csv",
            "export?format=har",
        )
    ]


def _age(text: str) -> float:
    assert text.endswith("Z")
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    return time.time() - moment.replace(tzinfo=timezone.utc).timestamp()


def test_a_filter_that_only_negates_leaves_refused_requests(
    client: FlaskClient,
) -> None:
    assert client.post("/events", data=b"{").status_code == 400
    cleared = json_of(client.delete("/_inspect/events?q=-event:a"))
    assert (cleared["deleted"], cleared["requests"]) == (0, 0)
    cleared = json_of(client.delete("/_inspect/events?q=refused:yes+-event:a"))
    assert (cleared["deleted"], cleared["requests"]) == (0, 1)
