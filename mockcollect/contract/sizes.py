"""Which parts of a JSON text are large: read at the pace of its commas and brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_STEP = re.compile(
    rb'[^"\[\]{},]*(?:' + _STRING + rb'[^"\[\]{},]*)*(?:[\[\]{},]|\Z)', re.DOTALL
)
_LABEL = re.compile(rb"\s*(?:(" + _STRING + rb")\s*:\s*)?", re.DOTALL)
_OPENING, _COMMA = frozenset(b"[{"), ord(",")

LONGEST_KEY = 100
"""A longer key is cut: a path is shown, and remembered."""


class Large(NamedTuple):
    """A value inside a container: its key or index, its depth and its bytes, as sent.

    `depth` is 1 for the members of the outermost container.
    """

    key: str | int
    depth: int
    size: int


def large_members(text: bytes, *, least: int, max_depth: int) -> Iterator[Large]:
    """Yield the members with that many bytes of a *valid* JSON text, inner ones first.

    What is smaller is passed over without a look at its key.
    """
    stack: list[tuple[int, int, int]] = []
    start = index = 0
    for match in _STEP.finditer(text):
        end = match.end()
        sign = text[end - 1]
        if sign in _OPENING:
            stack.append((start, end - 1, index))
            index = 0
        elif not stack:  # what stands behind the end, or is no container
            return
        else:
            if end - start > least and len(stack) <= max_depth:
                yield from _scalar(text, start, end - 1, index, len(stack), least)
            if sign == _COMMA:
                index += 1
            else:
                before, opened, index = stack.pop()
                if end - opened >= least and 0 < len(stack) <= max_depth:
                    key = _key(text, before, opened, index)
                    yield Large(key, len(stack), end - opened)
        start = end


def sized_paths(text: bytes, *, least: int, max_depth: int) -> list[tuple[str, int]]:
    """Return the path and the bytes of all large members, the outermost ones last."""
    levels: list[list[tuple[str, int]]] = [[] for _ in range(max_depth + 2)]
    for key, level, size in large_members(text, least=least, max_depth=max_depth):
        name = f"[{key}]" if isinstance(key, int) else key
        inner = [
            (name + path if path.startswith("[") else f"{name}.{path}", part)
            for path, part in levels[level + 1]
        ]
        levels[level + 1] = []
        levels[level] += [(name, size), *inner]
    return levels[1]


def _scalar(
    text: bytes, start: int, end: int, index: int, depth: int, least: int
) -> Iterator[Large]:
    label = _LABEL.match(text, start, end)
    assert label is not None  # it matches nothing too
    size = len(text[label.end() : end].rstrip())
    if size >= least:
        yield Large(_key(text, start, end, index), depth, size)


def _key(text: bytes, start: int, end: int, index: int) -> str | int:
    """Return the key that stands at a place, as written, or the index without one."""
    label = _LABEL.match(text, start, end)
    if label is None or label[1] is None:
        return index
    key = label[1][1:-1].decode()
    return key if len(key) <= LONGEST_KEY else f"{key[: LONGEST_KEY - 1]}…"
