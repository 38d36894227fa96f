"""Where one test asserts: its server, its view, and how long it waits."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable
from typing import TYPE_CHECKING, NoReturn

from mockcollect.asking.scene import Scene
from mockcollect.errors import ServerClosed
from mockcollect.testing.faults import told_of_faults
from mockcollect.testing.watch import Seen, in_running_loop, settled, until

if TYPE_CHECKING:
    from mockcollect.recording.records import RecordedEvent, RecordedRequest
    from mockcollect.testing.server import Server
    from mockcollect.testing.view import View
    from mockcollect.verdict.verdict import VerdictName

_HELD_UP = (
    "This waited in a running event loop, which could send nothing meanwhile. "
    "There, write await mockcollect.aio.assert_sent(…)."
)


class Stage:
    """Waits, watches and shows what there is for one test.

    `timeout` and `settle` are in seconds, those of the server's settings for `None`.
    """

    def __init__(
        self,
        server: Server,
        view: View,
        timeout: float | None,
        settle: float | None,
        artifact: str | None,
    ) -> None:
        settings = server.settings
        self._server = server
        self._view = view
        self._timeout = settings.timeout if timeout is None else timeout
        self._settle = settings.settle if settle is None else settle
        self._artifact = artifact

    def until(
        self,
        look: Callable[[], Seen],
        enough: Callable[[Seen], bool],
        timeout: float | None,
    ) -> tuple[Seen, float]:
        """Look at each arrival until it is enough; return what was seen, and when."""
        __tracebackhide__ = True
        self.require_open()
        limit = self._timeout if timeout is None else timeout
        return until(self._server.recorder, look, enough, timeout=limit)

    def watch_quiet(self, settle: float | None) -> float:
        """Wait until nothing has come for a while, and return for how long."""
        __tracebackhide__ = True
        self.require_open()
        return settled(
            self._server.recorder,
            settle=self._settle if settle is None else settle,
            most=self._timeout,
        )

    def refused(self) -> list[RecordedRequest]:
        """Return the requests of this test that were refused, not by a fault."""
        requests = self._view.requests()
        return [one for one in requests if one.refusal and one.is_collected]

    def invalid(self, *names: VerdictName) -> list[RecordedEvent]:
        """Return the events of this test with one of these verdicts, or not valid."""
        wanted = names or ("invalid-rejected", "invalid-accepted")
        return [one for one in self._view.events() if one.verdict.name in wanted]

    def unseen(self, accepted: Container[int]) -> list[RecordedRequest]:
        """Return those that were refused and not accepted."""
        return [one for one in self.refused() if one.id not in accepted]

    def scene(self, seconds: float) -> Scene:
        """Return what there is to see, after so many seconds."""
        url = self._server.url
        return Scene(
            events=list(self._view.events()),
            requests=self._view.requests(),
            strays=self._view.strays(),
            seconds=seconds,
            url=url,
            variables=_set_to(url, self._server.settings.env),
            artifact=self._artifact,
            hints=(
                *told_of_faults(self._view.faulted()),
                *((_HELD_UP,) if in_running_loop() else ()),
            ),
        )

    def require_open(self) -> None:
        """Raise ServerClosed where nothing can arrive any more."""
        __tracebackhide__ = True
        if self._server.is_closed:
            raise ServerClosed(
                "This mockcollect server is closed, so nothing can arrive any more. "
                "Assert before it closes: inside the with block, or before close()."
            )


def _set_to(url: str, names: Iterable[str]) -> list[str]:
    """Return the variables that lead to a server: outside pytest nobody sets them."""
    return [name for name in names if os.environ.get(name) == url]


def fail(message: str) -> NoReturn:
    """Raise the failure of an assertion."""
    __tracebackhide__ = True
    raise AssertionError(message)
