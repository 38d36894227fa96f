"""The fixture's faults: clients that retry, what counts, and that all is undone."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any

import pytest
import requests
import tenacity
import urllib3
from urllib3.util import Retry

from mockcollect.errors import InvalidFault
from mockcollect.server.faults import FaultRule
from mockcollect.settings import Settings
from mockcollect.testing.inspector import Inspector
from mockcollect.testing.server import Server
from tests.testing.runs import Suite, assert_golden, block
from tests.testing.sending import SECONDS, post, send, send_batch, send_refused

EVENT: dict[str, Any] = {"event_name": "purchase", "context": {"event_id": "e-1"}}

Faulty = Callable[[Inspector], None]


def reset_then_fail(one: Inspector) -> None:
    one.reset_connection()
    one.fail_next(status=500)


BREAKS: dict[str, Faulty] = {
    "503 twice": lambda one: one.fail_next(2, status=503),
    "429 with Retry-After": lambda one: one.fail_next(status=429, retry_after=0),
    "reset twice": lambda one: one.reset_connection(2),
    "no answer": lambda one: one.never_answer(),
    "cut short": lambda one: one.truncate_answer(),
    "reset, then 500": reset_then_fail,
}


def by_urllib3(url: str) -> int:
    retries = Retry(
        total=5,
        allowed_methods=None,
        status_forcelist=[429, 500, 503],
        backoff_factor=0,
    )
    with urllib3.PoolManager(retries=retries, timeout=0.3) as pool:
        return pool.request("POST", url, json=EVENT).status


@tenacity.retry(
    stop=tenacity.stop_after_attempt(5),
    retry=tenacity.retry_if_exception_type(requests.RequestException),
    reraise=True,
)
def by_tenacity(url: str) -> int:
    answer = requests.post(url, json=EVENT, timeout=0.3)
    answer.raise_for_status()
    return answer.status_code


# -- clients that retry


@pytest.mark.parametrize("client", [by_urllib3, by_tenacity])
@pytest.mark.parametrize("name", BREAKS)
def test_the_event_of_a_client_that_retries_arrives_exactly_once(
    inspector: Inspector, name: str, client: Callable[[str], int]
) -> None:
    BREAKS[name](inspector)
    assert client(inspector.events_url()) == 200
    event = inspector.assert_sent_once("purchase")
    assert event.status == 200
    assert inspector.faulted
    assert all(one.fault for one in inspector.faulted)


def test_a_client_that_gives_up_has_sent_nothing(inspector: Inspector) -> None:
    inspector.fail_next(5)
    with pytest.raises(requests.HTTPError, match="503"):
        by_tenacity(inspector.events_url())
    inspector.assert_not_sent("purchase")
    inspector.assert_nothing_sent()
    assert [one.status for one in inspector.faulted] == [503] * 5
    assert inspector.events == []


def test_a_client_that_sends_again_after_it_was_heard_sends_twice(
    inspector: Inspector,
) -> None:
    inspector.delay(SECONDS, count=1)
    with pytest.raises(requests.ReadTimeout):
        requests.post(inspector.events_url(), json=EVENT, timeout=0.2)
    requests.post(inspector.events_url(), json=EVENT, timeout=SECONDS)
    with pytest.raises(AssertionError, match="a retry is sending twice"):
        inspector.assert_sent_once("purchase")


# -- what counts


def test_a_delay_only_makes_late(server: Server, inspector: Inspector) -> None:
    inspector.delay(0.1, matching="event:slow")
    started = time.monotonic()
    send(server.port, "quick")
    assert time.monotonic() - started < 0.1
    send(server.port, "slow")
    assert time.monotonic() - started >= 0.1
    inspector.assert_sent_once("slow")
    assert [one.fault for one in inspector.faulted] == [
        "answered 0.1 s late by a fault"
    ]


def test_a_rule_may_keep_what_it_breaks(server: Server, inspector: Inspector) -> None:
    inspector.fail_next(matching="event:a", collected=True)
    assert post(server.port, b'{"event_name":"a"}') == 503
    assert inspector.assert_sent_once("a").status == 503


def test_a_batch_counts_as_a_whole(server: Server, inspector: Inspector) -> None:
    inspector.fail_next(matching="event:b")
    body = b'{"batch":[{"event_name":"a"},{"event_name":"b"}]}'
    assert post(server.port, body, "/events/batch") == 503
    assert inspector.events == []
    assert len(inspector.faulted) == 1
    send_batch(server.port, {"event_name": "a"}, {"event_name": "b"})
    inspector.assert_sequence(["a", "b"], strict=True)


def test_a_refused_request_that_met_a_fault_was_not_refused(
    server: Server, inspector: Inspector
) -> None:
    inspector.fail_next()
    assert post(server.port, b"{oops") == 503
    inspector.assert_nothing_sent()
    assert inspector.problems() == []


def test_a_dripped_answer_arrives(server: Server, inspector: Inspector) -> None:
    inspector.drip_answer(0.05)
    send(server.port, "a")
    inspector.assert_sent_once("a")


def test_chance_is_given_by_a_rule_of_ones_own(
    server: Server, inspector: Inspector
) -> None:
    inspector.add_fault("event:a", status=503, probability=0.5, seed=1)
    answered = [post(server.port, b'{"event_name":"a"}') for _ in range(20)]
    assert set(answered) == {200, 503}
    inspector.assert_sent("a", count=answered.count(200))


# -- slips


def test_a_wrong_rule_is_said_at_once(inspector: Inspector) -> None:
    with pytest.raises(InvalidFault, match="takes a status from 400 to 599"):
        inspector.fail_next(status=200)
    with pytest.raises(InvalidFault, match="Did you mean `event`"):
        inspector.reset_connection(matching="evnt:a")
    with pytest.raises(TypeError, match="stauts"):
        inspector.add_fault(stauts=503)


def test_a_fault_that_is_named_and_not_called_is_said(inspector: Inspector) -> None:
    inspector.reset_connection  # noqa: B018
    problems = inspector.problems(file=__file__)
    assert "reset_connection is named and not called" in problems[0]


# -- undone


def test_the_rules_of_a_test_end_with_it(server: Server) -> None:
    kept = server.faults.add(FaultRule("event:always", status=503))
    first = server.inspector("one test")
    first.fail_next(5)
    assert len(server.faults.rules) == 2
    first.problems()
    assert list(server.faults.rules) == [kept]


def test_the_rules_of_a_test_that_never_ended_end_with_the_next(
    server: Server,
) -> None:
    server.inspector("one test").fail_next(5)
    server.inspector("the next")
    assert server.faults.rules == ()


def test_closing_a_server_ends_what_its_rules_hold() -> None:
    with Server(Settings()) as server:
        server.inspector().never_answer()
        place = server.recorder.place()
        connection = HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
        connection.request("POST", "/events", b"{}")
        assert server.recorder.wait_behind(place, timeout=SECONDS)
    with pytest.raises(ConnectionError):
        connection.getresponse()
    connection.close()


TESTS = """
def test_that_fails(mockcollect, shop):
    mockcollect.fail_next(2, status=503)
    for _ in range(3):
        try:
            shop.send("purchase")
        except AssertionError:
            pass
    mockcollect.assert_sent("purchase", count=2)

