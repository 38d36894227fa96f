"""Runs the server in a process of its own, which ends with the one that started it."""

from __future__ import annotations

import multiprocessing
import os
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from types import TracebackType
from typing import TYPE_CHECKING

from mockcollect.errors import MockcollectError
from mockcollect.server.host import Follow, Started, run

if TYPE_CHECKING:
    from mockcollect.settings import Settings

STOP_SECONDS = 5.0


class ChildServer:
    """A server beside this process, while its block lasts.

    A process that is killed cannot stop it: it ends by itself then. `follow` is as for
    `host.run`. Entering raises PortInUse, StorageError, or MockcollectError for what
    keeps it from starting.
    """

    def __init__(self, settings: Settings, *, follow: Follow | None = None) -> None:
        self._from_server, self._to_us = multiprocessing.Pipe(duplex=False)
        self._process = multiprocessing.Process(
            target=_serve, args=(settings, follow, self._to_us)
        )
        self.url = ""

    def __enter__(self) -> ChildServer:
        """Start it, and wait until it can record."""
        self._process.start()
        self._to_us.close()
        try:
            self.url = self._answer()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        self.stop()

    def stop(self) -> None:
        """Stop it, and wait for its end."""
        self._process.terminate()
        self._process.join(STOP_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _answer(self) -> str:
        try:
            said = self._from_server.recv()
        except EOFError:
            said = MockcollectError("The server ended as it started.")
        if isinstance(said, MockcollectError):
            raise said
        return str(said)


def _serve(settings: Settings, follow: Follow | None, to_parent: Connection) -> None:
    _leave_the_terminal()
    _end_with_parent()

    def on_start(started: Started) -> None:
        to_parent.send(started.url)

    try:
        run(settings, on_start=on_start, follow=follow)
    except MockcollectError as error:
        with suppress(OSError):  # who started it has gone
            to_parent.send(error)


def _leave_the_terminal() -> None:
    """Hear nothing of its Ctrl-C: what is sent until the very end is to be recorded."""
    if hasattr(os, "setsid"):
        os.setsid()


def _end_with_parent() -> None:
    """End when the process that started this one is gone: it could not say so."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_wait_for, args=(parent.sentinel,), daemon=True).start()


def _wait_for(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(0)
