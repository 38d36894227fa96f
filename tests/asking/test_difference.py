from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pytest
from dirty_equals import IsInt

from mockcollect.asking.difference import MOST_COMPARED, find_closest
from mockcollect.asking.matching import ABSENT, Expectation
from tests.asking.events import Arrivals

PURCHASE = Expectation("purchase", {"revenue": 16, "currency": "EUR"})


def closest(expectation: Expectation, *events: dict[str, Any]) -> int | None:
    """Return the id of the closest event."""
    found = find_closest(expectation, Arrivals().batch(*events).events)
    return found.recorded.id if found else None


def purchase(**others: Any) -> dict[str, Any]:
    return {"event_name": "purchase", **others}


@pytest.mark.parametrize(
    ("events", "place"),
    [
        ([], None),
        ([purchase()], 1),
        ([purchase(revenue=16), purchase()], 1),
        ([purchase(), purchase(currency="EUR"), purchase(revenue=1)], 2),
        ([purchase(), purchase()], 2),
        ([purchase(revenue=16, currency="EUR")], None),
        ([{"event_name": "puchase", "revenue": 16, "currency": "EUR"}, purchase()], 2),
        ([{"event_name": "puchase"}, {"event_name": "search"}], 1),
        ([{"event_name": "page_view"}, {}, {"event_name": ""}], None),
    ],
)
def test_the_closest_has_the_name_and_the_fewest_differences(
    events: Sequence[dict[str, Any]], place: int | None
) -> None:
    assert closest(PURCHASE, *events) == place


@pytest.mark.parametrize(
    ("expected", "received", "is_near"),
    [
        ("purchase", "puchase", True),
        ("purchase", "Purchase", True),
        ("purchase", "purchases", True),
        ("page_view", "pageView", True),
        ("page_view", "page view", True),
        ("add_to_cart", "add-to-cart", True),
        ("add_to_cart", "remove_from_cart", False),
        ("purchase", "refund", False),
        ("login", "logout", False),
        ("view_item", "view_cart", False),
        ("purchase", "x" * 20_000, False),
        ("!", "?", True),
    ],
)
def test_a_name_is_near_that_may_be_meant(
    expected: str, received: str, is_near: bool
) -> None:
    found = closest(Expectation(expected), {"event_name": received})
    assert (found is not None) is is_near


def test_of_names_that_are_near_the_nearest_counts() -> None:
    events = [{"event_name": one} for one in ("puchase", "PURCHASE", "purchaze")]
    assert closest(Expectation("purchase"), *events) == 2


@pytest.mark.parametrize(
    ("data", "received"),
    [
        ({"event": "purchase"}, "received nothing there  (there is event)"),
        ({"eventName": "purchase"}, "received nothing there  (there is eventName)"),
        ({"name": "purchase"}, "received nothing there  (there is name)"),
        ({"event_name": None, "event": "purchase"}, "received None        (null)"),
        ({"event_name": "", "event": "purchase"}, "received ''"),
    ],
)
def test_an_event_with_its_name_under_another_key_is_near(
    data: dict[str, Any], received: str
) -> None:
    shown = lines(Expectation("purchase"), {"event": "search"}, data, {"name": None})
    assert received in shown[1]


def test_for_any_name_each_event_is_near() -> None:
    asked = Expectation(None, {"revenue": 16})
    assert closest(asked, {"event_name": "a"}, {"event_name": "b"}) == 2


def test_an_early_event_of_the_name_is_found_behind_many_others() -> None:
    others = [{"event_name": "puchase"}] * (2 * MOST_COMPARED)
    assert closest(PURCHASE, purchase(), *others) == 1


def test_an_early_name_that_is_near_is_found_behind_many_others() -> None:
    others = [{"event_name": "page_view"}] * (2 * MOST_COMPARED)
    assert closest(PURCHASE, {"event_name": "puchase"}, *others) == 1


def lines(expectation: Expectation, *events: dict[str, Any]) -> list[str]:
    found = find_closest(expectation, Arrivals().batch(*events).events)
    assert found is not None
    return found.lines()[2:]


def test_long_names_and_values_are_cut_and_stay_apart() -> None:
    long = {"k" * 99: "v" * 99, "l" * 99: "w" * 99}
    asked = Expectation("purchase", {**long, "l" * 99: "x" * 99})
    key, value = f"{'k' * 16}…{'k' * 15}", f"'{'v' * 14}…{'v' * 13}'"
    name, wrong, received, equal = lines(asked, purchase(**long))
    assert name == f"    event_name{' ' * 26}'purchase'{' ' * 20}  = 'purchase'"
    assert wrong.endswith(f"    expected '{'x' * 23}…{'x' * 22}'  (text)")
    assert received.endswith("'  (differs from character 1 on)")
    assert equal == f"    {key}    {value}  = {value}"
    assert max(map(len, (name, wrong, received, equal))) <= 130


