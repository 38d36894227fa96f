"""What the tests of the page send."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SEED = Path(__file__).parents[2] / "fixtures" / "seed"
SEARCH: dict[str, Any] = json.loads(SEED.joinpath("search.json").read_bytes())
BROKEN_BATCH = SEED.joinpath("batch.json").read_bytes()


def purchase(number: int = 1, **properties: Any) -> dict[str, Any]:
    """Return a purchase that production takes without errors."""
    return {
        "event_name": "purchase",
        "id": f"order-{number}",
        "revenue": 16.5,
        "value": 18.5,
        "currency": "EUR",
        "type": "physical",
        "items": [
            {
                "id": "SKU_1",
                "quantity": 1,
                "product": {"id": "12", "name": "Trex tshirt", "price": 18.5},
            }
        ],
        "user": {
            "id": "12345",
            "consistent_anonymous_id": "5689865",
            "consent_categories": ["1", "2"],
        },
        "context": {
            "event_id": f"20221031{number:010d}",
            "event_timestamp": 1667212800000 + number,
            "page": {"url": "https://shop.test/checkout", "lang": "en"},
        },
        **properties,
    }
