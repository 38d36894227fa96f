from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.processes import Process, mockcollect


@pytest.fixture(scope="module")
def running() -> Iterator[Process]:
    with mockcollect("--quiet") as process:
        yield process
        assert str(process.stderr) == ""


@pytest.fixture
def server(running: Process) -> Process:
    """A server that has recorded nothing."""
    status, _ = running.request("DELETE", "/_inspect/events")
    assert status == 200
    assert running.events() == []
    return running
