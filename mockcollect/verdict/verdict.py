"""The verdict on one event, in the platform's words, and the findings it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import orjson

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")
"""The worst first."""

VerdictName = Literal["valid", "invalid-accepted", "invalid-rejected"]

PLATFORM_WORDS: dict[VerdictName, str] = {
    "valid": "VALID",
    "invalid-accepted": "INVALID ACCEPTED",
    "invalid-rejected": "INVALID REJECTED",
}
"""As the platform's data quality report writes them, from the best to the worst."""

RESERVED_WORDS = ("FILTERED", "FAILED")
"""The platform's words for what happens after collection: never a verdict here."""

MAX_SAMPLE_TEXT = 100
"""A longer text in a sample is cut to this many characters."""

_MAX_SAMPLE_BYTES = 200
_FIRST = frozenset({"event_name.missing", "batch.shape"})
"""What of a level is said first: it often explains the rest."""

_ALWAYS_SMALL = (bool, float, type(None))
_RANK: dict[Level, int] = {level: rank for rank, level in enumerate(LEVELS)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about an event that production would mind, or that deserves a word.

    `path` reads `items[0].quantity`, and is empty where no place is meant. `sample` is
    the value that was seen. `remedy` says how to mend it, `source` who made the rule.
    """

    code: str
    level: Level
    path: str
    message: str
    sample: Any = None
    remedy: str = ""
    source: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as the inspection API shows it."""
        return {
            "level": self.level,
            "path": self.path,
            "code": self.code,
            "message": self.message,
            "sample": self.sample,
            "remedy": self.remedy,
            "rule": self.source,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What production would have made of an event, and why.

    `findings` are in order: the worst first.
    """

    name: VerdictName
    findings: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, findings: Iterable[Finding], *, rejects: Iterable[str]) -> Verdict:
        """Return the verdict on findings, where these codes reject an event."""
        ordered = tuple(sorted(findings, key=_rank))
        if not ordered:
            return _VALID
        if not {one.code for one in ordered}.isdisjoint(rejects):
            return cls("invalid-rejected", ordered)
        if ordered[0].level == "note":
            return cls("valid", ordered)
        return cls("invalid-accepted", ordered)

    @property
    def words(self) -> str:
        """The verdict as the platform writes it."""
        return PLATFORM_WORDS[self.name]

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as the inspection API shows it."""
        return {
            "verdict": self.name,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def sample_of(value: Any) -> Any:
    """Return a JSON value made small enough to be shown beside a finding."""
    if isinstance(value, _ALWAYS_SMALL):
        return value
    if isinstance(value, str):
        return value if len(value) <= MAX_SAMPLE_TEXT else _cut(value)
    if isinstance(value, int):
        # A size and not text: Python refuses to write an integer of 4,301 digits.
        return value if value.bit_length() <= 64 else "a number of more than 64 bits"
    return value if _is_small(value) else _described(value)


def _rank(finding: Finding) -> tuple[int, bool]:
    return _RANK[finding.level], finding.code not in _FIRST


def _cut(text: str) -> str:
    return f"{text[: MAX_SAMPLE_TEXT - 1]}…"


def _is_small(value: Any) -> bool:
    try:
        # Each member takes two bytes at least: what has many need not be written.
        return (
            len(value) <= _MAX_SAMPLE_BYTES
            and len(orjson.dumps(value)) <= _MAX_SAMPLE_BYTES
        )
    except TypeError:  # deeper than orjson writes, or nothing of JSON
        return False


def _described(value: Any) -> str:
    if isinstance(value, dict):
        return f"an object of {len(value):,} keys"
    return f"an array of {len(value):,} values"


_VALID = Verdict("valid")
