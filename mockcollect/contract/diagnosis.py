"""What is wrong with a text that should be JSON: where, and what was probably meant.

orjson decides whether a body is valid. This reader runs only for people, over bodies
that were refused: it may be slow, but must be right about the first fault, and it never
recurses.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import NamedTuple

from mockcollect.contract.guesses import (
    LOOKS_NUMERIC,
    MEANT,
    NOT_NUMBERS,
    NUMBER,
    cut,
    mend_number,
)

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"([^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_STRING_PART = re.compile(r'(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*')
_WORD = re.compile(r"[^\W\d][\w.$-]*|[$][\w.{}$-]*")
# An escape is read whole, so that the `u` behind an escaped backslash begins none.
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|\\."
)
_LITERALS = frozenset({"true", "false", "null"})


class Fault(NamedTuple):
    """The first fault of a text: where it is, what is wrong, what was meant."""

    position: int
    problem: str
    guess: str | None = None


class _Found(Exception):
    """Carries the fault out of the reader's small functions."""

    def __init__(self, position: int, problem: str, guess: str | None = None) -> None:
        super().__init__(problem)
        self.fault = Fault(position, problem, guess)


def find_fault(text: str, *, max_depth: int) -> Fault | None:
    """Return the first fault of a JSON text, or `None` if it has none."""
    try:
        _Reader(text, max_depth).read()
    except _Found as found:
        return found.fault
    return None


@dataclass(slots=True)
class _Last:
    """The value read last, which a missing comma would stand behind."""

    start: int = 0
    end: int = 0


