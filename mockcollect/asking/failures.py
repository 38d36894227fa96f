"""The whole text of each kind of failure: what happened, what we saw, what to do."""

from __future__ import annotations

from collections.abc import Sequence

from mockcollect.asking.describing import (
    clock,
    event_rows,
    of_expectation,
    place_of,
    plural,
    quoted,
    reason_of,
    rows,
    same_event_id,
)
from mockcollect.asking.difference import find_closest
from mockcollect.asking.matching import Expectation
from mockcollect.asking.scene import Scene, indented, text
from mockcollect.contract.printable import printable
from mockcollect.recording.records import RecordedEvent, RecordedRequest

MOST_EXPLAINED = 3


def not_sent(expectation: Expectation, scene: Scene) -> str:
    """Return what is said when no event matches."""
    name = quoted(expectation.event_name)
    if scene.is_empty:
        head = f"no {name} event in {scene.waited}. {scene.nothing()}"
        return text([head], scene.not_counted(), scene.where(), scene.hints)
    closest = find_closest(expectation, scene.events)
    if closest is None:
        asked = of_expectation(expectation)
        return scene.whole([f"no {name} event{asked} in {scene.waited}."])
    head = f"no {name} event matched in {scene.waited}. One is close: "
    return scene.whole([f"{head}{closest.summary()}."], closest.lines())


def too_few(
    expectation: Expectation, wanted: int, found: Sequence[RecordedEvent], scene: Scene
) -> str:
    """Return what is said when some events match, but not enough."""
    head = (
        f"expected {_wanted(expectation, wanted)}, "
        f"and {_arrived(found)} in {scene.waited}."
    )
    matched = {one.id for one in found}
    others = [one for one in scene.events if one.id not in matched]
    closest = find_closest(expectation, others)
    difference = closest.lines() if closest else []
    return scene.whole([head, *indented(event_rows(found))], difference)


def too_many(
    expectation: Expectation, wanted: int, found: Sequence[RecordedEvent], scene: Scene
) -> str:
    """Return what is said when more events match than should."""
    head = f"expected {_wanted(expectation, wanted)}, and {_arrived(found)}."
    repeated = same_event_id(found)
    told = [f"  {repeated}"] if repeated else []
    return scene.whole([head, *indented(event_rows(found)), *told])


def unexpected(
    expectation: Expectation, found: Sequence[RecordedEvent], scene: Scene
) -> str:
    """Return what is said when an event arrived that should not have."""
    what = f"no {quoted(expectation.event_name)} event{of_expectation(expectation)}"
    head = f"expected {what}, and {_arrived(found)} ({scene.watched})."
    return text([head, *indented(event_rows(found))], scene.hints, scene.look())


def not_nothing(scene: Scene) -> str:
    """Return what is said when nothing should have arrived at all."""
    if not scene.events:
        count = plural(len(scene.requests), "refused request")
        head = f"expected no events, and {count} arrived ({scene.watched})."
        return text([head, *_explained(scene.requests)], scene.hints, scene.look())
    head = f"expected no events, and {_arrived(scene.events)} ({scene.watched})."
    listed = rows(scene.events, scene.requests)
    return text([head, *indented(listed)], scene.hints, scene.look())


def not_refused(reason: str | None, scene: Scene) -> str:
    """Return what is said when no request was refused, or for another reason."""
    what = f"a request refused as {reason}" if reason else "a refused request"
    refused = [one for one in scene.requests if one.refusal]
    if not refused:
        head = f"expected {what}, and none was refused in {scene.waited}."
        return scene.whole([head])
    head = (
        f"expected {what} in {scene.waited}, "
        f"and {plural(len(refused), 'other')} arrived."
    )
    return text([head, *_explained(refused)], scene.hints, scene.look())


def refused_unseen(
    requests: Sequence[RecordedRequest], scene: Scene, relax: Sequence[str] = ()
) -> str:
    """Return what is said of refused requests that nothing expected.

    `relax` is how to say that they were meant.
    """
    verb = "was" if len(requests) == 1 else "were"
    head = (
        f"{plural(len(requests), 'request')} {verb} refused (400), "
        "and nothing in the test expects it."
    )
    told = "Production refuses the same, and what it refuses is lost."
    return text([head, *_explained(requests)], [told, *relax], scene.look())


def seen(scene: Scene) -> str:
    """Return what a test that failed for another reason has sent; empty for nothing."""
    if scene.is_empty and not scene.strays:
        return ""
    refused = [one for one in scene.requests if one.refusal]
    return scene.whole(_explained(refused))


def _explained(requests: Sequence[RecordedRequest]) -> list[str]:
    lines: list[str] = []
    for one in requests[:MOST_EXPLAINED]:
        lines.append(
            f"  request {one.id}: {place_of(one)}  {clock(one)}  {one.status}  "
            f"{reason_of(one)}"
        )
        if explanation := one.explanation():
            lines += [f"     {printable(line)}" for line in explanation.lines()]
    if (more := len(requests) - MOST_EXPLAINED) > 0:
        lines.append(f"  … and {more:,} more")
    return lines


def _wanted(expectation: Expectation, wanted: int) -> str:
    name = quoted(expectation.event_name)
    noun = "event" if wanted == 1 else "events"
    return f"{wanted:,} {name} {noun}{of_expectation(expectation)}"


def _arrived(found: Sequence[RecordedEvent]) -> str:
    return f"{len(found):,} arrived"
