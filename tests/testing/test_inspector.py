from __future__ import annotations

import re
import threading
import time
from datetime import datetime, timezone
from typing import Any
from unittest.mock import ANY

import pytest
from dirty_equals import IsPositiveFloat, IsStr
from tinydb import where

from mockcollect import ABSENT, Settings
from mockcollect.testing.inspector import DEFAULT_SITE_ID, DEFAULT_SOURCE_KEY, Inspector
from mockcollect.testing.server import Server
from tests.testing.sending import (
    SOURCE,
    later,
    post,
    send,
    send_batch,
    send_refused,
    send_whole,
)

LONG = 30.0
"""A timeout that nothing here should come near."""


def seconds_since(start: float) -> float:
    return time.monotonic() - start


# -- where to send


def test_the_urls_are_those_of_the_api_page(
    inspector: Inspector, server: Server
) -> None:
    assert inspector.url == f"http://127.0.0.1:{server.port}"
    assert inspector.events_url() == f"{inspector.url}/events?{SOURCE}"
    assert inspector.batch_url() == f"{inspector.url}/events/batch?{SOURCE}"
    own = "tc_s=31&token=mine"
    assert inspector.events_url(site_id="31", source_key="mine").endswith(own)
    assert inspector.batch_url(site_id="31", source_key="mine").endswith(own)


def test_each_test_has_a_code_of_its_own(server: Server) -> None:
    one, two = server.inspector("one"), server.inspector("two")
    assert one.test_code == one.test_code
    assert one.test_code != two.test_code


# -- what arrived


def test_events_read_like_what_was_sent(inspector: Inspector, server: Server) -> None:
    send(server.port, "purchase", revenue=16.0, items=[{"id": "a"}])
    send_batch(server.port, {"event_name": "a"}, {"event_name": "b"})
    assert inspector.events == [
        {"event_name": "purchase", "revenue": 16.0, "items": [{"id": "a"}]},
        {"event_name": "a"},
        {"event_name": "b"},
    ]


def test_an_event_is_a_mapping_that_knows_where_it_came_from(
    inspector: Inspector, server: Server
) -> None:
    before = datetime.now(tz=timezone.utc).replace(microsecond=0)
    send(server.port, "purchase", event_id="e-1", test_code="t", revenue=16.0)
    event = inspector.assert_sent("purchase")
    assert dict(event) == event.data
    assert event["revenue"] == 16.0
    assert event.get("currency") is None
    assert "revenue" in event
    assert len(event) == 4
    assert list(event) == ["event_name", "event_id", "test_code", "revenue"]
    assert event == inspector.events[0]
    assert event != {"event_name": "purchase"}
    assert event != {"event_name": "purchase"}
    assert repr(event) == repr(event.data)
    assert (event.event_name, event.event_id) == ("purchase", "e-1")
    assert event.test_code == "t"
    assert (event.site_id, event.source_key) == (DEFAULT_SITE_ID, DEFAULT_SOURCE_KEY)
    assert (event.id, event.status) == (1, 200)
    assert before <= event.received_at <= datetime.now(tz=timezone.utc)
    assert event.to_dict()["event_name"] == "purchase"
    with pytest.raises(TypeError, match="unhashable"):
        hash(event)


def test_a_request_shows_what_was_sent(inspector: Inspector, server: Server) -> None:
    send(server.port, "purchase")
    request = inspector.assert_sent("purchase").request
    assert (request.method, request.path, request.query) == ("POST", "/events", SOURCE)
    assert request.headers["content-type"] == "application/json"
    assert request.body == b'{"event_name": "purchase"}'
    assert (request.site_id, request.source_key) == (
        DEFAULT_SITE_ID,
        DEFAULT_SOURCE_KEY,
    )
    assert (request.status, request.reason, request.explanation) == (200, None, "")
    assert request.received_at.tzinfo is timezone.utc
    assert repr(request) == "<Request #1 POST /events, 200>"


