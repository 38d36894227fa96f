from __future__ import annotations

from typing import Any

import pytest

from mockcollect.contract.event import Layout
from tests.verdict.judging import findings, good, pixel, said, subject_of

ITEM = {
    "id": "LAMP-1",
    "quantity": 2,
    "product": {"id": "7001", "name": "Desk lamp", "price": 39.5},
}
PURCHASE = {
    "event_name": "purchase",
    "revenue": 79,
    "value": 94.8,
    "currency": "EUR",
    "items": [ITEM],
}
CUSTOM = {"event_name": "wheel_spun"}


def item(**product: Any) -> dict[str, Any]:
    return {**ITEM, "product": {"id": "7001", "name": "Desk lamp", **product}}


def paths(code: str, changes: dict[str, Any]) -> list[str]:
    return [
        path
        for _level, path, _message in said(code, subject_of(good("server", changes)))
    ]


CODES = (
    "currency.missing",
    "currency.iso4217",
    "items.currency",
    "amount.type",
    "amount.locale",
    "amount.revenue_above_value",
)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("changes", [PURCHASE, CUSTOM, {}])
def test_what_is_right_is_not_found(code: str, changes: dict[str, Any]) -> None:
    assert paths(code, changes) == []


@pytest.mark.parametrize(
    ("code", "changes", "expected"),
    [
        ("currency.missing", {"currency": None}, ["currency"]),
        ("currency.missing", {"currency": ""}, ["currency"]),
        ("currency.missing", {"currency": None, "items": [item(currency="EUR")]}, []),
        ("currency.missing", {"currency": None, "revenue": None}, ["currency"]),
        ("currency.missing", {"currency": None, **CUSTOM}, ["currency"]),
        ("currency.missing", {"currency": None, **CUSTOM, "revenue": None}, []),
        ("currency.iso4217", {"currency": "euro"}, ["currency"]),
        ("currency.iso4217", {"currency": "eur"}, ["currency"]),
        ("currency.iso4217", {"currency": "€"}, ["currency"]),
        ("currency.iso4217", {"currency": "EUU"}, ["currency"]),
        ("currency.iso4217", {"currency": 978}, ["currency"]),
        ("currency.iso4217", {"currency": ["EUR"]}, ["currency"]),
        ("currency.iso4217", {"currency": "JPY"}, []),
        ("currency.iso4217", {"currency": "HRK"}, []),
        (
            "currency.iso4217",
            {"items": [ITEM, item(currency="Euro")]},
            ["items[1].product.currency"],
        ),
        ("currency.iso4217", {**CUSTOM, "revenue": None, "currency": "gems"}, []),
        ("items.currency", {"items": [item(currency="EUR"), item(currency="EUR")]}, []),
        (
            "items.currency",
            {"items": [item(currency="EUR"), item(currency="USD")]},
            ["items[1].product.currency"],
        ),
        (
            "items.currency",
            {"items": [item(currency="USD")]},
            ["items[0].product.currency"],
        ),
        (
            "items.currency",
            {"currency": None, "items": [item(currency="USD"), item(currency="EUR")]},
            ["items[1].product.currency"],
        ),
        ("items.currency", {"items": [item(currency="USD"), 5], **CUSTOM}, []),
        ("amount.type", {"revenue": "12.50"}, ["revenue"]),
        ("amount.type", {"revenue": ""}, ["revenue"]),
        ("amount.type", {"revenue": "free"}, ["revenue"]),
        ("amount.type", {"revenue": True}, ["revenue"]),
        ("amount.type", {"value": [12.5]}, ["value"]),
        ("amount.type", {"value": {"amount": 12.5}}, ["value"]),
        ("amount.type", {"revenue": -1}, ["revenue"]),
        ("amount.type", {"shipping_amount": "4.90"}, ["shipping_amount"]),
        ("amount.type", {"discount_value": -4}, []),
        ("amount.type", {"items": [{**ITEM, "discount": -4}]}, []),
        ("amount.type", {"items": [item(price="39.5")]}, ["items[0].product.price"]),
        ("amount.type", {"revenue": "12,50"}, []),
        ("amount.type", {"revenue": None}, []),
        ("amount.type", {**CUSTOM, "revenue": 0, "value": "high"}, []),
        ("amount.type", {**CUSTOM, "revenue": "12.5"}, ["revenue"]),
        ("amount.locale", {"revenue": "12,50"}, ["revenue"]),
        ("amount.locale", {"revenue": "1.234,50"}, ["revenue"]),
        ("amount.locale", {"revenue": "1,234.50"}, ["revenue"]),
        ("amount.locale", {"revenue": "1 234,50"}, ["revenue"]),
        ("amount.locale", {"revenue": "€12.50"}, ["revenue"]),
        ("amount.locale", {"revenue": "12.50 EUR"}, ["revenue"]),
        ("amount.locale", {"items": [item(price="39,5")]}, ["items[0].product.price"]),
        ("amount.locale", {"revenue": "12.50"}, []),
        ("amount.locale", {"revenue": "free"}, []),
        ("amount.revenue_above_value", {"revenue": 95}, ["revenue"]),
        ("amount.revenue_above_value", {"revenue": 94.8}, []),
        ("amount.revenue_above_value", {"revenue": "95"}, []),
    ],
)
def test_what_is_wrong_is_found_at_its_path(
    code: str, changes: dict[str, Any], expected: list[str]
) -> None:
    assert paths(code, {**PURCHASE, **changes}) == expected


@pytest.mark.parametrize("layout", ["1.0", "browser-v1"])
def test_old_layouts_have_their_amounts_under_properties(layout: Layout) -> None:
    name = "event" if layout == "browser-v1" else "event_name"
    data = good(layout, {name: "purchase", "properties": {"revenue": "1,5"}})
    subject = subject_of(data, layout)
    assert [path for _, path, _ in said("amount.locale", subject)] == [
        "properties.revenue"
    ]
    assert [path for _, path, _ in said("currency.missing", subject)] == [
        "properties.currency"
    ]


@pytest.mark.parametrize(
    ("code", "revenue", "count"),
    [
        ("amount.type", "12.50", 0),
        ("amount.type", "much", 1),
        ("amount.locale", "12,50", 1),
        ("amount.revenue_above_value", "200", 1),
        ("amount.revenue_above_value", "20", 0),
    ],
)
def test_a_pixels_amounts_are_read_as_text(code: str, revenue: str, count: int) -> None:
    data = {"event_name": "purchase", "revenue": revenue, "value": "100"}
    assert len(said(code, pixel(data))) == count


@pytest.mark.parametrize(
    ("code", "changes", "message"),
    [
        (
            "amount.locale",
            {"revenue": "16,00"},
            'revenue should be a number; received "16,00", text with a decimal comma',
        ),
        (
            "amount.type",
            {"revenue": -16},
            "revenue should not be below zero; received -16, a number",
        ),
        (
            "amount.revenue_above_value",
            {"revenue": 120},
            "revenue is 120, above value 94.8",
        ),
        (
            "currency.missing",
            {"currency": None},
            "currency is missing beside revenue and value",
        ),
        (
            "currency.iso4217",
            {"currency": "eur"},
            'currency should be EUR, a code of ISO 4217; received "eur", text',
        ),
        (
            "items.currency",
            {"items": [item(currency="USD")]},
            'items[0].product.currency is "USD" beside "EUR"; '
            "one event has one currency",
        ),
    ],
)
def test_messages_say_what_was_seen(
    code: str, changes: dict[str, Any], message: str
) -> None:
    (one,) = findings(code, subject_of(good("server", {**PURCHASE, **changes})))
    assert one.message == message
    assert one.remedy
