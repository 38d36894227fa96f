"""Runs the application in a thread of this process, for tests."""

from __future__ import annotations

import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from pytest_httpserver.httpserver import HTTPServerBase
from werkzeug.serving import WSGIRequestHandler

from mockcollect.server.collect import ACCEPTED_AT
from mockcollect.server.ports import require_free

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment
    from werkzeug import Request, Response
    from werkzeug.serving import BaseWSGIServer

STOP_POLL_SECONDS = 0.005
"""By default the server looks twice a second whether to stop, and each stop waits."""


class EmbeddedServer(HTTPServerBase):
    """An HTTP server in a thread of its own, which hands all requests to one app.

    The base class reads each body whole and keeps each request: overridden, so that the
    limits are those of the app, and what is kept is what the recorder keeps. Port 0 is
    any free one. Raises PortInUse or InvalidSettings where it cannot listen.
    """

    def __init__(self, app: WSGIApplication, *, host: str, port: int) -> None:
        # Werkzeug would print of a port in use, and end the process.
        super().__init__(require_free(host, port), port, threaded=True)
        self._app = app

    def application(self, request: Request) -> Any:
        """Return the app: what calls this calls it then with the environment."""
        return self._app

    def dispatch(self, request: Request) -> Response:
        """Never called: the base class wants it."""
        raise NotImplementedError

    def thread_target(self) -> None:
        """Serve until told to stop."""
        assert self.server is not None
        self.server.RequestHandlerClass = _QuietHandler
        threads = _Threads(self.server)
        self.server.process_request = threads.answer  # type: ignore[method-assign, assignment]
        try:
            self.server.serve_forever(poll_interval=STOP_POLL_SECONDS)
        finally:
            threads.end()

    def stop(self) -> None:
        """Stop serving, and free the port."""
        server = self.server
        super().stop()
        assert server is not None
        server.server_close()


class _Threads:
    """Answers each connection in a thread, and keeps it for the connections to come.

    A new one is made only when all are busy: to make one for each connection, as
    Werkzeug does, takes longer than to answer an event.
    """

    def __init__(self, server: BaseWSGIServer) -> None:
        self._server: Any = server  # the mixin that has the method below
        self._connections: SimpleQueue[Any] = SimpleQueue()
        self._lock = threading.Lock()
        self._waiting = self._all = 0

    def answer(self, connection: Any, address: Any) -> None:
        """Have a connection answered, and return at once."""
        with self._lock:
            is_new = not self._waiting
            if is_new:
                self._all += 1
            else:
                self._waiting -= 1
        self._connections.put((connection, address, time.time_ns() // 1_000_000))
        if is_new:
            threading.Thread(target=self._run, daemon=True).start()

    def end(self) -> None:
        """Let all threads end, once they have answered."""
        for _ in range(self._all):
            self._connections.put(None)

    def _run(self) -> None:
        while (one := self._connections.get()) is not None:
            connection, address, _QuietHandler.accepted.at = one
            self._server.process_request_thread(connection, address)
            with self._lock:
                self._waiting += 1


class _QuietHandler(WSGIRequestHandler):
    """Says nothing of requests: a test that fails would show a line for each.

    It hands on when each connection was accepted: connections come in their order, and
    are read when their threads come to it, which may be in the next test.
    """

    accepted = threading.local()

    def make_environ(self) -> WSGIEnvironment:
        """Return the environment of a request."""
        return {**super().make_environ(), ACCEPTED_AT: self.accepted.at}

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""
