"""The words for a value that was seen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mockcollect.contract.printable import printable
from mockcollect.verdict.currencies import CURRENCIES

MAX_SHOWN = 40
"""A text that is quoted in a message is cut to this many characters."""

_EXACT_INTEGERS = 2**53  # beyond, JSON writers and Python's `str` need not agree
_MANY_DIGITS = "a number of many digits"
_MAX_NUMBER = 40  # no number that people send is longer
_PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]{1,2}")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:[ \u00a0\u202f.,'][0-9]{3})+(?:[.,][0-9]+)?")
_PRICE = re.compile(r"([^0-9\s]*)\s?[0-9][0-9 .,']*?\s?([^0-9\s]*)")
_SIGNS = frozenset("$€£¥₹") | CURRENCIES


def described(value: Any) -> str:
    """Return a value and its kind in a few words: `"16,00", text with a decimal comma`.

    Lists and objects are named and not shown.
    """
    if isinstance(value, str):
        return f"{quoted(value)}, {kind_of_text(value)}" if value else "an empty text"
    if value is None or isinstance(value, (bool, list, dict)):
        return kind(value)
    shown = number_shown(value)
    return shown if shown == _MANY_DIGITS else f"{shown}, {kind(value)}"


def kind(value: Any) -> str:
    """Return what sort of JSON a value is, without showing it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "text" if value else "an empty text"
    empty = "" if value else "empty "
    return f"an {empty}object" if isinstance(value, dict) else _a(f"{empty}list")


def kind_of_text(text: str) -> str:
    """Return `text`, and what makes a number of it that no program reads."""
    if len(text) > _MAX_NUMBER:
        return "text"
    if _DECIMAL_COMMA.fullmatch(text):
        return "text with a decimal comma"
    if _GROUPED.fullmatch(text) and not _PLAIN_NUMBER.fullmatch(text):
        return "text with grouped digits"
    if has_currency(text):
        return "text with a currency"
    return "text"


def is_written_for_readers(text: str) -> bool:
    """Tell whether a text is a number as people write it, and programs do not."""
    return kind_of_text(text) != "text"


def has_currency(text: str) -> bool:
    """Tell whether a text is an amount with a currency's sign or code."""
    price = _PRICE.fullmatch(text[: _MAX_NUMBER + 1])
    return price is not None and not _SIGNS.isdisjoint((price[1].strip("+-"), price[2]))


def number_in(text: str) -> float | None:
    """Return the number that a text spells as JSON would, or `None`."""
    if len(text) > _MAX_NUMBER or not _PLAIN_NUMBER.fullmatch(text):
        return None
    return float(text)


def quoted(text: str) -> str:
    """Return a text in quotes, short and safe to print."""
    if len(text) > MAX_SHOWN:
        text = f"{text[: MAX_SHOWN - 1]}…"
    return f'"{printable(text)}"'


def number_shown(value: float) -> str:
    """Return a number's digits, unless they are too many to be read."""
    if isinstance(value, int) and abs(value) > _EXACT_INTEGERS:
        return _MANY_DIGITS
    return repr(value)


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them: `a, b or c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