class _Reader:
    """Reads one document from left to right, with its open containers on a list."""

    def __init__(self, text: str, max_depth: int) -> None:
        self.text = text
        self.max_depth = max_depth
        self.at = 0
        self.open: list[tuple[str, int]] = []
        self.last = _Last()
        self.comma_at = -1

    def read(self) -> None:
        self.skip_space()
        if self.at == len(self.text):
            raise _Found(0, "the body holds nothing but white space")
        self.value()
        while self.open:
            self.skip_space()
            self.inside()
        self.skip_space()
        if self.at < len(self.text):
            self.more_behind()

    # -- one step each

    def inside(self) -> None:
        """Read what follows a value, or an opening bracket, inside a container."""
        kind, opened_at = self.open[-1]
        closing = "}" if kind == "{" else "]"
        fresh = self.last.end <= opened_at
        character = self.peek()
        if character == closing:
            self.close()
        elif fresh:
            self.member()
        elif character == ",":
            self.comma_at = self.at
            self.at += 1
            self.skip_space()
            self.after_comma(closing)
            self.member()
        else:
            self.no_comma(closing)

    def member(self) -> None:
        if self.open[-1][0] == "{":
            self.key()
            self.skip_space()
            self.colon()
            self.skip_space()
        self.value()

    def key(self) -> None:
        character = self.peek()
        if character == '"':
            self.string()
            return
        self.ended("a key")
        self.comment()
        if character == "'":
            raise _Found(
                self.at, "expected a key", "keys stand in double quotes: \"…\", not '…'"
            )
        if word := _WORD.match(self.text, self.at):
            name = cut(word.group())
            raise _Found(
                self.at, "expected a key", f'keys stand in double quotes: "{name}"'
            )
        if self.comma_at >= 0 and (number := self.decimal_comma()):
            raise _Found(self.at, "expected a key", number)
        guess = "there is one comma too many" if character == "," else None
        raise _Found(self.at, "expected a key in double quotes", guess)

    def colon(self) -> None:
        if self.peek() == ":":
            self.at += 1
            return
        self.ended("a colon")
        key = cut(self.text[self.last.start : self.last.end])
        guess = f"a colon is missing after {key}"
        if self.peek() == "=":
            guess = "a colon, not `=`, stands between key and value"
        raise _Found(self.at, "expected a colon", guess)

    def value(self) -> None:
        character = self.peek()
        if character and character in "[{":
            self.open.append((character, self.at))
            if len(self.open) > self.max_depth:
                raise _Found(
                    self.at,
                    f"more than {self.max_depth:,} levels deep",
                    "it is grammatical, but parsers differ on nesting this deep",
                )
            self.at += 1
        elif character == '"':
            self.string()
        elif NUMBER.match(self.text, self.at):
            self.number()
        else:
            self.word()

    def string(self) -> None:
        match = _STRING.match(self.text, self.at)
        if match is None:
            self.broken_string()
            return
        if lone := _lone_surrogate(match.group()):
            raise _Found(
                self.at + lone.start(),
                f"{lone.group()} is half of a surrogate pair",
                "it is grammatical, but names no character: parsers differ on it",
            )
        self.took(match.end())

    def number(self) -> None:
        end = max(
            match.end()
            for pattern in (NUMBER, LOOKS_NUMERIC)
            if (match := pattern.match(self.text, self.at))
        )
        token = self.text[self.at : end]
        if not NUMBER.fullmatch(token):
            raise _Found(
                self.at, f"{cut(token)} is not a JSON number", mend_number(token)
            )
        # A literal of a few thousand digits is quicker judged by its length.
        if math.isinf(float(token)):
            raise _Found(
                self.at,
                f"{cut(token)} is beyond what a double holds",
                "it is grammatical, but parsers differ on numbers this large",
            )
        self.took(end)

    def word(self) -> None:
        self.ended("a value")
        self.comment()
        sign = "-" if self.text.startswith("-Infinity", self.at) else ""
        match = _WORD.match(self.text, self.at + len(sign))
        word = sign + match.group() if match else ""
        if word in _LITERALS:
            self.took(self.at + len(word))
            return
        raise _Found(self.at, *self.wrong_value(word))

    # -- what is wrong

    def wrong_value(self, word: str) -> tuple[str, str | None]:
        character = self.peek()
        if word in NOT_NUMBERS:
            return (
                f"{word} is not JSON",
                "JSON has no such number: send null, or nothing",
            )
        if word in MEANT:
            return f"{word} is not JSON", f"it is written {MEANT[word]}"
        if (
            word
            and not self.open
            and self.text[self.at + len(word) :][:1] in {"=", "&"}
        ):
            return "expected JSON", "this looks like a form: send the JSON text itself"
        if word:
            return "expected a value", f'text stands in double quotes: "{cut(word)}"'
        if character == "'":
            return "expected a value", "text stands in double quotes: \"…\", not '…'"
        if character == "<":
            return "expected a value", "this looks like XML or HTML"
        if character == ",":
            return (
                "expected a value",
                "there is one comma too many, or a value is missing",
            )
        if character in "]}":
            return "expected a value", "a value is missing before the bracket"
        if match := LOOKS_NUMERIC.match(self.text, self.at):
            token = match.group()
            return f"{cut(token)} is not a JSON number", mend_number(token)
        return "expected a value", None

    def broken_string(self) -> None:
        part = _STRING_PART.match(self.text, self.at + 1)
        end = part.end() if part else self.at + 1
        if end == len(self.text):
            raise _Found(
                self.at, "a text that never ends", "its closing quote is missing"
            )
        if self.text[end] == "\\":
            raise _Found(
                end,
                f"{cut(self.text[end : end + 2])} is not an escape of JSON",
                r"a backslash is written \\",
            )
        if self.text[end] in "\r\n":
            raise _Found(
                end,
                "a line break inside a text",
                r"the closing quote is missing, or the break is meant as \n",
            )
        code = f"U+{ord(self.text[end]):04X}"
        raise _Found(
            end, f"a control character ({code}) inside a text", "write it as an escape"
        )

    def after_comma(self, closing: str) -> None:
        if self.peek() == closing:
            raise _Found(
                self.comma_at,
                "a comma with nothing after it",
                f"JSON has no trailing comma: take it out before the `{closing}`",
            )

    def no_comma(self, closing: str) -> None:
        self.ended(f"a comma or `{closing}`")
        self.comment()
        character = self.peek()
        if character in "]}":
            kind, opened_at = self.open[-1]
            raise _Found(
                self.at,
                f"expected `{closing}`, not `{character}`",
                f"the `{kind}` of {self.place(opened_at)} is still open",
            )
        previous = cut(self.text[self.last.start : self.last.end])
        if character == ":":
            raise _Found(self.at, "expected a comma", f"{previous} is no key here")
        raise _Found(self.at, "expected a comma", self.missing_comma(previous))

    def missing_comma(self, previous: str) -> str:
        if previous.endswith('"') and self.last.end == self.at:
            return f'a quote inside a text is written \\": see {previous}'
        guess = f"a comma is missing after {previous}"
        line = self.text.count("\n", 0, self.last.end) + 1
        if line != self.text.count("\n", 0, self.at) + 1:
            guess += f", at the end of line {line}"
        return guess

    def more_behind(self) -> None:
        character = self.peek()
        if character == ",":
            raise _Found(self.at, "a comma after the document", "take it out")
        if character in "]}":
            raise _Found(self.at, f"a `{character}` that closes nothing", "take it out")
        if character in '{["':
            raise _Found(
                self.at,
                "a second document",
                'one request holds one: send several events as {"batch": […]}',
            )
        self.comment()
        raise _Found(self.at, "text after the document", "take it out")

    def decimal_comma(self) -> str | None:
        before = self.text[self.last.start : self.last.end]
        after = re.compile("[0-9]+").match(self.text, self.at)
        if after and NUMBER.fullmatch(before) and self.comma_at == self.last.end:
            return f"a decimal comma? JSON writes {cut(before)}.{cut(after.group())}"
        return None

    def comment(self) -> None:
        if self.text.startswith(("//", "/*", "#"), self.at):
            raise _Found(self.at, "a comment", "JSON has none: take it out")

    def ended(self, expected: str) -> None:
        if self.at < len(self.text):
            return
        guess = None
        if self.open:
            kind, opened_at = self.open[-1]
            guess = f"the `{kind}` of {self.place(opened_at)} is never closed"
        raise _Found(self.at, f"the text ends where {expected} is expected", guess)

    # -- small things

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def skip_space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def took(self, end: int) -> None:
        self.last = _Last(self.at, end)
        self.at = end

    def close(self) -> None:
        _, opened_at = self.open.pop()
        self.last = _Last(opened_at, self.at + 1)
        self.at += 1

    def place(self, position: int) -> str:
        line, column = line_and_column(self.text, position)
        return f"line {line}, column {column}"


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Return the line and the column of a position, both counted from 1."""
    line_start = text.rfind("\n", 0, position) + 1
    return text.count("\n", 0, position) + 1, position - line_start + 1


def _lone_surrogate(text: str) -> re.Match[str] | None:
    escapes = _ESCAPE.finditer(text)
    return next((escape for escape in escapes if escape["lone"]), None)
