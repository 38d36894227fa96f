"""Asking a mockcollect from outside: whether it is there, and whether it records.

The standard library's client, so that nothing that patches other clients in a test gets
between, and no proxy of the environment either.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from typing import Any

ANSWER_SECONDS = 2.0
ASK_SECONDS = 0.5
"""How long whoever holds a port is asked who it is: what is ours answers at once."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The mockcollect that holds a port: its process, and its start in local time."""

    pid: int
    started: str


def base_url(host: str, port: int) -> str:
    """Return the URL of a server that listens on an address."""
    name = reachable(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def reachable(host: str) -> str:
    """Return the address to ask where a server listens on all addresses."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)


def is_ready(host: str, port: int, *, timeout: float = ANSWER_SECONDS) -> bool:
    """Return whether a mockcollect answers there and says that it can record."""
    return why_not_ready(host, port, timeout=timeout) is None


def why_not_ready(
    host: str, port: int, *, timeout: float = ANSWER_SECONDS
) -> str | None:
    """Return why a server cannot record, in its own words, or `None` if it can."""
    status, content = get(host, port, "/_inspect/ready", timeout=timeout)
    nobody = "no mockcollect answers there."
    try:
        said = json.loads(content)
        if status == 200 and said["ready"] is True:
            return None
        return str(said["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return nobody


def ask(host: str, port: int) -> Holder | None:
    """Return the mockcollect that listens there, or `None` if it is none."""
    status, content = get(host, port, "/_inspect", timeout=ASK_SECONDS)
    try:
        said = json.loads(content) if status == 200 else {}
        started = datetime.fromisoformat(said["started"].replace("Z", "+00:00"))
        return Holder(int(said["pid"]), started.astimezone().strftime("%H:%M"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def get(host: str, port: int, path: str, *, timeout: float) -> tuple[int, Any]:
    """Return status and body of a GET, and status 0 where nothing answers."""
    connection = HTTPConnection(reachable(host), port, timeout=timeout)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, HTTPException):
        return 0, b""
    finally:
        connection.close()
