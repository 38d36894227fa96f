"""The filter grammar: a text that people type, compiled to a test of what is recorded.

Words are ANDed. `-word` negates, double quotes group, `key:value` asks one of `KEYS`,
`user.id=12345` and its like compare what stands at a path of the event, and any other
word is searched for everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from mockcollect.errors import InvalidQuery
from mockcollect.recording.conditions import Condition, Key
from mockcollect.recording.filters import KEYS, path_condition, word_condition
from mockcollect.recording.paths import (
    COMPARISONS,
    QUOTED,
    quote,
    read_path,
    unquote,
    write_path,
)
from mockcollect.recording.records import RecordedEvent, RecordedRequest
from mockcollect.recording.values import nearest, shown

__all__ = ["KEYS", "Key", "Query", "Term", "parse_query"]

# Unrolled loops: each character is read once, however long and odd the text.
_WORD = re.compile(rf'\s*([^\s"]*(?:{QUOTED}[^\s"]*)*)', re.DOTALL)
_LEFT = re.compile(
    rf'([^":=<>~!]*(?:(?:!(?![=<>~])|{QUOTED})[^":=<>~!]*)*)(:|!?[=<>~]+)',
    re.DOTALL,
)
_QUOTED_WORD = re.compile(r'[\s":=<>~]|^-|^$')
_QUOTED_VALUE = re.compile(r'[\s"]|^[=<>~]|^$')
_MISTAKEN = {
    "==": "=",
    "===": "=",
    "!==": "!=",
    "<>": "!=",
    "=>": ">=",
    "=<": "<=",
    "=~": "~",
    "~=": "~",
    "~~": "~",
}
_SIGNS = ", ".join(f"`{sign}`" for sign in COMPARISONS)
_NEAR = 0.7  # finds `event` for `evt`, but not for `revenue`


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a filter.

    `left` is a key or a path and `operator` what follows it; both are empty for a bare
    word. `value` is in canonical text: times as instants, sizes as numbers.
    """

    left: str
    operator: str
    value: str
    negated: bool
    condition: Condition = field(compare=False, repr=False)

    def __str__(self) -> str:
        needs_quotes = _QUOTED_VALUE if self.operator else _QUOTED_WORD
        value = quote(self.value) if needs_quotes.search(self.value) else self.value
        return f"{'-' * self.negated}{self.left}{self.operator}{value}"


@dataclass(frozen=True, slots=True)
class Query:
    """A filter, ready to be asked. Equal filters have equal terms in equal order."""

    terms: tuple[Term, ...] = ()

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))

    @property
    def is_empty(self) -> bool:
        """Whether there is no term, so that everything matches."""
        return not self.terms

    @property
    def event_name(self) -> str | None:
        """The only event name that can match, `None` where there may be several."""
        positive = (term.condition for term in self.terms if not term.negated)
        return next(filter(None, (one.event_name for one in positive)), None)

    def matches_event(self, recorded: RecordedEvent) -> bool:
        """Say whether all terms hold for an event."""
        for term in self.terms:
            if term.condition.event(recorded) == term.negated:
                return False
        return True

    def matches_request(
        self, recorded: RecordedRequest, events: Sequence[RecordedEvent]
    ) -> bool:
        """Say whether a request matches: any of its events, or without any, itself.

        What only an event can have never holds for a request without events; negated,
        it always does.
        """
        if events:
            return any(map(self.matches_event, events))
        for term in self.terms:
            if term.condition.request(recorded) == term.negated:
                return False
        return True

    def clears_without_events(self, recorded: RecordedRequest) -> bool:
        """Say whether a clear takes out a request without events.

        It must match by something that a term asks for, not only by what it lacks:
        `-event:a` is said of events, and no refused request is an `event:a`.
        """
        asks = any(not term.negated for term in self.terms)
        return (asks or self.is_empty) and self.matches_request(recorded, ())


def parse_query(text: str, *, now: datetime | None = None) -> Query:
    """Return the filter that a text spells. Raises InvalidQuery if it spells none.

    Times without a date are of the day of `now`, times without a zone in its zone:
    those of the clock and the machine if it is not given.
    """
    return Query(tuple(_term(word, now) for word in _words(text)))


class _Word(NamedTuple):
    text: str
    position: int

    def rest(self, length: int) -> _Word:
        return _Word(self.text[length:], self.position + length)


def _words(text: str) -> Iterator[_Word]:
    for match in _WORD.finditer(text):
        end = match.end()
        if text.startswith('"', end):
            raise InvalidQuery(
                f"A quote is not closed. It opens before {shown(text[end + 1 :])}. "
                'Close it with `"`; inside quotes, `\\"` is a quote.',
                position=end,
            )
        if match[1]:
            yield _Word(match[1], match.start(1))


