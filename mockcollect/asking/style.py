"""Colour in a report's text. It repeats what words say, always."""

from __future__ import annotations

from dataclasses import dataclass

RED, GREEN, YELLOW, DIM = "\033[31m", "\033[32m", "\033[33m", "\033[2m"
_RESET = "\033[0m"


@dataclass(frozen=True, slots=True)
class Paint:
    """How lines look: with or without colour, and whether many are cut to a screen."""

    colour: bool = False
    cut: bool = False

    def paint(self, colour: str, text: str) -> str:
        """Return a text in a colour, where there is colour."""
        return f"{colour}{text}{_RESET}" if self.colour else text
