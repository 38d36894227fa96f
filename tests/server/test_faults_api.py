"""The fault rules over HTTP, and what became of the answers."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from mockcollect.contract.wire import PIXEL
from tests.server.helpers import (
    BATCH,
    EVENTS,
    collect,
    error_of,
    ids,
    json_of,
)

FAULTS = "/_inspect/faults"


def test_there_are_no_rules_at_first(client: FlaskClient) -> None:
    assert json_of(client.get(FAULTS)) == {"rules": []}


def test_rules_are_put_counted_and_removed(client: FlaskClient) -> None:
    rule = {"q": "event:purchase", "status": 503, "retry_after": 2, "next": 2}
    made = json_of(client.put(FAULTS, json=[rule]))["rules"][0]
    assert made.items() >= {**rule, "id": 1, "kind": "status", "hits": 0}.items()
    collect(client, "search")
    answer = client.post(EVENTS, json={"event_name": "purchase"})
    assert (answer.status_code, answer.data) == (503, b"")
    assert answer.headers["Retry-After"] == "2"
    assert answer.headers["X-Mockcollect-Request"] == "2"
    shown = json_of(client.get(FAULTS))["rules"][0]
    assert (shown["hits"], shown["left"]) == (1, 1)
    assert json_of(client.delete(FAULTS)) == {"rules": []}
    collect(client, "purchase")


def test_an_empty_body_removes_all(client: FlaskClient) -> None:
    client.put(FAULTS, json={"rules": [{"reset": True}]})
    assert json_of(client.put(FAULTS)) == {"rules": []}


def test_one_rule_is_removed(client: FlaskClient) -> None:
    client.put(FAULTS, json=[{"reset": True}, {"delay": 1}])
    left = json_of(client.delete(f"{FAULTS}?id=1"))["rules"]
    assert [one["id"] for one in left] == [2]
    error_of(client.delete(f"{FAULTS}?id=1"), 404, "unknown-fault")


@pytest.mark.parametrize(
    ("body", "place", "suggestion"),
    [
        (b'[{"stauts":503}]', "rules[0]", "status"),
        (b'{"rules":[{"reset":true},{"q":"evnt:a","delay":1}]}', "rules[1].q", "event"),
        (b'[{"status":200}]', "rules[0].status", None),
    ],
)
def test_a_wrong_rule_is_a_422_that_says_which_and_why(
    client: FlaskClient, body: bytes, place: str, suggestion: str | None
) -> None:
    client.put(FAULTS, json=[{"reset": True}])
    error = error_of(client.put(FAULTS, data=body), 422, "invalid-faults")
    assert (error["place"], error["suggestion"]) == (place, suggestion)
    assert [one["kind"] for one in json_of(client.get(FAULTS))["rules"]] == ["reset"]


def test_a_body_that_is_not_json_is_a_422_with_its_place(client: FlaskClient) -> None:
    error = error_of(client.put(FAULTS, data=b"[\n,]"), 422, "invalid-faults")
    assert (error["line"], error["column"]) == (2, 1)


def test_a_fault_is_seen_with_its_event_and_its_request(client: FlaskClient) -> None:
    client.put(FAULTS, json=[{"status": 502, "delay": 0.001, "next": 1}])
    client.post(BATCH, json={"batch": [{"event_name": "a"}, {"event_name": "b"}]})
    collect(client, "c")
    fault = {
        "kind": "status",
        "rule": 1,
        "instead_of": 200,
        "delay": 0.001,
        "collected": False,
    }
    events = json_of(client.get("/_inspect/events?order=oldest"))["events"]
    assert [one["fault"] for one in events] == [fault, fault, None]
    assert [one["status"] for one in events] == [502, 502, 200]
    request = json_of(client.get("/_inspect/requests/1"))
    assert (request["fault"], request["status"]) == (fault, 502)
    exported = client.get("/_inspect/export").data.splitlines()
    assert json.loads(exported[0])["fault"] == fault


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("fault:yes", [1, 2]),
        ("fault:no", [3]),
        ("-fault:yes", [3]),
        ("fault:status", [1]),
        ("fault:delay", [2]),
        ("status:503", [1]),
        ("status:200", [2, 3]),
    ],
)
def test_faults_are_found_by_filter(
    client: FlaskClient, query: str, found: list[int]
) -> None:
    rules = [{"status": 503, "next": 1}, {"delay": 0.001, "next": 1}]
    client.put(FAULTS, json=rules)
    client.post(EVENTS, json={"event_name": "a"})
    collect(client, "a", "a")
    assert sorted(ids(client, f"q={query}")) == found
    assert sorted(ids(client, f"q={query}", what="requests")) == found


def test_a_filter_that_is_no_fault_says_which_there_are(client: FlaskClient) -> None:
    answer = client.get("/_inspect/events?q=fault:stats")
    assert error_of(answer, 400, "invalid-query")["suggestion"] == "status"


def test_a_browser_may_read_the_status_of_a_fault(client: FlaskClient) -> None:
    client.put(FAULTS, json=[{"status": 503}])
    origin = {"Origin": "https://shop.example"}
    answer = client.post(EVENTS, json={}, headers=origin)
    assert answer.status_code == 503
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert client.options(EVENTS, headers=origin).status_code == 200


def test_a_pixel_is_cut_in_the_middle(client: FlaskClient) -> None:
    client.put(FAULTS, json=[{"truncate": True}])
    answer = client.get(f"{EVENTS}&event_name=a")
    assert answer.headers["Content-Length"] == str(len(PIXEL))
    assert answer.data == PIXEL[: len(PIXEL) // 2]


def test_a_status_without_a_name_is_sent_all_the_same(client: FlaskClient) -> None:
    client.put(FAULTS, json=[{"status": 599}])
    assert client.get(f"{EVENTS}&event_name=a").status == "599 Fault"


def test_a_request_over_its_limit_is_refused_whatever_the_rules(
    client: FlaskClient,
) -> None:
    client.put(FAULTS, json=[{"status": 503}])
    assert client.post(EVENTS, data=b"x" * 40_000).status_code == 400
    assert client.head(EVENTS).status_code == 200
    assert json_of(client.get(FAULTS))["rules"][0]["hits"] == 0


@pytest.mark.parametrize("rule", [{"reset": True}, {"timeout": 0.001}])
def test_the_test_client_is_told_by_an_error(
    client: FlaskClient, rule: dict[str, float]
) -> None:
    client.put(FAULTS, json=[rule])
    with pytest.raises(ConnectionResetError):
        client.post(EVENTS, json={"event_name": "a"})
    assert ids(client, "q=fault:yes") == [1]


def test_a_retry_of_what_a_fault_kept_away_is_no_duplicate(
    client: FlaskClient,
) -> None:
    client.put(FAULTS, json=[{"status": 503, "next": 2}])
    event = {"event_name": "a", "context": {"event_id": "e-1"}}
    for _ in range(4):
        client.post(EVENTS, json=event)
    shown = json_of(client.get("/_inspect/events?order=oldest"))["events"]
    repeated = [
        "event_id.duplicate" in [finding["code"] for finding in one["findings"]]
        for one in shown
    ]
    assert repeated == [False, False, False, True]
