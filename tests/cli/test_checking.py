"""`mockcollect check` and `wait`: on a running server, or on a file."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockcollect.cli import expected
from mockcollect.cli.expected import read_expected
from mockcollect.server.client import Client
from tests.cli.helpers import run
from tests.processes import Process, mockcollect, wait_until

BATCH = "/events/batch"
PLAN = "events: {purchase: {}, refund: {}}\n"


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files") / "events.jsonl"


@pytest.fixture(scope="module")
def server(export: Path) -> Iterator[Process]:
    with mockcollect("--quiet", "--tee", str(export)) as process:
        process.post({"event_name": "purchase", "revenue": "16,00"})
        process.post({"batch": [{"event_name": "a"}, {"event_name": "b"}]}, BATCH)
        process.post(b"{oops")
        wait_until(lambda: export.read_text().count("\n") == 4, "all is in the file")
        yield process


@pytest.mark.parametrize(
    ("expectations", "code"),
    [
        (["event:purchase count=1"], 0),
        (["event:a", "event:b", "verdict:invalid-rejected count=3"], 0),
        (["event:purchase count=2"], 1),
        (["event:a", "event:refund", "status:400 revenue=1"], 1),
        (["status:400 count=1"], 0),
    ],
)
def test_a_server_and_its_export_are_checked_alike(
    server: Process, export: Path, expectations: list[str], code: int
) -> None:
    asked = run("check", *expectations, MOCKCOLLECT_URL=server.url)
    read = run("check", *expectations, "--file", str(export))
    assert (asked.returncode, read.returncode) == (code, code), asked.stderr
    assert asked.stdout == read.stdout
    assert asked.stdout.startswith("mockcollect: 3 events captured, 3 invalid-rejected")


@pytest.mark.parametrize("form", ["--json", "--format=json"])
def test_a_check_as_json(server: Process, form: str) -> None:
    done = run("check", "status:400 count=1", form, "--url", server.url)
    said = json.loads(done.stdout)
    assert said["holds"] is True
    assert said["results"][0]["request_ids"] == [3]
    assert (said["events"], said["refused"]) == (3, 1)


def test_a_file_of_expectations_is_checked(server: Process, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yml", tmp_path / "bad.json"
    good.write_text("expect: [event:a]\nnever: [event:refund]\n")
    bad.write_text('{"sequence": ["b", "a"]}')
    url = ("--url", server.url)
    assert run("check", "--expect-file", str(good), *url).returncode == 0
    both = ("--expect-file", str(good), "--expect-file", str(bad))
    done = run("check", *both, "event:b", "--wait", "0.1", *url)
    assert done.returncode == 1
    assert done.stdout.count("  ok  ") == 3
    assert done.stdout.count("  FAIL  ") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["event:a", "--url", "http://127.0.0.1:1"], "No mockcollect answers at"),
        (["event:a", "--url", "nowhere"], "nowhere is no address of a mockcollect"),
        (["event:a", "--file", "none.jsonl"], "none.jsonl cannot be read: No such"),
        (["evnt:a"], "Did you mean `event`?"),
        (["event:a count=x"], "Unusable count"),
        ([], "Nothing is expected"),
        (["--expect-file", "none.yml"], "none.yml: No such file"),
    ],
)
def test_what_cannot_be_told_is_said_in_one_line(
    arguments: list[str], says: str
) -> None:
    done = run("check", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


@pytest.mark.usefixtures("server")
def test_a_file_is_judged_anew_by_a_plan(export: Path, tmp_path: Path) -> None:
    plan, expected = tmp_path / "plan.yml", tmp_path / "e.yml"
    plan.write_text(PLAN)
    expected.write_text("coverage: 50%\n")
    arguments = ("check", "--expect-file", str(expected), "--file", str(export))
    assert run(*arguments).returncode == 2
    done = run(*arguments, "--plan", str(plan))
    assert done.returncode == 0, done.stderr
    assert "1 of 2 planned events seen" in done.stdout


def test_a_wait_ends_as_the_event_comes(server: Process) -> None:
    sender = threading.Timer(0.7, lambda: server.post({"event_name": "late"}))
    sender.start()
    done = run("wait", "event:late", "--timeout", "30", "--url", server.url)
    sender.join()
    assert done.returncode == 0
    assert "ok    event:late  1 matched" in done.stdout


def test_a_wait_for_what_never_comes_fails(server: Process) -> None:
    done = run("wait", "event:never", "--timeout", "0.1", "--url", server.url)
    assert done.returncode == 1
    assert "FAIL  event:never" in done.stdout


@pytest.mark.usefixtures("server")
def test_a_wait_for_a_file_that_grows(export: Path, tmp_path: Path) -> None:
    file = tmp_path / "growing.jsonl"
    lines = export.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0])

    def grow() -> None:
        with file.open("ab") as out:
            out.write(lines[1])

    writer = threading.Timer(0.8, grow)
    writer.start()
    done = run("wait", "event:a", "--timeout", "30", "--file", str(file), "--json")
    writer.join()
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["name"] == "mockcollect wait"


def test_what_a_fault_kept_away_counts_in_no_file(tmp_path: Path) -> None:
    tee = tmp_path / "events.jsonl"
    with mockcollect("--quiet", "--tee", str(tee)) as server:
        rule = json.dumps({"rules": [{"status": 503, "next": 1}]}).encode()
        assert server.request("PUT", "/_inspect/faults", rule)[0] == 200
        assert server.post({"event_name": "a"}) == 503
        assert server.post({"event_name": "a"}) == 200
        wait_until(lambda: tee.read_text().count("\n") == 2, "both are in the file")
        asked = run("check", "event:a count=1", "--url", server.url)
    read = run("check", "event:a count=1", "--file", str(tee))
    assert (asked.returncode, asked.stdout) == (0, read.stdout)
    assert "1 event kept away by faults" in read.stdout


def test_a_wait_is_as_long_as_it_was_said(
    server: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expected, "_WAIT_SECONDS", 0.1)
    asked = read_expected(["event:much_later"], (), planned=None)
    sender = threading.Timer(0.5, lambda: server.post({"event_name": "much_later"}))
    sender.start()
    assert asked.ask(Client(server.url), wait=30)["ok"]
    sender.join()


def test_what_can_no_longer_hold_is_not_waited_for(server: Process) -> None:
    asked = read_expected(["event:a count=0"], (), planned=None)
    start = time.monotonic()
    assert not asked.ask(Client(server.url), wait=30)["ok"]
    assert time.monotonic() - start < 10
