"""What is sent: one purchase of about 1,000 bytes, and a batch of 400 of them."""

from __future__ import annotations

import json
from typing import Any

EVENT_TARGET = "/events?tc_s=29&token=7183b9d4-1031-11ee-be56-0242ac120002"
BATCH_TARGET = EVENT_TARGET.replace("/events", "/events/batch")
BATCH_SIZE = 400

_PURCHASE: dict[str, Any] = {
    "event_name": "purchase",
    "id": "ORDER-2026-000001",
    "revenue": 87.4,
    "value": 104.9,
    "currency": "EUR",
    "type": "online",
    "payment_method": "card",
    "status": "in_progress",
    "shipping_amount": 4.9,
    "tax_amount": 17.5,
    "coupon": "WINTER-15",
    "page_type": "order_confirmation",
    "page_name": "order confirmation",
    "url": "https://shop.example.test/order/thank-you?step=4",
    "items": [
        {
            "id": "SKU-1041",
            "quantity": 1,
            "product": {"id": "SKU-1041", "name": "Rain jacket", "price": 69.9},
        },
        {
            "id": "SKU-2207",
            "quantity": 2,
            "product": {"id": "SKU-2207", "name": "Wool socks", "price": 8.75},
        },
    ],
    "user": {
        "id": "u-204811",
        "consistent_anonymous_id": "202641827364509182736450",
        "email": "jane.doe@example.test",
        "firstname": "Jane",
        "consent_categories": [1, 2, 3],
    },
    "context": {
        "event_id": "5f0c6a1e-7f2b-4c55-9a39-d1a0b6f0a001",
        "event_timestamp": 1790000000000,
        "page": {"url": "https://shop.example.test/order/thank-you?step=4"},
        "device": {
            "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Bench/1.0",
            "ip": "203.0.113.24",
        },
    },
}


def event_body() -> bytes:
    """Return the body of one event."""
    return json.dumps(_PURCHASE, separators=(",", ":")).encode()


def faulty_event_body() -> bytes:
    """Return the body of an event with some mistakes of every day."""
    event = {**_PURCHASE, "revenue": "87,40", "context": {}}
    del event["payment_method"], event["currency"]
    return json.dumps(event, separators=(",", ":")).encode()


def batch_body() -> bytes:
    """Return the body of one batch, under 500 KB."""
    return b'{"batch":[' + b",".join([event_body()] * BATCH_SIZE) + b"]}"
