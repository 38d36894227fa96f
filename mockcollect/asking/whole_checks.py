"""What is expected of all events together: valid ones, and a plan that is covered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mockcollect.asking.checking import Arrived, ids_of, sentence_of
from mockcollect.asking.describing import plural
from mockcollect.asking.near import event_lines, request_lines
from mockcollect.asking.results import CheckResult
from mockcollect.errors import InvalidExpectations
from mockcollect.recording.records import RecordedEvent, RecordedRequest
from mockcollect.verdict.coverage import Coverage
from mockcollect.verdict.suggestions import did_you_mean, shown
from mockcollect.verdict.verdict import Finding

Accepted = Literal["valid", "accepted"]

_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class ValidCheck:
    """All events are expected to be valid, or accepted at the least.

    A request that was refused is not valid either, and without any event it fails:
    nothing could be judged.
    """

    accept: Accepted = "valid"

    @property
    def title(self) -> str:
        """The key of the expectation file, with its value."""
        return f"all_valid: {'true' if self.accept == 'valid' else 'accepted'}"

    def check(self, arrived: Arrived) -> CheckResult:
        """Return whether all are, with the findings of those that are not."""
        arrived = arrived.collected()
        events = [one for one in arrived.events if not self._holds(one)]
        requests = [one for one in arrived.requests if _is_lost(one)]
        if not events and not requests:
            return self._of_none(arrived)
        said = self._said(len(arrived.events), len(events), len(requests))
        return CheckResult(
            "all_valid",
            self.title,
            False,
            said,
            len(arrived.events) - len(events),
            tuple(event_lines(events, findings=_findings) + _lost_lines(requests)),
            sentence_of(self.title, said),
            ids_of(events),
            ids_of(requests),
            may_change=False,
        )

    def _holds(self, recorded: RecordedEvent) -> bool:
        name = recorded.verdict.name
        return name == "valid" or (
            self.accept == "accepted" and name == "invalid-accepted"
        )

    def _of_none(self, arrived: Arrived) -> CheckResult:
        number = len(arrived.events)
        said = (
            f"{number:,} {self.accept}" if number else "no event arrived to be judged"
        )
        sentence = sentence_of(self.title, said)
        return CheckResult(
            "all_valid", self.title, number > 0, said, number, sentence=sentence
        )

    def _said(self, total: int, events: int, requests: int) -> str:
        is_one = "is" if events == 1 else "are"
        said = [f"{events:,} of {plural(total, 'event')} {is_one} not {self.accept}"]
        if requests:
            verb = "was" if requests == 1 else "were"
            said.append(f"{plural(requests, 'request')} {verb} lost")
        return ", ".join(said if events else said[1:])


def _findings(recorded: RecordedEvent) -> Sequence[Finding]:
    return recorded.verdict.findings


def _is_lost(request: RecordedRequest) -> bool:
    """Return whether events were meant by a request that brought none."""
    verdict = request.verdict
    return request.refusal is not None or (
        verdict is not None and verdict.name == "invalid-rejected"
    )


def _lost_lines(requests: Sequence[RecordedRequest]) -> list[str]:
    empty = [one for one in requests if not one.refusal]
    return event_lines((), empty) + request_lines(requests)


@dataclass(frozen=True, slots=True)
class CoverageCheck:
    """So much of the tracking plan is expected to be seen, or events by their names.

    `percent` is of the planned events. Names need no plan; with one they are looked for
    in it, since what it does not have was probably mistyped.
    """

    percent: float = 0.0
    names: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The key of the expectation file, with its value."""
        if self.names:
            return f"coverage: {', '.join(self.names)}"
        return f"coverage: {self.percent:g}%"

    def check(self, arrived: Arrived) -> CheckResult:
        """Return whether enough was seen, and what was not.

        Raises InvalidExpectations for a percentage without a plan.
        """
        arrived = arrived.collected()
        planned = self.names or arrived.planned
        if planned is None:
            raise InvalidExpectations(
                f"`{self.title}` needs a tracking plan, and there is none. Give one "
                "with --plan, or list the names of the events"
            )
        seen = Coverage.of(planned, (one.event.event_name for one in arrived.events))
        return self._result(seen, arrived)

    def _result(self, seen: Coverage, arrived: Arrived) -> CheckResult:
        covered, total = len(seen.covered), len(seen.planned)
        needed = total if self.names else self.percent * total / 100
        holds = covered >= needed - 1e-9  # 70 % of 10 is not 7.000000000000001
        percent = f" ({100 * covered // total} %)" if total and not self.names else ""
        of = "events" if self.names else "planned events"
        said = f"{covered:,} of {total:,} {of} seen{percent}"
        details = [] if holds else self._never_sent(seen, arrived)
        sentence = sentence_of(self.title, ". ".join([said, *details]))
        return CheckResult(
            "coverage",
            self.title,
            holds,
            said,
            covered,
            tuple(details),
            sentence,
            may_change=not holds,
        )

    def _never_sent(self, seen: Coverage, arrived: Arrived) -> list[str]:
        names = [shown(one) for one in seen.never_sent]
        hidden = len(names) - _MOST_NAMED
        more = f" and {hidden:,} more" if hidden > 0 else ""
        lines = [f"Never sent: {', '.join(names[:_MOST_NAMED])}{more}"]
        if self.names and arrived.planned is not None:
            for one in self.names:
                if one not in arrived.planned:
                    near = did_you_mean(one, arrived.planned)
                    told = f"`{shown(one)}` is not in the tracking plan. {near}"
                    lines.append(told.rstrip(". "))
        return lines
