from __future__ import annotations

from collections.abc import Iterator

import pytest

# Imported before any child run: what a run in this process imports first is forgotten
# at its end, and would be imported anew by the next.
import mockcollect.testing.aio
import mockcollect.testing.artifacts
import mockcollect.testing.server
import mockcollect.verdict.history
import mockcollect.verdict.judge
import mockcollect.verdict.plan
from mockcollect.settings import Settings
from mockcollect.testing.inspector import Inspector
from mockcollect.testing.server import Server
from mockcollect.verdict.rules import all_rules
from tests.testing.runs import Suite

all_rules()  # which imports those that it knows

SETTINGS = Settings(timeout=0.1, settle=0.05)
"""Short waits: what these tests wait for has arrived already, or never will."""


@pytest.fixture
def server() -> Iterator[Server]:
    with mockcollect.testing.server.Server(SETTINGS) as one:
        yield one


@pytest.fixture
def inspector(server: Server) -> Inspector:
    return server.inspector("a test", artifact=".mockcollect/a_test.jsonl")


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    return Suite(pytester, monkeypatch)
