"""What the tests with a tracking plan have sent, counted over a whole run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mockcollect.asking.describing import plural
from mockcollect.verdict.coverage import Coverage
from mockcollect.verdict.verdict import PLATFORM_WORDS

if TYPE_CHECKING:
    from mockcollect.recording.records import RecordedEvent
    from mockcollect.verdict.plan import Plan


@dataclass(slots=True)
class Tally:
    """How many events tests have sent, with which verdicts, and what of a plan."""

    tests: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    coverage: Coverage = field(default_factory=Coverage)

    @classmethod
    def merged(cls, tallies: Iterable[Mapping[str, Any]]) -> Tally:
        """Return the sum of tallies, as the workers of a run write them."""
        whole = cls()
        for one in tallies:
            whole.tests += one["tests"]
            whole.verdicts += Counter(one["verdicts"])
            whole.coverage = whole.coverage.merge(Coverage.of_dict(one["coverage"]))
        return whole

    def add(self, plan: Plan, events: Iterable[RecordedEvent]) -> None:
        """Count a test that was judged by a plan, with its events."""
        names: list[str | None] = []
        for one in events:
            self.verdicts[one.verdict.name] += 1
            names.append(one.event.event_name)
        self.tests += 1
        self.coverage = self.coverage.merge(Coverage.of(plan.event_names, names))

    def to_dict(self) -> dict[str, Any]:
        """Return the tally as JSON: a worker hands it on."""
        return {
            "tests": self.tests,
            "verdicts": dict(self.verdicts),
            "coverage": self.coverage.to_dict(),
        }

    def lines(self) -> Iterator[str]:
        """Yield what is said at the end of a run."""
        events = sum(self.verdicts.values())
        counts = [
            f"{self.verdicts[name]:,} {name}"
            for name in PLATFORM_WORDS
            if self.verdicts[name]
        ]
        head = f"{plural(events, 'event')} in {plural(self.tests, 'test')}"
        said = ", ".join([head, *counts])
        covered = self.coverage.lines()
        yield "  ".join([f"{said}.", *covered[:1]])
        yield from covered[1:]
