"""Waiting for late senders: until nothing has come for a while."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockcollect.server.client import Client, Stream

_TRAFFIC = ("event", "request")


def settle(client: Client, *, quiet: float, timeout: float) -> bool:
    """Wait until nothing has come for some seconds; return whether that was in time.

    Raises NotRunning.
    """
    deadline = time.monotonic() + timeout
    with client.follow() as stream:
        while (left := deadline - time.monotonic()) >= quiet:
            if not _is_busy(stream, quiet):
                return True
        return not _is_busy(stream, left)


def _is_busy(stream: Stream, seconds: float) -> bool:
    """Return whether anything comes within some seconds."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        message = stream.next(timeout=left)
        if message is None:
            return False
        if message.kind in _TRAFFIC:
            return True
    return False
