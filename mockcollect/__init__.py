"""A local stand-in for Commanders Act's HTTP Tracking API."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockcollect.asking.matching import ABSENT as ABSENT
    from mockcollect.errors import MockcollectError as MockcollectError
    from mockcollect.recording.recorder import TinyRecorder as TinyRecorder
    from mockcollect.server.app import create_app as create_app
    from mockcollect.settings import Settings as Settings
    from mockcollect.testing.captured import Event as Event
    from mockcollect.testing.captured import Request as Request
    from mockcollect.testing.inspector import Inspector as Inspector
    from mockcollect.testing.server import Server as Server

__version__ = "0.1.0"

# Loaded when they are asked for: importing the package costs nothing (PEP 562).
_HOMES = {
    "ABSENT": "mockcollect.asking.matching",
    "Event": "mockcollect.testing.captured",
    "Inspector": "mockcollect.testing.inspector",
    "MockcollectError": "mockcollect.errors",
    "Request": "mockcollect.testing.captured",
    "Server": "mockcollect.testing.server",
    "Settings": "mockcollect.settings",
    "TinyRecorder": "mockcollect.recording.recorder",
    "create_app": "mockcollect.server.app",
}

__all__ = [
    "ABSENT",
    "Event",
    "Inspector",
    "MockcollectError",
    "Request",
    "Server",
    "Settings",
    "TinyRecorder",
    "create_app",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
