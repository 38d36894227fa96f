"""The judge: all rules, a tracking plan, known sources and history, in one verdict."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Protocol

from mockcollect.contract.event import CollectRequest, Event, Layout
from mockcollect.contract.source import find_source
from mockcollect.verdict.facts import RequestFacts
from mockcollect.verdict.history import History
from mockcollect.verdict.rules import (
    LAYOUTS,
    MAX_FINDINGS,
    Check,
    Rule,
    elsewhere,
    rules_for,
)
from mockcollect.verdict.standard import standard_events
from mockcollect.verdict.subject import Subject
from mockcollect.verdict.verdict import Finding, Verdict

REJECTING = frozenset(
    {
        "event_name.missing",
        "event_id.missing",
        "timestamp.missing",
        "consistent_anonymous_id.missing",
        "tc_s.missing",
        "tc_s.placeholder",
        "tc_s.mismatch",
        "token.missing",
        "token.placeholder",
        "token.unknown",
        "token.inactive",
        "batch.shape",
    }
)
"""The codes that reject an event unless a plan says otherwise: what identifies it.

Of the placeholders those of the URL reject. `user.id.placeholder` does not: an event
without a user id is a good event.
"""

_Asked = tuple[tuple[Check, Rule], ...]


class PropertyCheck(Protocol):
    """Something that finds faults in an event, such as a tracking plan or sources."""

    def check(self, subject: Subject) -> Iterable[Finding]:
        """Return what is to be said of an event."""
        ...


class TrackingPlan(PropertyCheck, Protocol):
    """A user's own plan, beside or instead of the vendor's standard events."""

    @property
    def event_names(self) -> Collection[str]:
        """The names of the planned events."""
        ...

    def specifies(self, event_name: str | None) -> bool:
        """Return whether it says what the properties of an event should be."""
        ...

    def rejects(self, finding: Finding) -> bool:
        """Return whether an event is refused for a finding of this plan."""
        ...


class Judge:
    """Judges events by the rules of their layouts, and by what else it was given.

    `standard` checks the properties of the vendor's standard events, those that the
    `plan` specifies left out: for them the plan speaks. `sources` checks the site and
    key of all. `history` has the findings that rest on other events; it is read here
    and fed elsewhere. `rejects` are the codes that reject an event. A judge
    changes nothing that can be seen, and may be shared by threads.
    """

    def __init__(
        self,
        *,
        standard: PropertyCheck | None = None,
        plan: TrackingPlan | None = None,
        sources: PropertyCheck | None = None,
        history: History | None = None,
        rejects: Iterable[str] = REJECTING,
    ) -> None:
        self.standard = standard
        self.plan = plan
        self.sources = sources
        self.history = history
        self.rejects = frozenset(rejects)
        self._of_events = {layout: _asked(layout) for layout in LAYOUTS}
        self._of_requests = _requests_only(self._of_events["server"])
        self._facts: RequestFacts | None = None

    def judge(
        self,
        event: Event,
        request: CollectRequest,
        *,
        endpoint: str | None,
        received_at: int,
        event_id: int | None = None,
    ) -> Verdict:
        """Return the verdict on an event of a request that was answered 200.

        `received_at` is in milliseconds since 1970. `event_id` is the number that the
        history knows the event by.
        """
        facts = self._facts_of(request, endpoint, event)
        subject = Subject(
            event, request, endpoint=endpoint, received_at=received_at, facts=facts
        )
        is_event = subject.is_event
        asked = self._of_events[event.layout] if is_event else self._of_requests
        findings = _ask(asked, subject)
        rejects = self.rejects
        if self.plan is not None and is_event:
            planned = list(self.plan.check(subject))
            findings = self._beside_the_plan(findings, event) + planned
            rejects |= {one.code for one in planned if self.plan.rejects(one)}
        if self.standard is not None and is_event and not self._is_planned(event):
            findings += self.standard.check(subject)
        if self.sources is not None:
            findings += self.sources.check(subject)
        if event_id is not None and self.history is not None:
            findings += self.history.findings(event_id)
        return Verdict.of(findings, rejects=rejects)

    def judge_request(
        self, request: CollectRequest, *, endpoint: str | None, received_at: int
    ) -> Verdict:
        """Return the verdict on a request in which no event was found: an empty batch.

        All other bodies without an event are kept as the one event they may have been
        meant as, and are judged as such.
        """
        source = find_source(request.query, request.headers)
        nothing = Event({}, "server", None, None, *source, None, 0, of=0)
        subject = Subject(nothing, request, endpoint=endpoint, received_at=received_at)
        findings = _ask(self._of_requests, subject)
        if self.sources is not None:
            findings += self.sources.check(subject)
        return Verdict.of(findings, rejects=self.rejects)

    def _is_planned(self, event: Event) -> bool:
        return self.plan is not None and self.plan.specifies(event.event_name)

    def _beside_the_plan(self, findings: list[Finding], event: Event) -> list[Finding]:
        """Leave out what the plan knows better: a name that it has is no slip."""
        if self.plan is None or event.event_name not in self.plan.event_names:
            return findings
        return [one for one in findings if one.code != "event_name.near_miss"]

    def _facts_of(
        self, request: CollectRequest, endpoint: str | None, event: Event
    ) -> RequestFacts:
        """Return the facts of a request, found once for the events of one batch."""
        if event.of == 1:
            return RequestFacts(request, endpoint, event)
        facts = self._facts
        if facts is None or not facts.of(request, endpoint):
            facts = self._facts = RequestFacts(request, endpoint, event)
        return facts


def make_judge(
    *,
    plan: TrackingPlan | None = None,
    sources: PropertyCheck | None = None,
    history: History | None = None,
) -> Judge:
    """Return a judge that knows the standard events, as mockcollect judges."""
    return Judge(
        standard=standard_events(), plan=plan, sources=sources, history=history
    )


def _asked(layout: Layout) -> _Asked:
    return tuple(
        (one.check, one) for one in rules_for(layout) if one.check is not elsewhere
    )


def _requests_only(asked: _Asked) -> _Asked:
    return tuple(one for one in asked if one[1].scope == "request")


def _ask(asked: _Asked, subject: Subject) -> list[Finding]:
    findings: list[Finding] = []
    for check, rule in asked:
        # Nearly all find nothing: only the others are worth another call.
        if seen := check(subject):
            findings += [rule.finding(one) for one in islice(seen, MAX_FINDINGS)]
    return findings
