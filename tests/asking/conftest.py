from __future__ import annotations

import time
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Failures show local time: here it is UTC, where that can be set."""
    monkeypatch.setenv("TZ", "UTC")
    _read_time_zone()
    yield
    monkeypatch.undo()
    _read_time_zone()


def _read_time_zone() -> None:
    if hasattr(time, "tzset"):  # not on Windows
        time.tzset()
