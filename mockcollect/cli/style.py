"""Colour where there is a terminal for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

from mockcollect.asking.style import DIM, GREEN, RED, YELLOW, Paint

if TYPE_CHECKING:
    from mockcollect.verdict.verdict import Level, VerdictName

VERDICT_COLOURS: dict[VerdictName, str] = {
    "valid": GREEN,
    "invalid-accepted": YELLOW,
    "invalid-rejected": RED,
}
LEVEL_COLOURS: dict[Level, str] = {"error": RED, "warning": YELLOW, "note": DIM}


class Style(Paint):
    """How lines look on what they are written to."""

    __slots__ = ()

    @classmethod
    def of(cls, out: TextIO) -> Style:
        """Return colour for a terminal only, and not where NO_COLOR is set."""
        terminal = out.isatty()
        return cls(colour=terminal and not os.environ.get("NO_COLOR"), cut=terminal)
