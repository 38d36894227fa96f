"""Fixtures of tests that leave events behind, and when these are delivered.

Each late event is noted with the test that it belongs to, for `scripts/soak` to compare
with what mockcollect reports.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from senders import Late, Sender, join

if TYPE_CHECKING:
    from mockcollect.testing.inspector import Inspector
    from mockcollect.testing.server import Server

LATE = Late()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, Any, Any]:
    """Deliver late events when a test is over, its fixtures too."""
    LATE.begin()
    result = yield
    LATE.deliver_between()
    return result


@pytest.fixture(scope="session", autouse=True)
def _told(mockcollect_server: Server) -> Iterator[None]:
    """Write down what came late, when all has been delivered to the server."""
    yield
    LATE.finish()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    told = json.dumps(LATE.told)
    Path(os.environ["SOAK_FOLDER"], f"{worker}.json").write_text(told)


@pytest.fixture
def sender(mockcollect: Inspector) -> Iterator[Sender]:
    """Sends for this test; beside it, events of the one before come to their end."""
    before = LATE.deliver_during()
    yield Sender(mockcollect)
    join(before)


@pytest.fixture
def late() -> Late:
    """What may be left behind."""
    return LATE
