from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any
from unittest.mock import ANY

import pytest
from dirty_equals import Contains, IsFloat, IsInt, IsPartialDict, IsStr
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.asking.matching import ABSENT, Expectation
from tests.asking.events import Arrivals, arrived, compare, json_values, keys

EVENT: dict[str, Any] = {
    "event_name": "purchase",
    "revenue": 16.0,
    "quantity": 1,
    "is_new": True,
    "coupon": None,
    "label": "Autumn sale",
    "empty": {},
    "none": [],
    "user": {"id": "12345", "consent_categories": [1, 2, 3]},
    "items": [
        {"id": "a", "product": {"name": "Boots", "price": 12.5}},
        {"id": "b", "product": {"name": "Laces", "price": 3.5}},
    ],
    "context": {"page": {"url": "https://shop.example/checkout"}, "a.b": {'c"d': 1}},
}


def matches(data: Any = None, /, **properties: Any) -> bool:
    return Expectation(None, properties).matches(arrived(data or EVENT).event)


def finds(path: str, expected: Any) -> bool:
    return Expectation(None, where={path: expected}).matches(arrived(EVENT).event)


@pytest.mark.parametrize(
    ("expected", "is_matched"),
    [
        ({}, True),
        ({"revenue": 16.0}, True),
        ({"revenue": 16}, True),
        ({"revenue": 16.01}, False),
        ({"revenue": "16.0"}, False),
        ({"user": {"id": "12345"}}, True),
        ({"user": {"id": "12345", "email": "jo@shop.example"}}, False),
        ({"user": {}}, True),
        ({"user": MappingProxyType({"id": "12345"})}, True),
        ({"user": "12345"}, False),
        ({"label": {"id": "12345"}}, False),
        ({"label": {}}, False),
        ({"none": {}}, False),
        ({"context": {"page": {"url": "https://shop.example/checkout"}}}, True),
        ({"User": {"id": "12345"}}, False),
    ],
)
def test_objects_match_by_the_keys_that_are_expected(
    expected: dict[str, Any], is_matched: bool
) -> None:
    assert matches(**expected) is is_matched


@pytest.mark.parametrize(
    ("expected", "is_matched"),
    [
        ([1, 2, 3], True),
        ((1, 2, 3), True),
        ([1, 2], False),
        ([3, 2, 1], False),
        ([], False),
        ([1, ANY, 3], True),
        ([1, 2, 3, 4], False),
        ({1, 2, 3}, False),
    ],
)
def test_lists_match_whole(expected: Any, is_matched: bool) -> None:
    assert matches(user={"consent_categories": expected}) is is_matched


@pytest.mark.parametrize("expected", [[], ()])
def test_an_empty_list_matches_only_an_empty_list(expected: Any) -> None:
    assert matches(none=expected)
    assert not matches(items=expected)
    assert not matches(empty=expected)


def test_objects_in_lists_match_partially() -> None:
    assert matches(items=[{"id": "a"}, {"product": {"name": "Laces"}}])
    assert not matches(items=[{"id": "a"}])
    assert not matches(items=[{"id": "b"}, {"id": "a"}])


@pytest.mark.parametrize(
    ("properties", "is_matched"),
    [
        ({"is_new": True}, True),
        ({"is_new": 1}, False),
        ({"is_new": 1.0}, False),
        ({"quantity": 1}, True),
        ({"quantity": True}, False),
        ({"coupon": None}, True),
        ({"coupon": False}, False),
        ({"coupon": 0}, False),
        ({"coupon": ""}, False),
        ({"campaign": None}, False),
    ],
)
def test_true_is_not_1_and_null_is_not_missing(
    properties: dict[str, Any], is_matched: bool
) -> None:
    assert matches(**properties) is is_matched


