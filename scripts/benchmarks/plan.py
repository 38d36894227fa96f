"""How much is measured, and where its files go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

EVENTS = 100_000
QUICK_EVENTS = 20_000


@dataclass(frozen=True)
class Plan:
    """How often, how long and over how many events to measure.

    `folder` is a place for files that are gone afterwards. `say` tells a person what
    goes on.
    """

    rounds: int
    seconds: int
    events: int
    folder: Path
    say: Callable[[str], None]

    @classmethod
    def of(
        cls, *, rounds: int, quick: bool, folder: Path, say: Callable[[str], None]
    ) -> Plan:
        """Return a whole plan, or a quick one: a first look, not a proof."""
        if quick:
            return cls(min(rounds, 2), 1, QUICK_EVENTS, folder, say)
        return cls(rounds, 3, EVENTS, folder, say)


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    return float(median(values))


def quotients(above: Sequence[float], below: Sequence[float]) -> tuple[float, ...]:
    """Return the ratio of each round: both sides of a pair saw the same machine."""
    return tuple(one / other for one, other in zip(above, below, strict=True))
