from __future__ import annotations

from typing import Any

import pytest

from mockcollect.asking.verdicts import (
    MOST_EVENTS,
    MOST_FINDINGS,
    gap,
    not_valid,
    personal,
)
from mockcollect.verdict.plan import parse_plan
from tests.asking.events import Arrivals, arrived, whole
from tests.asking.kinds import PLAN, PURCHASE

REJECTED = "Production answers 200 to this event as well, and its verdict is {}:"


def purchase(**others: Any) -> dict[str, Any]:
    return whole("purchase", **{"revenue": 16.0, "currency": "EUR", **others})


def gap_of(data: dict[str, Any], *asked: str) -> list[str]:
    (one,) = Arrivals(plan=PLAN).send(data).events
    return gap(one, asked)


def test_of_a_valid_event_nothing_is_said() -> None:
    assert gap_of(purchase()) == []


def test_a_note_is_nothing_to_be_said() -> None:
    (one,) = Arrivals(plan=PLAN).send(purchase(coupon="SPRING")).events
    assert [finding.level for finding in one.verdict.findings] == ["note"]
    assert gap(one) == []


def test_it_names_the_verdict_and_what_it_rests_on() -> None:
    assert gap_of(purchase(revenue=True)) == [
        REJECTED.format("invalid-accepted"),
        "  revenue should be a number; received true (tracking plan: purchase.revenue)",
    ]


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ((), "  user.consistent_anonymous_id, context.event_timestamp and "),
        (("revenue",), "  revenue is required"),
        (("coupon", "currency"), "  currency should be text"),
        (("user.consent_categories",), "  user.consent_categories, user.consistent"),
        (("user",), "  user.consistent_anonymous_id, user.consent_categories and "),
        (("context.event_timestamp.seconds",), "  context.event_timestamp, user."),
        (("rev", "currency_code", ""), "  user.consistent_anonymous_id, context."),
    ],
    ids=repr,
)
def test_what_was_asked_about_comes_first(asked: tuple[str, ...], first: str) -> None:
    sent = {**PURCHASE, "currency": 978}
    del sent["revenue"]
    said = gap_of(sent, *asked)
    assert said[0] == REJECTED.format("invalid-rejected")
    assert said[1].startswith(first)
    assert len(said) <= 1 + MOST_FINDINGS + 1


def test_places_in_a_list_that_was_asked_about_come_first() -> None:
    data = {**PURCHASE, "items": [{"id": "a", "quantity": "two"}]}
    assert gap(arrived(data), ["items"])[1].startswith("  items[0].")


def test_what_rejects_comes_before_a_plan_and_this_before_all_else() -> None:
    data = whole("purchase", revenue="16,00", value="3,5", id="o-1")
    del data["context"]["event_id"]
    said = gap_of(data)
    assert said[1] == "  context.event_id is missing (events reference)"
    assert said[2].endswith("(tracking plan: purchase.revenue)")
    assert said[3].endswith("(tracking plan: purchase.currency)")


def test_what_stands_beyond_the_most_is_counted() -> None:
    names = [f"property_{number}" for number in range(7)]
    lines = "\n".join(f"    {one}: number, required" for one in names)
    plan = parse_plan(f"events:\n  visit:\n{lines}\n", name="plan.yml")
    (one,) = Arrivals(plan=plan).send(whole("visit")).events
    said = gap(one)
    assert len(said) == 1 + MOST_FINDINGS + 1
    assert said[-1] == "  … and 4 more"


def test_one_more_is_shown_and_not_counted() -> None:
    said = gap_of({**PURCHASE, "revenue": "a", "currency": 1})
    assert len(said) == 1 + MOST_FINDINGS + 1
    assert "more" not in said[-1]


def test_what_is_missing_stands_in_one_line() -> None:
    data = whole("login", context={"page": {}}, user={"id": "12345"})
    assert gap(arrived(data))[1].strip() == (
        "user.consistent_anonymous_id, context.event_id, context.event_timestamp and "
        "user.consent_categories are missing"
    )


def test_what_is_required_is_listed_as_far_as_it_fits() -> None:
    data = whole("purchase", currency="EUR")
    assert gap(arrived(data))[1:] == [
        "  id, revenue, value, type and 3 more are required for purchase; "
        "they are missing (events reference, purchase)"
    ]


def test_what_a_plan_and_the_reference_say_alike_is_said_once() -> None:
    (said,) = gap_of(purchase(revenue="16,00"))[1:]
    assert said.endswith("with a decimal comma (tracking plan: purchase.revenue)")


def test_a_long_message_is_cut_in_its_middle() -> None:
    (said,) = gap_of(purchase(revenue="a" * 300))[1:]
    assert len(said) < 150
    assert "…" in said


def test_events_that_say_the_same_say_it_once() -> None:
    arrivals = Arrivals()
    for _ in range(MOST_EVENTS + 2):
        arrivals.send(event_name="login")
    lines = not_valid(arrivals.events, arrivals.scene()).split("\n")
    assert lines[:7] == [
        "6 of 6 events are not valid.",
        "  #1 login, POST /events, answered 200, invalid-rejected",
        "    user and context are missing",
        "  #2 login, POST /events, answered 200, invalid-rejected",
        "    the same as #1",
        "  #3 login, POST /events, answered 200, invalid-rejected",
        "    the same as #1",
    ]
    assert "  … and 2 more" in lines


@pytest.mark.parametrize(
    ("user", "said"),
    [
        ({"id": "12345"}, []),
        ({"email": ""}, []),
        (
            {"email": "jo@shop.example"},
            ["carries personal data: user.email; user.consent_categories is absent"],
        ),
        (
            {"email": "jo@shop.example", "consent_categories": []},
            ["carries personal data: user.email; user.consent_categories is empty"],
        ),
        (
            {"phone_sha256": "ab", "city": "Lyon", "consent_categories": ["1"]},
            [
                "carries personal data: user.phone_sha256, user.city; "
                "user.consent_categories is given"
            ],
        ),
        (
            dict.fromkeys(("email", "phone", "firstname", "lastname"), "a"),
            [
                "carries personal data: user.email, user.phone, user.firstname and "
                "1 more; user.consent_categories is absent"
            ],
        ),
    ],
    ids=repr,
)
def test_personal_data_is_named_with_its_consent(
    user: dict[str, Any], said: list[str]
) -> None:
    assert personal(arrived(event_name="login", user=user)) == said