def _term(word: _Word, now: datetime | None) -> Term:
    negated = word.text.startswith("-")
    word = word.rest(1) if negated else word
    match = _LEFT.match(word.text)
    if match is None:
        return _bare_term(word, negated=negated)
    left, sign, value = match[1], match[2], word.rest(match.end())
    if sign == ":":
        return _key_term(word, unquote(left), value, now, negated=negated)
    return _path_term(word, left, sign, value, negated=negated)


def _bare_term(word: _Word, *, negated: bool) -> Term:
    text = unquote(word.text)
    if text:
        return Term("", "", text, negated, word_condition(text))
    if word.text:
        raise InvalidQuery(
            "A word is empty. Nothing stands between its quotes. "
            "Write what to search for, or leave it out.",
            position=word.position,
        )
    raise InvalidQuery(
        "A `-` negates nothing. No word follows it directly. "
        'Write it before a word, as in `-event:purchase`, or quote it: `"-"`.',
        position=word.position - 1,
    )


def _key_term(
    word: _Word, left: str, value: _Word, now: datetime | None, *, negated: bool
) -> Term:
    key = KEYS.get(left.lower())
    if key is None:
        raise _unknown_key(word, left)
    text = unquote(value.text)
    if not text:
        raise InvalidQuery(
            f"Filter key `{key.name}` has no value. It takes {key.takes}.",
            position=value.position,
        )
    try:
        condition = key.read(text, now)
    except ValueError:
        raise _bad_value(key, text, value.position) from None
    return Term(key.name, ":", condition.value, negated, condition)


def _path_term(
    word: _Word, left: str, sign: str, value: _Word, *, negated: bool
) -> Term:
    if sign not in COMPARISONS:
        raise _unknown_comparison(word, left, sign, value)
    try:
        path = read_path(left)
    except ValueError:
        raise _bad_path(word, left) from None
    if not value.text:
        raise _no_value(left, sign, value.position)
    text = unquote(value.text)
    try:
        condition = path_condition(path, sign, text)
    except ValueError:
        raise InvalidQuery(
            f"{shown(left + sign)} cannot compare with {shown(text)}. "
            f"`{sign}` takes a number, as in `revenue{sign}10.5`.",
            position=value.position,
        ) from None
    return Term(write_path(path), sign, condition.value, negated, condition)


def _unknown_key(word: _Word, left: str) -> InvalidQuery:
    near = _nearest_key(left.lower())
    message = (
        f"Unknown filter key {shown(left)}. "
        if left
        else f"No filter key stands before the colon in {shown(word.text)}. "
    )
    if near:
        message += f"Did you mean `{near}`?"
    else:
        message += (
            f"The keys are {', '.join(KEYS)}. {_to_search_for(word)}; a property is "
            "compared with `=`, as in `user.id=12345`."
        )
    return InvalidQuery(message, position=word.position, suggestion=near)


def _nearest_key(name: str) -> str | None:
    beginning = name.partition("_")[0]  # event_name, site_id, source_key, test_code
    return beginning if beginning in KEYS else nearest(name, KEYS, cutoff=_NEAR)


def _bad_value(key: Key, text: str, position: int) -> InvalidQuery:
    near = nearest(text.lower(), key.words, cutoff=_NEAR)
    message = f"Filter key `{key.name}` cannot be {shown(text)}. "
    message += f"Did you mean `{near}`? " if near else ""
    message += f"It takes {key.takes}."
    return InvalidQuery(message, position=position, suggestion=near)


def _unknown_comparison(
    word: _Word, left: str, sign: str, value: _Word
) -> InvalidQuery:
    near = _MISTAKEN.get(sign)
    message = f"Unknown comparison `{sign}` in {shown(word.text)}. "
    if near:
        message += f"Did you mean {shown(left + near + value.text)}?"
    else:
        message += f"The comparisons are {_SIGNS}. {_to_search_for(word)}."
    position = word.position + len(left)
    return InvalidQuery(message, position=position, suggestion=near)


def _bad_path(word: _Word, left: str) -> InvalidQuery:
    return InvalidQuery(
        f"Unreadable path {shown(left)} in {shown(word.text)}. Write it as in "
        "`items[0].product.id=LAMP-1`, with quotes around a key that has other "
        f"characters. {_to_search_for(word)}.",
        position=word.position,
    )


def _no_value(left: str, sign: str, position: int) -> InvalidQuery:
    if sign in ("=", "!=", "~"):
        takes = f'a text, as in {shown(f"{left}{sign}abc")}; `""` is the empty text'
    else:
        takes = f"a number, as in {shown(f'{left}{sign}10')}"
    return InvalidQuery(
        f"{shown(left + sign)} has no value. `{sign}` takes {takes}.",
        position=position,
    )


def _to_search_for(word: _Word) -> str:
    return f"To search for the text, quote it: {shown(quote(unquote(word.text)))}"
