from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.asking.checking import Arrived, check_all
from mockcollect.asking.expectation_file import parse_expectations
from mockcollect.asking.expectations import parse_expectation
from mockcollect.asking.results import MOST_IDS, CheckResult
from mockcollect.asking.wanted import SEEN
from mockcollect.asking.whole_checks import CoverageCheck, ValidCheck
from mockcollect.contract.event import CollectRequest
from mockcollect.contract.wire import receive
from mockcollect.errors import InvalidExpectations
from mockcollect.recording.query import KEYS
from mockcollect.recording.recorder import TinyRecorder
from tests.asking.events import HEADERS, MORNING, Arrivals, deep, json_values

EXPECTATIONS = [
    "expect: ['user.id=1 count=1', 'has:context.user.ID count=9', '-x count=7']",
    "expect: [{event: a, properties: {user: {id: 1}}, where: {properties.id: 2}}]",
    "never: ['-event:a', verdict:invalid, level:note, finding:*]",
    "sequence: [a, 'user.id>0', -x]",
    "{all_valid: accepted, coverage: 50%}",
]
MESSAGES = Path(__file__).parents[1] / "messages" / "checks"
GOLDEN = re.compile(
    r"--- arrived\n(?P<arrived>.*?)(?P<plan>(?:--- plan [^\n]+\n)?)"
    r"--- expected\n(?P<expected>.*)\n--- says\n(?P<says>.*)\n",
    re.DOTALL,
)


def arrived(bodies: Sequence[str], planned: Sequence[str] | None = None) -> Arrived:
    arrivals = Arrivals()
    for body in bodies:
        path = "/events/batch" if body.startswith('{"batch"') else "/events"
        arrivals.post(body.encode(), path)
    return Arrived(arrivals.events, arrivals.requests, planned)


def named(event_name: str) -> str:
    return f'{{"event_name":"{event_name}"}}'


def written(result: CheckResult) -> list[str]:
    """Return a result as a report in plain text shows it, and its annotation."""
    mark = "ok  " if result.holds else "FAIL"
    lines = [f"{mark}  {result.name}", f"        {result.said}"]
    lines += [f"          {line}".rstrip() for line in result.details]
    return lines if result.holds else [*lines, f"  ::  {result.sentence}"]


def report(bodies: Sequence[str], expected: str, plan: str = "") -> str:
    planned = re.findall(r"\w+", plan)[1:] or None
    checks = parse_expectations(expected, name="expected.yml")
    results = check_all(checks, arrived(bodies, planned))
    return "\n".join(line for one in results for line in written(one))


@pytest.mark.parametrize("name", sorted(path.stem for path in MESSAGES.iterdir()))
def test_a_check_says_what_it_found_and_what_came_close(name: str) -> None:
    golden = GOLDEN.fullmatch((MESSAGES / f"{name}.txt").read_bytes().decode())
    assert golden is not None
    bodies = golden["arrived"].splitlines()
    assert report(bodies, golden["expected"], golden["plan"]) == golden["says"]


def test_a_check_that_may_still_turn_says_so() -> None:
    one, two = (arrived(['{"event_name":"a"}'] * number) for number in (1, 2))
    turns = {
        (text, number): parse_expectation(text).check(what).may_change
        for text in ("event:a", "event:a count=1", "event:a count=2", "event:b")
        for number, what in ((1, one), (2, two))
    }
    assert turns == {
        ("event:a", 1): False,
        ("event:a", 2): False,
        ("event:a count=1", 1): True,
        ("event:a count=1", 2): False,
        ("event:a count=2", 1): True,
        ("event:a count=2", 2): True,
        ("event:b", 1): True,
        ("event:b", 2): True,
    }


@pytest.mark.parametrize(
    ("expected", "names", "may_change"),
    [
        ("sequence: [a, b]", "ab", False),
        ("sequence: [a, b]", "a", True),
        ("sequence: {steps: [a, b], strict: true}", "ab", True),
        ("sequence: {steps: [a, b], strict: true}", "a", True),
        ("sequence: {steps: [a, b], strict: true}", "ac", False),
        ("all_valid: true", "", True),
        ("all_valid: true", "a", False),
        ("coverage: [a]", "a", False),
        ("coverage: [a]", "b", True),
    ],
)
def test_other_checks_say_too_whether_they_may_turn(
    expected: str, names: str, may_change: bool
) -> None:
    what = arrived([named(name) for name in names])
    (check,) = parse_expectations(expected, name="expected.yml")
    assert check.check(what).may_change is may_change


def test_a_result_names_what_matched_by_id_in_json() -> None:
    what = arrived(['{"event_name":"a"}', "{", '{"event_name":"b"}'])
    result = parse_expectation("event:a count=0").check(what)
    assert result.outcome == "fail"
    assert result.to_dict() == {
        "kind": "events",
        "expectation": "event:a count=0",
        "ok": False,
        "said": "1 matched, expected 0",
        "matched": 1,
        "details": ["#1  a  POST /events  10:42:07.020"],
        "sentence": "event:a count=0 matched 1.",
        "event_ids": [1],
        "request_ids": [],
    }
    refused = parse_expectation("status:400").check(what)
    assert (refused.outcome, refused.request_ids) == ("ok", (2,))


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("status:400", 1),
        ("refused:yes", 1),
        ("refused:too-large", 0),
        ("-status:200", 0),
        ("status:200", 1),
        ("site:29", 1),
        ("count=0", 1),
    ],
)
def test_refused_requests_count_only_where_they_are_asked_for(
    text: str, matched: int
) -> None:
    what = arrived(['{"event_name":"a"}', "{"])
    assert parse_expectation(text).check(what).matched == matched


