"""The port to listen on: free, ours alone, and known before the server starts."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mockcollect.errors import InvalidSettings, PortInUse
from mockcollect.server.probe import Holder, ask
from mockcollect.settings import DEFAULT_PORT

if TYPE_CHECKING:
    from mockcollect.settings import Settings


@contextmanager
def reserved_port(settings: Settings) -> Iterator[tuple[str, int]]:
    """Give an address and a port that is free, and keep the port until the end.

    granian listens with SO_REUSEPORT: two servers on one port would both start and
    share the traffic, so a plain bind looks first. And it never tells which port 0
    became, so a socket that does not listen holds the number.
    """
    family, address = _resolve(settings.host)
    wanted = DEFAULT_PORT if settings.port is None else settings.port
    with (
        _taken_alone(address, wanted),
        socket.socket(family, socket.SOCK_STREAM) as held,
    ):
        if sys.platform != "win32":  # where it would let two servers share a port
            # Connections of a server that has ended keep a port for a minute else.
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if wanted == 0 and hasattr(socket, "SO_REUSEPORT"):
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        _bind(held, address, wanted)
        if sys.platform == "linux":
            # From here on granian may share the port, and no other plain bind.
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        port = int(held.getsockname()[1])
        may_share = wanted == 0 and hasattr(socket, "SO_REUSEPORT")
        if sys.platform != "linux" and not may_share:
            held.close()
        yield address, port


def require_free(host: str, port: int) -> str:
    """Return the address to listen on for a name; raises PortInUse if it is taken."""
    family, address = _resolve(host)
    with socket.socket(family, socket.SOCK_STREAM) as looked:
        if sys.platform != "win32":
            looked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(looked, address, port)
    return address


@contextmanager
def _taken_alone(address: str, port: int) -> Iterator[None]:
    """Let one mockcollect at a time look whether a port is free, and keep it.

    Two that start in the same moment may both bind before either listens. A name of
    the kernel's own, which goes with its process, has room for one only; Linux alone
    has such names.
    """
    if sys.platform != "linux" or port == 0:
        yield
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as name:
        try:
            name.bind(f"\0mockcollect {address} {port}")
        except OSError as error:
            raise PortInUse(_why_not(address, port, error)) from error
        yield


def _resolve(host: str) -> tuple[socket.AddressFamily, str]:
    """Return what to listen on for a name: granian takes numbers only."""
    if not host:
        raise InvalidSettings(
            "The host to listen on is empty. Leave --host out for this machine, or "
            "give 0.0.0.0 for all that can reach it."
        )
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise InvalidSettings(
            f"There is no host {host} to listen on. Leave --host out for this machine."
        ) from error
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    return family, str(address[0])


def _bind(sock: socket.socket, host: str, port: int) -> None:
    try:
        sock.bind((host, port))
    except PermissionError as error:
        raise PortInUse(
            f"Port {port} may not be used by you: below 1024 they are the system's. "
            "Run with --port 8787, or --port 0 for any free one."
        ) from error
    except OSError as error:
        raise PortInUse(_why_not(host, port, error)) from error


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno != errno.EADDRINUSE:
        return f"{host}:{port} cannot be listened on: {error.strerror or error}."
    holder = ask(host, port)
    return (
        f"Port {port} is in use. {_name(holder)} "
        "Stop it, or run with --port 0 for a free port."
    )


def _name(holder: Holder | None) -> str:
    if holder is None:
        return "Something else is listening there."
    return (
        f"Another mockcollect is listening there (pid {holder.pid}, "
        f"started {holder.started})."
    )
