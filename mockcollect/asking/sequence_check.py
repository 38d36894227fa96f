"""Events are expected one after the other: where the sequence broke, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mockcollect.asking.checking import Arrived, ids_of, nothing_near, sentence_of
from mockcollect.asking.describing import plural, short
from mockcollect.asking.near import find_near, request_lines
from mockcollect.asking.results import CheckResult
from mockcollect.asking.wanted import Wanted
from mockcollect.recording.records import RecordedEvent
from mockcollect.verdict.suggestions import shown

_STRICT = "A strict sequence allows no other event."


@dataclass(frozen=True, slots=True)
class SequenceCheck:
    """Events are expected one after the other.

    In a strict sequence no other event stands between them, before or behind.
    """

    steps: tuple[Wanted, ...]
    strict: bool = False

    @property
    def title(self) -> str:
        """The steps, one after the other."""
        steps = ", ".join(map(str, self.steps))
        return f"{'strict ' if self.strict else ''}sequence {steps}"

    def check(self, arrived: Arrived) -> CheckResult:
        """Return whether each step was reached, and where it broke."""
        arrived = arrived.collected()
        found, surplus = self._follow(arrived.events)
        whole = len(found) == len(self.steps)
        steps = plural(len(self.steps), "step")
        if whole and surplus is None:
            said = f"all {steps} in order"
            return self._result(said, found, holds=True, may=self.strict)
        said = self._broken(found, surplus)
        details = [*self._lines(found), *self._told(found, surplus, arrived)]
        return self._result(said, found, details, may=surplus is None)

    def _follow(
        self, events: Sequence[RecordedEvent]
    ) -> tuple[list[RecordedEvent], RecordedEvent | None]:
        found: list[RecordedEvent] = []
        for one in events:
            if len(found) < len(self.steps) and self.steps[len(found)].matches(one):
                found.append(one)
            elif self.strict:
                return found, one
        return found, None

    def _broken(
        self, found: Sequence[RecordedEvent], surplus: RecordedEvent | None
    ) -> str:
        instead = f", and {_label(surplus)} arrived" if surplus else ""
        if len(found) == len(self.steps):
            return f"expected nothing behind {_label(found[-1])}{instead}"
        after = f" after {_label(found[-1])}" if found else ""
        step = f"step {len(found) + 1} of {len(self.steps)}"
        missing = shown(str(self.steps[len(found)]))
        return f"broke at {step}: no {missing}{after}{instead}"

    def _lines(self, found: Sequence[RecordedEvent]) -> list[str]:
        texts = [shown(str(one)) for one in self.steps]
        width = max(map(len, texts))
        reached = [
            f"  {text:<{width}}  #{one.id}"
            for text, one in zip(texts, found, strict=False)
        ]
        missing = [f"✗ {one}" for one in texts[len(found) : len(found) + 1]]
        return reached + missing + [f"  {one}" for one in texts[len(found) + 1 :]]

    def _told(
        self,
        found: Sequence[RecordedEvent],
        surplus: RecordedEvent | None,
        arrived: Arrived,
    ) -> list[str]:
        if surplus is not None:
            return [*self._instead(found, surplus), _STRICT]
        step, taken = self.steps[len(found)], {one.id for one in found}
        others = [one for one in arrived.events if one.id not in taken]
        early = [one for one in others if step.matches(one)]
        if early:
            return [f"{_label(early[-1])} arrived too early."]
        near = find_near(step, others)
        told = near.lines() if near else nothing_near(others, arrived)
        return [*told, *request_lines(arrived.requests)]

    def _instead(
        self, found: Sequence[RecordedEvent], surplus: RecordedEvent
    ) -> list[str]:
        if len(found) == len(self.steps):
            return []
        near = find_near(self.steps[len(found)], [surplus])
        return near.lines() if near else []

    def _result(
        self,
        said: str,
        found: Sequence[RecordedEvent],
        details: Sequence[str] = (),
        *,
        holds: bool = False,
        may: bool,
    ) -> CheckResult:
        return CheckResult(
            "sequence",
            self.title,
            holds,
            said,
            len(found),
            tuple(details),
            sentence_of(self.title, said),
            ids_of(found),
            may_change=may,
        )


def _label(recorded: RecordedEvent) -> str:
    return f"#{recorded.id} {short(recorded.event.event_name or '(no name)')}"
