"""Runs the application in a thread of this process, for tests."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from pytest_httpserver.httpserver import HTTPServerBase

from mockcollect.server.ports import require_free

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from werkzeug import Request, Response

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
        _say_nothing_of_requests()

    def application(self, request: Request) -> Any:
        """Return the app: what calls this calls it then with the environment."""
        return self._app

    def dispatch(self, request: Request) -> Response:
        """Never called: the base class wants it."""
        raise NotImplementedError

    def thread_target(self) -> None:
        """Serve until told to stop."""
        assert self.server is not None
        self.server.serve_forever(poll_interval=STOP_POLL_SECONDS)

    def stop(self) -> None:
        """Stop serving, and free the port."""
        server = self.server
        super().stop()
        assert server is not None
        server.server_close()


def _say_nothing_of_requests() -> None:
    logger = logging.getLogger("werkzeug")
    if logger.level == logging.NOTSET:  # where nobody has chosen otherwise
        logger.setLevel(logging.WARNING)
