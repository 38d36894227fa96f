"""`mockcollect completion`: what a shell needs, and what it is answered."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.cli.helpers import run
from tests.processes import SECONDS


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_read_what_is_printed(shell: str) -> None:
    done = run("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"_MOCKCOLLECT_COMPLETE={shell}_complete" in done.stdout
    if program := shutil.which(shell):
        read = subprocess.run(
            [program, "-n"],
            input=done.stdout.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        assert (read.returncode, read.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("", {"serve", "run", "check", "events", "plan"}),
        ("re", {"ready", "replay"}),
        ("check --ex", {"--expect-file"}),
        ("plan in", {"infer"}),
    ],
)
def test_commands_and_options_are_completed(words: str, completed: set[str]) -> None:
    done = run(
        _MOCKCOLLECT_COMPLETE="bash_complete",
        COMP_WORDS=f"mockcollect {words}",
        COMP_CWORD=str(max(1, len(words.split()))),
    )
    said = {line.partition(",")[2] for line in done.stdout.splitlines()}
    assert completed <= said
    if words:
        assert completed == said


def test_an_unknown_shell_is_said() -> None:
    done = run("completion", "tcsh")
    assert done.returncode == 2
    assert "'tcsh' is not one of" in done.stderr
