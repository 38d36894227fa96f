"""The GET form: bracketed query text to an event."""

from __future__ import annotations

import re
from typing import Any

from mockcollect.contract.source import OWN_PARAMETERS, parameters

MAX_NESTING = 64
"""PHP's `max_input_nesting_level`: a deeper name is kept as flat text."""

_INDEX_DIGITS = 16  # a longer number is a name: nobody counts that far in one query
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)", re.DOTALL)
_BRACKET = re.compile(r"\[([^\[\]]*)\]", re.DOTALL)


class _Node(dict[str, Any]):
    """A bracketed name's children, and the index that `[]` takes next."""

    __slots__ = ("next_index",)

    def __init__(self) -> None:
        super().__init__()
        self.next_index = 0

    def key(self, bracket: str) -> str:
        if not bracket:
            bracket = str(self.next_index)
        if bracket.isascii() and bracket.isdigit() and len(bracket) < _INDEX_DIGITS:
            self.next_index = max(self.next_index, int(bracket) + 1)
        return bracket


def decode_pixel(query: str) -> dict[str, Any]:
    """Return the event that a pixel's query spells, all its values text.

    Vendor, pixel page: `user[id]=1`, `user[consent_categories][]=1` and
    `items[0][product][colors][]=red`, as PHP reads them. The parameters that name site
    and source are left out. What is said twice counts as said last.
    """
    root = _Node()
    for name, value in parameters(query):
        if name and name not in OWN_PARAMETERS:
            _put(root, _keys(name), value)
    return {key: _with_lists(value) for key, value in root.items()}


def _keys(name: str) -> list[str]:
    match = _NAME.fullmatch(name)
    if match is None:
        return [name]
    keys = [match[1], *_BRACKET.findall(match[2])]
    return keys if len(keys) <= MAX_NESTING else [name]


def _put(node: _Node, keys: list[str], value: str) -> None:
    for bracket in keys[:-1]:
        key = node.key(bracket)
        child = node.get(key)
        if not isinstance(child, _Node):
            child = node[key] = _Node()
        node = child
    node[node.key(keys[-1])] = value


def _with_lists(value: Any) -> Any:
    """Turn each node whose keys count 0, 1, 2 … into a list, as PHP's JSON does."""
    if not isinstance(value, _Node):
        return value
    children = [_with_lists(child) for child in value.values()]
    if list(value) == [str(index) for index in range(len(value))]:
        return children
    return dict(zip(value, children, strict=True))
