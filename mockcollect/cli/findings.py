"""A verdict in words, as a terminal and a report have it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from mockcollect.cli.masking import masked_message
from mockcollect.contract.printable import printable

if TYPE_CHECKING:
    from mockcollect.verdict.verdict import Finding, Level, Verdict

MOST_FINDINGS = 8
"""No more are shown of one event, those that say the same counted once."""

SAME_ANSWER = "Production answers 200 to this too."


class Said(NamedTuple):
    """One line about a verdict: a finding with its level, padded, or a sentence."""

    text: str
    level: Level | None = None
    label: str = ""
    code: str = ""

    def with_code(self) -> str:
        """Return the line with the code that `mockcollect rules` explains."""
        return f"{self.label}  {self.text} ({self.code})" if self.code else self.text


def verdict_summary(verdict: Verdict) -> str:
    """Return a verdict in a word or three: `valid, 2 notes`."""
    if verdict.name != "valid" or not verdict.findings:
        return verdict.name
    count = len(_differing(verdict))
    return f"valid, {count} note{'s' * (count > 1)}"


def verdict_lines(verdict: Verdict) -> Iterator[Said]:
    """Yield each finding, and the gap between the verdict and the status."""
    said = _differing(verdict)
    width = max((len(one.level) for one in said.values()), default=0)
    for message, one in list(said.items())[:MOST_FINDINGS]:
        yield Said(printable(message), one.level, f"{one.level:<{width}}", one.code)
    if (more := len(said) - MOST_FINDINGS) > 0:
        yield Said(f"… and {more} more")
    if verdict.name == "invalid-rejected":
        yield Said(SAME_ANSWER)


def _differing(verdict: Verdict) -> dict[str, Finding]:
    """Return what the findings say, with the worst of those that say the same."""
    said: dict[str, Finding] = {}
    for one in verdict.findings:
        said.setdefault(masked_message(one), one)
    return said
