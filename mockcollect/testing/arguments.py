"""What the verbs of the inspector are given, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

from mockcollect.asking.matching import Expectation
from mockcollect.contract.event import RefusalReason

if TYPE_CHECKING:
    from mockcollect.recording.records import RecordedRequest

Step = str | Mapping[str, Any]
"""One step of a sequence: an event's name, or a dict with it and its properties."""

_REASONS: tuple[str, ...] = get_args(RefusalReason)


def read_bounds(
    event_name: str, count: int | None, at_least: int, at_most: int | None
) -> tuple[int, int | None]:
    """Return how many events are needed and allowed; raises ValueError."""
    least, most = (at_least, at_most) if count is None else (count, count)
    if least < 1:
        raise ValueError(
            f"{least} events are always there. That none is sent says "
            f"mockcollect.assert_not_sent({event_name!r})."
        )
    if most is not None and most < least:
        raise ValueError(f"no number is at least {least} and at most {most}.")
    return least, most


def read_step(step: Step) -> Expectation:
    """Return what a step of a sequence expects; raises TypeError for what is none."""
    if isinstance(step, str):
        return Expectation(step)
    if not isinstance(step, Mapping):
        raise TypeError(
            "a step is an event's name, or a dict with it and its properties; "
            f"got {step!r}."
        )
    properties = dict(step)
    return Expectation(properties.pop("event_name", None), properties)


def is_because(request: RecordedRequest, because: str | None) -> bool:
    """Return whether a request was refused, for a reason or for any."""
    refusal = request.refusal
    return refusal is not None and because in (None, refusal.reason)


def require_reason(because: str | None) -> None:
    """Raise ValueError for a reason that no request is refused for."""
    if because is not None and because not in _REASONS:
        raise ValueError(
            f"no request is refused because {because!r}; the reasons are "
            f"{', '.join(map(repr, _REASONS))}."
        )
