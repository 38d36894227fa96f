"""What was probably meant by a word or a number that JSON does not have."""

from __future__ import annotations

import re

MAX_SHOWN = 40
"""A value quoted in a guess is cut to this many characters."""

NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
LOOKS_NUMERIC = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F]+"
    r"|(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9]+)(?:[eE][+-]?[0-9]*)?)"
)

MEANT = {
    "True": "true",
    "False": "false",
    "TRUE": "true",
    "FALSE": "false",
    "None": "null",
    "NULL": "null",
    "nil": "null",
    "undefined": "null, or leave the key out",
}
NOT_NUMBERS = frozenset({"NaN", "Infinity", "-Infinity", "nan", "inf", "Inf"})


def cut(text: str) -> str:
    """Return a text on one line, its middle left out if it is long."""
    text = " ".join(text.split())
    if len(text) <= MAX_SHOWN:
        return text
    half = MAX_SHOWN // 2
    return f"{text[:half]}…{text[-half + 1 :]}"


def mend_number(token: str) -> str | None:
    """Return how a number that JSON refuses is written, if that can be told."""
    bare = token.replace("_", "").lstrip("+")
    if re.fullmatch(r"-?0+[0-9]+", bare):
        return "leading zeros are not allowed: send a text if they matter"
    if re.fullmatch(r"-?[0-9]+\.", bare):
        return f"write {cut(bare)}0"
    if re.fullmatch(r"-?\.[0-9]+", bare):
        return f"write {cut(bare.replace('.', '0.', 1))}"
    if bare != token and NUMBER.fullmatch(bare):
        return f"write {cut(bare)}"
    return None
