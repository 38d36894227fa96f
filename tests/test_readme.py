"""Every command of the README runs, in its order, and prints what the README says.

The server's port is a free one in place of 8787.
"""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.readme import README, ROOT, Snippet, pattern_of, snippets

SERVE = "scripts/serve"


class Server:
    """`scripts/serve`, as the README starts it, on a port of its own."""

    def __init__(self, output: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.output = output
        with output.open("wb") as out:
            self._process = subprocess.Popen(
                [ROOT / SERVE, "--port", str(self.port)], cwd=ROOT, stdout=out
            )

    def printed(self, pattern: str) -> str:
        """Return what was printed, once it matches a pattern; fails after a while."""
        deadline = time.monotonic() + 60
        while not re.fullmatch(pattern, text := self.output.read_text(), re.DOTALL):
            if time.monotonic() > deadline or self._process.poll() is not None:
                pytest.fail(f"printed\n{text}\nwhich is not\n{pattern}")
            time.sleep(0.02)
        return text

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)


def commands(snippet: Snippet) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block with the output shown below it."""
    for part in re.split(r"^\$ ", snippet.text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


@pytest.mark.slow
def test_every_command_runs_and_prints_what_the_readme_says(tmp_path: Path) -> None:
    server = Server(tmp_path / "output.txt")
    printed = ""
    try:
        for snippet in snippets("console", "text"):
            text = snippet.text.replace("8787", str(server.port))
            snippet = snippet._replace(text=text)
            if snippet.language == "text":
                printed += snippet.text
                server.printed(pattern_of(printed))
                continue
            for command, output in commands(snippet):
                if command == SERVE:
                    server.printed(pattern_of(output))
                    printed = output
                else:
                    run_command(snippet, command, output)
    finally:
        server.stop()


def run_command(snippet: Snippet, command: str, expected: str) -> None:
    run = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert run.returncode == 0, f"README:{snippet.line}: {run.stderr}"
    assert re.fullmatch(pattern_of(expected), run.stdout, re.DOTALL), (
        f"README:{snippet.line}: {command}\nprinted\n{run.stdout}\nnot\n{expected}"
    )


def test_every_snippet_is_of_a_language_that_a_test_runs() -> None:
    known = {"console", "text", "python", "pytest", "ini"}
    known |= {"yaml", "groovy", "java"}  # see test_recipes.py
    assert {snippet.language for snippet in snippets()} <= known


def test_every_relative_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert links
    for link in links:
        assert link.startswith("https://") or (ROOT / link).exists(), link
