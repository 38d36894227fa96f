"""Events that should arrive one after the other, and how far they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mockcollect.asking.describing import of_expectation, plural, short
from mockcollect.asking.matching import Expectation
from mockcollect.asking.scene import Scene
from mockcollect.recording.records import RecordedEvent


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the events of a test follow a sequence.

    `found` holds the event of each step that was reached. In a strict sequence nothing
    stands between the steps, and nothing before or behind them; `surplus` is the first
    event that does.
    """

    steps: tuple[Expectation, ...]
    found: tuple[RecordedEvent, ...]
    surplus: RecordedEvent | None = None

    @property
    def is_whole(self) -> bool:
        """Whether each step was reached, and nothing else is in the way."""
        return len(self.found) == len(self.steps) and self.surplus is None

    @property
    def is_decided(self) -> bool:
        """Whether no further event can change it for the better."""
        return self.is_whole or self.surplus is not None


def follow(
    steps: Sequence[Expectation], events: Sequence[RecordedEvent], *, strict: bool
) -> Progress:
    """Return how far events, in the order of arrival, follow a sequence."""
    found: list[RecordedEvent] = []
    for one in events:
        reached = len(found) < len(steps) and steps[len(found)].matches(one.event)
        if reached:
            found.append(one)
        elif strict:
            return Progress(tuple(steps), tuple(found), one)
    return Progress(tuple(steps), tuple(found))


def out_of_sequence(progress: Progress, scene: Scene) -> str:
    """Return what is said when events did not follow a sequence."""
    steps, found, surplus = progress.steps, progress.found, progress.surplus
    if len(found) == len(steps):
        head = f"expected exactly {plural(len(steps), 'event')}, and another arrived."
    else:
        head = (
            f"the sequence broke at step {len(found) + 1} of {len(steps)}: "
            f"{_broken(progress)} in {scene.waited}."
        )
    width = max(len(_step(one)) for one in steps) if steps else 0
    lines = [
        f"    {_step(one):<{width}}  #{event.id}"
        for one, event in zip(steps, found, strict=False)
    ]
    if len(found) < len(steps):
        early = _early(steps[len(found)], progress, scene)
        told = f"  arrived too early, as #{early.id}" if early else ""
        lines.append(f"  ✗ {_step(steps[len(found)]):<{width}}{told}".rstrip())
        lines += [f"    {_step(one)}" for one in steps[len(found) + 1 :]]
    if surplus is not None:
        lines.append(f"  ✗ #{surplus.id} {_name(surplus)} stands in the way")
    return scene.whole([head], lines)


def _broken(progress: Progress) -> str:
    step = _step(progress.steps[len(progress.found)])
    if not progress.found:
        return f"no {step}"
    return f"no {step} after #{progress.found[-1].id} {_name(progress.found[-1])}"


def _early(step: Expectation, progress: Progress, scene: Scene) -> RecordedEvent | None:
    """Return the last event that would have been a step, had it come later."""
    last = progress.found[-1].id if progress.found else 0
    taken = {one.id for one in progress.found}
    early = (one for one in scene.events if one.id < last and one.id not in taken)
    return max(
        (one for one in early if step.matches(one.event)),
        key=lambda one: one.id,
        default=None,
    )


def _step(step: Expectation) -> str:
    return f"{short(step.event_name or 'any event')}{of_expectation(step)}"


def _name(recorded: RecordedEvent) -> str:
    return short(recorded.event.event_name or "(no name)")
