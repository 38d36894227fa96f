"""Waiting for what should arrive, and watching that nothing does."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from mockcollect.asking.matching import Expectation
    from mockcollect.recording.interface import Place, Recorder
    from mockcollect.recording.records import RecordedEvent
    from mockcollect.testing.view import View

Seen = TypeVar("Seen")


@dataclass(slots=True)
class Watch:
    """Collects the events of a test that match, each looked at once.

    `most` is how many are enough, `None` for all there are.
    """

    view: View
    expectation: Expectation
    most: int | None = None
    found: list[RecordedEvent] = field(default_factory=list)
    _behind: Place | None = None

    def look(self) -> list[RecordedEvent]:
        """Look at what came since, and return all that match so far."""
        place = self.view.place()
        name = self.expectation.event_name
        for one in self.view.events(name, behind=self._behind):
            if one.id > place.event_id:
                break
            if self.expectation.matches(one.event):
                self.found.append(one)
                if len(self.found) == self.most:
                    break
        self._behind = place
        return self.found


def until(
    recorder: Recorder,
    look: Callable[[], Seen],
    enough: Callable[[Seen], bool],
    *,
    timeout: float,
) -> tuple[Seen, float]:
    """Look again at each arrival until it is enough, and return what was seen.

    And how many seconds that took, `timeout` at most.
    """
    start = time.monotonic()
    waits = timeout > 0
    while True:
        place = recorder.place()
        seen = look()
        left = timeout - (time.monotonic() - start)
        if enough(seen) or not waits:
            return seen, min(time.monotonic() - start, timeout)
        waits = left > 0 and recorder.wait_behind(place, timeout=left)


def settled(recorder: Recorder, *, settle: float, most: float) -> float:
    """Wait until nothing was recorded for `settle` seconds, and return how many.

    Where it never gets quiet, it is given up after `most` seconds more: then they are
    fewer.
    """
    end = time.monotonic() + settle + most
    while (left := min(settle, end - time.monotonic())) > 0:
        if not recorder.wait_behind(recorder.place(), timeout=left):
            return left
    return 0.0


def in_running_loop() -> bool:
    """Return whether this thread's event loop is running, and so held up by a wait."""
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and asyncio._get_running_loop() is not None