def test_an_event_that_is_no_object_reads_like_an_empty_one(
    inspector: Inspector, server: Server
) -> None:
    assert post(server.port, b'{"batch": [7]}', "/events/batch") == 200
    (event,) = inspector.events
    assert (len(event), event.data, event.event_name) == (0, 7, None)
    assert event == 7


def test_sent_returns_what_matches_now(inspector: Inspector, server: Server) -> None:
    assert inspector.sent("purchase") == []
    send(server.port, "purchase", revenue=1)
    send(server.port, "purchase", revenue=2)
    send(server.port, "refund")
    assert [one["revenue"] for one in inspector.sent("purchase")] == [1, 2]
    assert inspector.sent("purchase", revenue=2) == [inspector.events[1]]
    assert len(inspector.sent("purchase", where={"revenue": 1})) == 1


def test_what_arrived_before_is_another_tests(server: Server) -> None:
    send(server.port, "early")
    assert server.inspector("a test").events == []


def test_db_is_the_live_tinydb_of_all_tests(
    inspector: Inspector, server: Server
) -> None:
    send(server.port, "purchase")
    events = inspector.db.table("events")
    (found,) = events.search(where("event_name") == "purchase")
    assert found.doc_id == 1


# -- what should have arrived


@pytest.mark.parametrize(
    "properties",
    [
        {"revenue": 16.0, "currency": "EUR"},
        {"revenue": 16, "user": {"id": "12345"}},
        {"revenue": pytest.approx(15.9999, abs=0.01)},
        {"revenue": IsPositiveFloat(), "currency": IsStr(regex="[A-Z]{3}")},
        {"currency": ANY, "coupon": ABSENT},
        {"currency": re.compile("^E")},
        {"items": [{"id": "a"}, {"id": "b"}]},
        {"where": {"items[1].id": "b", "user.id": re.compile(r"\d+")}},
    ],
    ids=repr,
)
def test_a_matching_event_is_returned(
    inspector: Inspector, server: Server, properties: dict[str, Any]
) -> None:
    send(server.port, "purchase", revenue=1.0)
    send(
        server.port,
        "purchase",
        revenue=16.0,
        currency="EUR",
        user={"id": "12345", "email": "a@example.com"},
        items=[{"id": "a", "price": 1}, {"id": "b"}],
    )
    assert inspector.assert_sent("purchase", **properties)["revenue"] == 16.0


@pytest.mark.parametrize(
    "properties",
    [
        {"revenue": "16.0"},
        {"items": [{"id": "a"}]},
        {"currency": ABSENT},
        {"where": {"user.id": 12345}},
        {"user": {"id": "12345", "phone": ANY}},
    ],
    ids=repr,
)
def test_what_does_not_match_fails(
    inspector: Inspector, server: Server, properties: dict[str, Any]
) -> None:
    send(
        server.port,
        "purchase",
        revenue=16.0,
        currency="EUR",
        user={"id": "12345"},
        items=[{"id": "a"}, {"id": "b"}],
    )
    with pytest.raises(AssertionError, match="One is close"):
        inspector.assert_sent("purchase", timeout=0, **properties)


@pytest.mark.parametrize(
    ("bounds", "passes"),
    [
        ({"count": 2}, True),
        ({"count": 1}, False),
        ({"count": 3}, False),
        ({"at_least": 2}, True),
        ({"at_least": 3}, False),
        ({"at_most": 2}, True),
        ({"at_most": 1}, False),
        ({"at_least": 1, "at_most": 3}, True),
    ],
)
def test_counts_are_exact_or_a_range(
    inspector: Inspector, server: Server, bounds: dict[str, int], passes: bool
) -> None:
    send(server.port, "purchase", "page_view", "purchase")
    if passes:
        inspector.assert_sent("purchase", **bounds)  # type: ignore[arg-type]
        return
    with pytest.raises(AssertionError, match=r"^expected .*`purchase` event"):
        inspector.assert_sent("purchase", **bounds)  # type: ignore[arg-type]


