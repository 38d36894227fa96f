"""A test suite in another language under `mockcollect run`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.helpers import run

SUITE = Path(__file__).parent / "node" / "shop.test.mjs"
NODE = shutil.which("node")


def _has_test_runner() -> bool:
    """Return whether there is a Node with `node:test` and fetch, as from 18 on."""
    if NODE is None:
        return False
    said = subprocess.run(
        [NODE, "--version"], capture_output=True, text=True, check=True
    )
    return int(said.stdout.lstrip("v").partition(".")[0]) >= 18


pytestmark = pytest.mark.skipif(not _has_test_runner(), reason="needs Node 18 or later")


def run_suite(*options: str, retries: str = "0") -> subprocess.CompletedProcess[str]:
    command = ("--", str(NODE), "--test", str(SUITE))
    return run("run", "--env", "COLLECT_URL", *options, *command, RETRIES=retries)


def test_a_suite_whose_events_are_as_expected() -> None:
    done = run_suite(
        *("--expect", "event:page_view count>=1"),
        *("--expect", "event:purchase user.id=12345 count=1"),
        *("--expect", "verdict:invalid-rejected count=0"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pass 2" in done.stdout
    assert done.stdout.count("  ok    ") == 3


def test_a_suite_that_passes_and_sends_twice() -> None:
    done = run_suite("--expect", "event:purchase count=1", retries="1")
    assert done.returncode == 1
    assert "pass 2" in done.stdout
    assert "  FAIL  event:purchase count=1  2 matched, expected 1" in done.stdout


def test_a_suite_that_fails_by_itself() -> None:
    done = run_suite("--expect", "event:page_view", retries="x")
    assert done.returncode == 1
    assert "fail 1" in done.stdout
    # NaN retries send nothing, and the check says so in the suite's own output.
    assert "event:purchase revenue=16 currency=EUR matched 0." in done.stdout
    assert "  ok    event:page_view" in done.stdout
