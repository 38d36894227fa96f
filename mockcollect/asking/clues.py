"""What probably went wrong at one place of an event: what tells most of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, NamedTuple

from mockcollect.asking.matching import Comparison, found_at
from mockcollect.recording.paths import Path, write_path

_DECIMAL_COMMA = re.compile(r"-?\d[\d.\s]*,\d+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_MILLISECONDS = range(10**12, 10**13)  # of this age: 13 digits
_OTHER_PLACES = (
    ("properties", "the old layout 1.0 keeps it there"),
    ("context", "it stands in context"),
    ("user", "it stands in user"),
)

_WEIGHTS = (
    "type",
    "decimal comma",
    "number as text",
    "key",
    "layout",
    "unit",
    "space",
    "capitals",
    "",
)
"""The kinds of clues, the most telling first."""


class Clue(NamedTuple):
    """The kind of a mistake, and what to say of it; both empty for none."""

    kind: str = ""
    words: str = ""

    @property
    def weight(self) -> int:
        """The smaller, the more telling."""
        return _WEIGHTS.index(self.kind)


_NONE = Clue()


def kind_of(value: Any) -> str:
    """Return the type of a JSON value, or of a matcher, in the words of people."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, (list, tuple)):
        return "list"
    return "text to search" if isinstance(value, re.Pattern) else "matcher"


def is_plain(value: Any) -> bool:
    """Return whether a value is JSON, and not a matcher."""
    return value is None or isinstance(value, (int, float, str, dict, list, tuple))


def find_clue(one: Comparison, data: Any) -> Clue:
    """Return what is odd about one place of an event, if it tells anything."""
    if one.outcome == "missing":
        return _clue_to_missing(one.path, data)
    if one.outcome == "different":
        return _clue_to_value(one.expected, one.received)
    return _NONE


def _clue_to_value(expected: Any, received: Any) -> Clue:
    if isinstance(received, str):
        clue = _clue_to_text(expected, received)
        if clue is not _NONE:
            return clue
    if _is_number(expected) and _is_number(received) and _is_same(expected, received):
        return Clue("unit", "seconds, where milliseconds are expected")
    if isinstance(expected, re.Pattern) and not isinstance(received, str):
        return Clue("type", f"{kind_of(received)}: only text can be searched")
    if is_plain(expected) and kind_of(expected) != kind_of(received):
        return Clue("type", _kind_and_contrast(expected, received))
    if isinstance(expected, (list, tuple)) and isinstance(received, list):
        return Clue("", f"a list of {len(received)}, expected {len(expected)}")
    return _NONE


def _kind_and_contrast(expected: Any, received: Any) -> str:
    kind = kind_of(received)
    same = isinstance(expected, str) and expected == str(received)
    return f"{kind}, not text" if same else kind


def _clue_to_text(expected: Any, received: str) -> Clue:
    if _is_number(expected):
        if _DECIMAL_COMMA.fullmatch(received.strip()):
            return Clue("decimal comma", "text, with a decimal comma")
        if _NUMBER.fullmatch(received.strip()):
            return Clue("number as text", "a number as text")
    elif isinstance(expected, bool) and received.lower() in {"true", "false"}:
        return Clue("type", f"{received.lower()} as text")
    elif isinstance(expected, str):
        return _clue_to_other_text(expected, received)
    return _NONE


def _clue_to_other_text(expected: str, received: str) -> Clue:
    if expected == received.strip():
        where = "in front" if received == received.rstrip() else "behind"
        if received.strip() not in (received.lstrip(), received.rstrip()):
            where = "on both sides"
        return Clue("space", f"white space {where}")
    if expected.casefold() == received.casefold():
        return Clue("capitals", "other capitals")
    if expected.strip() == received:
        return Clue("space", "the white space was expected, and is not there")
    return _NONE


def _clue_to_missing(path: Path, data: Any) -> Clue:
    for other in _similar_paths(path, data):
        return Clue("key", f"there is {write_path(other)}")
    for place, words in _OTHER_PLACES:
        if path[0] != place and found_at(data, (place, *path))[0]:
            return Clue("layout", f"there is {write_path((place, *path))}: {words}")
    return _NONE


def _similar_paths(path: Path, data: Any) -> Iterator[Path]:
    """Yield the paths that are there and differ from a missing one by one key."""
    for length, key in enumerate(path):
        there, parent = found_at(data, path[:length])
        if not there or not isinstance(parent, dict) or isinstance(key, int):
            return
        if key in parent:
            continue
        for name in _similar_keys(key, parent):
            if found_at(parent, (name, *path[length + 1 :]))[0]:
                yield (*path[:length], name, *path[length + 1 :])
        return


def _similar_keys(key: str, keys: dict[str, Any]) -> Iterator[str]:
    yield from (one for one in keys if _bare(one) == _bare(key))
    yield from get_close_matches(key, keys, n=1, cutoff=0.8)


def _bare(key: str) -> str:
    """Return a key as it reads in any spelling: `user_id` is `userId`."""
    return key.replace("_", "").replace("-", "").casefold()


def _is_same(milliseconds: float, seconds: float) -> bool:
    if not _MILLISECONDS[0] <= milliseconds <= _MILLISECONDS[-1]:
        return False
    return int(milliseconds) // 1000 == int(seconds)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
