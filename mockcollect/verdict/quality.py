"""How good what was collected is, in the words of the platform's weather report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from mockcollect.verdict.verdict import Verdict

Weather = Literal["sunny", "cloudy", "rainy", "stormy"]

_AT_LEAST: tuple[tuple[float, Weather], ...] = (
    (100.0, "sunny"),
    (95.0, "cloudy"),
    (90.0, "rainy"),
)
"""Vendor, data quality of sources; the delivery of events has other thresholds."""


def weather(percentage: float) -> Weather:
    """Return the platform's word for a percentage of valid events."""
    for least, word in _AT_LEAST:
        if percentage >= least:
            return word
    return "stormy"


@dataclass(slots=True)
class Quality:
    """How many of some events are valid; a note makes none invalid."""

    events: int = 0
    valid: int = 0

    def add(self, verdict: Verdict) -> None:
        """Count an event."""
        self.events += 1
        self.valid += verdict.name == "valid"

    @property
    def percentage(self) -> float | None:
        """The percentage that is valid, to two decimals; `None` without events.

        Cut and not rounded: one invalid event among many is never 100 %.
        """
        return self.valid * 10_000 // self.events / 100 if self.events else None

    def to_dict(self) -> dict[str, Any]:
        """Return the quality as the inspection API shows it."""
        percentage = self.percentage
        return {
            "events": self.events,
            "valid": self.valid,
            "percentage": percentage,
            "weather": None if percentage is None else weather(percentage),
        }
