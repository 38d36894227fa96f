"""Rules on currencies and amounts."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from mockcollect.verdict.currencies import CURRENCIES
from mockcollect.verdict.rules import Seen, rule
from mockcollect.verdict.standard import StandardEvent, standard_events
from mockcollect.verdict.subject import Subject
from mockcollect.verdict.words import (
    described,
    is_written_for_readers,
    number_in,
    number_shown,
    quoted,
)

_PRICES = ("price", "value", "discount")
"""The amounts of an item that people send; the others of its table are rare."""

_TAKINGS = frozenset({"revenue", "value"})
"""Amounts of an event that are never below zero: a refund has an event of its own."""

_NUMBERS: frozenset[Any] = frozenset({int, float})


class _Amount(NamedTuple):
    path: str
    name: str
    value: Any


def _event(subject: Subject) -> StandardEvent | None:
    return standard_events().event(subject.event.event_name)


def _has_money(subject: Subject) -> bool:
    """Tell whether an event is about money: a custom `value` may be anything."""
    event = _event(subject)
    if event is None:
        return subject.properties.get("revenue") is not None
    return "currency" in event.properties


def _items(subject: Subject) -> list[Any]:
    event = _event(subject)
    items = subject.properties.get("items") if event and event.has_items else None
    return items if isinstance(items, list) else []


@lru_cache(maxsize=1)  # two rules ask it of one event
def _product_currencies(subject: Subject) -> list[tuple[str, Any]]:
    found = []
    for index, item in enumerate(_items(subject)):
        product = item.get("product") if isinstance(item, dict) else None
        if isinstance(product, dict) and product.get("currency") is not None:
            path = f"{subject.at}items[{index}].product.currency"
            found.append((path, product["currency"]))
    return found


@rule(
    "currency.missing",
    "warning",
    "An event with an amount says its currency.",
    remedy="Send `currency`, three capitals of ISO 4217 such as EUR.",
    source="events reference",
)
def currency_missing(subject: Subject) -> Iterable[Seen]:
    """A product's own currency stands in for the event's."""
    properties = subject.properties
    if properties.get("currency") not in (None, "") or not _has_money(subject):
        return ()
    amounts = [one for one in ("revenue", "value") if properties.get(one) is not None]
    if not (amounts or _needs_currency(subject)) or _product_currencies(subject):
        return ()
    path = f"{subject.at}currency"
    if amounts:
        return (Seen(path, f"{path} is missing beside {' and '.join(amounts)}"),)
    return (Seen(path, f"{path} is missing, which {_event_name(subject)} requires"),)


def _event_name(subject: Subject) -> str:
    return subject.event.event_name or "the event"


def _needs_currency(subject: Subject) -> bool:
    event = _event(subject)
    return event is not None and "currency" in event.required


@rule(
    "currency.iso4217",
    "warning",
    "A currency is a code of ISO 4217: three capitals.",
    remedy="Send three capitals of ISO 4217 such as EUR.",
    source="events reference; GA4 validation codes",
)
def currency_iso4217(subject: Subject) -> Iterable[Seen]:
    """Of the event and of its products."""
    if not _has_money(subject):
        return ()
    found = _product_currencies(subject)
    currency = subject.properties.get("currency")
    if currency not in (None, ""):
        found = [(f"{subject.at}currency", currency), *found]
    return [_no_code(path, value) for path, value in found if not _is_code(value)]


def _is_code(value: Any) -> bool:
    return isinstance(value, str) and value in CURRENCIES


def _no_code(path: str, value: Any) -> Seen:
    should = f"{_meant(value)}a code of ISO 4217"
    return Seen(path, f"{path} should be {should}; received {described(value)}", value)


def _meant(value: Any) -> str:
    code = value.strip().upper() if isinstance(value, str) and len(value) < 6 else ""
    return f"{code}, " if code in CURRENCIES else ""


@rule(
    "items.currency",
    "warning",
    "All products of an event are priced in one currency.",
    remedy="Send one event for each currency.",
    source="events reference, product",
)
def items_currency(subject: Subject) -> Iterable[Seen]:
    """The event's currency counts with those of its products."""
    event_wide = (f"{subject.at}currency", subject.properties.get("currency"))
    named = [
        (path, value)
        for path, value in (event_wide, *_product_currencies(subject))
        if isinstance(value, str) and value
    ]
    for path, value in named[1:]:
        first = named[0][1]
        if value != first:
            message = f"{path} is {quoted(value)} beside {quoted(first)}"
            return (Seen(path, f"{message}; one event has one currency", value),)
    return ()