def test_an_assertion_waits_and_returns_as_soon_as_the_event_comes(
    inspector: Inspector, server: Server
) -> None:
    start = time.monotonic()
    with later(lambda: send(server.port, "purchase")):
        assert inspector.assert_sent("purchase", timeout=LONG).id == 1
    assert seconds_since(start) < LONG / 3


def test_wait_for_returns_the_event_that_completes_the_count(
    inspector: Inspector, server: Server
) -> None:
    send(server.port, "purchase", number=1)
    start = time.monotonic()
    with later(lambda: send(server.port, "page_view", "purchase", number=2)):
        found = inspector.wait_for("purchase", count=2, timeout=LONG)
    assert found["number"] == 2
    assert seconds_since(start) < LONG / 3
    with pytest.raises(AssertionError, match="3 `purchase` events, and 2 arrived"):
        inspector.wait_for("purchase", count=3, timeout=0)


def test_it_is_waited_for_as_long_as_was_asked(inspector: Inspector) -> None:
    start = time.monotonic()
    with pytest.raises(AssertionError, match=r"in 0\.2 s"):
        inspector.assert_sent("purchase", timeout=0.2)
    assert 0.2 <= seconds_since(start) < LONG


def test_sent_once_watches_that_it_is_not_sent_again(
    inspector: Inspector, server: Server
) -> None:
    send(server.port, "purchase", number=1)
    assert inspector.assert_sent_once("purchase", settle=0.1)["number"] == 1
    with (
        later(lambda: send(server.port, "purchase", number=2)),
        pytest.raises(AssertionError, match="and 2 arrived"),
    ):
        inspector.assert_sent_once("purchase", settle=LONG / 20)


def test_sent_once_fails_at_once_where_it_was_sent_twice(
    inspector: Inspector, server: Server
) -> None:
    send(server.port, "purchase", "purchase")
    start = time.monotonic()
    with pytest.raises(AssertionError, match="and 2 arrived"):
        inspector.assert_sent_once("purchase", settle=LONG)
    assert seconds_since(start) < LONG / 3


def test_a_sequence_may_have_others_between_unless_it_is_strict(
    inspector: Inspector, server: Server
) -> None:
    send(server.port, "page_view", "search", "purchase")
    found = inspector.assert_sequence(["page_view", {"event_name": "purchase"}])
    assert [one.id for one in found] == [1, 3]
    with pytest.raises(AssertionError, match="#2 search"):
        inspector.assert_sequence(["page_view", "purchase"], strict=True)
    whole = ["page_view", "search", "purchase"]
    assert len(inspector.assert_sequence(whole, strict=True)) == 3


def test_a_sequence_waits_for_its_last_step(
    inspector: Inspector, server: Server
) -> None:
    send(server.port, "page_view")
    start = time.monotonic()
    with later(lambda: send(server.port, "purchase", revenue=16.0)):
        steps: list[Any] = ["page_view", {"event_name": "purchase", "revenue": 16.0}]
        assert len(inspector.assert_sequence(steps, timeout=LONG)) == 2
    assert seconds_since(start) < LONG / 3


def test_a_strict_sequence_watches_for_what_comes_behind_it(
    inspector: Inspector, server: Server
) -> None:
    send(server.port, "page_view")
    with (
        later(lambda: send(server.port, "refund")),
        pytest.raises(AssertionError, match="#2 refund"),
    ):
        inspector.assert_sequence(["page_view"], strict=True, settle=LONG / 20)


@pytest.mark.parametrize("because", [None, "invalid json"])
def test_a_refused_request_is_returned_with_its_explanation(
    inspector: Inspector, server: Server, because: Any
) -> None:
    send_refused(server.port)
    request = inspector.assert_refused(because=because)
    assert (request.status, request.reason) == (400, "invalid json")
    assert request.explanation.startswith("line 1, column 2: expected a key")
    assert [one.id for one in inspector.refused] == [request.id]
    assert inspector.problems() == []


