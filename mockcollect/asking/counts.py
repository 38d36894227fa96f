"""How many events are expected, as people write it: `>=1`, `1..3`, `0`."""

from __future__ import annotations

import re
from dataclasses import dataclass

EXAMPLES = "`count=1`, `count>=1`, `count<=3`, `count=1..3` or `count=0`"

_COUNT = re.compile(r"(>=|<=|>|<|=)?(\d{1,9})(?:\.\.(\d{1,9}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Count:
    """From how many to how many, both inclusive; no `most` is no limit."""

    least: int = 1
    most: int | None = None

    def __str__(self) -> str:
        if self.most is None:
            return f"count>={self.least}"
        if self.least == self.most:
            return f"count={self.least}"
        return f"count={self.least}..{self.most}"

    @property
    def words(self) -> str:
        """How many, in a sentence: `at least 1`."""
        if self.most is None:
            return f"at least {self.least:,}"
        if self.least == self.most:
            return f"{self.least:,}"
        if not self.least:
            return f"at most {self.most:,}"
        return f"{self.least:,} to {self.most:,}"

    def holds(self, number: int) -> bool:
        """Return whether a number of events is one of those expected."""
        return self.least <= number and not self.is_exceeded(number)

    def is_exceeded(self, number: int) -> bool:
        """Return whether there are too many, which nothing that comes can mend."""
        return self.most is not None and number > self.most


def read_count(text: str) -> Count:
    """Return what stands behind `count`: a comparison, or a number alone.

    Raises ValueError with the reason, in words for people.
    """
    match = _COUNT.fullmatch(text)
    if match is None or (match[3] and match[1] not in (None, "=")):
        raise ValueError(f"a count takes a number, as in {EXAMPLES}.")
    sign, number = match[1] or "=", int(match[2])
    if match[3]:
        return make_count(number, int(match[3]))
    least = {">=": number, ">": number + 1, "=": number}.get(sign, 0)
    most = {"<=": number, "<": number - 1, "=": number}.get(sign)
    return make_count(least, most)


def make_count(least: int, most: int | None) -> Count:
    """Return a count that can hold, and can fail. Raises ValueError for any other."""
    if most is not None and most < least:
        raise ValueError(f"no count is at least {least} and at most {most}.")
    if not least and most is None:
        raise ValueError(
            "any count is at least 0. Write `count=0` for none, `count>=1` for some."
        )
    return Count(least, most)


ONCE_OR_MORE = Count()
NONE = Count(0, 0)
