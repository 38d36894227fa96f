"""JSON text read as text: where its parts stand, without building their values.

orjson decides what is valid; this module only finds places in it: the extent of each
value, the keys, the depth. It never recurses, so that no nesting can exhaust a stack.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+',
    re.DOTALL,
)
_OPENING, _CLOSING = frozenset("[{"), frozenset("]}")


class Member(NamedTuple):
    """One value inside a container: its key or index, depth, and extent in the text.

    `depth` is 1 for the members of the outermost container. A key is the text between
    its quotes, with its escapes.
    """

    key: str | int
    depth: int
    start: int
    end: int


def depth(text: str) -> int:
    """Return how many containers are open at the deepest place of a JSON text."""
    deepest = now = 0
    for match in _TOKEN.finditer(text):
        first = text[match.start()]
        if first in _OPENING:
            now += 1
            deepest = max(deepest, now)
        elif first in _CLOSING:
            now -= 1
    return deepest


def members(text: str, *, max_depth: int) -> Iterator[Member]:
    """Yield the members of a *valid* JSON text down to a depth, inner ones first."""
    stack: list[_Open] = []
    for match in _TOKEN.finditer(text):
        first, start, end = text[match.start()], match.start(), match.end()
        if first in _OPENING:
            _begin(stack, start)
            stack.append(_Open(is_object=first == "{"))
        elif first in _CLOSING:
            yield from _finish(stack, max_depth)
            stack.pop()
            if stack:
                stack[-1].end = end
        elif first == ",":
            yield from _finish(stack, max_depth)
            stack[-1].next_member()
        elif first != ":":
            _scalar(stack, text, start, end)


def items(text: str, key: str) -> list[tuple[int, int]]:
    """Return where each item of the array at a key of a JSON object begins and ends."""
    inner: list[tuple[int, int]] = []
    found: list[tuple[int, int]] = []
    for name, level, start, end in members(text, max_depth=2):
        if level == 2:
            inner.append((start, end))
            continue
        if unescaped(name) == key:
            found = inner if text[start] == "[" else []
        inner = []
    return found


def unescaped(key: str | int) -> str | int:
    """Return a member's key as a reader of its JSON gets it."""
    return json.loads(f'"{key}"') if isinstance(key, str) and "\\" in key else key


def repeated_keys(text: str) -> list[str]:
    """Return the keys that stand more than once in one object of a valid JSON text."""
    open_keys: list[set[str] | None] = []
    repeated: dict[str, None] = {}
    expects_key = False
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in _OPENING:
            expects_key = token == "{"
            open_keys.append(set() if expects_key else None)
        elif token in _CLOSING:
            open_keys.pop()
            expects_key = False
        elif token == ",":
            expects_key = open_keys[-1] is not None
        elif expects_key and (keys := open_keys[-1]) is not None:
            expects_key = False
            key = str(unescaped(token[1:-1]))
            if key in keys:
                repeated[key] = None
            keys.add(key)
    return list(repeated)


class _Open:
    """A container whose end has not been read yet."""

    __slots__ = ("end", "index", "is_object", "key", "start")

    def __init__(self, *, is_object: bool) -> None:
        self.is_object = is_object
        self.index = 0
        self.key: str | None = None
        self.start = self.end = -1

    def next_member(self) -> None:
        self.index += 1
        self.key = None
        self.start = self.end = -1


def _begin(stack: list[_Open], start: int) -> None:
    if stack and stack[-1].start < 0:
        stack[-1].start = start


def _scalar(stack: list[_Open], text: str, start: int, end: int) -> None:
    if not stack:
        return
    top = stack[-1]
    if top.is_object and top.key is None:
        top.key = text[start + 1 : end - 1]
        return
    top.start, top.end = start, end


def _finish(stack: list[_Open], max_depth: int) -> Iterator[Member]:
    top = stack[-1]
    if top.start >= 0 and len(stack) <= max_depth:
        key = (top.key or "") if top.is_object else top.index
        yield Member(key, len(stack), top.start, top.end)
