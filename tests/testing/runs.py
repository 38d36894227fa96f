"""Runs of pytest inside pytest, and what they print.

Without the plugins that happen to be installed, so that what they print is the same
everywhere: ours is then loaded once, by its module's name. In this process where that
will do, as it is much faster.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import clean_environment
from tests.testing.sending import SECONDS

ROOT = Path(__file__).parents[2]
MESSAGES = ROOT / "tests" / "messages" / "pytest"
PLUGIN = "mockcollect.testing.pytest_plugin"

INI = """
[pytest]
mockcollect_timeout = 0.1
mockcollect_settle = 0.1
"""

SHOP = '''
import os
from urllib.parse import urlsplit

import pytest

from tests.testing import sending


class Shop:
    """The code under test: it sends to where MOCKCOLLECT_URL leads."""

    def __repr__(self):
        return "<Shop>"

    @property
    def port(self):
        return urlsplit(os.environ["MOCKCOLLECT_URL"]).port

    def send(self, event_name, **properties):
        sending.send(self.port, event_name, **properties)

    def send_whole(self, *event_names, **properties):
        sending.send_whole(self.port, *event_names, **properties)

    def send_batch(self, *events):
        sending.send_batch(self.port, *events)

    def send_refused(self, body=b"{oops"):
        sending.send_refused(self.port, body)


@pytest.fixture
def shop():
    return Shop()
'''

_PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q")

_OF_THIS_RUN = ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT")

_MASKS = (
    (r"\d\d:\d\d:\d\d\.\d{3}", "…"),  # the times of day
    (r"127\.0\.0\.1:\d+", "127.0.0.1:…"),
    (r"mc-[0-9a-f]{12}", "mc-…"),
)


class Suite:
    """A test suite of its own in a new folder, with a `shop` that sends events."""

    def __init__(
        self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._pytester = pytester
        self.path = pytester.path
        # Some of the tests look at what these are before and after.
        for name in ("MOCKCOLLECT_URL", "COLLECT_URL", *_OF_THIS_RUN):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        monkeypatch.setenv("COLUMNS", "100")
        pytester.makeini(INI)
        pytester.makeconftest(SHOP)

    def ini(self, *lines: str) -> None:
        """Add lines to the ini file; later ones of a name must not be there yet."""
        text = INI
        for line in lines:
            name = line.partition(" =")[0]
            text = re.sub(rf"^{name} = .*\n", "", text, flags=re.MULTILINE)
        self._pytester.makeini(text + "\n".join(lines) + "\n")

    def conftest(self, code: str) -> None:
        """Add code to the conftest."""
        self._pytester.makeconftest(f"{SHOP}\n{code}")

    def write(self, **modules: str) -> None:
        """Write modules of the suite."""
        self._pytester.makepyfile(**modules)

    def run(self, code: str = "", *arguments: str) -> pytest.RunResult:
        """Run a module of tests, and all that was written, in this process."""
        if code:
            self._pytester.makepyfile(test_it=code)
        return self._pytester.runpytest_inprocess(
            "-p", PLUGIN, "-p", "no:cacheprovider", "-q", *arguments
        )

    def start(
        self, code: str, *arguments: str, installed: bool = False, browser: str = ""
    ) -> subprocess.Popen[str]:
        """Start a run in a process of its own.

        `installed` is with all plugins that are installed, ours by its entry point, and
        `browser` the command that opens a page.
        """
        self._pytester.makepyfile(test_it=code)
        options = ("-p", "no:randomly") if installed else ("-p", PLUGIN)
        alone = "" if installed else "1"
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        return subprocess.Popen(
            [*_PYTEST, *options, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            cwd=self.path,
            env=clean_environment(
                PYTHONPATH=path,
                PYTHONUNBUFFERED="1",
                PYTEST_DISABLE_PLUGIN_AUTOLOAD=alone,
                BROWSER=browser or os.devnull,
            ),
        )

    def run_process(
        self, code: str, *arguments: str, installed: bool = False, browser: str = ""
    ) -> tuple[int, str]:
        """Run in a process of its own, and return its exit code and what it printed."""
        process = self.start(code, *arguments, installed=installed, browser=browser)
        try:
            output, _ = process.communicate(timeout=4 * SECONDS)
        finally:
            process.kill()
        return process.returncode, output


def masked(text: str) -> str:
    """Return what was printed without what differs from run to run."""
    for pattern, instead in _MASKS:
        text = re.sub(pattern, instead, text)
    lines = [line.rstrip() for line in text.splitlines()]
    return "\n".join(lines).strip("\n") + "\n"


def block(result: pytest.RunResult, title: str) -> str:
    """Return all that was printed below the heading of one test, or one section."""
    text = result.stdout.str()
    end = r"^[_=]{3,} .* [_=]{3,}$|^\d+ (?:passed|failed|error)|\Z"
    found = re.search(
        rf"^[_=-]+ {re.escape(title)} [_=-]+\n(.*?)(?={end})",
        text,
        flags=re.MULTILINE | re.DOTALL,
    )
    assert found, f"there is no {title!r} in:\n{text}"
    return found[1]


def assert_golden(name: str, text: str) -> None:
    """Compare with a reviewed text; UPDATE_MESSAGES=1 writes it anew."""
    path = MESSAGES / f"{name}.txt"
    if os.environ.get("UPDATE_MESSAGES"):
        path.write_text(masked(text), encoding="utf-8")
    assert masked(text) == path.read_text(encoding="utf-8")