@pytest.mark.parametrize(
    ("properties", "is_matched"),
    [
        ({"campaign": ABSENT}, True),
        ({"coupon": ABSENT}, False),
        ({"revenue": ABSENT}, False),
        ({"empty": ABSENT}, False),
        ({"user": {"email": ABSENT}}, True),
        ({"user": {"id": ABSENT}}, False),
        ({"device": {"ip": ABSENT}}, True),
        ({"device": {"ip": ABSENT, "os": "Linux"}}, False),
        ({"items": [{"coupon": ABSENT}, {"coupon": ABSENT}]}, True),
    ],
)
def test_absent_is_what_is_not_there(
    properties: dict[str, Any], is_matched: bool
) -> None:
    assert matches(**properties) is is_matched


@pytest.mark.parametrize(
    ("properties", "is_matched"),
    [
        ({"label": re.compile("sale$")}, True),
        ({"label": re.compile("^sale")}, False),
        ({"label": re.compile("AUTUMN", re.IGNORECASE)}, True),
        ({"revenue": re.compile("16")}, False),
        ({"campaign": re.compile("")}, False),
        ({"revenue": ANY, "items": ANY, "coupon": ANY}, True),
        ({"campaign": ANY}, False),
        ({"revenue": pytest.approx(15.999_999_9)}, True),
        ({"revenue": pytest.approx(15.9)}, False),
        ({"label": pytest.approx(16.0)}, False),
        ({"user": {"consent_categories": pytest.approx([1, 2, 3])}}, True),
        ({"quantity": IsInt}, True),
        ({"quantity": IsInt(gt=1)}, False),
        ({"is_new": IsInt}, False),
        ({"label": IsStr(regex="Autumn.*")}, True),
        ({"label": IsStr(regex="autumn.*")}, False),
        ({"user": IsPartialDict(id="12345")}, True),
        ({"user": IsPartialDict(id=12345)}, False),
        ({"user": {"consent_categories": Contains(2)}}, True),
        ({"items": [{"product": {"price": IsFloat(gt=12)}}, ANY]}, True),
    ],
)
def test_matchers_are_asked(properties: dict[str, Any], is_matched: bool) -> None:
    assert matches(**properties) is is_matched


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("revenue", 16.0),
        ("user.id", "12345"),
        ("context.page.url", re.compile("checkout")),
        ("items[1].product.name", "Laces"),
        ("items[1]", {"id": "b"}),
        ("user.consent_categories[0]", 1),
        ('context."a.b"."c\\"d"', 1),
        ("items[2]", ABSENT),
        ("items[0].product.sku", ABSENT),
        ("label[0]", ABSENT),
        ("label.length", ABSENT),
    ],
)
def test_where_names_a_place(path: str, expected: Any) -> None:
    assert finds(path, expected)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("items[2]", ANY),
        ("items.id", ANY),
        ("user[0]", ANY),
        ("id", "12345"),  # a path begins at the root: nothing is searched for
        ("context.a.b", ANY),
        ("coupon.code", None),
    ],
)
def test_where_finds_nothing_elsewhere(path: str, expected: Any) -> None:
    assert not finds(path, expected)


@pytest.mark.parametrize(
    "path", ["", ".", "user.", ".user", "user..id", "items[]", "items[-1]", 'a"b']
)
def test_a_wrong_path_is_explained(path: str) -> None:
    with pytest.raises(ValueError, match="is no path") as caught:
        Expectation("purchase", where={path: 1})
    assert str(caught.value) == (
        f"{path!r} is no path. Write it as in where={{'context.page.url': …}} or "
        "where={'items[0].product.id': …}; a key with a dot stands in double quotes."
    )


@pytest.mark.parametrize(
    ("data", "properties"),
    [
        (
            {"event_name": "purchase", "properties": {"revenue": 16}},
            {"properties": {"revenue": 16}},
        ),
        (
            {"event": "purchase", "properties": {"revenue": 16}},
            {"event": "purchase"},
        ),
        (
            {"event_name": "purchase", "context": {"version": 2, "eventId": "1"}},
            {"context": {"eventId": "1"}},
        ),
    ],
)
def test_in_each_layout_the_name_is_found_and_the_rest_is_as_sent(
    data: dict[str, Any], properties: dict[str, Any]
) -> None:
    event = arrived(data).event
    assert Expectation("purchase", properties).matches(event)
    assert not Expectation("refund", properties).matches(event)
    assert not Expectation("purchase", {"revenue": 16}).matches(event)


