"""Captured text made safe to show: it is hostile input to a terminal."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """Return a text with one dot for each control or invisible character."""
    if text.isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character == "\t":
        return " "
    category = unicodedata.category(character)
    # Zl and Zp, two characters, break lines as control characters do.
    return "·" if category.startswith("C") or category in ("Zl", "Zp") else character
