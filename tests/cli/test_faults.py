"""Fault rules on the command line: set, listed and cleared on a running server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.helpers import run
from tests.processes import Process, mockcollect, wait_until


@pytest.fixture(scope="module")
def process() -> Iterator[Process]:
    with mockcollect("--quiet") as running:
        yield running


@pytest.fixture
def server(process: Process) -> Iterator[Process]:
    yield process
    process.request("DELETE", "/_inspect/faults")


def test_a_rule_is_set_seen_at_work_and_listed(server: Process) -> None:
    made = run(
        *("faults", "set", "event:purchase", "--status", "503"),
        *("--retry-after", "1", "--next", "2", "--url", server.url),
    )
    assert (made.returncode, made.stdout) == (0, "")
    assert "event:purchase: status 503, retry after 1 s, not collected" in made.stderr
    statuses = [server.post({"event_name": "purchase"}) for _ in range(3)]
    assert statuses == [503, 503, 200]
    listed = run("faults", "list", MOCKCOLLECT_URL=server.url)
    assert listed.returncode == 0
    assert "event:purchase: status 503" in listed.stdout
    assert "2 hits, 0 left" in listed.stdout
    assert listed.stderr == "mockcollect: 1 fault rule\n"


@pytest.mark.parametrize(
    ("options", "words", "kind"),
    [
        (["--delay", "1.5"], "all requests: delay 1.5 s, collected, 0 hits", "delay"),
        (["--timeout", "9"], "timeout 9 s, not collected", "timeout"),
        (["--reset", "--collected"], "reset, collected", "reset"),
        (["--truncate"], "truncate, not collected", "truncate"),
        (["--drip", "2", "--not-collected"], "drip 2 s, not collected", "drip"),
        (
            ["--status", "500", "--delay", "1", "--probability", "0.5", "--seed", "7"],
            "delay 1 s, status 500, probability 0.5, seed 7",
            "status",
        ),
    ],
)
def test_each_kind_is_said_in_words_and_in_json(
    server: Process, options: list[str], words: str, kind: str
) -> None:
    made = run("faults", "set", *options, "--url", server.url)
    assert made.returncode == 0
    assert words in made.stderr
    listed = run("faults", "list", "--json", "--url", server.url)
    assert [one["kind"] for one in json.loads(listed.stdout)] == [kind]


def test_a_rule_comes_instead_of_others_or_behind_them(server: Process) -> None:
    first = run("faults", "set", "event:a", "--reset", "--url", server.url)
    number = int(first.stderr.split()[2].rstrip(":"))
    run("faults", "set", "--delay", "1", "--add", "--url", server.url)
    listed = run("faults", "list", "--json", "--url", server.url)
    assert [one["id"] for one in json.loads(listed.stdout)] == [number, number + 1]
    cleared = run("faults", "clear", "--id", str(number), "--url", server.url)
    assert cleared.stderr == "mockcollect: 1 fault rule left\n"
    run("faults", "set", "--truncate", "--url", server.url)
    listed = run("faults", "list", "--json", "--url", server.url)
    assert [one["kind"] for one in json.loads(listed.stdout)] == ["truncate"]
    cleared = run("faults", "clear", "--url", server.url)
    assert cleared.stderr == "mockcollect: 0 fault rules left\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["set", "evnt:a", "--reset"], "Did you mean `event`?"),
        (["set", "--status", "200"], "a status from 400 to 599"),
        (["set", "--status", "503", "--reset"], "not status and reset at once"),
        (["set"], "Give one of status, timeout, reset"),
        (["set", "--stauts", "503"], "--status"),
        (["clear", "--id", "999"], "There is no fault rule 999"),
        (["lst"], "lst"),
    ],
)
def test_what_is_no_rule_is_one_line_and_exit_code_2(
    server: Process, arguments: list[str], said: str
) -> None:
    done = run("faults", *arguments, MOCKCOLLECT_URL=server.url)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_a_server_it_says_so() -> None:
    done = run("faults", "list", "--url", "http://127.0.0.1:9")
    assert done.returncode == 2
    assert "No mockcollect answers" in done.stderr


def test_a_check_counts_a_retried_event_once_on_a_server_and_in_its_export(
    tmp_path: Path,
) -> None:
    export = tmp_path / "events.jsonl"
    with mockcollect("--quiet", "--tee", str(export)) as running:
        run("faults", "set", "--status", "503", "--next", "2", "--url", running.url)
        event = {"event_name": "purchase"}
        assert [running.post(event) for _ in range(3)] == [503, 503, 200]
        wait_until(lambda: export.read_text().count("\n") == 3, "all is in the file")
        for where in (("--url", running.url), ("--file", str(export))):
            for expected in ("event:purchase count=1", "fault:status count=2"):
                assert run("check", expected, *where).returncode == 0


def test_the_terminal_of_the_server_says_what_a_fault_did() -> None:
    with mockcollect() as running:
        run("faults", "set", "--status", "503", "--next", "1", "--url", running.url)
        run("faults", "set", "--reset", "--next", "1", "--add", "--url", running.url)
        assert running.post({"event_name": "a"}) == 503
        with pytest.raises(ConnectionError):
            running.post({"event_name": "b"})
        shown = running.stdout.wait_for("connection reset by a fault")
    lines = [one.split() for one in shown.splitlines() if "by a fault" in one]
    assert [one[1:3] for one in lines] == [["503", "a"], ["—", "b"]]
    assert "answered 503 by a fault" in shown
