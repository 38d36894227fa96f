from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.contract.event import Event
from mockcollect.verdict.infer import infer
from mockcollect.verdict.plan import Plan, parse_plan
from tests.verdict.planning import event_of, of_event, pixel, purchase
from tests.verdict.test_plan import NAMES, trees


def inferred(*events: Any, times: int = 1) -> dict[str, Any]:
    plan = plan_of([event_of(data) for data in events] * times)
    return plan.to_dict()["events"]["purchase"]  # type: ignore[no-any-return]


def plan_of(events: list[Event]) -> Plan:
    return parse_plan(infer(events), name="inferred.yml")


def test_a_plan_is_written_as_people_write_one() -> None:
    events = [
        purchase(
            revenue=16.5 * number,
            currency="EUR" if number % 2 else "USD",
            status="in progress" if number % 3 else "no",
            items=[{"id": str(number), "quantity": 1}],
            user={"id": f"crm-{number}", "consent_categories": ["1", "3"]},
            context={"event_id": str(number), "event_timestamp": number},
            **({"coupon": "A"} if number % 2 else {}),
        )
        for number in range(24)
    ]
    events += [{"event_name": "page_view", "page_type": "home"}]
    assert infer([event_of(one) for one in events]) == (
        "actions:\n"
        "  missing required property: reject\n"
        "  unexpected value format: reject\n"
        "  unspecified event: warn\n"
        "  unspecified property: warn\n"
        "events:\n"
        "  # from 1 event\n"
        "  page_view:\n"
        "    page_type: string\n"
        "  # from 24 events\n"
        "  purchase:\n"
        "    coupon: string\n"
        "    currency: {type: string, required: true, enum: [EUR, USD]}\n"
        "    items: list of object, required\n"
        "    items[].id: string, required\n"
        "    items[].quantity: number, required\n"
        "    revenue: number, required\n"
        '    status: {type: string, required: true, enum: [in progress, "no"]}\n'
        "    user: object\n"
        "    user.consent_categories: list of string, required\n"
        "    user.id: string\n"
    )


@pytest.mark.parametrize(
    ("values", "planned"),
    [
        (["a", "b"], "string"),
        ([1, 2.5], "number"),
        ([True, False], "boolean"),
        ([True, 1], "any"),
        (["a", 1], "any"),
        ([None, 1], "number"),
        ([None, None], "any"),
        ([["a"], []], "list of string"),
        ([["a"], [1]], "list"),
        ([[], []], "list"),
        ([["a"], "a"], "any"),
        ([[["a"]], [[1]]], "list"),
        ([{}, {}], "object"),
        ([{}, "a"], "any"),
        ([{}, [{}]], "any"),
    ],
)
def test_the_types_seen_become_the_type(values: list[Any], planned: str) -> None:
    assert inferred(*(purchase(value=one) for one in values))["value"] == planned


def test_a_property_is_required_if_five_events_all_have_it() -> None:
    assert inferred(purchase(a=1), times=4)["a"] == "number"
    assert inferred(purchase(a=1), times=5)["a"] == "number, required"
    assert inferred(*[purchase(a=1)] * 9, purchase())["a"] == "number"
    assert inferred(*[purchase(a=1)] * 9, purchase(a=None))["a"] == "number"


@pytest.mark.parametrize(
    "values",
    [
        ["EUR"] * 40,
        ["EUR", "USD"] * 9,
        [f"{number}" for number in range(9)] * 9,
        ["EUR"] * 40 + ["USD"] * 2,
        ["x" * 41, "y"] * 40,
        ["", "y"] * 40,
        [1, 2] * 40,
    ],
    ids=["one value", "few events", "many values", "rare", "long", "empty", "numbers"],
)
def test_values_are_a_choice_only_if_few_are_seen_often(values: list[Any]) -> None:
    planned = inferred(*(purchase(currency=value) for value in values))
    assert isinstance(planned["currency"], str)


@pytest.mark.parametrize(
    "name",
    ["id", "order_id", "orderId", "page_url", "search_term", "product.name", "schema"],
)
def test_what_tells_one_event_from_another_is_no_choice(name: str) -> None:
    outer, _, inner = name.partition(".")
    values = [{inner: one} if inner else one for one in ("a", "b")]
    planned = inferred(*(purchase(**{outer: value}) for value in values), times=20)
    assert planned[name] == "string, required"


def test_what_the_platform_fills_in_is_left_out() -> None:
    event = purchase(context={"a": 1}, integrations={}, test_code="x", id="1")
    assert inferred(event) == {"id": "string"}


def test_who_the_user_is_is_typed_and_never_required() -> None:
    user = {"id": "1", "email": "a@example.com", "consent_categories": ["1"]}
    assert inferred(purchase(user=user), times=30) == {
        "user": "object",
        "user.consent_categories": "list of string, required",
        "user.email": "string",
        "user.id": "string",
    }


def test_the_texts_of_a_pixel_count_as_what_they_spell() -> None:
    sent = pixel("event_name=purchase&revenue=16&id=a&tags[]=a").event
    assert plan_of([sent]).to_dict()["events"]["purchase"] == {
        "id": "string",
        "revenue": "number",
        "tags": "list of string",
    }
    mixed = plan_of([sent, event_of(purchase(revenue=16, id=1))])
    assert mixed.to_dict()["events"]["purchase"]["id"] == "any"
    assert mixed.to_dict()["events"]["purchase"]["revenue"] == "number"


def test_a_container_with_data_for_names_is_left_open() -> None:
    many = {f"sku-{number}": 1 for number in range(99)}
    assert inferred(purchase(cart=many)) == {"cart": "object"}
    assert inferred(purchase(**many)) == {}


def test_an_old_layout_and_a_new_one_make_one_plan() -> None:
    events = [
        event_of(purchase(id="1", user={"id": "a"})),
        event_of({"event": "purchase", "properties": {"id": "2"}, "page": {}}),
    ]
    plan = plan_of(events)
    assert plan.to_dict()["events"]["purchase"] == {
        "id": "string",
        "user": "object",
        "user.id": "string",
    }


def test_no_events_make_no_plan_that_could_be_read() -> None:
    assert infer([]).endswith("events:\n")


names = st.sampled_from(NAMES) | st.text(max_size=40)
properties = st.dictionaries(names, trees, max_size=8)
event_names = st.sampled_from(["purchase", "page_view", "schema"]) | st.text(
    min_size=1, max_size=40
)
events = st.builds(
    lambda name, data: {**data, "event_name": name}, event_names, properties
)
old_events = st.builds(
    lambda name, data: {"event": name, "properties": data}, event_names, properties
)


@given(st.lists(events | old_events, min_size=1, max_size=8), st.integers(1, 25))
def test_a_plan_accepts_the_events_it_was_made_from(
    recorded: list[dict[str, Any]], times: int
) -> None:
    read = [event_of(one) for one in recorded] * times
    plan = plan_of(read)
    for event in read:
        assert plan.check(of_event(event)) == []


@given(st.lists(trees, max_size=8))
def test_no_json_makes_the_inference_raise(recorded: list[Any]) -> None:
    infer([event_of(one) for one in recorded])


def test_a_plan_of_deep_and_wide_events_accepts_them() -> None:
    deep: Any = "x"
    for _ in range(300):
        deep = {"a": [deep]}
    wide = [{"a": {f"b{number}": number}} for number in range(2_000)]
    event = event_of(purchase(items=wide, deep=deep, **{"\U0001f600" * 90: 1}))
    assert json.dumps(plan_of([event]).to_dict())
    assert plan_of([event]).check(of_event(event)) == []
