"""A visit to a shop, with the mistakes that people make: what `demo` sends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_VISITOR = {
    "id": "12345",
    "consistent_anonymous_id": "202641827364509182736450",
    "consent_categories": ["1", "2", "3"],
}
_DEVICE = {
    "ip": "203.0.113.24",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101",
}
_SHOP = "https://shop.example"
_ITEM: dict[str, Any] = {
    "id": "SKU-1",
    "quantity": 1,
    "price": 16.0,
    "product": {"id": "SKU-1", "name": "A lamp", "currency": "EUR", "price": 16.0},
}
_BASKET: dict[str, Any] = {
    "currency": "EUR",
    "value": 16.0,
    "revenue": 16.0,
    "items": [_ITEM],
}
_PAID: dict[str, Any] = {
    **_BASKET,
    "type": "online",
    "payment_method": "card",
    "status": "pending",
}


def story(now: int) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the body of each request; `now` is in milliseconds."""
    story = _Story(now)
    yield _one(story.event("page_view", "/", page_type="home"))
    yield _one(story.event("search", "/search", search_term="lamp"))
    yield _batch(
        story.event("view_item", "/lamp", **_BASKET),
        story.event("add_to_cart", "/lamp", **_BASKET),
    )
    yield _one(story.event("begin_checkout", "/checkout", **_BASKET))
    purchase = story.event("purchase", "/thanks", id="ORDER-1", **_PAID)
    yield _one(purchase)
    # A retry that sends the same again: production would count it twice.
    yield _one(purchase)
    # A number as a form shows it, in a language with decimal commas.
    comma = {**_PAID, "id": "ORDER-2", "value": "16,00"}
    yield _one(story.event("purchase", "/thanks", **comma))
    # The key that other tools have for the name: answered 200, and dropped.
    yield "/events", json.dumps({"event": "purchase"}).encode()
    # A comma too many: the one mistake that is answered 400.
    yield "/events", b'{\n  "event_name": "refund",\n  "revenue": 16.0,\n}'


class _Story:
    """Makes the events of one visit, each some seconds behind the one before."""

    def __init__(self, now: int) -> None:
        self._now = now
        self._number = 0

    def event(self, name: str, path: str, **properties: Any) -> dict[str, Any]:
        """Return an event on a page of the shop."""
        self._number += 1
        context = {
            "event_id": f"demo-{self._now}-{self._number}",
            "event_timestamp": self._now - 10_000 + 500 * self._number,
            "page": {"url": f"{_SHOP}{path}", "title": "A shop"},
            "device": _DEVICE,
        }
        return {
            "event_name": name,
            "user": _VISITOR,
            "context": context,
            **properties,
        }


def _one(event: dict[str, Any]) -> tuple[str, bytes]:
    return "/events", json.dumps(event).encode()


def _batch(*events: dict[str, Any]) -> tuple[str, bytes]:
    return "/events/batch", json.dumps({"batch": events}).encode()
