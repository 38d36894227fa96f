from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.asking.counts import NONE, ONCE_OR_MORE, Count, make_count, read_count


@pytest.mark.parametrize(
    ("text", "count", "written", "words"),
    [
        ("=1", Count(1, 1), "count=1", "1"),
        ("1", Count(1, 1), "count=1", "1"),
        ("0", NONE, "count=0", "0"),
        ("<=0", NONE, "count=0", "0"),
        ("<1", NONE, "count=0", "0"),
        (">=1", ONCE_OR_MORE, "count>=1", "at least 1"),
        (">1", Count(2), "count>=2", "at least 2"),
        ("<=3", Count(0, 3), "count=0..3", "at most 3"),
        ("<3", Count(0, 2), "count=0..2", "at most 2"),
        ("=1..3", Count(1, 3), "count=1..3", "1 to 3"),
        ("1..3", Count(1, 3), "count=1..3", "1 to 3"),
        ("=2..2", Count(2, 2), "count=2", "2"),
        (">=1000", Count(1000), "count>=1000", "at least 1,000"),
    ],
)
def test_a_count_is_read_written_and_told(
    text: str, count: Count, written: str, words: str
) -> None:
    assert read_count(text) == count
    assert str(count) == written
    assert count.words == words
    assert read_count(written.removeprefix("count")) == count


@pytest.mark.parametrize(
    "text", ["", "=", "x", "=x", "=-1", "=1.5", "~1", ">=1..3", "=1..", "=..3", "=٣"]
)
def test_what_is_no_number_is_no_count(text: str) -> None:
    with pytest.raises(ValueError, match="takes a number, as in `count=1`"):
        read_count(text)


@pytest.mark.parametrize("text", ["=3..1", "<0"])
def test_a_count_that_can_never_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no count is at least"):
        read_count(text)


@pytest.mark.parametrize("text", [">=0"])
def test_a_count_that_always_holds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="any count is at least 0"):
        read_count(text)


@pytest.mark.parametrize(
    ("count", "holding", "exceeded"),
    [
        (ONCE_OR_MORE, [1, 2, 99], []),
        (NONE, [0], [1, 2, 99]),
        (Count(2, 2), [2], [99]),
        (Count(1, 2), [1, 2], [99]),
    ],
)
def test_a_count_holds_for_some_numbers_and_is_exceeded_by_others(
    count: Count, holding: list[int], exceeded: list[int]
) -> None:
    numbers = [0, 1, 2, 99]
    assert [one for one in numbers if count.holds(one)] == holding
    assert [one for one in numbers if count.is_exceeded(one)] == exceeded


@given(st.integers(0, 9), st.none() | st.integers(0, 9), st.integers(0, 12))
def test_a_count_that_was_made_is_read_back(
    least: int, most: int | None, number: int
) -> None:
    try:
        count = make_count(least, most)
    except ValueError:
        assert (most is not None and most < least) or (not least and most is None)
        return
    assert read_count(str(count).removeprefix("count")) == count
    assert count.holds(number) == (least <= number <= (99 if most is None else most))
