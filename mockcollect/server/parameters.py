"""Parameters and bodies of the inspection API, read strictly: a slip is an error."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypedDict

import orjson
from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from mockcollect.errors import InvalidQuery
from mockcollect.recording.query import Query, parse_query
from mockcollect.recording.values import nearest as nearest
from mockcollect.recording.values import shown as shown

MAX_LIMIT = 10_000
DEFAULT_LIMIT = 100

_SECONDS = re.compile(r"\d{1,15}(\.\d{0,15})?|\.\d{1,15}", re.ASCII)
_STATUS = re.compile(r"[1-5]\d\d", re.ASCII)
_BEYOND_ALL_IDS = 10**15


class BadParameter(Exception):
    """A parameter that cannot be read: becomes a 400 that says why."""

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.details = details


class Window(TypedDict):
    """Which part of all that matches a page shows."""

    since: int | None
    before: int | None
    limit: int
    newest: bool


def only(*known: str) -> None:
    """Raise BadParameter for a parameter that is not known here, or given twice."""
    for name, values in request.args.lists():
        if name not in known:
            raise _unknown(name, known)
        if len(values) > 1:
            raise BadParameter(
                "repeated-parameter",
                f"`{name}` is given {len(values)} times. Give it once.",
                parameter=name,
            )


def query() -> Query:
    """Return the filter `q` of the request."""
    try:
        return parse_query(request.args.get("q", ""))
    except InvalidQuery as error:
        raise BadParameter(
            "invalid-query",
            str(error),
            parameter="q",
            position=error.position,
            suggestion=error.suggestion,
        ) from error


def status() -> Query:
    """Return the filter that the parameter `status` stands for."""
    text = request.args.get("status")
    if text is None:
        return Query()
    if not _STATUS.fullmatch(text):
        raise _bad("status", text, "a status from 100 to 599, as in `status=400`")
    return parse_query(f"status:{text}")


def integer(
    name: str, default: int | None, *, low: int = 0, high: int = _BEYOND_ALL_IDS
) -> int | None:
    """Return a whole number from `low` up, cut to `high`."""
    text = request.args.get(name)
    if text is None:
        return default
    digits = text.lstrip("0") or "0"
    if not (text.isascii() and text.isdigit()):
        raise _bad(name, text, f"a whole number from {low} up")
    # Python would not read a number of thousands of digits.
    number = int(digits) if len(digits) < 16 else _BEYOND_ALL_IDS
    if number < low:
        raise _bad(name, text, f"a whole number from {low} up")
    return min(number, high)


def seconds(name: str, *, high: float) -> float | None:
    """Return a number of seconds, cut to `high`, or `None` where it is not given."""
    text = request.args.get(name)
    if text is None:
        return None
    if not _SECONDS.fullmatch(text):
        raise _bad(name, text, f"a number of seconds from 0 to {high:.0f}")
    return min(float(text), high)


def choice(name: str, *allowed: str, default: str | None = None) -> str:
    """Return one of the allowed words; by default, the first where it is not given."""
    value = request.args.get(name, default or allowed[0])
    if value not in allowed:
        listed = f"{', '.join(allowed[:-1])} or {allowed[-1]}"
        raise _bad(name, value, listed, suggestion=nearest(value, allowed))
    return value


def window() -> Window:
    """Return the part that `since`, `before`, `limit` and `order` ask for."""
    return Window(
        since=integer("since", None),
        before=integer("before", None),
        limit=integer("limit", DEFAULT_LIMIT, high=MAX_LIMIT) or 0,
        newest=choice("order", "newest", "oldest") == "newest",
    )


def body() -> bytes:
    """Return the body, whatever its Content-Type says it is."""
    content = request.get_data()
    # Werkzeug cuts a chunked body at the limit, without a word.
    if request.content_length is None and len(content) == request.max_content_length:
        raise RequestEntityTooLarge
    return content


def json_body() -> Any:
    """Return the value of a JSON body."""
    try:
        return orjson.loads(body())
    except ValueError as error:
        raise BadParameter("invalid-body", f"The body is not JSON: {error}.") from error


def no_body(instead: str) -> None:
    """Refuse a body, and say what there is instead of one."""
    if body():
        raise BadParameter("unexpected-body", f"A DELETE takes no body. {instead}")


def _bad(
    name: str, seen: str, takes: str, *, suggestion: str | None = None
) -> BadParameter:
    return BadParameter(
        "invalid-parameter",
        f"`{name}` takes {takes}, not {shown(seen)}.",
        parameter=name,
        suggestion=suggestion,
    )


def _unknown(name: str, known: Sequence[str]) -> BadParameter:
    near = nearest(name, known)
    names = ", ".join(f"`{one}`" for one in known)
    hint = f"This takes {names}." if names else "This takes none."
    return BadParameter(
        "unknown-parameter",
        f"Unknown parameter {shown(name)}. "
        + (f"Did you mean `{near}`?" if near else hint),
        parameter=name,
        suggestion=near,
    )
