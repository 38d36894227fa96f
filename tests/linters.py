"""Programs that check files which are not Python, where they are installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS = 60


def program(name: str, *, package: str | None = None) -> str:
    """Return where a program is, or skip the test; pip brings some by their package."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        how = f" (pip install {package})" if package else ""
        pytest.skip(f"{name} is not installed{how}")
    return found


def check(*command: str | Path, stdin: str | None = None) -> None:
    """Run a linter, and fail with what it says if it finds anything."""
    run = subprocess.run(
        command, input=stdin, capture_output=True, text=True, timeout=SECONDS
    )
    assert run.returncode == 0, run.stdout + run.stderr


def require_index() -> None:
    """Skip the test where pip reaches no package index."""
    asked = (sys.executable, "-m", "pip", "install", "--dry-run", "--retries=0")
    which = ("--quiet", "--no-deps", "--ignore-installed", "setuptools")
    run = subprocess.run([*asked, *which], capture_output=True, timeout=SECONDS)
    if run.returncode != 0:
        pytest.skip("pip reaches no package index")
