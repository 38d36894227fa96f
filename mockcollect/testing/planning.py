"""The tracking plan that one test is judged by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from mockcollect.errors import InvalidPlan

if TYPE_CHECKING:
    from mockcollect.recording.interface import Recorder
    from mockcollect.verdict.plan import Plan
    from mockcollect.verdict.sources import Sources


def read_plan(plan: str | Path | Plan | None) -> Plan | None:
    """Return a plan that is given, or stands in a file.

    Raises InvalidPlan; TypeError for what is none of these.
    """
    __tracebackhide__ = True
    if plan is None:
        return None
    from mockcollect.verdict.plan import Plan

    if isinstance(plan, Plan):
        return plan
    if not isinstance(plan, (str, Path)):
        raise TypeError(
            "plan is a tracking plan or its file, as in plan='tracking_plan.yml'; "
            f"got {plan!r}."
        )
    try:
        return _load(Path(plan), _changed(Path(plan)))
    except InvalidPlan as error:
        # How it was read is of no interest: its text says what to mend.
        raise error.with_traceback(None) from None


@contextmanager
def judged_by(recorder: Recorder, plan: Plan | None) -> Iterator[None]:
    """Have a recorder judge by another plan for a while, if there is one.

    Sources that the plan names are known with it.
    """
    if plan is None:
        yield
        return
    before = recorder.plan, recorder.sources
    recorder.judge_by(plan=plan, sources=_sources_of(plan) or before[1])
    try:
        yield
    finally:
        recorder.judge_by(plan=before[0], sources=before[1])


def _sources_of(plan: Plan) -> Sources | None:
    if not plan.sources:
        return None
    from mockcollect.verdict.sources import Sources

    return Sources(plan.sources, test_run=True)


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


@lru_cache(maxsize=32)
def _load(path: Path, changed: int) -> Plan:
    """Read a plan once for all the tests that it marks."""
    from mockcollect.verdict.plan import load_plan

    return load_plan(path)
