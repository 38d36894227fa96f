"""What belongs to one test of all that is recorded, by a cursor and not by clearing."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING

from mockcollect.asking.describing import plural, short
from mockcollect.asking.scene import Stray
from mockcollect.testing.tally import Tally

if TYPE_CHECKING:
    from mockcollect.recording.interface import Place, Recorder
    from mockcollect.recording.records import RecordedEvent, RecordedRequest

MOST_STRAGGLERS = 200
"""As many are named; beyond, they are counted only."""

MOST_LOOKED_AT = 1_000
"""As many events of a test are looked at for stragglers when it ends."""


@dataclass(frozen=True, slots=True)
class Straggler:
    """An event that arrived after the test that it belongs to."""

    event_id: int
    event_name: str | None
    test: str


@dataclass(slots=True)
class Tests:
    """The tests of one server: their codes, which came last, and what came too late."""

    recorder: Recorder
    codes: dict[str, str] = field(default_factory=dict)
    last: str | None = None
    ended: Place | None = None
    latest: View | None = None
    stragglers: list[Straggler] = field(default_factory=list)
    more_stragglers: int = 0
    tally: Tally = field(default_factory=Tally)

    def begin(self, name: str) -> View:
        """Return the view of a test that begins now."""
        start = self.sweep()
        self.recorder.begin_history(start)
        self.latest = View(self, name, start=start)
        return self.latest

    def end(self, name: str, place: Place) -> None:
        """Note that a test has ended at a place: what stands behind it is late."""
        self.last, self.ended = name, place

    def sweep(self) -> Place:
        """Note the events that came since the last test ended, if none runs.

        Returns the place behind them: what comes while this looks stands behind it.
        """
        here = self.recorder.place()
        start, self.ended = self.ended, None
        if start is None or self.last is None or start == here:
            return here
        for one in self.between(start, here):
            code = one.event.test_code
            self.note(one, self.codes.get(code, self.last) if code else self.last)
        return here

    def between(self, start: Place, end: Place) -> Iterator[RecordedEvent]:
        """Yield the events behind one place and not behind another."""
        found = self.recorder.events_behind(start)
        return takewhile(lambda one: one.id <= end.event_id, found)

    def note(self, recorded: RecordedEvent, test: str) -> None:
        """Note an event that came after its test."""
        if len(self.stragglers) == MOST_STRAGGLERS:
            self.more_stragglers += 1
            return
        late = Straggler(recorded.id, recorded.event.event_name, test)
        self.stragglers.append(late)

    def report(self) -> Iterator[str]:
        """Yield the lines that say what came late."""
        if not self.stragglers:
            return
        count = len(self.stragglers) + self.more_stragglers
        yield f"{plural(count, 'event')} arrived after the test had ended:"
        for one in self.stragglers:
            name = short(one.event_name or "(no name)")
            yield f"  #{one.event_id} {name}  of {one.test}"
        if self.more_stragglers:
            yield f"  … and {self.more_stragglers:,} more"


class View:
    """The events and requests of one test: what arrived since it began.

    An event that carries another test's code is that test's. Where the test has asked
    for its own code, only events that carry it count.
    """

    def __init__(self, tests: Tests, name: str, *, start: Place) -> None:
        self.name = name
        self.start = start
        self._tests = tests
        self._recorder = tests.recorder
        self._began_at = time.time_ns() // 1_000_000
        self._previous = tests.last
        self._test_code: str | None = None
        self.fault_rules: set[int] = set()

    @property
    def test_code(self) -> str:
        """A code that no other test has; from now on only events with it count."""
        if self._test_code is None:
            self._test_code = f"mc-{secrets.token_hex(6)}"
            self._tests.codes[self._test_code] = self.name
        return self._test_code

    def events(
        self, event_name: str | None = None, *, behind: Place | None = None
    ) -> Iterator[RecordedEvent]:
        """Yield the events of this test, the oldest first."""
        found = self._recorder.events_behind(
            behind or self.start, event_name=event_name
        )
        return (one for one in found if self._why_not(one) is None)

    def place(self) -> Place:
        """Return the place behind all that was recorded so far."""
        return self._recorder.place()

    def requests(self) -> list[RecordedRequest]:
        """Return the requests of this test that brought no event."""
        found = self._recorder.eventless_behind(self.start)
        return [one for one in found if not self._began_before(one)]

    def faulted(self) -> list[RecordedRequest]:
        """Return the requests of this test whose answers a fault has changed."""
        found = [one.request for one in self._recorder.events_behind(self.start)]
        found += self._recorder.eventless_behind(self.start)
        ours = (one for one in found if one.fault and not self._began_before(one))
        return list({one.id: one for one in ours}.values())

    def strays(self) -> list[Stray]:
        """Return the events that arrived during this test and are not its own."""
        found = self._recorder.events_behind(self.start)
        judged = ((one, self._why_not(one)) for one in found)
        return [Stray(one, why) for one, why in judged if why is not None]

    def end(self) -> None:
        """Note what came late from other tests, and that this one is over."""
        place = self._recorder.place()
        if place.event_id > self.start.event_id and (
            place.event_id - self.start.event_id <= MOST_LOOKED_AT
        ):
            self._note_stragglers(place)
        if (plan := self._recorder.plan) is not None:
            self._tests.tally.add(plan, self.events())
        self._tests.end(self.name, place)

    def _note_stragglers(self, end: Place) -> None:
        for one in self._tests.between(self.start, end):
            owner = self._owner(one)
            if owner not in (None, self.name):
                self._tests.note(one, str(owner))
            elif owner is None and self._began_before(one.request) and self._previous:
                self._tests.note(one, self._previous)

    def _owner(self, one: RecordedEvent) -> str | None:
        return self._tests.codes.get(one.event.test_code or "")

    def _why_not(self, one: RecordedEvent) -> str | None:
        """Return why an event does not count for this test, or `None` if it does."""
        why = self._why_not_its_own(one)
        if why is None and not one.request.is_collected:
            return one.request.fault_in_words()
        return why

    def _why_not_its_own(self, one: RecordedEvent) -> str | None:
        code = one.event.test_code
        if self._test_code is not None and code == self._test_code:
            return None
        if code is not None and code in self._tests.codes:
            return f"sent with the test code of {self._tests.codes[code]}"
        if self._test_code is not None:
            return f"sent without this test's code {self._test_code}"
        if self._began_before(one.request):
            return f"sent before this test began, in or after {self._previous}"
        return None

    def _began_before(self, request: RecordedRequest) -> bool:
        """Return whether a request began in another test, and took until this one."""
        return self._previous is not None and request.received_at < self._began_at
