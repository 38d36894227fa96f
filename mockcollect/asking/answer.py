"""All checks together: what came of them, and what they were asked of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mockcollect.asking.checking import Arrived
from mockcollect.asking.describing import plural
from mockcollect.asking.report import Report, Result
from mockcollect.asking.results import CheckResult
from mockcollect.verdict.coverage import Coverage
from mockcollect.verdict.verdict import PLATFORM_WORDS

_COUNTS = ("events", "verdicts", "refused", "dropped", "kept_away")

Answered = Mapping[str, Any]
"""What `answer_of` returns, also when it came as JSON."""


def answer_of(
    results: Sequence[CheckResult], arrived: Arrived, *, dropped: int = 0
) -> dict[str, Any]:
    """Return what came of checks as the inspection API shows it.

    `dropped` is how many events are kept no more, and were not asked.
    """
    names = [one.event.event_name for one in arrived.events]
    planned = arrived.planned
    covered = None if planned is None else Coverage.of(planned, names).to_dict()
    return {
        "ok": all(one.holds for one in results),
        "events": len(arrived.events),
        "verdicts": dict(Counter(one.verdict.name for one in arrived.events)),
        "refused": sum(one.refusal is not None for one in arrived.requests),
        "dropped": dropped,
        "kept_away": arrived.kept_away,
        "coverage": covered,
        "results": [one.to_dict() for one in results],
    }


def report_of(answered: Answered, *, name: str, title: str = "captured") -> Report:
    """Return a report of an answer: `title` says what became of the events."""
    return Report(
        name,
        ", ".join(_counted(answered, title)),
        tuple(map(_result, answered["results"])),
        tuple(_remarks(answered)),
        {key: answered[key] for key in _COUNTS},
    )


def _result(one: Mapping[str, Any]) -> Result:
    return Result(
        one["expectation"],
        "passed" if one["ok"] else "failed",
        one["said"],
        tuple(one["details"]),
        data={key: one[key] for key in ("kind", "matched", "event_ids", "request_ids")},
        sentence=one["sentence"],
    )


def _counted(answered: Answered, title: str) -> list[str]:
    said = [f"{plural(answered['events'], 'event')} {title}"]
    verdicts = answered["verdicts"]
    said += [f"{verdicts[one]:,} {one}" for one in PLATFORM_WORDS if verdicts.get(one)]
    if answered["refused"]:
        said.append(f"{plural(answered['refused'], 'request')} refused with 400")
    return said


def _remarks(answered: Answered) -> list[str]:
    said = []
    if answered["dropped"]:
        said.append(
            f"{plural(answered['dropped'], 'older event')} dropped before: the server "
            "keeps no more than --max-events, and only what is kept was checked"
        )
    if answered["kept_away"]:
        events = plural(answered["kept_away"], "event")
        said.append(
            f"{events} kept away by faults: counted only if fault: or status: asks"
        )
    if (covered := answered["coverage"]) is not None:
        said += Coverage.of_dict(covered).lines()
    return said
