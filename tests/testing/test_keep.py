"""The server that is left after the tests, to look at."""

from __future__ import annotations

import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.processes import Output
from tests.testing.runs import Suite
from tests.testing.sending import SECONDS

ONE_FAILS = """
    def test_passes(mockcollect, shop):
        shop.send("purchase")

    def test_fails(mockcollect, shop):
        shop.send("refund")
        mockcollect.assert_sent("purchase")

    def test_fails_too(mockcollect, shop):
        mockcollect.assert_sent("purchase")
"""
ALL_PASS = """
    def test_passes(mockcollect, shop):
        shop.send("purchase")
"""
STILL_THERE = re.compile(r"mockcollect: http://127\.0\.0\.1:(\d+)/ is still there\.")

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Ctrl-C cannot be sent to one process there"
)


@contextmanager
def kept(
    suite: Suite, code: str, *arguments: str, browser: str = ""
) -> Iterator[tuple[subprocess.Popen[str], Output]]:
    process = suite.start(code, *arguments, browser=browser)
    assert process.stdout is not None
    output = Output(process.stdout.buffer)  # type: ignore[attr-defined]
    try:
        yield process, output
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(SECONDS)
        output.finish()


def get(port: int, path: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("code", "exit_code"), [(ALL_PASS, 0), (ONE_FAILS, 1)], ids=["passed", "failed"]
)
def test_the_server_answers_until_ctrl_c_and_the_exit_code_stays(
    suite: Suite, code: str, exit_code: int
) -> None:
    with kept(suite, code, "--mockcollect-keep") as (process, output):
        text = output.wait_for("Ctrl-C ends it.")
        found = STILL_THERE.search(text)
        assert found
        assert b'"purchase"' in get(int(found[1]), "/_inspect/events")
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == exit_code
    assert "Traceback" not in str(output)


def test_the_browser_opens_once_at_the_first_failure(
    suite: Suite, tmp_path: Path
) -> None:
    noted = tmp_path / "urls.txt"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> "{noted}"\n')
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
    with kept(suite, ONE_FAILS, "--mockcollect-open", browser=f"{browser} %s") as one:
        process, output = one
        found = STILL_THERE.search(output.wait_for("Ctrl-C ends it."))
        assert found
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 1
    assert noted.read_text().split() == [f"http://127.0.0.1:{found[1]}/"]


def test_without_a_failure_no_browser_opens_and_nothing_is_kept(suite: Suite) -> None:
    code, output = suite.run_process(ALL_PASS, "--mockcollect-open")
    assert code == 0
    assert "still there" not in output


def test_where_no_test_used_a_server_none_is_kept(suite: Suite) -> None:
    code, output = suite.run_process("def test_it(): pass", "--mockcollect-keep")
    assert code == 0
    assert "still there" not in output


@pytest.mark.parametrize("flag", ["--mockcollect-keep", "--mockcollect-open"])
def test_one_server_cannot_be_kept_of_several_workers(suite: Suite, flag: str) -> None:
    result = suite.run(ALL_PASS, "-p", "xdist", "-n", "2", flag)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.stderr.str().strip() == (
        f"ERROR: {flag} keeps one server, and -n starts one a worker: leave one out."
    )


def test_a_session_whose_end_broke_off_leaves_no_server(suite: Suite) -> None:
    suite.conftest(
        """
def pytest_sessionfinish():
    raise KeyError("broken off")
"""
    )
    code, output = suite.run_process(ALL_PASS)
    assert code != 0
    assert "broken off" in output
    assert "is still there" not in output
