"""Times each test from outside: set-up, call, tear-down, and what pytest adds to them.

The times go to the file that BENCH_FIGURES names, in milliseconds, by the names of the
tests, with what a test has measured itself.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, cast

import pytest

MEASURED: dict[str, list[float]] = {}


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Let the kinds of test take turns: what else the machine does, hits all alike."""
    items.sort(key=lambda item: cast(int, item.callspec.params["number"]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Function) -> Generator[None, Any, Any]:
    started = time.perf_counter()
    result = yield
    note(item.originalname.removeprefix("test_"), started)
    return result


def pytest_sessionfinish() -> None:
    Path(os.environ["BENCH_FIGURES"]).write_text(json.dumps(MEASURED))


@pytest.fixture(name="note")
def note_fixture() -> Callable[[str, float], None]:
    """What a test tells of what it measures itself."""
    return note


def note(name: str, started: float) -> None:
    """Note how many milliseconds ago a moment of the performance counter was."""
    taken = (time.perf_counter() - started) * 1000
    MEASURED.setdefault(name, []).append(taken)
