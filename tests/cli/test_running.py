"""`mockcollect run`: a server around a command, and what came of it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.cli.helpers import assert_golden, event, run
from tests.processes import COMMAND, SECONDS, Output, clean_environment, wait_until

KEY = "7183b9d4-1031-11ee-be56-0242ac120002"

SENDER = f"""\
import json, os, sys, time, urllib.request
from urllib.error import HTTPError

def send(body, path="/events"):
    url = os.environ["MOCKCOLLECT_URL"] + path + "?tc_s=29&token={KEY}"
    try:
        urllib.request.urlopen(urllib.request.Request(url, body, method="POST"))
    except HTTPError as error:
        assert error.code == 400, error

def named(name, **more):
    send(json.dumps({{"event_name": name, **more}}).encode())
"""
"""The beginning of programs that send events, as anybody would."""


def python(*lines: str) -> list[str]:
    """Return a command that sends as these lines say."""
    return [sys.executable, "-c", "\n".join([SENDER, *lines])]


def hidden(text: str) -> str:
    """Hide what is another in each run: ports and times."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:36207", text)
    return re.sub(r"\d\d:\d\d:\d\d\.\d{3}", "10:42:07.113", text)


@contextmanager
def running(
    *arguments: str, command: Sequence[str], **variables: str
) -> Iterator[tuple[subprocess.Popen[bytes], Output, Output]]:
    """Start a `run` and give its process and what it writes; killed at the end."""
    process = subprocess.Popen(
        [*COMMAND, "run", *arguments, "--", *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(**variables),
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    out, said = Output(process.stdout), Output(process.stderr)
    try:
        yield process, out, said
    finally:
        process.kill()
        process.wait(SECONDS)
        out.finish()
        said.finish()


def url_in(said: Output) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+", said.wait_for("set for this command"))
    assert found is not None
    return found[0]


def answers(url: str) -> bool:
    host, _, port = url.removeprefix("http://").partition(":")
    connection = HTTPConnection(host, int(port), timeout=1)
    try:
        connection.request("GET", "/_inspect/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def test_a_run_of_which_all_holds() -> None:
    command = python("named('page_view'); named('purchase', user={'id': '12345'})")
    expected = ["event:page_view count>=1", "event:purchase user.id=12345 count=1"]
    arguments = [word for one in expected for word in ("--expect", one)]
    done = run("run", *arguments, "--", *command)
    assert done.returncode == 0
    assert_golden("runs/holds.txt", hidden(done.stdout))
    assert_golden("runs/said.txt", hidden(done.stderr))


def test_a_run_that_sends_twice() -> None:
    twice = "named('purchase', user={'id': '12345'}, context={'event_id': '2022'})"
    command = python(f"{twice}; {twice}; print('its own output', flush=True)")
    done = run(
        *("run", "--expect", "event:purchase user.id=12345 count=1"),
        *("--format", "github", "--", *command),
    )
    assert done.returncode == 1
    assert_golden("runs/sent-twice.txt", hidden(done.stdout))


def test_a_run_of_a_command_that_sends_nothing() -> None:
    done = run("run", "--env", "COLLECT_URL", "--settle", "0", "--", "true")
    assert done.returncode == 0
    assert_golden("runs/nothing.txt", hidden(done.stdout))


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("sys.exit(0)", 1),
        ("sys.exit(7)", 7),
        ("os.kill(os.getpid(), 9)", 137),
        ("named('a')", 0),
        ("named('a'); sys.exit(3)", 3),
    ],
)
def test_the_exit_code_is_the_commands_own_or_that_of_the_checks(
    program: str, code: int
) -> None:
    done = run("run", "--settle", "0", "--expect", "event:a", "--", *python(program))
    assert done.returncode == code
    assert "event:a" in done.stdout  # reported, whatever came of the command


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["--", "/no/such/command"],
            "/no/such/command cannot be started: No such file",
        ),
        (["--expect", "evnt:a", "--", "true"], "Unknown filter key `evnt`"),
        (["--expect-file", "none.yml", "--", "true"], "none.yml: No such file"),
        (["--plan", "none.yml", "--", "true"], "none.yml"),
        (["--tee", "/no/such/folder/x", "--", "true"], "/no/such/folder/x cannot be"),
        (["--report", "/no/such/folder/x", "--", "true"], "/no/such/folder/x cannot"),
        ([], "Missing argument 'COMMAND...'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    arguments: list[str], says: str
) -> None:
    done = run("run", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) <= 2