def test_a_matcher_shows_what_it_wants_where_it_was_not_met() -> None:
    asked = Expectation("purchase", {"revenue": IsInt(gt=10), "currency": "EUR"})
    # The second is closer; the first is compared with later, and meets the matcher.
    events = [purchase(revenue=16), purchase(revenue=1, currency="EUR")]
    assert lines(asked, *events) == [
        "    event_name    'purchase'             = 'purchase'",
        "  ✗ revenue       expected IsInt(gt=10)",
        "                  received 1",
        "    currency      'EUR'                  = 'EUR'",
    ]


def test_what_should_be_absent_is_told_as_that() -> None:
    asked = Expectation("purchase", {"email": ABSENT, "phone": ABSENT})
    assert lines(asked, purchase(email=None)) == [
        "    event_name    'purchase'              = 'purchase'",
        "  ✗ email         expected nothing there",
        "                  received None",
        "    phone         ABSENT                  = nothing there",
    ]


def test_a_place_that_is_asked_about_twice_is_told_twice() -> None:
    asked = Expectation("purchase", {"user": {"id": 1}}, {"user.id": "1"})
    assert lines(asked, purchase(user={"id": "1"})) == [
        "    event_name    'purchase'  = 'purchase'",
        "  ✗ user.id       expected 1  (number)",
        "                  received '1'  (a number as text)",
        "    user.id       '1'         = '1'",
    ]


@pytest.mark.parametrize(
    ("wrong", "right", "hidden"),
    [
        (1, 8, []),
        (9, 0, []),
        (1, 9, ["    … and 1 more, all as expected"]),
        (10, 0, ["    … and 1 more, all different"]),
        (12, 4, ["    … and 7 more, 3 of them different"]),
    ],
)
def test_of_many_places_the_first_are_shown(
    wrong: int, right: int, hidden: list[str]
) -> None:
    asked = dict.fromkeys([f"property_{n}" for n in range(wrong + right)], 1)
    sent = {key: int(n >= wrong) for n, key in enumerate(asked)}
    shown = lines(Expectation("purchase", asked), purchase(**sent))
    assert [line for line in shown if "…" in line] == hidden
    assert sum("✗" in line for line in shown) == min(wrong, 9)
    assert len(shown) <= 20


@pytest.mark.parametrize(
    ("asked", "sent", "headline"),
    [
        (
            {"a": 1, "b": 2, "c": 3},
            {"a": 1, "b": 2},
            "no `purchase` event matched in 2.0 s. "
            "One is close: 1 of 4 properties differs.",
        ),
        (
            {"a": 1, "b": 2, "c": 3},
            {"a": 1},
            "no `purchase` event matched in 2.0 s. "
            "One is close: 2 of 4 properties differ.",
        ),
        (
            {"a": 1, "b": 2, "c": 3},
            {},
            "no `purchase` event matched in 2.0 s. "
            "The closest differs in 3 of 4 properties.",
        ),
        (
            {"a": 1},
            {"event_name": "puch\nase", "a": 1},
            "no `purchase` event in 2.0 s, but one named `puch·ase`.",
        ),
        (
            {"a": 1},
            {"event_name": None, "name": "purchase"},
            "no `purchase` event in 2.0 s, but one without a name.",
        ),
    ],
)
def test_the_headline_says_how_close_it_is(
    asked: dict[str, Any], sent: dict[str, Any], headline: str
) -> None:
    expectation = Expectation("purchase", asked)
    found = find_closest(expectation, Arrivals().send(purchase(**sent)).events)
    assert found is not None
    assert found.headline(expectation, "2.0 s") == headline


@pytest.mark.parametrize(
    "names", [["purchase"], ["puchase"], [f"pur{n}chase" for n in range(10_000)]]
)
def test_the_closest_of_10_000_events_is_found_in_no_time(names: list[str]) -> None:
    sent = [
        purchase(event_name=names[n % len(names)], revenue=n) for n in range(10_000)
    ]
    arrivals = Arrivals()
    for start in range(0, len(sent), 1_000):
        arrivals.batch(*sent[start : start + 1_000])
    events = arrivals.events
    assert len(events) == 10_000
    assert min(_seconds(events) for _ in range(5)) < 0.05


def _seconds(events: Sequence[Any]) -> float:
    asked = Expectation("purchase", {"revenue": -1, "user": {"id": "1"}, "tax": 1})
    start = time.perf_counter()
    assert find_closest(asked, events) is not None
    return time.perf_counter() - start
