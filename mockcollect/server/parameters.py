"""Query parameters of the inspection API, read strictly: a slip is an error."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from flask import request

from mockcollect.errors import InvalidQuery
from mockcollect.recording.query import Query, parse_query


class BadParameter(Exception):
    """A parameter that cannot be read: becomes a 400 that says why."""

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.details = details


def only(*known: str) -> None:
    """Raise BadParameter if the request has a parameter that is not known here."""
    for name in request.args:
        if name not in known:
            raise BadParameter(
                "unknown-parameter",
                f"Unknown parameter `{name}`. {_nearest(name, known)}",
                parameter=name,
            )


def query(*, status: int | None = None) -> Query:
    """Return the filter `q` of the request, and a status that it must have besides."""
    text = request.args.get("q", "")
    try:
        parsed = parse_query(text)
        return parsed if status is None else parse_query(f"{text} status:{status}")
    except InvalidQuery as error:
        raise BadParameter(
            "invalid-query",
            str(error),
            parameter="q",
            position=error.position,
            suggestion=error.suggestion,
        ) from error


def integer(
    name: str, default: int | None, *, low: int = 0, high: int | None = None
) -> int | None:
    """Return a whole number from `low` up, cut to `high`."""
    text = request.args.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 16) or int(text) < low:
        raise _bad(name, text, f"a whole number from {low} up")
    return int(text) if high is None else min(int(text), high)


def seconds(name: str, *, high: float) -> float | None:
    """Return a number of seconds, cut to `high`, or `None` where it is not given."""
    text = request.args.get(name)
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise _bad(name, text, "a number of seconds from 0 up")
    return min(value, high)


def choice(name: str, *allowed: str) -> str:
    """Return one of the allowed words, the first where it is not given."""
    value = request.args.get(name, allowed[0])
    if value not in allowed:
        raise _bad(name, value, " or ".join(allowed))
    return value


def _bad(name: str, seen: str, takes: str) -> BadParameter:
    return BadParameter(
        "invalid-parameter", f"`{name}` takes {takes}, not `{seen}`.", parameter=name
    )


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, n=1)
    if near:
        return f"Did you mean `{near[0]}`?"
    names = ", ".join(f"`{one}`" for one in known)
    return f"This takes {names}." if names else "This takes none."
