"""Fault rules by themselves: what they say, on what they act, and how often."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.contract.event import Answer
from mockcollect.errors import InvalidFault
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.server.faults import KEYS, ActiveRule, FaultRule, Faults, read_rules
from mockcollect.verdict.plan import parse_plan
from tests.recording.helpers import RECEIVED_AT, batch, event, received, running


@pytest.fixture
def faults(recorder: TinyRecorder) -> Faults:
    return Faults(recorder)


def take(
    faults: Faults, body: bytes | None = None, path: str = "/events", **options: Any
) -> ActiveRule | None:
    request, answer = received(event() if body is None else body, path, **options)
    return faults.take(request, answer, RECEIVED_AT)


def acts(faults: Faults, times: int) -> list[bool]:
    return [take(faults) is not None for _ in range(times)]


# -- on what


def test_a_rule_acts_on_the_next_that_match_and_no_further(faults: Faults) -> None:
    rule = faults.add(FaultRule("event:purchase", status=503, next=2))
    assert take(faults, event("search")) is None
    assert acts(faults, 4) == [True, True, False, False]
    assert (rule.hits, rule.left) == (2, 0)


def test_without_a_number_a_rule_goes_on(faults: Faults) -> None:
    rule = faults.add(FaultRule(reset=True))
    assert acts(faults, 3) == [True, True, True]
    assert (rule.hits, rule.left) == (3, None)


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("", True),
        ("event:refund", True),
        ("user.id=7", True),
        ("site:29 path:/events/batch -refused:yes status:200", True),
        ("event:nothing", False),
        ("refused:yes", False),
        ("verdict:invalid-rejected", True),
        ("fault:yes", False),
    ],
)
def test_a_batch_is_matched_by_any_of_its_events(
    faults: Faults, query: str, *, matches: bool
) -> None:
    faults.add(FaultRule(query, reset=True))
    body = batch("purchase", "refund", user={"id": "7"})
    assert (take(faults, body, "/events/batch") is not None) == matches


def test_a_refused_request_is_matched_by_itself(faults: Faults) -> None:
    faults.add(FaultRule("refused:invalid-json", status=500))
    assert take(faults) is None
    assert take(faults, b"{oops") is not None


def test_verdicts_are_those_of_the_plan_of_now(
    faults: Faults, recorder: TinyRecorder
) -> None:
    faults.add(FaultRule("finding:event.unknown", reset=True))
    assert take(faults) is None
    plan = parse_plan(b"events: {refund: }", name="plan.yml")
    recorder.judge_by(plan=plan, sources=None)
    assert take(faults) is not None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("OPTIONS", "/events"),
        ("GET", "/healthy"),
        ("GET", "/get-cookie"),
        ("POST", "/nowhere"),
        ("PUT", "/events"),
    ],
)
def test_only_requests_to_collect_meet_faults(
    faults: Faults, method: str, path: str
) -> None:
    faults.add(FaultRule(reset=True))
    assert take(faults, b"", path, method=method) is None
    assert take(faults, b"", query="event_name=a", method="GET") is not None


def test_the_first_rule_that_acts_is_alone(faults: Faults) -> None:
    first = faults.add(FaultRule("event:purchase", status=503, next=1))
    second = faults.add(FaultRule(delay=1))
    third = faults.add(FaultRule(reset=True))
    assert [take(faults) for _ in range(2)] == [first, second]
    assert third.hits == 0


# -- how often


def test_chance_is_the_same_for_the_same_seed(faults: Faults) -> None:
    drawn = []
    for seed in (1, 1, 2):
        faults.add(FaultRule(reset=True, probability=0.3, seed=seed))
        drawn.append(acts(faults, 200))
        faults.remove()
    assert drawn[0] == drawn[1] != drawn[2]
    assert 30 < sum(drawn[0]) < 90


def test_chance_and_number_go_together(faults: Faults) -> None:
    faults.add(FaultRule(reset=True, probability=0.5, next=5))
    drawn = acts(faults, 100)
    assert sum(drawn) == 5
    assert drawn[:5] != [True] * 5


def test_many_at_once_get_no_fault_too_many(faults: Faults) -> None:
    rule = faults.add(FaultRule(reset=True, next=50))
    with running(*[lambda: acts(faults, 25)] * 8):
        pass
    assert rule.hits == 50


# -- what is recorded


@pytest.mark.parametrize(
    ("rule", "status", "kind", "collected"),
    [
        (FaultRule(status=503), 503, "status", False),
        (FaultRule(status=429, delay=1.5), 429, "status", False),
        (FaultRule(delay=1), 200, "delay", True),
        (FaultRule(timeout=1), 0, "timeout", False),
        (FaultRule(reset=True), 0, "reset", False),
        (FaultRule(truncate=True), 200, "truncate", False),
        (FaultRule(drip=1), 200, "drip", True),
        (FaultRule(status=503, collected=True), 503, "status", True),
        (FaultRule(delay=1, collected=False), 200, "delay", False),
    ],
)
def test_a_fault_says_what_was_sent_and_whether_it_counts(
    rule: FaultRule, status: int, kind: str, *, collected: bool
) -> None:
    made = ActiveRule(4, rule).made_of(Answer(200, "events"))
    assert made.fault is not None
    assert (made.status, made.fault.kind) == (status, kind)
    assert (made.fault.collected, made.fault.delay) == (collected, rule.delay)
    assert (made.fault.rule, made.fault.instead_of) == (4, 200)


# -- removing


def test_a_removed_rule_lets_go(faults: Faults) -> None:
    one, other = (faults.add(FaultRule(timeout=100)) for _ in range(2))
    assert faults.remove([one.id, 99]) == 1
    assert (one.over.is_set(), other.over.is_set()) == (True, False)
    assert faults.remove() == 1
    assert other.over.is_set()
    assert take(faults) is None


def test_rules_go_on_under_their_number_where_they_are_the_same(
    faults: Faults,
) -> None:
    faults.use(read_rules([{"status": 503, "next": 2}, {"delay": 1}]))
    assert acts(faults, 1) == [True]
    first, second = faults.to_list()
    faults.use(read_rules([{"reset": True}, first, {**second, "delay": 2}]))
    assert [(one["id"], one["hits"]) for one in faults.to_list()] == [
        (3, 0),
        (1, 1),
        (4, 0),
    ]


# -- what is no rule


@pytest.mark.parametrize(
    ("rule", "place", "said"),
    [
        ({"stauts": 503}, "rules[0]", "Did you mean `status`?"),
        ({"zzz": 1}, "rules[0]", "There is q, status, retry_after"),
        ({"status": 200}, "rules[0].status", "from 400 to 599, as in 503, not `200`"),
        ({"status": "503"}, "rules[0].status", 'not `"503"`'),
        ({"status": True}, "rules[0].status", "not `true`"),
        ({"delay": 0}, "rules[0].delay", "more than 0 and at most 3600, not `0`"),
        ({"delay": "1"}, "rules[0].delay", "takes seconds"),
        ({"timeout": 1e9}, "rules[0].timeout", "at most 3600"),
        ({"reset": 1}, "rules[0].reset", "true or false, not `1`"),
        ({"delay": [1]}, "rules[0].delay", "not a list"),
        ({"q": {"event": "a"}, "delay": 1}, "rules[0].q", "not an object"),
        ({"reset": True, "next": 0}, "rules[0].next", "from 1 up"),
        ({"reset": True, "next": 1.5}, "rules[0].next", "not `1.5`"),
        ({"reset": True, "probability": 1.5}, "rules[0].probability", "at most 1"),
        ({"reset": True, "seed": "a"}, "rules[0].seed", "a whole number"),
        ({"reset": True, "q": 7}, "rules[0].q", "takes a filter"),
        ({"reset": True, "q": "evnt:a"}, "rules[0].q", "Did you mean `event`?"),
        ({"reset": True, "collected": "no"}, "rules[0].collected", "true or false"),
        ({"reset": True, "retry_after": 1}, "rules[0].retry_after", "a status only"),
        ({"reset": True, "status": 503}, "rules[0]", "not status and reset at once"),
        ({"next": 2}, "rules[0]", "does nothing is none"),
        (7, "rules[0]", "no object"),
    ],
    ids=str,
)
def test_what_is_no_rule_is_said(rule: Any, place: str, said: str) -> None:
    with pytest.raises(InvalidFault) as raised:
        read_rules({"rules": [rule]})
    assert raised.value.place == place
    assert str(raised.value).startswith("rules[0]")
    assert said in str(raised.value)


@pytest.mark.parametrize("value", [7, {"rules": {}}, {}, {"rule": []}, "rules", None])
def test_what_is_no_list_of_rules_is_said(value: Any) -> None:
    with pytest.raises(InvalidFault, match="rules"):
        read_rules(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
RULE = st.dictionaries(st.sampled_from(KEYS) | st.text(), JSON, max_size=4)


@given(JSON | st.lists(RULE | JSON))
def test_any_json_is_rules_or_is_said_to_be_none(value: Any) -> None:
    with suppress(InvalidFault):
        for _, rule in read_rules(value):
            assert rule.kind


def test_a_value_of_many_levels_is_said_to_be_none() -> None:
    with pytest.raises(InvalidFault, match="not a list"):
        read_rules(orjson.loads(b'[{"status":%s}]' % (b"[" * 1000 + b"]" * 1000)))


def test_a_wrong_rule_changes_none_of_those_there(faults: Faults) -> None:
    faults.add(FaultRule(reset=True))
    with pytest.raises(InvalidFault):
        faults.use(read_rules([{"status": 503}, {"status": 1}]))
    assert [one["kind"] for one in faults.to_list()] == ["reset"]
