from __future__ import annotations

from typing import Any

import pytest

from mockcollect.verdict.rules import MAX_FINDINGS
from tests.verdict.judging import findings, good, pixel, said, subject_of

ITEM = {"id": "LAMP-1", "quantity": 2, "product": {"id": "7001"}}


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in ITEM.items() if name != key}


def paths(items: Any, name: str = "add_to_cart") -> list[str]:
    data = good("server", {"event_name": name, "items": items})
    return [path for _level, path, _message in said("items.shape", subject_of(data))]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([ITEM], []),
        ([{**ITEM, "quantity": 1.5, "colour": "brass"}], []),
        (None, []),  # property.required
        (ITEM, ["items"]),
        ("LAMP-1", ["items"]),
        ({"0": ITEM}, ["items"]),
        ([], ["items"]),
        (["LAMP-1"], ["items[0]"]),
        ([ITEM, None], ["items[1]"]),
        ([without("id")], ["items[0].id"]),
        ([without("quantity")], ["items[0].quantity"]),
        ([ITEM, without("product")], ["items[1].product"]),
        ([{}], ["items[0].id", "items[0].quantity", "items[0].product"]),
        ([{**ITEM, "id": 5}], ["items[0].id"]),
        ([{**ITEM, "id": ""}], ["items[0].id"]),
        ([{**ITEM, "id": None}], ["items[0].id"]),
        ([{**ITEM, "quantity": "2"}], ["items[0].quantity"]),
        ([{**ITEM, "quantity": True}], ["items[0].quantity"]),
        ([{**ITEM, "product": "lamp"}], ["items[0].product"]),
    ],
)
def test_items_are_a_list_of_whole_items(items: Any, expected: list[str]) -> None:
    assert paths(items) == expected


@pytest.mark.parametrize("name", ["view_cart", "view_item_list", "add_payment_info"])
def test_what_may_be_about_nothing_may_have_no_items(name: str) -> None:
    assert paths([], name) == []


@pytest.mark.parametrize("name", ["wheel_spun", "search", "generate_lead"])
def test_items_of_events_that_list_none_may_be_anything(name: str) -> None:
    assert paths({"a": 1}, name) == []


@pytest.mark.parametrize(("quantity", "count"), [("2", 0), ("0", 0), ("two", 1)])
def test_a_pixels_quantity_is_text(quantity: str, count: int) -> None:
    data = {"event_name": "add_to_cart", "items": [{**ITEM, "quantity": quantity}]}
    assert len(said("items.shape", pixel(data))) == count


def test_old_layouts_have_their_items_under_properties() -> None:
    data = good("browser-v1", {"event": "add_to_cart", "properties": {"items": [5]}})
    ((_level, path, _message),) = said("items.shape", subject_of(data, "browser-v1"))
    assert path == "properties.items[0]"


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (ITEM, "items should be a list; received an object"),
        (
            [{**without("id"), "item_id": "LAMP-1"}],
            "items[0].id is required of an item; it has item_id",
        ),
        (
            [without("product")],
            "items[0].product is required of an item; it is missing",
        ),
        (
            [{**ITEM, "quantity": "2"}],
            'items[0].quantity should be a number; received "2", text',
        ),
    ],
)
def test_messages_say_what_was_seen(items: Any, message: str) -> None:
    data = good("server", {"event_name": "add_to_cart", "items": items})
    assert [one.message for one in findings("items.shape", subject_of(data))] == [
        message
    ]


def test_a_thousand_faulty_items_give_twenty_findings() -> None:
    assert len(paths([5] * 1_000)) == MAX_FINDINGS
