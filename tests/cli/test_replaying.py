"""`mockcollect replay`: what was captured, sent again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.helpers import run
from tests.processes import (
    COMMAND,
    SECONDS,
    Process,
    clean_environment,
    mockcollect,
    wait_until,
)

BATCH = {"batch": [{"event_name": "a", "n": 1.50}, {"event_name": "b"}]}
SPACED = b'{ "event_name" :\t"spaced" , "n": 1.50 }'


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A recording, and the export of it."""
    folder = tmp_path_factory.mktemp("captured")
    recording, export = folder / "events.db", folder / "events.jsonl"
    with mockcollect("--quiet", "--db", str(recording), "--tee", str(export)) as one:
        one.request("POST", "/events?tc_s=1&token=k%26", SPACED, {"X-Own": "1"})
        one.post(BATCH, "/cdp/events/batch")
        one.post(b"{oops")
        one.request("GET", "/events?tc_s=1&token=k&event_name=pixel")
        wait_until(lambda: export.read_text().count("\n") == 5, "all is in the file")
    return recording, export


@pytest.fixture
def server() -> Iterator[Process]:
    with mockcollect("--quiet") as process:
        yield process


def sent(one: Any) -> tuple[Any, ...]:
    return one["method"], one["path"], one["query"], one["status"], one["size"]


def test_a_recording_is_sent_as_it_came(
    captured: tuple[Path, Path], server: Process
) -> None:
    done = run("replay", str(captured[0]), "--to", server.url)
    assert done.returncode == 1
    assert done.stderr == f"mockcollect: 4 requests sent to {server.url}, 1 refused.\n"
    with mockcollect("--quiet", "--db", str(captured[0])) as before:
        assert list(map(sent, server.requests())) == list(map(sent, before.requests()))
    assert server.request("GET", "/_inspect/requests/1/body") == (200, SPACED)


def test_the_events_of_an_export_are_sent_those_of_a_batch_as_one(
    captured: tuple[Path, Path], server: Process
) -> None:
    done = run("replay", str(captured[1]), "--to", f"{server.url}/")
    assert done.returncode == 0, done.stderr
    assert "line 4, /events: its body was not kept, it is left out." in done.stderr
    requests = server.requests()
    assert [one["path"] for one in requests] == ["/events", "/events/batch", "/events"]
    names = [one["event_name"] for one in server.events()]
    assert names == ["spaced", "a", "b", "pixel"]
    assert server.events()[0]["source_key"] == "k&"
    assert server.events()[1]["event"] == BATCH["batch"][0]


@pytest.fixture
def many(tmp_path: Path) -> Path:
    file = tmp_path / "many.jsonl"
    lines = [json.dumps({"event_name": f"e{number}"}) for number in range(40)]
    file.write_text("\n".join(lines))
    return file


def test_a_rate_is_kept(many: Path, server: Process) -> None:
    start = time.monotonic()
    done = run("replay", str(many), "--to", server.url, "--rate", "50")
    assert done.returncode == 0
    assert time.monotonic() - start >= 39 / 50
    assert len(server.events()) == 40


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal")
def test_a_terminal_shows_how_far_it_is(many: Path, server: Process) -> None:
    import pty

    terminal, other_end = pty.openpty()
    subprocess.run(
        [*COMMAND, "replay", str(many), "--to", server.url],
        stderr=other_end,
        env=clean_environment(TERM="xterm"),
        timeout=SECONDS,
        check=True,
    )
    os.close(other_end)
    text = os.read(terminal, 1 << 16)
    os.close(terminal)
    assert b"100%" in text
    assert b"40 requests sent" in text


def test_an_interrupted_replay_goes_on_where_it_was(
    many: Path, server: Process, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    arguments = ["replay", str(many), "--to", server.url, "--resume", str(place)]
    slowly = subprocess.Popen(
        [*COMMAND, *arguments, "--rate", "20"], env=clean_environment()
    )
    wait_until(lambda: len(server.events()) >= 5, "some were sent")
    slowly.send_signal(signal.SIGINT)
    assert slowly.wait(SECONDS) == 130
    assert json.loads(place.read_text())["sent"] == len(server.events()) < 40
    done = run(*arguments)
    assert done.returncode == 0
    assert "going on behind the first" in done.stderr
    names = [one["event_name"] for one in server.events()]
    assert names == [f"e{number}" for number in range(40)]
    assert not place.exists()


@pytest.mark.parametrize("content", ["", "[]", "7", "{}", '{"sent": "x"}', "\udcff"])
def test_a_file_that_is_no_place_of_this_replay_is_left_alone(
    many: Path, tmp_path: Path, content: str
) -> None:
    place = tmp_path / "place"
    place.write_bytes(content.encode(errors="surrogateescape"))
    before = place.read_bytes()
    done = run(
        *("replay", str(many), "--to", "http://127.0.0.1:1", "--resume", str(place))
    )
    assert done.returncode == 2
    assert "is not the place of this replay" in done.stderr
    assert place.read_bytes() == before


def test_the_place_of_another_replay_is_not_used(
    many: Path, server: Process, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    said = {"file": "other", "to": server.url, "requests": 40, "sent": 3, "refused": 0}
    place.write_text(json.dumps(said))
    done = run("replay", str(many), "--to", server.url, "--resume", str(place))
    assert done.returncode == 2
    assert server.requests() == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["none.jsonl", "--to", "http://127.0.0.1:1"], "none.jsonl cannot be read"),
        (["x"], "Missing option '--to'"),
        (["x", "--to", "nowhere"], "nowhere is no URL to send to"),
        (["x", "--to", "http://127.0.0.1:1", "--rate", "0"], "--rate"),
    ],
)
def test_what_cannot_be_sent_is_said_in_one_line(
    arguments: list[str], says: str
) -> None:
    done = run("replay", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_server_that_goes_away_is_said(many: Path) -> None:
    done = run("replay", str(many), "--to", "http://127.0.0.1:1")
    assert done.returncode == 2
    assert "http://127.0.0.1:1 does not answer: Connection refused." in done.stderr
