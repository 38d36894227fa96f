"""What the verbs of the inspector are given, read and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    __tracebackhide__ = True
    if count is not None and (at_least, at_most) != (1, None):
        raise ValueError("count is exact: leave at_least and at_most out.")
    least, most = (at_least, at_most) if count is None else (count, count)
    if least < 1:
        raise ValueError(
            f"{least} events are always there. That none is sent says "
            f"mockcollect.assert_not_sent({event_name!r})."
        )
    if most is not None and most < least:
        raise ValueError(f"no number is at least {least} and at most {most}.")
    return least, most


def read_expectation(
    event_name: str, properties: Mapping[str, Any], where: Mapping[str, Any] | None
) -> Expectation:
    """Return what a verb expects; TypeError or ValueError for a wrong `where`."""
    __tracebackhide__ = True
    if where is not None and not isinstance(where, Mapping):
        raise TypeError(
            "where is a dict of dotted paths, as in where={'context.page.url': …}; "
            f"got {where!r}."
        )
    return Expectation(event_name, properties, where or {})


def read_steps(steps: Sequence[Step]) -> list[Expectation]:
    """Return what the steps of a sequence expect; raises TypeError or ValueError."""
    __tracebackhide__ = True
    if isinstance(steps, (str, Mapping)):
        raise TypeError(
            "assert_sequence takes a list of steps: "
            f"mockcollect.assert_sequence([{steps!r}, …])."
        )
    if not steps:
        raise ValueError(
            "a sequence has one step at least. That nothing is sent says "
            "mockcollect.assert_nothing_sent()."
        )
    return [_read_step(one) for one in steps]


def _read_step(step: Step) -> Expectation:
    __tracebackhide__ = True
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
    __tracebackhide__ = True
    if because is not None and because not in _REASONS:
        raise ValueError(
            f"no request is refused because {because!r}; the reasons are "
            f"{', '.join(map(repr, _REASONS))}."
        )
