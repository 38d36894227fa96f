from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from dirty_equals import IsInt
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.asking.clues import Clue, find_clue, is_plain, kind_of
from mockcollect.asking.matching import ABSENT, Expectation
from tests.asking.events import compare, json_values, keys

NOON, NOON_IN_SECONDS = 1_795_435_200_123, 1_795_435_200


def clue(expected: Any, data: Any) -> Clue:
    """Return what is told of the one place that an expectation asks about."""
    (one,) = compare(Expectation(None, expected), data)
    return find_clue(one, data)


@pytest.mark.parametrize(
    ("expected", "received", "words"),
    [
        (16.0, "16,00", "text, with a decimal comma"),
        (16, " 16,0 ", "text, with a decimal comma"),
        (1234.5, "1.234,50", "text, with a decimal comma"),
        (-1234.5, "-1 234,50", "text, with a decimal comma"),
        (Decimal("16.00"), "16,00", "text, with a decimal comma"),
        (16.0, "16.00", "a number as text"),
        (16, "17", "a number as text"),
        (1e30, "1e+30", "a number as text"),
        (16.0, "16 EUR", "text"),
        (16.0, "", "text"),
        (16.0, None, "null"),
        (16.0, [16.0], "list"),
        (16.0, True, "true or false"),
        (True, 1, "number"),
        (True, "true", "true as text"),
        (False, "FALSE", "false as text"),
        (True, "yes", "text"),
        ("16", 16, "number, not text"),
        ("True", True, "true or false, not text"),
        ("sixteen", 16, "number"),
        ("1", {"id": "1"}, "object"),
        ({"id": "1"}, "1", "text"),
        ({"id": "1"}, [{"id": "1"}], "list"),
        (None, "", "text"),
        ([1, 2], "1,2", "text"),
        (re.compile("1"), 1, "number: only text can be searched"),
        (re.compile("1"), None, "null: only text can be searched"),
        ([1, 2], [1], "a list of 1, expected 2"),
        ((), [1], "a list of 1, expected 0"),
        (NOON, NOON_IN_SECONDS, "seconds, where milliseconds are expected"),
        (NOON, NOON_IN_SECONDS + 0.123, "seconds, where milliseconds are expected"),
        ("EUR", " EUR", "white space in front"),
        ("EUR", "EUR\n", "white space behind"),
        ("EUR", "\tEUR ", "white space on both sides"),
        ("EUR ", "EUR", "without the white space"),
        ("EUR", "eur", "other capitals"),
        ("straße", "STRASSE", "other capitals"),
        ("a" * 50 + "b", "a" * 50 + "c", "differs from character 51 on"),
        ("a" * 50, "a" * 60, "differs from character 51 on"),
    ],
)
def test_a_wrong_value_tells_what_is_odd(
    expected: Any, received: Any, words: str
) -> None:
    assert clue({"x": expected}, {"x": received}).words == words


@pytest.mark.parametrize(
    ("expected", "received"),
    [
        (16.0, 17.0),
        (16.0, 16.0),
        (NOON, NOON_IN_SECONDS + 1),
        (16_000, 16),  # not of this age: rather 16 things than 16 seconds
        (float("nan"), 1),
        ("EUR", "USD"),
        ("EUR", ""),
        (True, False),
        (re.compile("1"), "2"),
        (IsInt(gt=5), 4),
        (IsInt, "4"),
        ([1], [2]),
        (ABSENT, 1),
    ],
)
def test_a_value_that_is_only_another_one_tells_nothing(
    expected: Any, received: Any
) -> None:
    assert clue({"x": expected}, {"x": received}) == Clue()


@pytest.mark.parametrize(
    ("expected", "data", "words"),
    [
        ({"user": {"id": "1"}}, {"user": {"ID": "1"}}, "there is user.ID"),
        ({"user_id": "1"}, {"userId": "1"}, "there is userId"),
        ({"userId": "1"}, {"user-id": "1"}, "there is user-id"),
        ({"revenue": 1}, {"revnue": 1}, "there is revnue"),
        ({"user": {"id": "1"}}, {"User": {"id": "1"}}, "there is User.id"),
        ({"page": {"ur": "a"}}, {"page": {"url": "a"}}, "there is page.url"),
        (
            {"revenue": 1},
            {"properties": {"revenue": 1}},
            "there is properties.revenue, where the old layout 1.0 keeps it",
        ),
        ({"page": {"url": "a"}}, {"context": {"page": {"url": "a"}}}, "context.page"),
        ({"id": "1"}, {"user": {"id": "1"}}, "there is user.id"),
        ({"a\n": 1}, {"A\n": 1}, 'there is "A·"'),
    ],
)
def test_a_missing_place_tells_of_one_that_may_be_meant(
    expected: Any, data: Any, words: str
) -> None:
    assert words in clue(expected, data).words


@pytest.mark.parametrize(
    ("expected", "data"),
    [
        ({"revenue": 1}, {"currency": "EUR"}),
        ({"revenue": 1}, [1]),
        ({"revenue": 1}, {"properties": "revenue"}),
        ({"user": {"id": "1"}}, {"User": {"email": "1"}}),
        ({"user": {"id": ABSENT}}, {"User": {"id": "1"}}),
        ({"properties": {"revenue": 1}}, {"revenue": 1}),
    ],
)
def test_a_missing_place_tells_nothing_where_nothing_is_like_it(
    expected: Any, data: Any
) -> None:
    assert clue(expected, data) == Clue()


@pytest.mark.parametrize("path", ["items[1].id", "items.id", "label.id"])
def test_a_place_in_a_list_or_a_text_tells_nothing(path: str) -> None:
    data = {"items": [{"id": "a"}], "label": "sale"}
    (one,) = compare(Expectation(None, where={path: "b"}), data)
    assert find_clue(one, data) == Clue()


def test_the_most_telling_clues_come_first() -> None:
    clues = [
        clue({"x": True}, {"x": 1}),
        clue({"x": 16}, {"x": "16,0"}),
        clue({"x": 16}, {"x": "16"}),
        clue({"x_y": 16}, {"xY": 16}),
        clue({"x": 16}, {"properties": {"x": 16}}),
        clue({"x": NOON}, {"x": NOON_IN_SECONDS}),
        clue({"x": "a"}, {"x": "a "}),
        clue({"x": "a"}, {"x": "A"}),
        clue({"x": "a"}, {"x": "b"}),
    ]
    weights = [one.weight for one in clues]
    assert weights == sorted(set(weights))


@pytest.mark.parametrize(
    ("value", "kind", "is_json"),
    [
        (None, "null", True),
        (True, "true or false", True),
        (16, "number", True),
        (16.0, "number", True),
        (Decimal(16), "number", True),
        ("16", "text", True),
        ({}, "object", True),
        ([], "list", True),
        ((), "list", True),
        (re.compile("a"), "text to search", False),
        (IsInt, "matcher", False),
        (ABSENT, "matcher", False),
    ],
)
def test_types_have_the_names_that_people_use(
    value: Any, kind: str, is_json: bool
) -> None:
    assert kind_of(value) == kind
    assert is_plain(value) is is_json


@given(expected=st.dictionaries(keys, json_values), data=json_values)
def test_no_event_can_break_the_search_for_clues(
    expected: dict[str, Any], data: Any
) -> None:
    event = {"context": data, "user": data}
    for one in compare(Expectation(None, expected), event):
        assert find_clue(one, event).weight >= 0
