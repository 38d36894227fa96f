"""The whole text of each kind of failure: what happened, what we saw, what to do."""

from __future__ import annotations

from collections.abc import Sequence

from mockcollect.asking.describing import (
    clock,
    event_rows,
    place_of,
    plural,
    reason_in_words,
    reason_of,
    rows,
    same_event_id,
)
from mockcollect.asking.difference import find_closest
from mockcollect.asking.matching import Expectation
from mockcollect.asking.scene import Scene, indented, text
from mockcollect.asking.verdicts import gap, personal
from mockcollect.contract.printable import printable
from mockcollect.recording.records import RecordedEvent, RecordedRequest

MOST_EXPLAINED = 3
MOST_FOUND = 5  # beside a difference, and all that arrived


def not_sent(expectation: Expectation, scene: Scene) -> str:
    """Return what is said when no event matches."""
    head = f"no {expectation.noun} in {scene.waited}."
    if scene.is_empty:
        head = f"{head} {scene.nothing()}"
        return text([head], scene.not_counted(), scene.where(), scene.hints)
    closest = find_closest(expectation, scene.events)
    if closest is None:
        return scene.whole([head], _refused(scene.requests))
    return scene.whole(
        [closest.headline(expectation, scene.waited)],
        closest.lines(),
        gap(closest.recorded, closest.wrong_paths),
    )


def too_few(
    expectation: Expectation,
    wanted: int,
    found: Sequence[RecordedEvent],
    scene: Scene,
    *,
    exactly: bool = True,
) -> str:
    """Return what is said when some events match, but not enough."""
    bound = "" if exactly else "at least "
    head = (
        f"expected {bound}{_wanted(expectation, wanted)}, "
        f"and {_arrived(found)} in {scene.waited}."
    )
    matched = {one.id for one in found}
    others = [one for one in scene.events if one.id not in matched]
    closest = find_closest(expectation, others)
    difference = closest.lines() if closest else []
    return scene.whole(
        [head, *indented(event_rows(found, most=MOST_FOUND))],
        difference,
        listed=found,
    )


def too_many(
    expectation: Expectation,
    wanted: int,
    found: Sequence[RecordedEvent],
    scene: Scene,
    *,
    exactly: bool = True,
) -> str:
    """Return what is said when more events match than should."""
    bound = "" if exactly else "at most "
    head = f"expected {bound}{_wanted(expectation, wanted)}, and {_arrived(found)}."
    repeated = same_event_id(found)
    told = [f"  {repeated}"] if repeated else []
    return scene.whole([head, *indented(event_rows(found)), *told], listed=found)


def unexpected(
    expectation: Expectation, found: Sequence[RecordedEvent], scene: Scene
) -> str:
    """Return what is said when an event arrived that should not have."""
    what = f"no {expectation.noun}{expectation.told}"
    head = f"expected {what}, and {_arrived(found)} ({scene.watched})."
    return text([head, *indented(event_rows(found))], scene.hints, scene.look())


def not_nothing(scene: Scene) -> str:
    """Return what is said when nothing should have arrived at all."""
    refused = [one for one in scene.requests if one.refusal]
    what = _arrived(scene.events)
    if not scene.events:
        what = f"{plural(len(refused), 'refused request')} arrived"
    head = f"expected no events, and {what} ({scene.watched})."
    listed = _with_personal_data(scene) if scene.events else _explained(refused)
    others = _refused(refused) if scene.events else []
    return text([head, *listed], others, scene.hints, scene.look())


def not_refused(reason: str | None, scene: Scene) -> str:
    """Return what is said when no request was refused, or for another reason."""
    what = f" as {reason_in_words(reason)}" if reason else ""
    head = f"no request was refused{what} in {scene.waited}."
    refused = [one for one in scene.requests if one.refusal]
    if not refused:
        return scene.whole([head])
    was = "was" if len(refused) == 1 else "were"
    head = f"{head} {len(refused):,} {was}, for another reason:"
    return text([head, *_explained(refused)], scene.hints, scene.look())


def refused_unseen(
    requests: Sequence[RecordedRequest], scene: Scene, relax: Sequence[str] = ()
) -> str:
    """Return what is said of refused requests that nothing expected.

    `relax` is how to say that they were meant.
    """
    it = "it" if len(requests) == 1 else "them"
    head = f"{_were_refused(requests)}, and nothing in the test expects {it}."
    lost = "Production refuses the same, and what it refuses is lost."
    told = [lost] if any(reason_of(one) != "aborted" for one in requests) else []
    return text([head, *_explained(requests)], [*told, *relax], scene.look())


def seen(scene: Scene) -> str:
    """Return what a test that failed for another reason has sent; empty for nothing."""
    if scene.is_empty and not scene.strays:
        return ""
    return scene.whole(_refused(scene.requests))


def _with_personal_data(scene: Scene) -> list[str]:
    """Return what arrived: a few events each with the personal data that it carries."""
    lines = indented(rows(scene.events, ()))
    if len(scene.events) > MOST_EXPLAINED:
        return lines
    told = zip(lines, scene.events, strict=True)
    return [
        line
        for row, one in told
        for line in (row, *(f"     {said}" for said in personal(one)))
    ]


def _refused(requests: Sequence[RecordedRequest]) -> list[str]:
    refused = [one for one in requests if one.refusal]
    if not refused:
        return []
    return [f"{_were_refused(refused)}:", *_explained(refused)]


def _were_refused(requests: Sequence[RecordedRequest]) -> str:
    was = "was" if len(requests) == 1 else "were"
    return f"{plural(len(requests), 'request')} {was} refused (400)"


def _explained(requests: Sequence[RecordedRequest]) -> list[str]:
    lines: list[str] = []
    for one in requests[:MOST_EXPLAINED]:
        lines.append(
            f"  request {one.id}: {place_of(one)}  {clock(one)}  {one.status}  "
            f"{reason_of(one)}"
        )
        explanation = one.explanation()
        told = explanation.lines() if explanation else []
        lines += [f"     {printable(line)}" for line in told]
    if (more := len(requests) - MOST_EXPLAINED) > 0:
        lines.append(f"  … and {more:,} more")
    return lines


def _wanted(expectation: Expectation, wanted: int) -> str:
    return f"{plural(wanted, expectation.noun)}{expectation.told}"


def _arrived(found: Sequence[RecordedEvent]) -> str:
    return f"{len(found):,} arrived"
