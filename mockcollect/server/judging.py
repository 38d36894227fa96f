"""What events are judged by: the tracking plan, and the known sources."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockcollect.recording.interface import Recorder
    from mockcollect.settings import Settings
    from mockcollect.verdict.plan import Plan
    from mockcollect.verdict.sources import KnownSource


class JudgedBy:
    """Has a recorder judge by a plan, and by the known sources: the plan's and others.

    At first by those of the settings, if any. Raises InvalidPlan or InvalidSource.
    """

    def __init__(self, recorder: Recorder, settings: Settings) -> None:
        self._recorder = recorder
        self._test_run = settings.test_run
        self._given: tuple[KnownSource, ...] = ()
        self._lock = threading.Lock()
        if settings.plan is None and not settings.sources:
            return
        # The libraries that read plans are loaded only for who has one.
        from mockcollect.verdict.plan import load_plan
        from mockcollect.verdict.sources import parse_source

        plan = load_plan(settings.plan) if settings.plan is not None else None
        self._use(plan, map(parse_source, settings.sources))

    def use_plan(self, plan: Plan | None) -> None:
        """Judge by another plan, or by none; its sources come and go with it.

        Raises InvalidSource where a source of the plan contradicts a given one.
        """
        with self._lock:
            self._use(plan, self._given)

    def use_sources(self, sources: Iterable[KnownSource]) -> None:
        """Know other sources beside those of the plan.

        Raises InvalidSource where one contradicts the plan's.
        """
        with self._lock:
            self._use(self._recorder.plan, sources)

    def _use(self, plan: Plan | None, given: Iterable[KnownSource]) -> None:
        from mockcollect.verdict.sources import Sources

        given = tuple(given)
        of_plan = plan.sources if plan is not None and plan.sources else ()
        known = Sources((*given, *of_plan), test_run=self._test_run)
        self._recorder.judge_by(plan=plan, sources=known if len(known) else None)
        self._given = given
