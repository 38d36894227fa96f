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
    return "·" if unicodedata.category(character).startswith("C") else character