def test_a_share_of_the_plan_without_a_plan_is_said_before_the_command_runs(
    tmp_path: Path,
) -> None:
    file, touched = tmp_path / "e.yml", tmp_path / "touched"
    file.write_text("coverage: 80%\n")
    done = run("run", "--expect-file", str(file), "--", "touch", str(touched))
    assert done.returncode == 2
    assert "needs a tracking plan" in done.stderr
    assert not touched.exists()


def test_a_plan_and_a_file_of_expectations(tmp_path: Path) -> None:
    plan, file = tmp_path / "plan.yml", tmp_path / "e.yml"
    plan.write_text("events: {purchase: {revenue: number}, refund: {}}\n")
    file.write_text("never: [verdict:invalid-rejected]\ncoverage: 50%\n")
    command = python(f"send({event(event_name='purchase', revenue=16.0)!r})")
    done = run(
        *("run", "--plan", str(plan), "--expect-file", str(file), "--expect"),
        *("event:purchase", "--", *command),
    )
    assert done.returncode == 0, done.stdout
    assert "Tracking plan: 1 of 2 events seen; never sent: refund" in done.stdout
    assert done.stdout.count("  ok  ") == 3


def test_the_url_is_in_each_variable_that_was_named() -> None:
    command = python(
        "assert os.environ['A_URL'] == os.environ['B'] == os.environ['MOCKCOLLECT_URL']"
    )
    done = run("run", "--settle", "0", "--env", "A_URL", "--env", "B", "--", *command)
    assert done.returncode == 0
    assert "MOCKCOLLECT_URL and A_URL and B are set for this command" in done.stderr


def test_input_output_and_arguments_of_the_command_are_left_alone() -> None:
    program = (
        "import sys; sys.stdout.write(sys.stdin.read() + '|'.join(sys.argv[1:]));"
        "sys.stderr.write('its remark')"
    )
    done = run(
        *("run", "--settle", "0", "--report", os.devnull, "--", sys.executable, "-c"),
        *(program, "--expect", "a b", "--help"),
        stdin=b"\xc3\xa9 input ",
    )
    assert done.stdout == "é input --expect|a b|--help"
    assert "its remark" in done.stderr


def test_what_is_sent_late_counts() -> None:
    late = "import time; time.sleep(0.4); named('late')"
    program = SENDER + late
    spawn = (
        f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {program!r}],"
        " stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,"
        " stderr=subprocess.DEVNULL)"
    )
    command = [sys.executable, "-c", spawn]
    done = run("run", "--settle", "5", "--expect", "event:late", "--", *command)
    assert done.returncode == 0, done.stdout


def test_who_never_stops_sending_is_not_waited_for_for_ever() -> None:
    program = SENDER + "for n in range(100): named('again'); time.sleep(0.1)"
    spawn = (
        f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {program!r}],"
        " stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,"
        " stderr=subprocess.DEVNULL)"
    )
    start = time.monotonic()
    done = run("run", "--timeout", "1", "--", sys.executable, "-c", spawn)
    assert done.returncode == 0
    assert "events still came after 1 s" in done.stderr
    assert time.monotonic() - start < 8


def test_a_file_gets_the_events_as_they_come(tmp_path: Path) -> None:
    tee, go = tmp_path / "events.jsonl", tmp_path / "go"
    tee.write_text("what was there before\n")
    program = python(
        "named('first'); send(b'{')",
        f"while not os.path.exists({str(go)!r}): time.sleep(0.01)",
    )
    with running("--tee", str(tee), command=program) as (process, _, _):
        wait_until(lambda: tee.read_text().count("\n") == 2, "the events were written")
        go.touch()
        assert process.wait(SECONDS) == 0
    first, refused = map(json.loads, tee.read_text().splitlines())
    assert first["event_name"] == "first"
    assert refused["status"] == 400


@pytest.mark.parametrize("form", ["junit", "json"])
def test_a_report_in_a_file_keeps_the_output_for_the_command(
    tmp_path: Path, form: str
) -> None:
    report = tmp_path / "report"
    done = run(
        *("run", "--settle", "0", "--expect", "event:a", "--report", str(report)),
        *("--format", form, "--", *python("print('its own')")),
    )
    assert done.returncode == 1
    assert done.stdout == "its own\n"
    assert "FAIL" in done.stderr
    text = report.read_text()
    assert "event:a" in text
    assert text.startswith("{" if form == "json" else "<?xml")


