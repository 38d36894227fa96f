"""Colour where there is a terminal for it. It repeats what words say, always."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from mockcollect.verdict.verdict import Level, VerdictName

RED, GREEN, YELLOW, DIM = "\033[31m", "\033[32m", "\033[33m", "\033[2m"
_RESET = "\033[0m"

VERDICT_COLOURS: dict[VerdictName, str] = {
    "valid": GREEN,
    "invalid-accepted": YELLOW,
    "invalid-rejected": RED,
}
LEVEL_COLOURS: dict[Level, str] = {"error": RED, "warning": YELLOW, "note": DIM}


@dataclass(frozen=True, slots=True)
class Style:
    """How lines look on what they are written to."""

    colour: bool = False
    cut: bool = False

    @classmethod
    def of(cls, out: TextIO) -> Style:
        """Return colour for a terminal only, and not where NO_COLOR is set."""
        terminal = out.isatty()
        return cls(colour=terminal and not os.environ.get("NO_COLOR"), cut=terminal)

    def paint(self, colour: str, text: str) -> str:
        """Return a text in a colour, where there is colour."""
        return f"{colour}{text}{_RESET}" if self.colour else text
