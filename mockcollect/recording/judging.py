"""The verdicts on what was recorded: found when somebody looks, and remembered."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from mockcollect.recording.records import RecordedEvent, RecordedRequest

if TYPE_CHECKING:
    from mockcollect.verdict.history import History
    from mockcollect.verdict.judge import Judge
    from mockcollect.verdict.plan import Plan
    from mockcollect.verdict.sources import Sources
    from mockcollect.verdict.verdict import Verdict

REMEMBERED_VERDICTS = 10_000
LEARNT_BEHIND = 10_000
"""So many events before one are read for what they tell of it."""

ReadBehind = Callable[[int, int], Iterator[RecordedEvent]]
"""Yields the next few events behind an id, the oldest first: so many at most."""


class _Court:
    """A judge, with what it has learnt and said so far."""

    def __init__(self, judge: Judge, history: History) -> None:
        self.judge = judge
        self.history = history
        self.verdicts: OrderedDict[int, Verdict] = OrderedDict()


class Judging:
    """Judges recorded events by one plan and the known sources.

    A verdict may rest on earlier events: these are read, up to `LEARNT_BEHIND` of them,
    when the first verdict behind them is asked for. So the order of asking changes no
    verdict, but for what is bounded: an event that so many others follow is judged by
    itself if one of them was asked for first, or if what was learnt of it is forgotten;
    and what names an earlier event that is dropped since may go on naming it.

    Its lock is taken before the storage's, and never the other way round.
    """

    def __init__(self, read_behind: ReadBehind) -> None:
        self._read_behind = read_behind
        self._lock = threading.RLock()
        self._seen_changes = 0
        self.changes = 0
        self._court: _Court | None = None
        self._start = 0
        self.plan: Plan | None = None
        self.sources: Sources | None = None

    def use(self, *, plan: Plan | None, sources: Sources | None) -> None:
        """Judge by another plan and other sources from now on."""
        with self._lock:
            self.plan, self.sources = plan, sources
            self._court = None

    def forget(self) -> None:
        """Forget all verdicts: something that was recorded before has changed.

        Called under the storage's lock: it must not wait for a verdict that wants it.
        """
        self.changes += 1

    def begin_behind(self, event_id: int) -> None:
        """Let verdicts rest on no event up to this one: another story begins."""
        with self._lock:
            self._start = event_id
            self._court = None

    def verdict(self, recorded: RecordedEvent) -> Verdict:
        """Return the verdict on an event."""
        with self._lock:
            court = self._sitting()
            if recorded.as_of != self._seen_changes and not self._is_kept(recorded):
                return _judged(court.judge, recorded, event_id=None)
            known = court.verdicts.get(recorded.id)
            if known is None:
                self._learn(court.history, recorded)
                # Production never had what a fault kept from it, so it repeats nothing.
                event_id = recorded.id if recorded.request.is_collected else None
                known = _judged(court.judge, recorded, event_id=event_id)
                court.verdicts[recorded.id] = known
                if len(court.verdicts) > REMEMBERED_VERDICTS:
                    court.verdicts.popitem(last=False)
            return known

    def request_verdict(self, recorded: RecordedRequest) -> Verdict | None:
        """Return the verdict on a request without events, if it should have had one."""
        if recorded.status != 200 or recorded.endpoint not in ("events", "batch"):
            return None
        with self._lock:
            return self._sitting().judge.judge_request(
                recorded.request,
                endpoint=recorded.endpoint,
                received_at=recorded.received_at,
            )

    def _sitting(self) -> _Court:
        """Return the judge of now, a new one where what it knew is no longer so."""
        if self._court is None or self._seen_changes != self.changes:
            # Imported late: who records only, and looks at nothing, needs no rules.
            from mockcollect.verdict.history import History
            from mockcollect.verdict.judge import make_judge

            self._seen_changes = self.changes
            history = History()
            history.newest = self._start
            judge = make_judge(plan=self.plan, sources=self.sources, history=history)
            self._court = _Court(judge, history)
        return self._court

    def _is_kept(self, recorded: RecordedEvent) -> bool:
        """Return whether an event that was read a while ago still is what is kept."""
        kept = next(self._read_behind(recorded.id - 1, 1), None)
        if kept is None or kept.id != recorded.id:
            return False
        try:
            # Not the whole requests: they tell of events that were deleted since.
            same = kept.request.request == recorded.request.request
            return same and kept.event == recorded.event
        except RecursionError:  # two deep ones: better no verdict of the wrong one
            return False

    def _learn(self, history: History, recorded: RecordedEvent) -> None:
        """Let the history know of an event, and before of those before it."""
        if recorded.id > history.newest + 1:
            behind = max(history.newest, recorded.id - LEARNT_BEHIND)
            for one in self._read_behind(behind, recorded.id - behind - 1):
                if one.id >= recorded.id:
                    break
                _tell(history, one)
        _tell(history, recorded)


def _tell(history: History, recorded: RecordedEvent) -> None:
    """Let the history know of an event, unless a fault kept it from production."""
    if recorded.request.is_collected:
        history.add(recorded.id, recorded.event)
    else:
        history.newest = max(history.newest, recorded.id)


def _judged(judge: Judge, recorded: RecordedEvent, *, event_id: int | None) -> Verdict:
    request = recorded.request
    return judge.judge(
        recorded.event,
        request.request,
        endpoint=request.endpoint,
        received_at=request.received_at,
        event_id=event_id,
    )
