"""A mockcollect in a thread of this process: for pytest, unittest, behave or a REPL."""

from __future__ import annotations

from types import TracebackType

from mockcollect.errors import ServerClosed
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.server.app import create_app
from mockcollect.server.embedded import EmbeddedServer
from mockcollect.server.faults import Faults
from mockcollect.settings import Settings
from mockcollect.testing.inspector import Inspector
from mockcollect.testing.view import Tests


class Server:
    """Answers as production does, from a thread, until it is closed.

    `settings.port` is any free port unless it is given. Used with `with`, or with
    `start` and `close`. Raises PortInUse, InvalidSettings or StorageError on starting.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self._recorder: TinyRecorder | None = None
        self._faults: Faults | None = None
        self._http: EmbeddedServer | None = None
        self._tests: Tests | None = None
        self.is_closed = False

    def start(self) -> Server:
        """Start, and return the server; one that has started goes on."""
        if self.is_closed:
            raise ServerClosed("This mockcollect server was closed. Make a new one.")
        if self._http is not None:
            return self
        settings = self.settings
        recorder = TinyRecorder(
            settings.db, max_events=settings.kept_events, fsync=settings.fsync
        )
        faults = Faults(recorder)
        try:
            http = EmbeddedServer(
                create_app(recorder, settings, faults=faults),
                host=settings.host,
                port=settings.port or 0,
            )
            http.start()
        except BaseException:
            recorder.close()
            raise
        self._http, self._recorder, self._tests = http, recorder, Tests(recorder)
        self._faults = faults
        return self

    def close(self) -> None:
        """Stop answering, free the port, and give the file back."""
        self.is_closed = True
        if self._faults is not None:
            self._faults.remove()  # and let go of what they hold
        if self._http is not None:
            self._http.stop()
            self._http = None
        if self._recorder is not None:
            self._recorder.close()

    @property
    def url(self) -> str:
        """The base URL: `http://127.0.0.1:41873`."""
        return self._running().url_for("").rstrip("/")

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._running().port)

    @property
    def env(self) -> dict[str, str]:
        """The variables that point a program at this server."""
        return dict.fromkeys(self.settings.env, self.url)

    @property
    def recorder(self) -> TinyRecorder:
        """Where all is recorded."""
        if self._recorder is None:
            raise _not_started()
        return self._recorder

    @property
    def faults(self) -> Faults:
        """The fault rules, of all tests: those of one are made by its inspector."""
        if self._faults is None:
            raise _not_started()
        return self._faults

    @property
    def tests(self) -> Tests:
        """The tests that used this server, and what came too late for them."""
        if self._tests is None:
            raise _not_started()
        return self._tests

    def inspector(
        self,
        name: str = "this test",
        *,
        timeout: float | None = None,
        settle: float | None = None,
        artifact: str | None = None,
    ) -> Inspector:
        """Return an inspector that sees what arrives from now on, for one test."""
        if self.tests.latest is not None:
            self.faults.remove(self.tests.latest.fault_rules)
        view = self.tests.begin(name)
        return Inspector(self, view, timeout=timeout, settle=settle, artifact=artifact)

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self.is_closed else "not started"
        return f"<mockcollect.Server {self.url if self._http else state}>"

    def _running(self) -> EmbeddedServer:
        if self._http is None:
            raise _not_started() if not self.is_closed else _closed()
        return self._http


def _not_started() -> ServerClosed:
    return ServerClosed(
        "This mockcollect server is not started. Write `with mockcollect.Server() as "
        "server:`, or call start() and close()."
    )


def _closed() -> ServerClosed:
    return ServerClosed(
        "This mockcollect server is closed. Use it inside the with block, or before "
        "close()."
    )
