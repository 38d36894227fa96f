"""`mockcollect events`, `tail`, `export` and `clear`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.helpers import assert_golden, event, run
from tests.processes import (
    COMMAND,
    SECONDS,
    Output,
    Process,
    clean_environment,
    mockcollect,
)

HOSTILE = "\x1b[2Jjane.doe@example.com"


@pytest.fixture
def server() -> Iterator[Process]:
    with mockcollect("--quiet") as process:
        process.post(event_now(event_name="purchase", value="16,00", currency="EUR"))
        batch = {"batch": [{"event_name": "page_view"}, {"event_name": HOSTILE}]}
        process.post(batch, "/events/batch")
        process.post(b"{oops")
        yield process


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "events.db"
    with mockcollect("--quiet", "--db", str(file)) as process:
        for name in ("a", "b", "c"):
            process.post({"event_name": name})
        yield file


def event_now(**changes: Any) -> bytes:
    """Return an event of this moment."""
    data = json.loads(event(**changes))
    data["context"]["event_timestamp"] = int(time.time() * 1000)
    return json.dumps(data).encode()


def clocked(text: str) -> str:
    text = re.sub(r"\b1\d{12}\b", "1795430527020", text)
    text = re.sub(r"\d\d:\d\d:\d\d\.\d{3}", "10:42:07.113", text)
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8787", text)


def test_events_as_a_table(server: Process) -> None:
    done = run("events", "--url", server.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert_golden("terminal/events.txt", clocked(done.stdout))


def test_one_event_in_full(server: Process) -> None:
    done = run("events", "--full", "1", MOCKCOLLECT_URL=server.url)
    assert done.returncode == 0
    assert_golden("terminal/event-in-full.txt", clocked(done.stdout))


def test_events_as_json_are_those_of_the_inspection_api(server: Process) -> None:
    done = run("events", "--json", "--url", server.url)
    assert [json.loads(line) for line in done.stdout.splitlines()] == server.events()
    full = json.loads(
        run("events", "--full", "2", "--json", "--url", server.url).stdout
    )
    assert full == server.inspect("/events/2")


def test_what_a_fault_did_is_shown(server: Process) -> None:
    rule = json.dumps({"rules": [{"status": 503, "next": 1}]}).encode()
    assert server.request("PUT", "/_inspect/faults", rule)[0] == 200
    assert server.post({"event_name": "faulted"}) == 503
    table = run("events", "event:faulted", "--url", server.url).stdout.splitlines()
    assert "  503     faulted  " in table[1]
    assert table[1].endswith("  fault: status, not collected")


def names(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [json.loads(line)["event_name"] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "found", "says"),
    [
        ([], ["a", "b", "c"], ""),
        (["event:b"], ["b"], ""),
        (["-event:b"], ["a", "c"], ""),
        (["--limit", "2"], ["b", "c"], "the newest 2 of 3; --limit 0 shows all."),
        (["event:x"], [], "no event matches."),
    ],
)
def test_events_of_a_recording_while_its_server_runs(
    recording: Path, arguments: list[str], found: list[str], says: str
) -> None:
    done = run("events", *arguments, "--json", "--file", str(recording))
    assert done.returncode == 0
    assert names(done) == found
    assert says in done.stderr


def test_more_events_than_a_page_has_are_all_shown() -> None:
    with mockcollect("--quiet") as server:
        for _ in range(3):
            batch = {"batch": [{"event_name": "x"}] * 500}
            assert server.post(batch, "/events/batch") == 200
        all_of_them = run("events", "--limit", "0", "--json", "--url", server.url)
        ids = [json.loads(line)["id"] for line in all_of_them.stdout.splitlines()]
        assert ids == list(range(1, 1501))
        some = run("events", "--limit", "1100", "--json", "--url", server.url)
        ids = [json.loads(line)["id"] for line in some.stdout.splitlines()]
        assert ids == list(range(401, 1501))


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["events", "evnt:a"], 2, "Did you mean `event`?"),
        (["events", "--full", "99"], 1, "There is no event 99."),
        (["export", "--file", "README.md"], 2, "README.md is no recording"),
        (["export", "--format", "xml"], 2, "'xml' is not one of"),
    ],
)
def test_what_is_not_there_is_said(
    server: Process, arguments: list[str], code: int, says: str
) -> None:
    done = run(*arguments, MOCKCOLLECT_URL=server.url)
    assert done.returncode == code
    assert says in done.stderr


@pytest.mark.parametrize("command", ["events", "tail", "export", "clear"])
def test_without_a_server_it_is_said_that_there_is_none(command: str) -> None:
    done = run(command, "--url", "http://127.0.0.1:1")
    assert done.returncode == 2
    assert done.stderr.startswith("mockcollect: No mockcollect answers at http://127")
    assert len(done.stderr.splitlines()) == 1


def follow(server: Process, *arguments: str) -> tuple[Any, Output, Output]:
    process = subprocess.Popen(
        [*COMMAND, "tail", *arguments, "--url", server.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    out, said = Output(process.stdout), Output(process.stderr)
    said.wait_for("Press Ctrl-C to stop.")
    return process, out, said


def test_tail_shows_what_comes_and_stops_on_ctrl_c(server: Process) -> None:
    process, out, said = follow(server)
    server.post({"event_name": "first"})
    server.post(b"{oops")
    server.post({"event_name": HOSTILE})
    out.wait_for("#5")
    process.send_signal(signal.SIGINT)
    assert process.wait(SECONDS) == 130
    out.finish()
    said.finish()
    assert_golden("terminal/tail.txt", clocked(str(out)))
    assert "Traceback" not in str(said)


def test_tail_filters_and_prints_json(server: Process) -> None:
    process, out, said = follow(server, "event:b", "--json")
    server.post({"event_name": "a"})
    server.post({"event_name": "b"})
    line = json.loads(out.wait_for("\n"))
    assert line["event_name"] == "b"
    server.stop()
    said.wait_for("has ended.")
    assert process.wait(SECONDS) == 0
    out.finish()
    said.finish()


def test_an_export_is_that_of_the_server_and_of_its_recording(
    server: Process, recording: Path
) -> None:
    for form in ("jsonl", "csv", "har"):
        done = run("export", "--format", form, "--url", server.url)
        _, content = server.request("GET", f"/_inspect/export?format={form}")
        assert done.stdout == content.decode()
    done = run("export", "-event:b", "--file", str(recording))
    assert names(done) == ["a", "c"]


def test_a_reader_that_goes_away_is_no_error(server: Process) -> None:
    batch = {"batch": [{"event_name": "x", "text": "y" * 900}] * 400}
    for _ in range(3):
        assert server.post(batch, "/events/batch") == 200
    for command in ("export", "events --limit 0"):
        line = f"{' '.join(COMMAND)} {command} --url {server.url} | head -c 10"
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {line}"],
            capture_output=True,
            env=clean_environment(),
            timeout=SECONDS,
            check=False,
        )
        assert len(done.stdout) == 10
        assert done.stderr == b""


def test_clearing_takes_out_what_matches(server: Process) -> None:
    done = run("clear", "event:page_view", "--url", server.url)
    assert (done.returncode, done.stdout) == (0, "Deleted 1 event and 0 requests.\n")
    assert [one["event_name"] for one in server.events()] == ["purchase", HOSTILE]
    said = json.loads(run("clear", "--json", "--url", server.url).stdout)
    assert (said["deleted"], server.events()) == (2, [])


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full device")
@pytest.mark.parametrize("command", ["events", "export", "check event:purchase"])
def test_an_output_that_is_full_is_said(server: Process, command: str) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COMMAND, *command.split(), "--url", server.url],
            stdout=full,
            stderr=subprocess.PIPE,
            env=clean_environment(),
            timeout=SECONDS,
            check=False,
        )
    assert done.returncode == 2
    said = b"mockcollect: The output cannot be written: No space left on device.\n"
    assert done.stderr == said


@pytest.mark.parametrize(
    "command", ["events", "export", "check event:purchase", "clear", "run -- true"]
)
def test_an_output_that_is_closed_is_no_error(server: Process, command: str) -> None:
    line = f"{' '.join(COMMAND)} {command} >&- 2>&-"
    done = subprocess.run(
        ["bash", "-c", line],
        env=clean_environment(MOCKCOLLECT_URL=server.url),
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0
