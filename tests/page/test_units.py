"""The pure modules of the page, tested by Node's own runner."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.processes import clean_environment

NODE = shutil.which("node")
FILES = sorted(Path(__file__).parent.joinpath("unit").glob("*.test.mjs"))


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_the_pure_modules() -> None:
    assert NODE is not None
    assert FILES
    result = subprocess.run(
        [NODE, "--test", *map(str, FILES)],
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=30,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
