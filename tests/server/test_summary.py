"""What the summary says of verdicts, and of personal data."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from tests.server.helpers import BATCH, EVENTS, KEY, json_of
from tests.verdict.judging import GONE, good


def summary_of(client: FlaskClient, query: str = "") -> Any:
    return json_of(client.get(f"/_inspect/events/summary?q={query}"))


def send(client: FlaskClient, *events: Any, url: str = EVENTS) -> None:
    for event in events:
        client.post(url, json=event)


def named(number: int, **changes: Any) -> dict[str, Any]:
    """Return a good event of its own id and user."""
    return good(
        "server",
        {
            "context.event_id": f"e-{number}",
            "user.id": f"crm-{number}",
            "user.consistent_anonymous_id": f"20264182736450918273645{number}",
            **changes,
        },
    )


def test_it_counts_verdicts_and_findings_the_worst_first(client: FlaskClient) -> None:
    nameless = named(3)
    del nameless["event_name"]
    send(client, named(1), named(2, search_term=5), named(4, search_term=5), nameless)
    summary = summary_of(client)
    assert summary["verdicts"] == [
        {"value": "invalid-accepted", "count": 2},
        {"value": "valid", "count": 1},
        {"value": "invalid-rejected", "count": 1},
    ]
    found = summary["findings"]
    assert {"code": "event_name.missing", "level": "error", "count": 1, "event": 4} in (
        found
    )
    typed = next(one for one in found if one["code"] == "property.type")
    assert (typed["count"], typed["event"]) == (2, 3)
    levels = [one["level"] for one in found]
    assert levels == sorted(levels, key=["error", "warning", "note"].index)
    assert {"level": "note", "code": "timestamp.far"}.items() <= found[-1].items()


def test_an_event_counts_once_for_a_code_that_it_has_twice(client: FlaskClient) -> None:
    client.put("/_inspect/plan", data="events: {search: {a: number, b: number}}")
    send(client, named(1, a="x", b="y"))
    [typed] = [
        one for one in summary_of(client)["findings"] if one["code"] == "property.type"
    ]
    assert typed["count"] == 1


def test_quality_is_told_of_all_of_each_source_and_of_each_name(
    client: FlaskClient,
) -> None:
    for number in range(19):
        send(client, named(number))
    send(client, named(19, search_term=5))
    send(client, named(20, event_name="a test"), url="/events?tc_s=29&token=other")
    quality = summary_of(client)["quality"]
    assert (quality["events"], quality["percentage"]) == (21, 95.23)
    assert quality["weather"] == "cloudy"
    assert quality["sources"] == [
        {
            "value": KEY,
            "events": 20,
            "valid": 19,
            "percentage": 95.0,
            "weather": "cloudy",
        },
        {
            "value": "other",
            "events": 1,
            "valid": 1,
            "percentage": 100.0,
            "weather": "sunny",
        },
    ]
    assert [(one["value"], one["weather"]) for one in quality["event_names"]] == [
        ("search", "cloudy"),
        ("a test", "sunny"),
    ]


def test_quality_of_nothing_is_no_weather(client: FlaskClient) -> None:
    quality = summary_of(client)["quality"]
    assert (quality["percentage"], quality["weather"]) == (None, None)
    assert quality["sources"] == quality["event_names"] == []


def test_personal_data_is_counted_with_and_without_consent(client: FlaskClient) -> None:
    email = {"user.email": "jane@shop.example"}
    send(
        client,
        named(1, **email),
        named(2, **email, **{"user.consent_categories": []}),
        named(3, **email, **{"user.consent_categories": GONE}),
        {"event_name": "none", "user": {"id": "1"}},
    )
    assert summary_of(client)["personal_data"] == {
        "fields": [
            {"value": "user.email", "count": 3},
            {"value": "context.device.ip", "count": 3},
        ],
        "events": 3,
        "without_consent": 2,
    }


def test_coverage_is_of_what_matches(client: FlaskClient) -> None:
    assert summary_of(client)["coverage"] is None
    client.put("/_inspect/plan", data="events: {search: , purchase: }")
    client.post(BATCH, json={"batch": [named(1), named(2), {"event_name": "x"}, {}]})
    coverage = summary_of(client)["coverage"]
    assert coverage == {
        "planned": ["search", "purchase"],
        "seen": {"search": 2, "x": 1},
        "never_sent": ["purchase"],
        "unplanned": ["x"],
    }
    assert summary_of(client, "event:x")["coverage"]["never_sent"] == [
        "search",
        "purchase",
    ]
