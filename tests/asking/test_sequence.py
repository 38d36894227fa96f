from __future__ import annotations

from collections.abc import Sequence

import pytest

from mockcollect.asking.matching import Expectation
from mockcollect.asking.sequence import Progress, follow, out_of_sequence
from tests.asking.events import Arrivals

Step = str | Expectation


def visit(names: str) -> Arrivals:
    """Return events that have one letter for a name."""
    arrivals = Arrivals()
    for place, name in enumerate(names):
        arrivals.send(event_name=name, place=place)
    return arrivals


def progress(steps: Sequence[Step], names: str, *, strict: bool = False) -> Progress:
    expected = [Expectation(one) if isinstance(one, str) else one for one in steps]
    return follow(expected, visit(names).events, strict=strict)


@pytest.mark.parametrize(
    ("steps", "names", "found"),
    [
        ("", "", []),
        ("", "ab", []),
        ("abc", "abc", [1, 2, 3]),
        ("abc", "xaxbxcx", [2, 4, 6]),
        ("aab", "abab", [1, 3, 4]),
        ("aa", "aaa", [1, 2]),
    ],
)
def test_others_may_stand_between_the_steps(
    steps: str, names: str, found: list[int]
) -> None:
    followed = progress(steps, names)
    assert [one.id for one in followed.found] == found
    assert followed.is_whole
    assert followed.is_decided


@pytest.mark.parametrize(
    ("steps", "names", "found"),
    [("abc", "", []), ("abc", "ab", [1, 2]), ("abc", "acb", [1, 3]), ("aa", "a", [1])],
)
def test_a_sequence_that_is_not_whole_may_become_so(
    steps: str, names: str, found: list[int]
) -> None:
    for strict in (False, True):
        followed = progress(steps, names.replace("cb", "b"), strict=strict)
        assert not followed.is_whole
        assert not followed.is_decided
    assert [one.id for one in progress(steps, names).found] == found


@pytest.mark.parametrize(
    ("steps", "names", "found", "surplus"),
    [
        ("", "a", 0, 1),
        ("abc", "xabc", 0, 1),
        ("abc", "abxc", 2, 3),
        ("abc", "acb", 1, 2),
        ("abc", "abcd", 3, 4),
    ],
)
def test_in_a_strict_sequence_nothing_else_may_arrive(
    steps: str, names: str, found: int, surplus: int
) -> None:
    followed = progress(steps, names, strict=True)
    assert len(followed.found) == found
    assert followed.surplus is not None
    assert followed.surplus.id == surplus
    assert not followed.is_whole
    assert followed.is_decided


def test_a_strict_sequence_that_nothing_disturbs_is_whole() -> None:
    assert progress("abc", "abc", strict=True).is_whole


def test_a_step_may_ask_for_properties_and_for_no_name() -> None:
    steps = [Expectation("a", {"place": 2}), Expectation(None, {"place": 3})]
    assert [one.id for one in progress(steps, "aaab").found] == [3, 4]


def said(steps: Sequence[Step], names: str, *, strict: bool = False) -> list[str]:
    arrivals = visit(names)
    followed = progress(steps, names, strict=strict)
    return out_of_sequence(followed, arrivals.scene()).split("\n")


@pytest.mark.parametrize(
    ("steps", "names", "strict", "head"),
    [
        ("abc", "", False, "step 1 of 3: no a in 2.0 s."),
        ("abc", "ax", False, "step 2 of 3: no b after #1 a in 2.0 s."),
        ("abc", "ax", True, "step 2 of 3: expected b after #1 a, and #2 x arrived."),
        ("abc", "x", True, "step 1 of 3: expected a, and #1 x arrived."),
        (
            [Expectation(None, {"place": 7})],
            "a",
            False,
            "step 1 of 1: no event with place=7 in 2.0 s.",
        ),
    ],
)
def test_the_first_line_says_where_it_broke(
    steps: Sequence[Step], names: str, strict: bool, head: str
) -> None:
    assert said(steps, names, strict=strict)[0] == f"the sequence broke at {head}"


@pytest.mark.parametrize(
    ("steps", "names", "head"),
    [
        ("", "a", "expected exactly 0 events, and #1 a arrived too."),
        ("a", "ab", "expected exactly 1 event, and #2 b arrived too."),
        ("ab", "aba", "expected exactly 2 events, and #3 a arrived too."),
    ],
)
def test_one_event_too_many_is_named(steps: str, names: str, head: str) -> None:
    assert said(steps, names, strict=True)[0] == head


def test_of_events_that_came_too_early_the_last_is_named() -> None:
    assert "  ✗ b  arrived too early, as #2" in said("ab", "bba")


def test_an_event_that_was_another_step_did_not_come_too_early() -> None:
    assert "  ✗ a" in said("aba", "ab")


def test_a_close_event_is_looked_for_behind_the_last_step_only() -> None:
    step = Expectation("b", {"place": 9})
    assert "Closest: #3 b, POST /events, answered 200" in said(["a", step], "bab")
    assert not any(line.startswith("Closest") for line in said(["a", step], "bbac"))


def test_in_a_strict_sequence_the_event_in_the_way_may_be_close() -> None:
    step = Expectation("b", {"place": 9})
    lines = said(["a", step], "abb", strict=True)
    assert "Closest: #2 b, POST /events, answered 200" in lines
    assert "  ✗ place         expected 9  (number)" in lines