def test_an_empty_batch_is_no_odd_request() -> None:
    what = arrived(['{"batch":[]}'])
    assert len(what.requests) == 1
    assert parse_expectation("status:200 count=0").check(what).holds


def test_a_percentage_of_no_plan_cannot_be_told() -> None:
    with pytest.raises(InvalidExpectations, match="`coverage: 80%` needs a tracking"):
        CoverageCheck(80).check(Arrived())


def test_a_share_of_a_plan_is_reached_exactly() -> None:
    what = arrived([named(f"e{one}") for one in range(7)])
    what = replace(what, planned=[f"e{one}" for one in range(10)])
    assert CoverageCheck(70).check(what).holds
    assert not CoverageCheck(70.1).check(what).holds


def test_of_many_that_were_never_sent_some_are_named() -> None:
    result = CoverageCheck(names=tuple(f"e{one}" for one in range(30))).check(Arrived())
    assert result.details[0].endswith("e18, e19 and 10 more")


def test_a_request_that_should_have_brought_events_is_lost() -> None:
    request = CollectRequest("POST", "/events/batch", "", HEADERS, b'{"batch":[]}', 12)
    answer = receive("POST", "/events/batch", "", HEADERS, request.body)
    recorder = TinyRecorder()
    recorder.record(request, answer, received_at=MORNING)
    lost = Arrived((), list(recorder.matching_requests()))
    result = ValidCheck().check(lost)
    assert (result.said, result.request_ids) == ("1 request was lost", (1,))
    (told,) = result.details
    assert told.startswith("request 1  POST /events/batch  200, no event in it")


def test_the_closest_is_looked_for_among_the_newest() -> None:
    what = arrived([f'{{"event_name":"a","n":{one}}}' for one in range(600)])
    told = parse_expectation("event:a n=x").check(what)
    assert "Closest: #600 a, POST /events, answered 200" in told.details


def test_the_event_that_fails_in_the_fewest_terms_is_the_closest() -> None:
    bodies = [
        '{"event_name":"a","x":1,"y":2}',
        '{"event_name":"a","x":1,"y":1}',
        '{"event_name":"a","x":2,"z":2}',
    ]
    told = parse_expectation("event:a x=1 y=3").check(arrived(bodies))
    assert told.details[0].startswith("Closest: #2 a")
    told = parse_expectation("x=9").check(arrived(bodies))
    assert told.details[0].startswith("Closest: #3 a")


@given(st.lists(json_values, max_size=4), st.sampled_from(EXPECTATIONS))
def test_no_events_make_a_check_raise(values: list[Any], expected: str) -> None:
    bodies = [orjson.dumps(one) for one in values]
    arrivals = Arrivals()
    for body in bodies:
        arrivals.post(body)
    what = Arrived(arrivals.events, arrivals.requests, ("a", "b"))
    for result in check_all(parse_expectations(expected, name="x.yml"), what):
        assert result.holds or result.sentence
        assert all(line.isprintable() for line in result.details)
        assert result.sentence.isprintable()
        assert orjson.loads(orjson.dumps(result.to_dict()))["ok"] == result.holds


def test_a_deep_event_is_compared_too() -> None:
    what = arrived([deep(900).decode()])
    checks = parse_expectations(
        "expect: [{event: deep, properties: {a: 1}}, 'event:deep a=1', has:zz, zz]",
        name="x.yml",
    )
    assert [one.holds for one in check_all(checks, what)] == [False] * 4


def test_hundreds_of_events_of_one_id_are_told_in_one_line() -> None:
    body = '{"event_name":"a","context":{"event_id":"1"}}'
    told = parse_expectation("event:a count=1").check(arrived([body] * 300))
    assert len(told.event_ids) == MOST_IDS
    assert told.details[-1].startswith("All 300 carry the same context.event_id")
    assert "#7, #8 and 292 more carry the same" in told.sentence


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ('{"event_name":"a","context":{"event_id":"1"}}', "context.event_id"),
        ('{"event_name":"a","context":{"eventId":"1"}}', "context.eventId"),
        ('{"event_name":"a","properties":{},"event_id":1}', "event_id"),
        ('{"event":"a","properties":{},"eventId":"1"}', "eventId"),
    ],
)
def test_an_event_id_is_named_where_its_layout_has_it(body: str, place: str) -> None:
    told = parse_expectation("event:a count=0").check(arrived([body, body]))
    assert told.sentence.endswith(f"#1 and #2 carry the same {place}.")


def test_names_without_a_letter_have_near_names_too() -> None:
    told = parse_expectation('event:"!?"').check(arrived(['{"event_name":"!!"}']))
    assert told.details[0].startswith("Closest: #1 !!")


def test_of_many_names_the_most_frequent_are_told() -> None:
    bodies = [named(f"n{one}x" * 3) for one in range(12)]
    told = parse_expectation("event:purchase").check(arrived(bodies))
    assert told.details[0].endswith(" and 4 more.")


def test_of_many_refused_requests_three_are_explained() -> None:
    told = parse_expectation("event:a").check(arrived(["{"] * 5))
    assert told.details[-1] == "  … and 2 more"
    assert told.details[1] == "5 requests were refused, and what is refused is lost:"


def test_each_key_of_a_filter_tells_what_is_there_instead() -> None:
    recorded = arrived(['{"event_name":"a"}']).events[0]
    assert set(SEEN) == set(KEYS) - {"has"}
    assert all(one(recorded) for one in SEEN.values())
