"""What the text of a body says that its values do not: repeated keys, lost digits.

Nearly all bodies have neither, and are told so by counting.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple

import orjson

MOST = 20
"""No more keys or numbers of a body are named: it may hold thousands."""

_LONG_NUMBER = re.compile(rb"[:\[,]\s*(-?[0-9][0-9.]{15,}(?:[eE][+-]?[0-9]+)?)")
"""A double keeps 15 digits of any number. This also finds some inside strings."""

_LONG_RUN = b"0" * 16
_QUOTED_RUN = b'"' + _LONG_RUN
_DIGITS_ALIKE = bytes.maketrans(b"123456789.", b"0" * 10)
"""Makes one digit of all, so that a long run of them is found in no time."""

_ESCAPED_QUOTE = b"\\u0022"


class Lossy(NamedTuple):
    """A number that a double does not hold: its path in the event, and its text."""

    path: str
    text: str


def repeated_keys(body: bytes, data: Any) -> list[str]:
    """Return keys that stand twice in one object of a body whose value is `data`."""
    if _has_no_repeated_key(body, data):
        return []
    found: dict[str, None] = {}

    def keep(pairs: list[tuple[str, Any]]) -> None:
        if len(dict(pairs)) != len(pairs) and len(found) < MOST:
            counts = Counter(key for key, _ in pairs)
            found.update((key, None) for key, count in counts.items() if count > 1)

    try:
        json.loads(body, object_pairs_hook=keep)
    except (ValueError, RecursionError):  # no body to speak of; hundreds of levels
        return []
    return list(islice(found, MOST))


def lossy_numbers(body: bytes, *, is_batch: bool) -> dict[int, list[Lossy]]:
    """Return the numbers that lose digits in a double, by the index of their event."""
    if not _may_hold_long_number(body):
        return {}
    if not any(_loses(match[1]) for match in _LONG_NUMBER.finditer(body)):
        return {}
    mark = _Marker().mark
    try:
        data = json.loads(body, parse_int=mark, parse_float=mark)
    except (ValueError, RecursionError):
        return {}
    if not is_batch:
        return {0: _marks(data)}
    return {index: _marks(one) for index, one in enumerate(data["batch"])}


def _has_no_repeated_key(body: bytes, data: Any) -> bool:
    """Return whether there are as many quotes in the text as in its value's.

    A key that was overwritten took two quotes with it. Those inside strings are as many
    in both texts, unless one is written in another way.
    """
    if _ESCAPED_QUOTE in body:
        return False
    try:
        return body.count(b'"') == orjson.dumps(data).count(b'"')
    except TypeError:  # deeper than orjson writes
        return False


def _may_hold_long_number(body: bytes) -> bool:
    """Return whether there is a long run of digits, other than the ids in strings."""
    digits = body.translate(_DIGITS_ALIKE)
    if _LONG_RUN not in digits:
        return False
    return _LONG_RUN in digits.replace(_QUOTED_RUN, b"")


class _Mark(str):
    """The text of a number that loses digits, in the place of the number."""

    __slots__ = ()


class _Marker:
    """Marks the first few numbers of a body that lose digits."""

    def __init__(self) -> None:
        self.left = MOST

    def mark(self, text: str) -> str | int:
        if len(text) <= 15 or not self.left or not _loses(text.encode()):
            return 0
        self.left -= 1
        return _Mark(text)


def _loses(number: bytes) -> bool:
    text = number.decode()
    try:
        exact, double = Decimal(text), float(text)
        # As few digits as tell a double from its neighbours, the 17 that PHP and others
        # write, and all that it has.
        if exact == Decimal(repr(double)):
            return False
        return exact != Decimal(f"{double:.17g}") and exact != Decimal(double)
    except (ArithmeticError, ValueError):  # `1.2.3` inside a string; a vast exponent
        return False


def _marks(event: Any) -> list[Lossy]:
    found: list[Lossy] = []
    stack: list[tuple[str, Any]] = [("", event)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, _Mark):
            found.append(Lossy(path, str(value)))
        elif isinstance(value, dict):
            stack += [(f"{path}.{key}".lstrip("."), v) for key, v in value.items()]
        elif isinstance(value, list):
            stack += [(f"{path}[{index}]", v) for index, v in enumerate(value)]
    return found
