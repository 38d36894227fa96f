"""Expectations as people write them: `event:purchase user.id=12345 count>=1`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mockcollect.asking.counts import (
    EXAMPLES,
    NONE,
    ONCE_OR_MORE,
    Count,
    read_count,
)
from mockcollect.asking.event_check import EventCheck
from mockcollect.asking.wanted import Wanted
from mockcollect.errors import InvalidQuery
from mockcollect.recording.paths import QUOTED, quote
from mockcollect.recording.query import Query, parse_query
from mockcollect.recording.values import shown

# Unrolled loops: each character is read once, however long and odd the text.
_WORD = re.compile(rf'[^\s"]*(?:{QUOTED}[^\s"]*)*', re.DOTALL)
_COUNT = re.compile(r"-?count(?=[:=<>~!])", re.IGNORECASE)
_SIGN = re.compile(r"[=<>!]")
_OPERATORS = re.compile(r'[":=<>~]')
_PROPERTY = 'A property named `count` is asked by `"count"=3`, in quotes.'


def parse_expectation(text: str, *, now: datetime | None = None) -> EventCheck:
    """Return the check that a text spells: a filter, and how many events match it.

    The count is the last term: `count=1`, `count>=1`, `count<=3`, `count=1..3`, or
    `count=0`; without one at least one event is expected. A property named `count` is
    asked for in quotes: `"count"=3`. Raises InvalidQuery, with the position.
    """
    if not text.strip():
        raise InvalidQuery(
            "An expectation is empty. Write a filter and a count, as in "
            "`event:purchase count=1`; `count=0` alone means no event at all."
        )
    head, count = _split(text)
    wanted = Wanted(parse_query(head, now=now))
    return EventCheck(wanted, count or ONCE_OR_MORE, text.strip())


def parse_never(text: str, *, now: datetime | None = None) -> EventCheck:
    """Return the check that no event matches a filter.

    Raises InvalidQuery for a filter with a count, or without anything.
    """
    wanted = Wanted(parse_filter(text, now=now))
    return EventCheck(wanted, NONE, f"never {text.strip()}")


def parse_step(text: str, *, now: datetime | None = None) -> Wanted:
    """Return what a step of a sequence should be: a filter, or an event's plain name.

    A text without any sign of a filter is a name, whatever spaces are in it.
    """
    if text.strip() and not _OPERATORS.search(text):
        return Wanted(parse_query(f"event:{quote(text.strip())}"))
    return Wanted(parse_filter(text, now=now))


def parse_filter(text: str, *, now: datetime | None = None) -> Query:
    """Return a filter that has no count. Raises InvalidQuery for one that has."""
    if not text.strip():
        raise InvalidQuery("A filter is empty. Write it as in `event:purchase`.")
    head, count = _split(text)
    if count is not None:
        raise InvalidQuery(
            f"A count stands in {shown(text)}, where none is taken. {_PROPERTY}",
            position=len(head),
        )
    return parse_query(head, now=now)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    position: int


def _words(text: str) -> Iterator[_Word]:
    for match in _WORD.finditer(text):
        if match[0]:
            yield _Word(match[0], match.start())


def _split(text: str) -> tuple[str, Count | None]:
    """Return the filter in front of a count, and the count if there is one."""
    words = list(_words(text))
    for index, word in enumerate(words):
        after = words[index + 1] if index + 1 < len(words) else None
        if after and word.text.lower() == "count" and _SIGN.match(after.text):
            raise _spaced(word)
        if match := _COUNT.match(word.text):
            if after is not None:
                raise _not_last(word, after)
            return text[: word.position], _read(word, match.end())
    return text, None


def _read(word: _Word, length: int) -> Count:
    name, said = word.text[:length], word.text[length:]
    if name != "count" or said.startswith(":"):
        raise _mistyped(word, "count" + said.replace(":", "=", 1))
    if not said.strip("=<>!~"):
        raise _spaced(word)
    _refuse_comparison(word)
    try:
        return read_count(said)
    except ValueError as error:
        raise _unreadable(word, str(error)) from None


def _refuse_comparison(word: _Word) -> None:
    """Let the grammar refuse what it knows to be mistyped: `count==1`."""
    try:
        parse_query(word.text)
    except InvalidQuery as error:
        raise InvalidQuery(
            f"{error} {_PROPERTY}",
            position=word.position + error.position,
            suggestion=error.suggestion,
        ) from None


def _mistyped(word: _Word, near: str) -> InvalidQuery:
    return InvalidQuery(
        f"{shown(word.text)} is no count. Did you mean {shown(near)}? {_PROPERTY}",
        position=word.position,
        suggestion=near,
    )


def _unreadable(word: _Word, reason: str) -> InvalidQuery:
    return InvalidQuery(
        f"Unusable count {shown(word.text)}: {reason} {_PROPERTY}",
        position=word.position,
    )


def _not_last(word: _Word, after: _Word) -> InvalidQuery:
    if word.text.endswith(("=", "<", ">")):
        return _spaced(word)
    return InvalidQuery(
        f"{shown(word.text)} does not stand last: {shown(after.text)} follows. Write "
        f"the count at the end. {_PROPERTY}",
        position=word.position,
    )


def _spaced(word: _Word) -> InvalidQuery:
    return InvalidQuery(
        f"A count is written without spaces, as in {EXAMPLES}. {_PROPERTY}",
        position=word.position,
    )
