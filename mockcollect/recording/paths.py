"""Paths into an event, as a filter writes them: read, look up, compare, search.

Event data can be any JSON, a thousand levels deep: nothing here recurses.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from typing import Any

Path = tuple[str | int, ...]
"""The steps of a path: names of keys, and numbers that pick one item of a list."""

Comparison = Callable[[list[Any]], bool]
"""What a comparison makes of the values at its path."""

QUOTED = r'"[^"\\]*(?:\\.[^"\\]*)*"'
"""A quoted text: a backslash in it keeps a quote or a backslash literal."""

_PLACES = ("context", "properties")
_QUOTED_TEXT = re.compile(QUOTED, re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')
_STEP = re.compile(
    rf'(?P<dot>\.)?(?:(?P<quoted>{QUOTED})|(?P<name>[^.\[\]"]+))'
    r"|\[(?P<index>\d{1,9})\]",
    re.DOTALL | re.ASCII,
)
_QUOTED_STEP = re.compile(r'[\s.\[\]":=<>~!]|^-|^$')
_NUMBER = re.compile(
    r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?",
    re.ASCII,
)
_NUMBER_LENGTH = 400  # a double has 309 digits before its point; Python reads 4,300
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
COMPARISONS = ("=", "!=", "~", *_ORDERS)
"""The comparisons that may follow a path."""


def quote(text: str) -> str:
    """Return a text in quotes, as a filter reads it back."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def unquote(text: str) -> str:
    """Return a text without its quotes, what they hold unescaped."""
    return _QUOTED_TEXT.sub(lambda match: _ESCAPED.sub(r"\1", match[0][1:-1]), text)


def read_path(text: str) -> Path:
    """Return the steps of `items[0].product.id`; a key with dots stands in quotes.

    Raises ValueError for what is no path.
    """
    steps: list[str | int] = []
    end = 0
    while end < len(text) or not steps:
        match = _STEP.match(text, end)
        if match is None or (
            match["index"] is None and bool(match["dot"]) != bool(end)
        ):
            raise ValueError(text)
        steps.append(_step(match))
        end = match.end()
    return tuple(steps)


def write_path(path: Path) -> str:
    """Return the text of a path, which `read_path` reads back."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
            continue
        text += "." if text else ""
        text += quote(step) if _QUOTED_STEP.search(step) else step
    return text


def values_at(data: Any, path: Path) -> list[Any]:
    """Return what stands at a path of an event: at its root, in context or properties.

    The first of the three places that has a value there counts, null being none. A list
    on the way is followed into all of its items.
    """
    found = _follow(data, path)
    if is_present(found) or not isinstance(data, dict):
        return found
    for place in _PLACES:
        inner = _follow(data.get(place), path)
        if is_present(inner):
            return inner
        found = found or inner
    return found


def is_present(values: list[Any]) -> bool:
    """Say whether something stands at a path that is not null."""
    return any(value is not None for value in values)


def read_comparison(sign: str, text: str) -> Comparison:
    """Return the test of the values at a path, for one of `COMPARISONS`.

    Raises ValueError for a number that is none.
    """
    if sign == "~":
        return _any_scalar(_contains(text))
    if sign == "=":
        return _any_scalar(_equals(text))
    if sign == "!=":
        equal = _any_scalar(_equals(text))
        return lambda values: bool(values) and not equal(values)
    return _any_scalar(_in_order(_ORDERS[sign], text))


def holds_word(data: Any, word: str) -> bool:
    """Say whether a case-folded word is in any key or value of an event."""
    rest = [data]
    for value in rest:  # which grows on the way
        if isinstance(value, str):
            if word in value.casefold():
                return True
        elif isinstance(value, dict):
            for key in value:
                if word in key.casefold():
                    return True
            rest += value.values()
        elif isinstance(value, list):
            rest += value
        elif word in _text(value).casefold():
            return True
    return False


def is_part_of_number(word: str) -> bool:
    """Say whether a case-folded word could be a part of a number's text."""
    return not word.strip("+-.0123456789e")


def _step(match: re.Match[str]) -> str | int:
    if match["index"] is not None:
        return int(match["index"])
    return match["name"] or unquote(match["quoted"])


def _follow(value: Any, path: Path) -> list[Any]:
    for place, step in enumerate(path):
        if not isinstance(value, dict):
            return _follow_lists([value], path[place:])
        if step not in value:
            return []
        value = value[step]
    return [value]


def _follow_lists(values: list[Any], path: Path) -> list[Any]:
    for step in path:
        if isinstance(step, int):
            lists = (value for value in values if isinstance(value, list))
            values = [items[step] for items in lists if step < len(items)]
        else:
            inner = (value for value in _flat(values) if isinstance(value, dict))
            values = [data[step] for data in inner if step in data]
    return values


def _flat(values: list[Any]) -> Iterable[Any]:
    stack = values[::-1]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack += value[::-1]
        else:
            yield value


def _any_scalar(test: Callable[[Any], bool]) -> Comparison:
    return lambda values: any(
        test(value) for value in _flat(values) if not isinstance(value, dict)
    )


def _equals(text: str) -> Callable[[Any], bool]:
    number = _number(text)

    def equals(value: Any) -> bool:
        if _is_number(value):
            return number is not None and bool(value == number)
        return _text(value) == text

    return equals


def _contains(text: str) -> Callable[[Any], bool]:
    folded = text.casefold()
    return lambda value: folded in _text(value).casefold()


def _in_order(holds: Callable[[Any, Any], bool], text: str) -> Callable[[Any], bool]:
    limit = _number(text)
    if limit is None:
        raise ValueError(text)

    def in_order(value: Any) -> bool:
        # On a pixel all values are text.
        number = _number(value) if isinstance(value, str) else value
        return _is_number(number) and holds(number, limit)

    return in_order


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _number(text: str) -> int | float | None:
    if len(text) > _NUMBER_LENGTH or not _NUMBER.fullmatch(text):
        return None
    try:
        return int(text)  # exact, where a double would lose digits of an id
    except ValueError:
        number = float(text)
    return number if abs(number) != float("inf") else None


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)