@pytest.mark.parametrize("body", [b"null", b"[]", b'"purchase"', b"16", b"true"])
def test_an_event_that_is_no_object_has_nothing_at_any_place(body: bytes) -> None:
    event = Arrivals().post(body).events[0].event
    assert Expectation().matches(event)
    assert Expectation(None, {"revenue": ABSENT}).matches(event)
    assert not Expectation("purchase").matches(event)
    assert not Expectation(None, {"revenue": 16}).matches(event)


def test_each_place_is_compared_in_the_order_it_was_asked() -> None:
    expectation = Expectation(
        "refund",
        {
            "revenue": 16,
            "user": {"id": "1", "email": "jo@shop.example"},
            "items": [{"id": "a"}, {"product": {"price": 4}}],
            "device": {"os": {"name": "Linux"}, "ip": ABSENT},
        },
        {"coupon": ABSENT},
    )
    compared = [(one.name, one.outcome) for one in compare(expectation, EVENT)]
    assert compared == [
        ("event_name", "different"),
        ("revenue", "equal"),
        ("user.id", "different"),
        ("user.email", "missing"),
        ("items[0].id", "equal"),
        ("items[1].product.price", "different"),
        ("device.os.name", "missing"),
        ("device.ip", "equal"),
        ("coupon", "unwanted"),
    ]


@pytest.mark.parametrize(
    ("expectation", "told"),
    [
        (Expectation("purchase"), ""),
        (Expectation("purchase", {"revenue": 16.0}), " with revenue=16.0"),
        (
            Expectation("purchase", {"a": 1}, {"user.email": ABSENT}),
            " with a=1, no user.email",
        ),
        (
            Expectation("purchase", {f"property_{n}": "a value" for n in range(9)}),
            " with property_0='a value', property_1='a value' and 7 more",
        ),
        (
            Expectation("purchase", {"a": "x" * 99, "b": "y" * 9}),
            f" with a='{'x' * 23}…{'x' * 22}' and 1 more",
        ),
    ],
)
def test_an_expectation_tells_what_was_asked(
    expectation: Expectation, told: str
) -> None:
    assert expectation.told == told


def test_what_was_asked_is_told_as_it_was_before_a_matcher_met_its_value() -> None:
    expectation = Expectation("purchase", {"revenue": IsFloat(gt=0)})
    assert expectation.matches(arrived(EVENT).event)
    assert expectation.told == " with revenue=IsFloat(gt=0)"


@st.composite
def events_with_a_part(draw: st.DrawFn) -> tuple[Any, dict[str, Any]]:
    """Return an event, and some of it at each of its levels."""
    event = draw(st.dictionaries(keys, json_values, max_size=5))
    part = _part(draw, event)
    assert isinstance(part, dict)
    return event, part


def _part(draw: st.DrawFn, value: Any) -> Any:
    if isinstance(value, list):
        return [_part(draw, one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = [key for key in value if draw(st.booleans())]
    return {key: _part(draw, value[key]) for key in kept}


@given(both=events_with_a_part())
def test_an_event_matches_itself_and_each_part_of_itself(
    both: tuple[Any, dict[str, Any]],
) -> None:
    data, part = both
    event = arrived(data).event
    assert Expectation(event.event_name, data).matches(event)
    assert Expectation(None, part).matches(event)


@given(expected=st.dictionaries(keys, json_values), received=json_values)
def test_comparing_never_raises(expected: dict[str, Any], received: Any) -> None:
    where = {"user.id": expected, "context[0].properties": ABSENT}
    expectation = Expectation("purchase", expected, where)
    event = arrived({"event_name": "purchase", "user": received}).event
    compared = expectation.compare(event)
    assert expectation.matches(event) == all(one.outcome == "equal" for one in compared)
