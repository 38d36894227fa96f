"""The summary: how many events there are of each kind, and how good they are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mockcollect.recording.records import RecordedEvent
from mockcollect.verdict.coverage import Coverage
from mockcollect.verdict.privacy import has_consent, personal_data
from mockcollect.verdict.quality import Quality
from mockcollect.verdict.verdict import LEVELS, Finding, Level

if TYPE_CHECKING:
    from mockcollect.verdict.plan import Plan

COUNTED = {
    "event_names": "event_name",
    "site_ids": "site_id",
    "source_keys": "source_key",
    "test_codes": "test_code",
    "layouts": "layout",
}
"""What is counted: its key in the answer, and the attribute of an event."""


class Summary:
    """Counts events one by one."""

    def __init__(self, events: Iterable[RecordedEvent] = ()) -> None:
        self._counters: dict[str, Counter[str | None]] = {
            key: Counter() for key in COUNTED
        }
        self._verdicts: Counter[str | None] = Counter()
        self._findings = _Findings()
        self._quality = Quality()
        self._by_source: defaultdict[str | None, Quality] = defaultdict(Quality)
        self._by_event_name: defaultdict[str | None, Quality] = defaultdict(Quality)
        self._personal = _PersonalData()
        for event in events:
            self.add(event)

    def add(self, recorded: RecordedEvent) -> None:
        """Count an event, which is judged for it."""
        event, verdict = recorded.event, recorded.verdict
        for key, attribute in COUNTED.items():
            self._counters[key][getattr(event, attribute)] += 1
        self._verdicts[verdict.name] += 1
        self._findings.add(recorded.id, verdict.findings)
        self._quality.add(verdict)
        self._by_source[event.source_key].add(verdict)
        self._by_event_name[event.event_name].add(verdict)
        self._personal.add(recorded)

    @property
    def event_names(self) -> Iterable[str | None]:
        """The name of each event."""
        return self._counters["event_names"].elements()

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as the inspection API shows it."""
        return {
            "matched": self._quality.events,
            **{key: counted(counter) for key, counter in self._counters.items()},
            "verdicts": counted(self._verdicts),
            "findings": self._findings.to_list(),
            "quality": {
                **self._quality.to_dict(),
                "sources": _qualities(self._by_source),
                "event_names": _qualities(self._by_event_name),
            },
            "personal_data": self._personal.to_dict(),
        }


class _Findings:
    """How many events have each finding, and the newest of them."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[Level, str]] = Counter()
        self._newest: dict[tuple[Level, str], int] = {}

    def add(self, event_id: int, findings: Iterable[Finding]) -> None:
        for key in {(one.level, one.code) for one in findings}:
            self._counts[key] += 1
            self._newest[key] = event_id

    def to_list(self) -> list[dict[str, Any]]:
        worst_first = sorted(
            self._counts, key=lambda key: (LEVELS.index(key[0]), -self._counts[key])
        )
        return [
            {
                "code": key[1],
                "level": key[0],
                "count": self._counts[key],
                "event": self._newest[key],
            }
            for key in worst_first
        ]


class _PersonalData:
    """Which fields carry personal data, and in how many events without consent."""

    def __init__(self) -> None:
        self._fields: Counter[str | None] = Counter()
        self._events = self._without_consent = 0

    def add(self, recorded: RecordedEvent) -> None:
        fields = personal_data(recorded.event)
        if fields:
            self._fields.update(fields)
            self._events += 1
            self._without_consent += not has_consent(recorded.event)

    def to_dict(self) -> dict[str, Any]:
        return {
            "fields": counted(self._fields),
            "events": self._events,
            "without_consent": self._without_consent,
        }


def counted(counter: Counter[str | None]) -> list[dict[str, Any]]:
    """Return how often each value was seen, the commonest first."""
    return [{"value": value, "count": count} for value, count in counter.most_common()]


def coverage_part(
    plan: Plan | None, event_names: Iterable[str | None]
) -> dict[str, Any] | None:
    """Return which events of a plan were seen and which never, without one `None`."""
    if plan is None:
        return None
    return Coverage.of(plan.event_names, event_names).to_dict()


def _qualities(of: dict[str | None, Quality]) -> list[dict[str, Any]]:
    """Return the quality of each value, that with the most events first."""
    commonest = sorted(of.items(), key=lambda one: -one[1].events)
    return [{"value": value, **quality.to_dict()} for value, quality in commonest]
