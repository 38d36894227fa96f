"""Which of a plan's events were seen, and which never."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockcollect.verdict.suggestions import shown

_MAX_NAMED = 10
MAX_UNPLANNED = 1_000
"""So many names that no plan has are told apart; a hostile sender could make more."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often each event was seen, and which are planned, in the plan's order.

    Coverages of several workers merge into one; they travel as JSON.
    """

    planned: tuple[str, ...] = ()
    seen: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, planned: Iterable[str], names: Iterable[str | None]) -> Coverage:
        """Return the coverage of planned events by the names of those recorded."""
        coverage = cls(tuple(planned))
        for name in names:
            coverage.add(name)
        return coverage

    @classmethod
    def of_dict(cls, data: Mapping[str, Any]) -> Coverage:
        """Return the coverage that `to_dict` wrote."""
        return cls(tuple(data["planned"]), Counter(data["seen"]))

    def add(self, name: str | None) -> None:
        """Count an event; one without a name counts for none."""
        if name is None:
            return
        if name in self.seen or name in self.planned or len(self.seen) < self._room:
            self.seen[name] += 1

    @property
    def _room(self) -> int:
        return len(self.planned) + MAX_UNPLANNED

    def merge(self, other: Coverage) -> Coverage:
        """Return the coverage of both together, and change neither."""
        planned = tuple(dict.fromkeys(self.planned + other.planned))
        return Coverage(planned, self.seen + other.seen)

    @property
    def covered(self) -> tuple[str, ...]:
        """The planned events that were seen."""
        return tuple(name for name in self.planned if self.seen[name])

    @property
    def never_sent(self) -> tuple[str, ...]:
        """The planned events that were not."""
        return tuple(name for name in self.planned if not self.seen[name])

    @property
    def unplanned(self) -> tuple[str, ...]:
        """The events that were seen and are not planned, the most frequent first."""
        planned = set(self.planned)
        return tuple(name for name, _ in self.seen.most_common() if name not in planned)

    def lines(self) -> list[str]:
        """Return the coverage as text, nothing where nothing is planned."""
        if not self.planned:
            return []
        total = len(self.planned)
        events = "event" if total == 1 else "events"
        line = f"Tracking plan: {len(self.covered)} of {total} {events} seen"
        if self.never_sent:
            line += f"; never sent: {_named(self.never_sent)}"
        if not self.unplanned:
            return [line]
        return [line, f"Not in the tracking plan: {_named(self.unplanned)}"]

    def to_dict(self) -> dict[str, Any]:
        """Return the coverage as JSON, for the inspection API and other processes."""
        return {
            "planned": list(self.planned),
            "seen": dict(self.seen),
            "never_sent": list(self.never_sent),
            "unplanned": list(self.unplanned),
        }


def _named(names: tuple[str, ...]) -> str:
    more = len(names) - _MAX_NAMED
    rest = f" and {more} more" if more > 0 else ""
    return ", ".join(map(shown, names[:_MAX_NAMED])) + rest
