"""A 400 explained: where the JSON breaks, or which fields make it too large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from mockcollect.contract.diagnosis import Fault, find_fault, line_and_column
from mockcollect.contract.event import Refusal
from mockcollect.contract.printable import printable
from mockcollect.contract.sizes import sized_paths
from mockcollect.contract.wire import MAX_DEPTH, parse_json

WIDEST_LINE = 100  # longer lines are shown as a window around the fault
WINDOW = 60
BIGGEST_FIELDS = 3
DEEPEST_FIELD = 6  # batch[0].context.device.cookie, and one more

_COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x78\x01": "deflate",
    b"\x78\x9c": "deflate",
    b"\x78\xda": "deflate",
}
_CODINGS = frozenset({"br", "compress", "deflate", "gzip", "x-gzip", "zstd"})
_WIDE_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


@dataclass(frozen=True, slots=True)
class Field:
    """A part of an event and the bytes it takes, as sent."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """A refusal in words a person can act on.

    `message` is one sentence. `excerpt` shows the place of a JSON fault, line by line,
    with the caret and the guess in its last line. `line` and `column` count from 1.
    """

    message: str
    line: int | None = None
    column: int | None = None
    guess: str | None = None
    excerpt: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()

    def lines(self) -> list[str]:
        """Return the explanation as lines of plain text."""
        place = f"line {self.line}, column {self.column}: " if self.line else ""
        lines = [place + self.message]
        lines += [f"  {line}" for line in self.excerpt]
        if self.guess and not self.excerpt:
            lines.append(f"  {self.guess}")
        if self.fields:
            sizes = ", ".join(f"{field.path} {field.size:,} B" for field in self.fields)
            lines.append(f"  biggest fields: {sizes}")
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as the inspection API shows it."""
        return {
            "message": self.message,
            "line": self.line,
            "column": self.column,
            "guess": self.guess,
            "excerpt": list(self.excerpt),
            "fields": [{"path": part.path, "size": part.size} for part in self.fields],
            "text": "\n".join(self.lines()),
        }


def explain(
    refusal: Refusal, body: bytes, headers: Mapping[str, str], *, whole: bool = True
) -> Explanation:
    """Return why a request was refused, from its refusal, headers and body.

    `whole` is false where only the first part of the body was kept.
    """
    if refusal.reason == "aborted":
        return Explanation(
            f"the sender hung up: {_arrived(len(body), refusal.size)}",
            guess="nothing was collected; the sender should see a broken connection",
        )
    if refusal.reason == "too large":
        return _explain_size(refusal, body, whole=whole)
    return _explain_json(body, headers.get("content-encoding", ""))


def _arrived(count: int, declared: int) -> str:
    if declared > count:
        return f"{count:,} of {declared:,} bytes arrived"
    return f"its body broke off after {count:,} bytes"


def _explain_size(refusal: Refusal, body: bytes, *, whole: bool) -> Explanation:
    measured, root = {
        "body": ("the body", ""),
        "query": ("the query", ""),
        "event": (f"event {refusal.index} of the batch", f"batch[{refusal.index}]"),
    }[refusal.part]
    message = (
        f"{measured} has {refusal.size:,} bytes, {refusal.size - refusal.limit:,} over "
        f"the limit of {refusal.limit:,} ({refusal.limit // 1024} KB)"
    )
    fields = _biggest_fields(body, root) if whole and refusal.part != "query" else ()
    return Explanation(message, fields=fields)


def _biggest_fields(body: bytes, root: str) -> tuple[Field, ...]:
    try:
        parse_json(body)
    except ValueError:
        return ()
    least = len(body) // 50 + 1
    fields = [
        Field(printable(path), size)
        for path, size in sized_paths(body, least=least, max_depth=DEEPEST_FIELD)
        if path.startswith(root) and path not in {root, "batch"}
    ]
    fields.sort(key=lambda field: -field.size)
    return tuple(islice(_without_parents(fields), BIGGEST_FIELDS))


def _without_parents(fields: list[Field]) -> list[Field]:
    """Leave out a field of which one part is nearly all: the part says more."""
    return [
        field
        for field in fields
        if not any(
            part.path.startswith((f"{field.path}.", f"{field.path}["))
            and part.size > 0.8 * field.size
            for part in fields[:50]
        )
    ]


def _explain_json(body: bytes, encoding: str) -> Explanation:
    if not body:
        return Explanation("the body is empty", guess="an event is one JSON object")
    if compressed := _compression(body, encoding):
        return Explanation(
            f"the body is compressed ({printable(compressed)}), not JSON text",
            guess="the API page names no Content-Encoding: send the JSON as it is",
        )
    if body.startswith(b"\xef\xbb\xbf"):
        return Explanation(
            "the body begins with a byte order mark (EF BB BF)",
            1,
            1,
            "JSON text has none: save or encode it as UTF-8 without BOM",
        )
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        return _explain_encoding(body, error)
    fault = find_fault(text, max_depth=MAX_DEPTH)
    if fault is None:
        return Explanation("the body is not valid JSON", guess=_parser_says(body))
    return _explain_fault(text, fault)


def _compression(body: bytes, encoding: str) -> str | None:
    coding = encoding if encoding.lower() in _CODINGS else None
    for magic, name in _COMPRESSED.items():
        if body.startswith(magic):
            return coding or name
    return None if body.isascii() else coding


def _explain_encoding(body: bytes, error: UnicodeDecodeError) -> Explanation:
    if wide := _WIDE_BOMS.get(body[:2]):
        return Explanation(f"the body is {wide} text", guess="JSON is sent as UTF-8")
    before = body[: error.start].decode()
    line, column = line_and_column(before, len(before))
    guess = "the text may be Latin-1 or Windows-1252: encode it as UTF-8"
    shown = before + body[error.start :].decode("latin-1")
    return Explanation(
        f"byte 0x{body[error.start]:02X} is not UTF-8",
        line,
        column,
        guess,
        _excerpt(shown, len(before), guess),
    )


def _parser_says(body: bytes) -> str | None:
    try:
        parse_json(body)
    except ValueError as error:
        return str(error)
    return None


def _explain_fault(text: str, fault: Fault) -> Explanation:
    line, column = line_and_column(text, fault.position)
    problem = printable(fault.problem)
    guess = printable(fault.guess) if fault.guess else None
    excerpt = _excerpt(text, fault.position, guess or problem)
    return Explanation(problem, line, column, guess, excerpt)


def _excerpt(text: str, position: int, remark: str) -> tuple[str, ...]:
    line, column = line_and_column(text, position)
    start = position - column + 1
    end = text.find("\n", position)
    end = len(text) if end < 0 else end
    if end - start > WIDEST_LINE:
        return _window(text, start, position, end, remark)
    gutter = len(str(line))
    shown = []
    if line > 1:
        before = text[text.rfind("\n", 0, start - 1) + 1 : start - 1]
        if len(before) <= WIDEST_LINE:
            shown.append(f"{line - 1:>{gutter}} | {printable(before)}")
    shown.append(f"{line} | {printable(text[start:end])}".rstrip())
    shown.append(f"{'':>{gutter}} | {'':>{column - 1}}^ {remark}")
    return tuple(shown)


def _window(
    text: str, start: int, position: int, end: int, remark: str
) -> tuple[str, ...]:
    left = max(start, position - WINDOW // 2)
    right = min(end, left + WINDOW)
    lead = "…" if left > start else ""
    tail = "…" if right < end else ""
    caret = " " * (len(lead) + position - left)
    return (f"{lead}{printable(text[left:right])}{tail}", f"{caret}^ {remark}")
