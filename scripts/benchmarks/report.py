"""What a measurement gives: rows with a target, and the table that shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal


class NotMeasured(Exception):
    """Says why a measurement could not be made."""


@dataclass(frozen=True)
class Target:
    """What a figure must be at least, or at most."""

    sense: Literal[">=", "<="]
    limit: float
    unit: str = ""

    def holds(self, figure: float) -> bool:
        """Return whether a figure meets the target."""
        return figure >= self.limit if self.sense == ">=" else figure <= self.limit

    def __str__(self) -> str:
        return f"{self.sense} {number(self.limit)}{self.unit}"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    `figure` is what the target judges, in the target's unit. `ours` and `against` are
    the two sides that it was made from. `rounds` are the figures of each round.
    """

    name: str
    target: Target
    figure: float | None = None
    ours: str = ""
    against: str = ""
    rounds: tuple[float, ...] = ()
    not_measured: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the target is met, `None` if nothing was measured."""
        return None if self.figure is None else self.target.holds(self.figure)

    def cells(self) -> tuple[str, ...]:
        """Return the row as the table shows it."""
        if self.figure is None:
            reason = f"not measured: {self.not_measured}"
            return self.name, reason, "", "", "", str(self.target), ""
        judged = f"{number(self.figure)}{self.target.unit}"
        verdict = "yes" if self.holds else "NO"
        target = str(self.target)
        return self.name, self.ours, self.against, judged, self.spread, target, verdict

    @property
    def spread(self) -> str:
        """The lowest and the highest round."""
        if len(self.rounds) < 2:
            return ""
        return f"{number(min(self.rounds))} … {number(max(self.rounds))}"

    def to_dict(self) -> dict[str, Any]:
        """Return all there is to know of the row."""
        return {**asdict(self), "holds": self.holds}


HEADINGS = ("MEASURED", "OURS", "AGAINST", "FIGURE", "ROUNDS", "TARGET", "HOLDS")


def table(rows: Sequence[Row]) -> str:
    """Return the rows as aligned text; a reason may run over the columns behind it."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    judged = [HEADINGS, *(row.cells() for row in rows if row.figure is not None)]
    widths = [max(len(line[n]) for line in judged) for n in range(len(HEADINGS))]
    widths[0] = max(len(line[0]) for line in lines)
    return "\n".join(_line(cells, widths) for cells in lines)


def _line(cells: Iterable[str], widths: Sequence[int]) -> str:
    shown = ""
    end = 0
    for cell, width in zip(cells, widths, strict=True):
        shown = f"{shown.ljust(end)}{cell}  " if cell else shown
        end += width + 2
    return shown.rstrip()


def number(value: float) -> str:
    """Return a number with as many digits as say something."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def rate(value: float) -> str:
    """Return a number of requests in a second."""
    return f"{value:,.0f}/s"