def test_a_workflow_of_github_gets_a_summary(tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    done = run(
        *("run", "--settle", "0", "--expect", "event:a", "--format", "github"),
        *("--", *python("named('<b>|`x`')")),
        GITHUB_STEP_SUMMARY=str(summary),
    )
    assert done.returncode == 1
    assert_golden("runs/summary.md", hidden(summary.read_text()))


WAITS = "print('ready', flush=True); time.sleep(60)"
COUNTS_SIGNALS = """
import signal
seen = []
signal.signal(signal.SIGTERM, lambda number, frame: seen.append(number))
print('ready', flush=True)
while not seen: time.sleep(0.01)
time.sleep(0.3)
named('stopped'); print('told', len(seen), flush=True); sys.exit(5)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_passed_on_and_its_end_told(number: int) -> None:
    with running(command=python(WAITS)) as (process, out, _):
        out.wait_for("ready")
        process.send_signal(number)
        assert process.wait(SECONDS) == 128 + number


def test_a_command_may_send_what_it_has_after_a_signal() -> None:
    command = python(COUNTS_SIGNALS)
    with running("--expect", "event:stopped", command=command) as (process, out, _):
        out.wait_for("ready")
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 5
        text = out.wait_for("ok    event:stopped")
        assert "told 1\n" in text


def test_what_the_command_started_has_the_signal_too() -> None:
    inner = " ".join(
        ["trap 'exit 0' TERM;", "echo ready; while :; do sleep 0.05; done"]
    )
    command = ["sh", "-c", f'sh -c "{inner}"; exit 9']
    with running(command=command) as (process, out, _):
        out.wait_for("ready")
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) in (9, 128 + signal.SIGTERM)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a terminal")
def test_ctrl_c_in_a_terminal_reaches_the_command_once() -> None:
    import pty

    program = COUNTS_SIGNALS.replace("SIGTERM", "SIGINT")
    pid, terminal = pty.fork()
    if pid == 0:  # the child has a terminal, as in a shell
        command = [*COMMAND, "run", "--", *python(program)]
        os.execve(command[0], command, clean_environment())
    text = b""
    try:
        while b"captured" not in text:
            text += os.read(terminal, 4096)
            if b"ready" in text and b"\x03" not in text:
                os.write(terminal, b"\x03")
                text += b"\x03"
    except OSError:  # the terminal is gone with its last process
        pass
    finally:
        _, status = os.waitpid(pid, 0)
        os.close(terminal)
    assert b"told 1" in text
    assert b"1 event captured" in text
    assert os.waitstatus_to_exitcode(status) == 5


def test_the_server_ends_within_a_second_of_a_killed_run() -> None:
    command = python("print(os.getpid(), 'ready', flush=True); time.sleep(60)")
    with running(command=command) as (process, out, said):
        url = url_in(said)
        orphan = int(out.wait_for("ready").split()[0])
        assert answers(url)
        process.kill()
        process.wait(SECONDS)
        try:
            wait_until(lambda: not answers(url), "the server ends", seconds=1.0)
        finally:
            os.kill(orphan, signal.SIGKILL)


def test_the_server_has_ended_as_the_run_ends() -> None:
    with running("--settle", "0", command=["true"]) as (process, _, said):
        process.wait(SECONDS)
        assert not answers(url_in(said))


def test_what_can_no_longer_be_checked_is_said() -> None:
    kill = (
        "import json; u = os.environ['MOCKCOLLECT_URL'] + '/_inspect'",
        "os.kill(json.load(urllib.request.urlopen(u))['pid'], 9); time.sleep(0.3)",
    )
    done = run("run", "--expect", "event:a", "--", *python(*kill))
    assert done.returncode == 2
    assert "could not be checked" in done.stderr


def test_a_recording_is_kept(tmp_path: Path) -> None:
    db = tmp_path / "events.db"
    run("run", "--settle", "0", "--db", str(db), "--", *python("named('kept')"))
    done = run("check", "event:kept count=1", "--file", str(db))
    assert done.returncode == 0, done.stdout


def test_a_recording_that_is_there_already_is_left_alone(tmp_path: Path) -> None:
    db = tmp_path / "events.db"
    db.write_text("something")
    done = run("run", "--db", str(db), "--", "true")
    assert done.returncode == 2
    assert "exists: what it holds would be checked" in done.stderr
    assert db.read_text() == "something"


def test_who_does_not_read_the_report_still_has_the_exit_code() -> None:
    line = f"{' '.join(COMMAND)} run --expect event:a -- sleep 0.1 | true"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        capture_output=True,
        env=clean_environment(),
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 1
    assert b"Error" not in done.stderr


def test_options_have_variables() -> None:
    variables: dict[str, Any] = {
        "MOCKCOLLECT_EXPECT": "event:a count=1\nevent:b c=d\n",
        "MOCKCOLLECT_ENV": "A B",
    }
    command = python("assert os.environ['A'] == os.environ['B']; named('a')")
    done = run("run", "--settle", "0", "--", *command, **variables)
    assert done.returncode == 1
    assert "ok    event:a count=1" in done.stdout
    assert "FAIL  event:b c=d" in done.stdout