def test_a_refused_request_is_waited_for(inspector: Inspector, server: Server) -> None:
    start = time.monotonic()
    with later(lambda: send_refused(server.port, b'"' + b"x" * 40_000 + b'"')):
        inspector.assert_refused(because="too large", timeout=LONG)
    assert seconds_since(start) < LONG / 3


def test_only_what_was_asserted_is_expected(
    inspector: Inspector, server: Server
) -> None:
    send_refused(server.port)
    send_refused(server.port, b'"' + b"x" * 40_000 + b'"')
    inspector.assert_refused(because="too large")
    (problem,) = inspector.problems()
    assert problem.startswith("1 request was refused (400)")
    assert "invalid JSON" in problem


def test_what_was_refused_may_be_allowed(inspector: Inspector, server: Server) -> None:
    send_refused(server.port)
    assert inspector.problems(allow_refused=True) == []


def test_all_is_valid_while_nothing_was_refused(
    inspector: Inspector, server: Server
) -> None:
    inspector.assert_all_valid()
    send_whole(server.port, "login")
    inspector.assert_all_valid()
    send_refused(server.port)
    with pytest.raises(AssertionError, match="1 request was refused"):
        inspector.assert_all_valid()


def test_one_event_that_is_not_valid_is_enough(
    inspector: Inspector, server: Server
) -> None:
    send_whole(server.port, "login")
    send(server.port, "login")
    with pytest.raises(AssertionError, match="1 of 2 events is not valid"):
        inspector.assert_all_valid()


def test_events_of_other_tests_need_not_be_valid(
    inspector: Inspector, server: Server
) -> None:
    send(server.port, "login", test_code=server.inspector("another").test_code)
    inspector.assert_all_valid()


# -- what should not have


def test_what_was_not_sent_passes(inspector: Inspector, server: Server) -> None:
    inspector.assert_nothing_sent()
    send(server.port, "purchase", revenue=1)
    inspector.assert_not_sent("refund")
    inspector.assert_not_sent("purchase", revenue=2)
    with pytest.raises(AssertionError, match="expected no `purchase` event"):
        inspector.assert_not_sent("purchase", revenue=1)
    with pytest.raises(AssertionError, match="expected no events, and 1 arrived"):
        inspector.assert_nothing_sent()


def test_a_refused_request_is_not_nothing(inspector: Inspector, server: Server) -> None:
    send_refused(server.port)
    with pytest.raises(AssertionError, match="and 1 refused request arrived"):
        inspector.assert_nothing_sent()


@pytest.mark.parametrize("name", ["assert_not_sent", "assert_nothing_sent"])
def test_what_comes_while_it_is_watched_fails(
    inspector: Inspector, server: Server, name: str
) -> None:
    args = ("purchase",) if name == "assert_not_sent" else ()
    with (
        later(lambda: send(server.port, "purchase")),
        pytest.raises(AssertionError, match=r"watched for 1\.5 s after the last"),
    ):
        getattr(inspector, name)(*args, settle=LONG / 20)


def test_each_request_begins_the_watch_anew() -> None:
    with Server(Settings(timeout=LONG)) as server:
        inspector = server.inspector()
        start = time.monotonic()
        with later(lambda: send(server.port, "page_view"), seconds=0.2):
            inspector.assert_not_sent("refund", settle=0.4)
        assert 0.6 <= seconds_since(start) < LONG


def test_a_watch_that_never_gets_quiet_is_given_up_and_says_so(
    inspector: Inspector, server: Server
) -> None:
    done = threading.Event()

    def send_until_done() -> None:
        while not done.is_set():
            send(server.port, "page_view")

    with later(send_until_done, seconds=0):
        inspector.wait_for("page_view", timeout=LONG)
        try:
            with pytest.raises(AssertionError, match=r"watched for 0\.0 s"):
                inspector.assert_not_sent("page_view", settle=0.3)
        finally:
            done.set()


def test_what_was_seen_is_nothing_for_a_quiet_test(inspector: Inspector) -> None:
    assert inspector.seen() == ""
