"""Verdicts in the words of a failure: the gap between them and the status."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from mockcollect.asking.describing import (
    as_many_as_fit,
    cut,
    describe,
    joined,
    plural,
)
from mockcollect.asking.scene import Scene, indented, text
from mockcollect.contract.printable import printable
from mockcollect.recording.records import RecordedEvent
from mockcollect.verdict.privacy import has_consent, personal_data
from mockcollect.verdict.verdict import Finding, Verdict

MOST_FINDINGS = 3
MOST_EVENTS = 4
LONGEST_PATHS = 44
LONGEST_MESSAGE = 100
LONGEST_GROUP = 108  # with its source

_AND_MORE = len(" and 99 more")

_ENDS = ("", ".", "[")  # of a step in a path


def gap(recorded: RecordedEvent, asked: Collection[str] = ()) -> list[str]:
    """Return what production makes of an event that it answers 200 as well.

    What concerns the paths that were `asked` about comes first, then what rejects it.
    Empty for a valid one.
    """
    verdict = recorded.verdict
    if verdict.name == "valid":
        return []
    return [
        "Production answers 200 to this event as well, and its verdict is "
        f"{verdict.name}:",
        *indented(_findings(verdict, asked)),
    ]


def not_valid(events: Sequence[RecordedEvent], scene: Scene) -> str:
    """Return what is said when not all events are valid."""
    are, them = ("is", "it") if len(events) == 1 else ("are", "them")
    head = f"{len(events):,} of {plural(len(scene.events), 'event')} {are} not valid."
    answered = f"Production answers 200 to {them} all the same."
    return text([head, *_judged(events)], [answered], scene.hints, scene.look())


def rejected_unseen(
    events: Sequence[RecordedEvent], scene: Scene, relax: Sequence[str]
) -> str:
    """Return what is said of events that production would reject, at a test's end.

    `relax` is how to say that they were meant.
    """
    was, them = ("was", "it") if len(events) == 1 else ("were", "them")
    head = f"{plural(len(events), 'event')} {was} sent that production would reject."
    answered = f"Production answers 200 all the same, and nobody gets {them}."
    return text([head, *_judged(events)], [answered, *relax], scene.look())


def personal(recorded: RecordedEvent) -> list[str]:
    """Return which personal data an event carries, and whether consent is named."""
    paths = personal_data(recorded.event)
    if not paths:
        return []
    consent = {None: "absent", False: "empty", True: "given"}[
        has_consent(recorded.event)
    ]
    return [
        f"carries personal data: {as_many_as_fit(paths, LONGEST_PATHS)}; "
        f"user.consent_categories is {consent}"
    ]


def _judged(events: Sequence[RecordedEvent]) -> list[str]:
    """Return what is wrong with each of some events; what is the same, once."""
    lines: list[str] = []
    told: dict[tuple[str, ...], int] = {}
    for one in events[:MOST_EVENTS]:
        found = _findings(one.verdict)
        first = told.setdefault(tuple(found), one.id)
        lines.append(f"  {describe(one)}, {one.verdict.name}")
        said = found if first == one.id else [f"the same as #{first}"]
        lines += [f"    {line}" for line in said]
    if (more := len(events) - MOST_EVENTS) > 0:
        lines.append(f"  … and {more:,} more")
    return lines


def _findings(verdict: Verdict, asked: Collection[str] = ()) -> list[str]:
    """Return the few findings that tell the most of an event that is not valid."""
    counting = [one for one in verdict.findings if one.level != "note"]
    counting.sort(key=partial(_rank, asked))
    lines = _lines(counting)
    hidden = len(lines) - MOST_FINDINGS
    if hidden <= 1:  # as short as to count it
        return lines
    return [*lines[:MOST_FINDINGS], f"… and {hidden} more"]


def _rank(asked: Collection[str], finding: Finding) -> int:
    """Return 0 for what was asked about, then what rejects, then the user's plan."""
    # Imported late: where nothing was judged, the rules are not needed.
    from mockcollect.verdict.judge import REJECTING

    if any(_is_within(finding.path, one) for one in asked):
        return 0
    if finding.code in REJECTING:
        return 1
    return 2 if _is_planned(finding) else 3


def _is_within(path: str, asked: str) -> bool:
    """Return whether a place is another one, or in it, or around it."""
    short, long = sorted((path, asked), key=len)
    return short != "" and long.startswith(short) and long[len(short) :][:1] in _ENDS


def _is_planned(finding: Finding) -> bool:
    return finding.source.startswith("tracking plan")


def _lines(findings: Sequence[Finding]) -> list[str]:
    """Return a line for each; those that say the same, or what is missing, share it."""
    groups: dict[str, list[Finding]] = {}
    for one in findings:
        groups.setdefault(_absence(one) or one.message, []).append(one)
    return [_line(group) for group in groups.values()]


def _line(group: Sequence[Finding]) -> str:
    first = group[0]
    paths = list(dict.fromkeys(one.message.partition(" is ")[0] for one in group))
    if len(paths) == 1:
        return _sourced(cut(printable(first.message), LONGEST_MESSAGE), first.source)
    source = first.source if len({one.source for one in group}) == 1 else ""
    said = _absence(first).replace("it is missing", "they are missing")
    listed = _listed(paths, LONGEST_GROUP - len(said) - len(source))
    return _sourced(printable(f"{listed} are {said}"), source)


def _sourced(said: str, source: str) -> str:
    return f"{said} ({printable(source)})" if source else said


def _absence(finding: Finding) -> str:
    """Return what is said of a path that is missing; empty for all else."""
    path, _, said = finding.message.partition(" is ")
    is_absence = said == "missing" or said.endswith("; it is missing")
    return said if is_absence and " " not in path else ""


def _listed(paths: Sequence[str], room: int) -> str:
    whole = joined(paths, "and")
    return whole if len(whole) <= room else as_many_as_fit(paths, room - _AND_MORE)
