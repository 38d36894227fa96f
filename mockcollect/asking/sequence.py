"""Events that should arrive one after the other, and how far they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mockcollect.asking.describing import name_of, plural, short
from mockcollect.asking.difference import find_closest
from mockcollect.asking.matching import Expectation
from mockcollect.asking.scene import Scene
from mockcollect.recording.records import RecordedEvent

MOST_STEPS = 5
"""As many are shown on either side of the step at which a sequence broke."""

_STRICT = "strict=True allows no event beside the steps."


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
    if progress.surplus and len(progress.found) == len(progress.steps):
        told = _one_too_many(progress.steps, progress.surplus)
        return scene.whole([told, _STRICT], _reached(progress))
    step = progress.steps[len(progress.found)]
    early = _early(step, progress, scene)
    closest = None if early else find_closest(step, _behind(progress, scene))
    head = [_broken(step, progress, scene)]
    return scene.whole(
        [*head, _STRICT] if progress.surplus else head,
        [*_reached(progress), *_unreached(progress, early)],
        closest.lines() if closest else [],
    )


def _one_too_many(steps: Sequence[Expectation], surplus: RecordedEvent) -> str:
    count = plural(len(steps), "event")
    return f"expected exactly {count}, and {_named(surplus)} arrived too."


def _broken(step: Expectation, progress: Progress, scene: Scene) -> str:
    place = f"step {len(progress.found) + 1} of {len(progress.steps)}"
    after = f" after {_named(progress.found[-1])}" if progress.found else ""
    if progress.surplus:
        told = f"expected {_step(step)}{after}, and {_named(progress.surplus)} arrived."
    else:
        told = f"no {_step(step)}{after} in {scene.waited}."
    return f"the sequence broke at {place}: {told}"


def _reached(progress: Progress) -> list[str]:
    width = _width(progress)
    lines = [
        f"    {_step(step):<{width}}  #{event.id}"
        for step, event in zip(progress.steps, progress.found, strict=False)
    ]
    hidden = len(lines) - MOST_STEPS
    return [f"    … {hidden} before", *lines[hidden:]] if hidden > 0 else lines


def _unreached(progress: Progress, early: RecordedEvent | None) -> list[str]:
    step, *later = (_step(one) for one in progress.steps[len(progress.found) :])
    told = f"arrived too early, as #{early.id}" if early else ""
    lines = [f"    {one}" for one in later[:MOST_STEPS]]
    hidden = len(later) - MOST_STEPS
    more = [f"    … {hidden} after"] if hidden > 0 else []
    return [f"  ✗ {step:<{_width(progress)}}  {told}".rstrip(), *lines, *more]


def _width(progress: Progress) -> int:
    return max((len(_step(one)) for one in progress.steps), default=0)


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


def _behind(progress: Progress, scene: Scene) -> list[RecordedEvent]:
    if progress.surplus:
        return [progress.surplus]
    last = progress.found[-1].id if progress.found else 0
    return [one for one in scene.events if one.id > last]


def _step(step: Expectation) -> str:
    return f"{short(step.event_name or 'event')}{step.told}"


def _named(recorded: RecordedEvent) -> str:
    return f"#{recorded.id} {name_of(recorded)}"
