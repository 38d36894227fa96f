"""What came of one check, as every report is written from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from mockcollect.contract.printable import printable

MOST_IDS = 100
"""So many ids are named in a result; the count is of all."""

CheckKind = Literal["events", "sequence", "all_valid", "coverage"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Whether one expectation holds, and why not.

    `title` is the expectation as it was written, `said` how it stands in a few words:
    `2 matched, expected 1`. `details` are lines below that; `sentence` is whole and on
    one line, for an annotation. `event_ids` and `request_ids` are those of what matched
    or offends, at most `MOST_IDS` of each; `matched` counts all. `may_change` tells
    whether what arrives later can turn the result: if not, waiting is of no use.
    """

    kind: CheckKind
    title: str
    holds: bool
    said: str
    matched: int
    details: tuple[str, ...] = ()
    sentence: str = ""
    event_ids: tuple[int, ...] = ()
    request_ids: tuple[int, ...] = ()
    may_change: bool = True

    @property
    def outcome(self) -> Literal["ok", "fail"]:
        """The result in one word."""
        return "ok" if self.holds else "fail"

    @property
    def name(self) -> str:
        """The title, safe to print, on one line."""
        return printable(self.title)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as the inspection API and a JSON report show it."""
        return {
            "kind": self.kind,
            "expectation": self.title,
            "ok": self.holds,
            "said": self.said,
            "matched": self.matched,
            "details": list(self.details),
            "sentence": self.sentence,
            "event_ids": list(self.event_ids),
            "request_ids": list(self.request_ids),
        }
