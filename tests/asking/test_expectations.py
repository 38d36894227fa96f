from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.asking.counts import NONE, Count
from mockcollect.asking.expectations import (
    parse_expectation,
    parse_filter,
    parse_never,
    parse_step,
)
from mockcollect.errors import InvalidQuery
from mockcollect.recording.query import parse_query
from tests.asking.events import arrived


@pytest.mark.parametrize(
    ("text", "query", "count"),
    [
        ("event:purchase", "event:purchase", Count()),
        ("event:purchase count=1", "event:purchase", Count(1, 1)),
        (
            "event:purchase user.id=12345 count>=2",
            "event:purchase user.id=12345",
            Count(2),
        ),
        ("  event:purchase   count=1..3  ", "event:purchase", Count(1, 3)),
        ("count=0", "", NONE),
        ('"count=1"', '"count=1"', Count()),
        ('"count"=3', '"count"=3', Count()),
        ('"count"=3 count=1', '"count"=3', Count(1, 1)),
        ("context.count=3", "context.count=3", Count()),
        ("discount>3", "discount>3", Count()),
        ("count", "count", Count()),
        ('event:"a count=1"', 'event:"a count=1"', Count()),
    ],
)
def test_an_expectation_is_a_filter_and_a_count(
    text: str, query: str, count: Count
) -> None:
    check = parse_expectation(text)
    assert check.wanted.query == parse_query(query)
    assert check.count == count
    assert check.title == text.strip()


@pytest.mark.parametrize(
    ("text", "says", "position"),
    [
        ("", "An expectation is empty.", 0),
        (" \n", "An expectation is empty.", 0),
        ("event:a count==1", "Did you mean `count=1`?", 13),
        ("event:a count:1", "Did you mean `count=1`?", 8),
        ("event:a Count=1", "Did you mean `count=1`?", 8),
        ("event:a -count=1", "Did you mean `count=1`?", 8),
        ("event:a count=", "A count is written without spaces", 8),
        ("event:a count =1", "A count is written without spaces", 8),
        ("event:a count= 1", "A count is written without spaces", 8),
        ("event:a count >= 1", "A count is written without spaces", 8),
        ("event:a count=x", "Unusable count `count=x`: a count takes a number", 8),
        ("event:a count~1", "Unusable count `count~1`", 8),
        ("event:a count=3..1", "no count is at least 3 and at most 1", 8),
        ("event:a count>=0", "any count is at least 0", 8),
        ("count=1 event:a", "`count=1` does not stand last: `event:a` follows", 0),
        ("count=1 count=2", "`count=1` does not stand last", 0),
        ("evnt:a count=1", "Unknown filter key `evnt`. Did you mean `event`?", 0),
        ("x revenue>a count=1", "`revenue>` cannot compare with `a`", 10),
        ('event:"a count=1', "A quote is not closed.", 6),
    ],
)
def test_a_broken_expectation_is_refused_with_its_position(
    text: str, says: str, position: int
) -> None:
    with pytest.raises(InvalidQuery) as caught:
        parse_expectation(text)
    assert says in str(caught.value)
    assert caught.value.position == position


def test_who_meant_a_property_named_count_is_told_how_to_ask_for_it() -> None:
    with pytest.raises(InvalidQuery, match='is asked by `"count"=3`, in quotes'):
        parse_expectation("count>2 event:a")
    check = parse_expectation('"count">2 event:a count=1')
    assert check.wanted.matches(arrived(event_name="a", count=3))
    assert not check.wanted.matches(arrived(event_name="a", count=2))


def test_never_is_a_filter_that_nothing_matches() -> None:
    check = parse_never(" event:refund ")
    assert (check.count, check.title) == (NONE, "never event:refund")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("event:a count=0", "A count stands in `event:a count=0`, where none is"),
        ("", "A filter is empty."),
    ],
)
def test_where_no_count_is_taken_one_is_refused(text: str, says: str) -> None:
    for parse in (parse_never, parse_filter):
        with pytest.raises(InvalidQuery, match=says):
            parse(text)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("page_view", "event:page_view"),
        ("add to cart", 'event:"add to cart"'),
        ("a\\b", 'event:"a\\\\b"'),
        ("event:purchase revenue>0", "event:purchase revenue>0"),
        ('"somewhere"', "somewhere"),
    ],
)
def test_a_step_is_a_name_or_a_filter(text: str, query: str) -> None:
    assert parse_step(text).query == parse_query(query)


@given(
    st.text(st.sampled_from('count=>< "\\:.-1a~!3\n')) | st.text(),
    st.sampled_from([parse_expectation, parse_never, parse_step]),
)
def test_no_text_raises_anything_but_invalid_query(
    text: str, parse: Callable[[str], object]
) -> None:
    with suppress(InvalidQuery):
        parse(text)
