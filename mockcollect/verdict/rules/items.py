"""Rules on the items of an event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mockcollect.verdict.rules import MAX_FINDINGS, Seen, rule
from mockcollect.verdict.standard import standard_events
from mockcollect.verdict.subject import Subject
from mockcollect.verdict.words import described, number_in

_NUMBERS: frozenset[Any] = frozenset({int, float})
_MAY_BE_EMPTY = frozenset({"view_cart", "view_item_list"})
"""An empty cart can be looked at, and a list that has nothing to show."""


@rule(
    "items.shape",
    "warning",
    "`items` is a list of objects, each with its id, quantity and product.",
    remedy='Send [{"id": …, "quantity": 1, "product": {"id": …, "name": …}}].',
    source="events reference, item",
)
def items_shape(subject: Subject) -> Iterable[Seen]:
    """Of standard events that list items: a custom one may mean something else."""
    items = subject.properties.get("items")
    event = standard_events().event(subject.event.event_name)
    if items is None or event is None or not event.has_items:
        return ()
    path = f"{subject.at}items"
    if not isinstance(items, list):
        message = f"{path} should be a list; received {described(items)}"
        return (Seen(path, message, items),)
    if items:
        return _wrong_items(items, path, subject)
    if "items" not in event.required or event.name in _MAY_BE_EMPTY:
        return ()
    message = f"{path} should hold what {event.name} is about; received an empty list"
    return (Seen(path, message, items),)


def _wrong_items(items: list[Any], path: str, subject: Subject) -> list[Seen]:
    found: list[Seen] = []
    for index, item in enumerate(items):
        if _is_whole(item):
            continue
        found += _wrong_item(item, f"{path}[{index}]", subject)
        if len(found) >= MAX_FINDINGS:
            break
    return found


def _is_whole(item: Any) -> bool:
    """Tell of nearly all items, with little work, that nothing is wrong with them."""
    return (
        item.__class__ is dict
        and bool(item.get("id"))
        and item["id"].__class__ is str
        and item.get("quantity").__class__ in _NUMBERS
        and item.get("product").__class__ is dict
    )


def _wrong_item(item: Any, at: str, subject: Subject) -> Iterator[Seen]:
    if not isinstance(item, dict):
        message = f"{at} should be an object; received {described(item)}"
        yield Seen(at, message, item)
        return
    for name in ("id", "quantity", "product"):
        value, path = item.get(name), f"{at}.{name}"
        if value is None:
            yield Seen(path, f"{path} is required of an item; {_has(item, name)}")
        elif should := _should(name, value, subject):
            message = f"{path} should be {should}; received {described(value)}"
            yield Seen(path, message, value)


def _should(name: str, value: Any, subject: Subject) -> str:
    """Return what a part of an item should be, nothing if it is that."""
    if name == "id":
        return "" if isinstance(value, str) and value else "text"
    if name == "product":
        return "" if isinstance(value, dict) else "an object"
    if subject.layout == "pixel" and isinstance(value, str):
        return "a number" if number_in(value) is None else ""
    return "" if value.__class__ in _NUMBERS else "a number"


def _has(item: dict[str, Any], name: str) -> str:
    other = f"item_{name}"
    if name in item:
        return "it is null"
    return f"it has {other}" if other in item else "it is missing"
