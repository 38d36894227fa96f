"""A plan written as YAML that reads back the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

_PLAIN_KEY = re.compile(r"[A-Za-z_][\w.-]*(?:\[\][\w.-]*)*", re.ASCII)
_PLAIN_TEXT = re.compile(r"[A-Za-z_](?:[\w ,.-]*[\w.-])?", re.ASCII)
_PLAIN_VALUE = re.compile(r"[A-Za-z_](?:[\w .-]*[\w.-])?", re.ASCII)
_NOT_TEXT = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n"])

MAX_KEY = 500
"""YAML takes a longer key only with a mark of its own."""


def plan_text(
    data: Mapping[str, Any], comments: Mapping[str, str] | None = None
) -> str:
    """Return a plan's data as YAML, with comments on the events by their names."""
    lines = ["actions:"]
    lines += [f"  {key}: {action}" for key, action in data["actions"].items()]
    if data.get("sources"):
        lines += ["sources:", *(f"  - {flow(one)}" for one in data["sources"])]
    lines += ["events:"]
    for name, event in data["events"].items():
        comment = (comments or {}).get(name)
        lines += [f"  # {comment}"] if comment else []
        lines += _event_lines(name, event)
    return "\n".join(lines) + "\n"


def _event_lines(name: str, event: Mapping[str, Any]) -> Iterator[str]:
    yield from _entry(name, "", "  ")
    for path, one in event.items():
        yield from _entry(path, _inline(one), "    ")


def _entry(key: str, value: str, indent: str) -> Iterable[str]:
    written = _quoted_unless(_PLAIN_KEY, key)
    after = f" {value}" if value else ""
    if len(written) <= MAX_KEY:
        return [f"{indent}{written}:{after}"]
    return [f"{indent}? {written}", f"{indent}:{after}"]


def _inline(value: Any) -> str:
    return _quoted_unless(_PLAIN_TEXT, value) if isinstance(value, str) else flow(value)


def flow(value: Any) -> str:
    """Return a JSON value as YAML on one line: `{site: "29", active: true}`."""
    if isinstance(value, dict):
        pairs = (
            f"{_long_key(_quoted_unless(_PLAIN_VALUE, key))}: {flow(one)}"
            for key, one in value.items()
        )
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(flow, value))}]"
    if isinstance(value, str):
        return _quoted_unless(_PLAIN_VALUE, value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value)


def _long_key(written: str) -> str:
    return written if len(written) <= MAX_KEY else f"? {written}"


def _quoted_unless(plain: re.Pattern[str], text: str) -> str:
    if plain.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    return _quoted(text)


def _quoted(text: str) -> str:
    written: str = yaml.safe_dump(
        text, default_style='"', allow_unicode=True, width=float("inf")
    )
    return written.rstrip("\n")
