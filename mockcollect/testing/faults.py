"""The verbs of the inspector that break answers, undone when its test ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockcollect.asking.describing import plural
from mockcollect.server.faults import TIMEOUT_SECONDS, FaultRule
from mockcollect.testing.captured import Request
from mockcollect.testing.verbs import verb

if TYPE_CHECKING:
    from mockcollect.recording.records import RecordedRequest
    from mockcollect.server.faults import Faults
    from mockcollect.testing.server import Server
    from mockcollect.testing.view import View


class FaultVerbs:
    """Has the server fail, for the requests to collect that come from now on.

    `matching` is a filter, as in "event:purchase". What the client was told has failed
    counts for no assertion, unless `collected`. The first rule that acts is alone.
    """

    server: Server
    view: View

    @verb
    def fail_next(
        self,
        count: int = 1,
        /,
        *,
        status: int = 503,
        retry_after: int | None = None,
        matching: str = "",
        collected: bool | None = None,
    ) -> None:
        """Answer the next requests with a status from 400 to 599.

        Raises InvalidFault for what cannot be, as all of these do.
        """
        self.add_fault(
            matching,
            status=status,
            retry_after=retry_after,
            next=count,
            collected=collected,
        )

    @verb
    def delay(
        self, seconds: float, /, *, count: int | None = None, matching: str = ""
    ) -> None:
        """Answer the next requests late, all of them unless there is a `count`."""
        self.add_fault(matching, delay=seconds, next=count)

    @verb
    def reset_connection(
        self, count: int = 1, /, *, matching: str = "", collected: bool | None = None
    ) -> None:
        """Reset the connections of the next requests instead of answering."""
        self.add_fault(matching, reset=True, next=count, collected=collected)

    @verb
    def never_answer(
        self,
        count: int = 1,
        /,
        *,
        timeout: float = TIMEOUT_SECONDS,
        matching: str = "",
        collected: bool | None = None,
    ) -> None:
        """Leave the next requests without an answer.

        It ends as the client leaves, the test ends, or after `timeout` seconds.
        """
        self.add_fault(matching, timeout=timeout, next=count, collected=collected)

    @verb
    def truncate_answer(
        self, count: int = 1, /, *, matching: str = "", collected: bool | None = None
    ) -> None:
        """Cut the next answers short of the length that they declare."""
        self.add_fault(matching, truncate=True, next=count, collected=collected)

    @verb
    def drip_answer(
        self, seconds: float, /, *, count: int | None = None, matching: str = ""
    ) -> None:
        """Send the next answers byte by byte, each over so many seconds."""
        self.add_fault(matching, drip=seconds, next=count)

    @verb
    def add_fault(self, matching: str = "", /, **rule: Any) -> None:
        """Add a rule with any of the keys that `FaultRule` has: `probability`, `seed`.

        Raises TypeError for a key that there is not.
        """
        active = self._faults.add(FaultRule(matching, **rule))
        self._rules.add(active.id)

    @property
    def faulted(self) -> list[Request]:
        """The requests of this test whose answers a fault rule has changed."""
        return [Request(one) for one in self.view.faulted()]

    def undo_faults(self) -> None:
        """Take out the rules that were made here, and let go of what they hold."""
        self._faults.remove(self._rules)
        self._rules.clear()

    @property
    def _faults(self) -> Faults:
        return self.server.faults

    @property
    def _rules(self) -> set[int]:
        return self.view.fault_rules


def told_of_faults(requests: list[RecordedRequest]) -> list[str]:
    """Return the sentence of a failure's report on what faults have done, if any."""
    if not requests:
        return []
    were = "was" if len(requests) == 1 else "were"
    return [f"{plural(len(requests), 'request')} {were} answered by a fault rule."]
