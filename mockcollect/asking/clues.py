"""What probably went wrong at one place of an event: what tells most of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from difflib import get_close_matches
from itertools import islice, takewhile
from typing import Any, NamedTuple

from mockcollect.asking.describing import LONGEST_VALUE, short
from mockcollect.asking.matching import Comparison, found_at
from mockcollect.recording.paths import Path, write_path

_DECIMAL_COMMA = re.compile(r"-?\d[\d.\s]*,\d+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_MILLISECONDS = range(10**12, 10**13)  # of this age: 13 digits
_MOST_KEYS = 500  # are looked at for a similar one
NAME_KEYS = ("event", "eventName", "name")  # are sent for `event_name`, in silence
_OTHER_PLACES = (
    ("properties", ", where the old layout 1.0 keeps it"),
    ("context", ""),
    ("user", ""),
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
    if _is_number(value):
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
    kinds = (int, float, Decimal, str, dict, list, tuple)
    return value is None or isinstance(value, kinds)


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
        return Clue("space", f"white space {_side_of_space(received)}")
    if expected.strip() == received:
        return Clue("space", "without the white space")
    if expected.casefold() == received.casefold():
        return Clue("capitals", "other capitals")
    if len(received) > LONGEST_VALUE:
        first = _first_other(expected, received)
        return Clue("", f"differs from character {first:,} on")
    return _NONE


def _first_other(one: str, other: str) -> int:
    """Return the number of the first character that differs, counted from 1."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)) + 1


def _side_of_space(text: str) -> str:
    if text == text.rstrip():
        return "in front"
    return "behind" if text == text.lstrip() else "on both sides"


def _clue_to_missing(path: Path, data: Any) -> Clue:
    for other in _similar_paths(path, data):
        return Clue("key", _there_is(other))
    for place, words in _OTHER_PLACES:
        if found_at(data, (place, *path))[0]:
            return Clue("layout", f"{_there_is((place, *path))}{words}")
    return _NONE


def _there_is(path: Path) -> str:
    return f"there is {short(write_path(path))}"


def _similar_paths(path: Path, data: Any) -> Iterator[Path]:
    """Yield the paths that are there and differ from a missing one by one key."""
    there = takewhile(lambda end: found_at(data, path[:end])[0], range(1, len(path)))
    length = sum(1 for _ in there)
    parent, key = found_at(data, path[:length])[1], path[length]
    if not isinstance(parent, dict) or isinstance(key, int):
        return
    for name in _similar_keys(key, parent):
        rest = (name, *path[length + 1 :])
        if found_at(parent, rest)[0]:
            yield (*path[:length], *rest)


def _similar_keys(key: str, keys: dict[str, Any]) -> Iterator[str]:
    if key == "event_name":
        yield from (one for one in NAME_KEYS if one in keys)
    yield from (one for one in keys if _bare(one) == _bare(key))
    some = list(islice(keys, _MOST_KEYS))
    yield from get_close_matches(key, some, n=1, cutoff=0.8)


def _bare(key: str) -> str:
    """Return a key as it reads in any spelling: `user_id` is `userId`."""
    return key.replace("_", "").replace("-", "").casefold()


def _is_same(milliseconds: float, seconds: float) -> bool:
    if not _MILLISECONDS[0] <= milliseconds <= _MILLISECONDS[-1]:
        return False
    return int(milliseconds) // 1000 == int(seconds)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
