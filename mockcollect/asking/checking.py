"""What checks are asked of, and what all kinds of checks have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from mockcollect.asking.near import names_of
from mockcollect.asking.results import MOST_IDS, CheckResult
from mockcollect.contract.printable import printable
from mockcollect.recording.records import RecordedEvent, RecordedRequest


@dataclass(frozen=True, slots=True)
class Arrived:
    """What arrived, in the order of arrival: what checks are asked of.

    `requests` are those without events. `planned` are the names of the tracking plan's
    events, `None` without a plan. `away` and `away_requests` are set aside, as faults
    kept them from being collected.
    """

    events: Sequence[RecordedEvent] = ()
    requests: Sequence[RecordedRequest] = ()
    planned: Sequence[str] | None = None
    away: Sequence[RecordedEvent] = ()
    away_requests: Sequence[RecordedRequest] = ()

    @property
    def kept_away(self) -> int:
        """How many events are set aside."""
        return len(self.away)

    def collected(self) -> Arrived:
        """Return the same with all set aside that faults kept away."""
        whole = self.whole()
        return replace(
            self,
            events=[one for one in whole.events if one.request.is_collected],
            requests=[one for one in whole.requests if one.is_collected],
            away=[one for one in whole.events if not one.request.is_collected],
            away_requests=[one for one in whole.requests if not one.is_collected],
        )

    def whole(self) -> Arrived:
        """Return the same with nothing set aside."""
        if not self.away and not self.away_requests:
            return self
        events = sorted((*self.events, *self.away), key=lambda one: one.id)
        requests = sorted((*self.requests, *self.away_requests), key=lambda one: one.id)
        return Arrived(events, requests, self.planned)


class Check(Protocol):
    """One thing that is expected of what arrived."""

    @property
    def title(self) -> str:
        """The expectation as it was written."""

    def check(self, arrived: Arrived) -> CheckResult:
        """Return whether it holds."""


def check_all(checks: Iterable[Check], arrived: Arrived) -> list[CheckResult]:
    """Return the result of each check, in their order.

    Raises InvalidExpectations where one needs a tracking plan and there is none.
    """
    return [one.check(arrived) for one in checks]


def nothing_near(others: Sequence[RecordedEvent], arrived: Arrived) -> list[str]:
    """Return what arrived instead of what was wanted, where nothing came close."""
    if others:
        return [f"Events that arrived: {names_of(others)}."]
    return ["No event arrived." if arrived.requests else "No request arrived at all."]


def sentence_of(title: str, said: str) -> str:
    """Return how a check stands, in a sentence for an annotation."""
    return f"{printable(title)}: {said}{'' if said.endswith('?') else '.'}"


def ids_of(
    found: Sequence[RecordedEvent] | Sequence[RecordedRequest],
) -> tuple[int, ...]:
    """Return the ids of what was found, not all of very many."""
    return tuple(one.id for one in found[:MOST_IDS])
