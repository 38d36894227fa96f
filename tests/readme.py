"""The README's snippets, for the tests that run them.

`…` stands for what changes from run to run: within a line for any text, alone on a line
for any lines.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


class Snippet(NamedTuple):
    """A fenced block: its language, its text, and its line in the README."""

    language: str
    text: str
    line: int


def snippets(*languages: str) -> list[Snippet]:
    """Return the snippets of some languages, or all, in their order."""
    found = re.finditer(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    every = (
        Snippet(match[1], match[2], README.count("\n", 0, match.start()) + 1)
        for match in found
    )
    return [one for one in every if not languages or one.language in languages]


def pattern_of(shown: str) -> str:
    """Return a regular expression for printed text in which `…` is anything."""
    lines = shown.rstrip("\n").split("\n")
    parts = []
    for number, line in enumerate(lines):
        if line == "…":
            parts.append(r"(?:[^\n]*\n)*")
        else:
            inner = "[^\n]*".join(map(re.escape, line.split("…")))
            parts.append(inner + (r"\r?\n" if number < len(lines) - 1 else r"\s*"))
    return "".join(parts) + r"\s*"
