"""A process that holds streams and waiting requests open, and reads what they get.

Called with PORT STREAMS WAITS. Prints a line once all streams have begun; when its
input closes, prints how many streams got anything after that, and how many of the
waiting requests are unanswered.
"""

from __future__ import annotations

import os
import selectors
import socket
import sys
from typing import Any

HOST = "127.0.0.1"
WAIT_SECONDS = 60
NICE = 10
_CHUNK = 1 << 20


class Crowd:
    """All connections, told apart by what they asked for."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._selector = selectors.DefaultSelector()
        self.got: dict[str, int] = {}

    def ask(self, name: str, path: str) -> None:
        """Open a connection and send its request."""
        sock = socket.create_connection((HOST, self._port))
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        self.got[name] = 0
        self._selector.register(sock, selectors.EVENT_READ, name)

    def read(self, timeout: float) -> bool:
        """Read what there is; return whether the input is still open."""
        for key, _ in self._selector.select(timeout):
            if key.data is None:
                return False
            self._take(key.fileobj, key.data)
        return True

    def until_closed(self) -> None:
        """Read until the input closes."""
        self._selector.register(sys.stdin, selectors.EVENT_READ, None)
        while self.read(timeout=1.0):
            continue

    def _take(self, sock: Any, name: str) -> None:
        size = len(sock.recv(_CHUNK))
        if not size:
            self._selector.unregister(sock)
        self.got[name] += size


def main(port: int, streams: int, waits: int) -> None:
    """Open all, say so, read until told to stop, and say what came."""
    os.nice(NICE)  # what reading costs the readers is not what is measured
    crowd = Crowd(port)
    for number in range(streams):
        crowd.ask(f"stream {number}", "/_inspect/stream")
    for number in range(waits):
        query = f"q=event:never-{number}&wait={WAIT_SECONDS}"
        crowd.ask(f"wait {number}", f"/_inspect/events?{query}")
    while not all(size for name, size in crowd.got.items() if "stream" in name):
        crowd.read(timeout=1.0)
    print("open", flush=True)
    begun = dict(crowd.got)
    crowd.until_closed()
    fed = sum(crowd.got[name] > begun[name] for name in begun if "stream" in name)
    waiting = sum(not size for name, size in crowd.got.items() if "wait" in name)
    print(fed, waiting)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
