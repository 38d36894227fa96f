"""So many events are expected: how many there are, and what is close or too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mockcollect.asking.checking import Arrived, ids_of, nothing_near
from mockcollect.asking.counts import Count
from mockcollect.asking.describing import plural
from mockcollect.asking.near import (
    event_lines,
    find_near,
    find_repeated,
    request_lines,
)
from mockcollect.asking.results import CheckResult
from mockcollect.asking.wanted import Wanted
from mockcollect.contract.printable import printable
from mockcollect.recording.records import RecordedEvent, RecordedRequest


@dataclass(frozen=True, slots=True)
class EventCheck:
    """So many events are expected to be as wanted.

    A filter that asks for `status:` or `refused:` also counts the requests that were
    not answered 200: they have no events. What faults kept away counts only for a
    filter that asks for `status:` or `fault:`.
    """

    wanted: Wanted
    count: Count
    title: str

    def check(self, arrived: Arrived) -> CheckResult:
        """Return whether so many match, with what is close or too much."""
        asks = self.wanted.asks_for_faults
        arrived = arrived.whole() if asks else arrived.collected()
        events = [one for one in arrived.events if self.wanted.matches(one)]
        requests = [one for one in arrived.requests if self.wanted.matches_request(one)]
        number = len(events) + len(requests)
        said = f"{number:,} matched"
        if self.count.holds(number):
            may_change = self.count.most is not None
            return self._result(said, events, requests, holds=True, may=may_change)
        said += f", expected {self.count.words}"
        if self.count.is_exceeded(number):
            told = self._too_many(events, requests)
            return self._result(said, events, requests, *told, may=False)
        told = self._too_few(events, arrived)
        return self._result(said, events, requests, *told, may=True)

    def _result(
        self,
        said: str,
        events: Sequence[RecordedEvent],
        requests: Sequence[RecordedRequest],
        details: Sequence[str] = (),
        hint: str = "",
        *,
        holds: bool = False,
        may: bool,
    ) -> CheckResult:
        number = len(events) + len(requests)
        return CheckResult(
            "events",
            self.title,
            holds,
            said,
            number,
            tuple(details),
            f"{printable(self.title)} matched {number:,}. {hint}".rstrip(),
            ids_of(events),
            ids_of(requests),
            may,
        )

    def _too_many(
        self, events: Sequence[RecordedEvent], requests: Sequence[RecordedRequest]
    ) -> tuple[list[str], str]:
        findings = self.wanted.findings if self.wanted.asks_for_verdicts else None
        lines = event_lines(events, requests, findings=findings)
        repeated = find_repeated(events)
        if repeated is None:
            return lines, ""
        lines.append(f"{repeated.words(numbered=False)}: a retry is sending twice.")
        return lines, f"{repeated.words(numbered=True)}."

    def _too_few(
        self, found: Sequence[RecordedEvent], arrived: Arrived
    ) -> tuple[list[str], str]:
        lines = event_lines(found)
        ids = {one.id for one in found}
        others = [one for one in arrived.events if one.id not in ids]
        near = find_near(self.wanted, others)
        rest = [*request_lines(arrived.requests), *_kept_away(arrived)]
        if near is not None:
            return lines + near.lines() + rest, near.sentence
        told = nothing_near(others, arrived) if not found else []
        return lines + told + rest, " ".join(told)


def _kept_away(arrived: Arrived) -> list[str]:
    if not arrived.kept_away:
        return []
    return [f"Not counted, kept away by faults: {plural(arrived.kept_away, 'event')}."]