def test_that_follows(mockcollect, shop):
    shop.send("purchase")
    mockcollect.assert_sent_once("purchase")

def test_that_leaves_rules(mockcollect):
    mockcollect.reset_connection(5)

def test_that_follows_it(mockcollect, shop):
    shop.send("purchase")
    mockcollect.assert_sent_once("purchase")
"""


def test_faults_are_undone_after_a_test_that_failed_as_after_one_that_passed(
    suite: Suite,
) -> None:
    result = suite.run(TESTS)
    result.assert_outcomes(passed=3, failed=1)


def test_a_failure_says_what_faults_have_answered(suite: Suite) -> None:
    result = suite.run(TESTS)
    text = block(result, "test_that_fails")
    assert "2 requests were answered by a fault rule." in text
    assert "Not counted, answered 503 by a fault:" in text
    assert_golden("fault", text)


def test_a_test_that_fails_elsewhere_shows_its_faults_too(suite: Suite) -> None:
    result = suite.run(
        """
def test_it(mockcollect, shop):
    mockcollect.reset_connection()
    try:
        shop.send("purchase")
    except ConnectionError:
        pass
    assert not "elsewhere"
"""
    )
    text = block(result, "test_it")
    assert "1 request was answered by a fault rule." in text


def test_a_refusal_is_still_unseen_without_a_fault(
    server: Server, inspector: Inspector
) -> None:
    inspector.fail_next(matching="event:never")
    send_refused(server.port)
    assert len(inspector.problems()) == 1
