"""What a mistyped word was probably meant to be, and what there is to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice
from typing import Any

from mockcollect.contract.printable import printable
from mockcollect.verdict.words import kind, listed, number_shown

_MAX_COMPARED = 64  # comparing takes time that grows with the square of the length
_MAX_KNOWN = 60  # as many, all alike, take two milliseconds
_MAX_SHOWN = 80
_MAX_CHOICES = 8


def shown(text: str) -> str:
    """Return a text on one line, harmless, its end left out if it is long."""
    return printable(text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 1]}…")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `Did you mean …?`, or nothing where no known word is near."""
    if len(word) > _MAX_COMPARED:
        return ""
    near = _nearest(word, tuple(islice(known, _MAX_KNOWN)))
    return f"Did you mean `{shown(near)}`?" if near else ""


@lru_cache(maxsize=1024)
def _nearest(word: str, known: tuple[str, ...]) -> str | None:
    lowered = {one.lower(): one for one in known}
    near = get_close_matches(word.lower(), lowered, n=1, cutoff=0.7)
    return lowered[near[0]] if near else None


def choices(values: Sequence[Any]) -> str:
    """Return some values as a sentence lists them: `EUR or USD`."""
    words = [_choice(value) for value in values[:_MAX_CHOICES]]
    if len(values) > _MAX_CHOICES:
        return f"one of {', '.join(words)}, …"
    return listed(words) if len(words) < 3 else f"one of {', '.join(words)}"


def _choice(value: Any) -> str:
    if isinstance(value, str):
        return shown(value) or '""'
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number_shown(value) if is_number else kind(value)