@lru_cache(maxsize=1)  # as above
def _amounts(subject: Subject) -> list[_Amount]:
    """Return the amounts that are no plain numbers, or are below zero."""
    event = _event(subject)
    found: list[_Amount] = []
    names = event.amounts if event else ("revenue",)
    _find_odd(subject.properties, names, subject.at, found)
    for index, item in enumerate(_items(subject)):
        if item and isinstance(item, dict):
            at = f"{subject.at}items[{index}]."
            _find_odd(item, _PRICES, at, found)
            product = item.get("product")
            if isinstance(product, dict):
                _find_odd(product, ("price",), f"{at}product.", found)
    return found


def _find_odd(
    values: dict[str, Any], names: tuple[str, ...], at: str, found: list[_Amount]
) -> None:
    for name in names:
        if name in values:
            value = values[name]
            if value is not None and (value.__class__ not in _NUMBERS or value < 0):
                found.append(_Amount(f"{at}{name}", name, value))


@rule(
    "amount.type",
    "warning",
    "An amount is a number, and not below zero.",
    remedy="Send a JSON number without quotes, such as 12.5.",
    source="events reference",
)
def amount_type(subject: Subject) -> Iterable[Seen]:
    """In a pixel all numbers are text, and the text counts."""
    return [
        Seen(one.path, f"{one.path} {_should(one)}; {_received(one)}", one.value)
        for one in _amounts(subject)
        if _is_wrong(one, subject)
    ]


def _should(one: _Amount) -> str:
    is_number = one.value.__class__ in _NUMBERS
    return "should not be below zero" if is_number else "should be a number"


def _received(one: _Amount) -> str:
    return f"received {described(one.value)}"


def _is_wrong(one: _Amount, subject: Subject) -> bool:
    if one.value.__class__ in _NUMBERS:
        # A discount below zero is somebody's way to write it, and so is a voucher.
        return one.name in _TAKINGS and "items[" not in one.path
    if not isinstance(one.value, str):
        return True
    if is_written_for_readers(one.value):
        return False
    return subject.layout != "pixel" or number_in(one.value) is None


@rule(
    "amount.locale",
    "warning",
    "An amount is written as programs read it.",
    remedy="Send a JSON number: a point for decimals, no spaces, no currency.",
    source="events reference",
)
def amount_locale(subject: Subject) -> Iterable[Seen]:
    """Text with a decimal comma, grouped digits or a currency."""
    return [
        Seen(one.path, f"{one.path} should be a number; {_received(one)}", one.value)
        for one in _amounts(subject)
        if isinstance(one.value, str) and is_written_for_readers(one.value)
    ]


@rule(
    "amount.revenue_above_value",
    "note",
    "The value of an event, with tax and shipping, is not below its revenue.",
    remedy="Send the amount without tax and shipping as revenue, the total as value.",
    source="events reference",
)
def revenue_above_value(subject: Subject) -> Iterable[Seen]:
    """Where both are numbers; of a pixel, where both texts are."""
    properties = subject.properties
    revenue = _number(properties.get("revenue"), subject)
    value = _number(properties.get("value"), subject)
    if revenue is None or value is None or not revenue > value:
        return ()
    path, sent = f"{subject.at}revenue", properties["revenue"]
    message = f"{path} is {number_shown(revenue)}, above value {number_shown(value)}"
    return (Seen(path, message, sent),)


def _number(value: Any, subject: Subject) -> float | None:
    if subject.layout == "pixel" and isinstance(value, str):
        return number_in(value)
    return value if value.__class__ in _NUMBERS else None
