"""What a terminal, and a pipe, shows of what arrives."""

from __future__ import annotations

import json
import os
import pickle
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.runner import FOLDER
from mockcollect.cli.terminal import MOST_REMARKED, Following, Style, text_lines
from mockcollect.contract.event import CollectRequest
from mockcollect.contract.wire import receive
from mockcollect.recording.interface import Change
from mockcollect.recording.recorder import TinyRecorder
from tests.processes import COMMAND, SITE, Process, clean_environment, mockcollect

MESSAGES = Path(__file__).parent.parent / "messages" / "terminal"
SEARCH = (FOLDER / "seed" / "search.json").read_bytes()
BATCH = (FOLDER / "seed" / "batch.json").read_bytes()
JSON = {"Content-Type": "application/json"}


def send(
    server: Process, path: str, body: bytes | None, *, method: str = "POST"
) -> int:
    status, _ = server.request(method, f"{path}?{SITE}", body, JSON)
    return status


def masked(text: str, port: int) -> str:
    """Hide what differs from run to run: times, and the port."""
    text = re.sub(r"^\d\d:\d\d:\d\d ", "10:42:07 ", text, flags=re.MULTILINE)
    return text.replace(f":{port}/", ":8787/")


def printed(server: Process) -> str:
    """Return what is printed for the requests so far: all, once a last one is."""
    assert server.post({"event_name": "the-last-one"}) == 200
    text = server.stdout.wait_for("the-last-one").partition("Ctrl-C to stop.\n")[2]
    before = text.partition("the-last-one")[0]
    return before[: before.rindex("\n") + 1]


def assert_golden(name: str, text: str) -> None:
    """Compare with a reviewed text; UPDATE_MESSAGES=1 writes it anew."""
    path = MESSAGES / f"{name}.txt"
    if os.environ.get("UPDATE_MESSAGES"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.fixture
def server() -> Iterator[Process]:
    with mockcollect() as process:
        yield process
        assert str(process.stderr) == ""


def test_the_start_says_where_to_send_and_where_to_look(server: Process) -> None:
    text = server.stdout.wait_for("Ctrl-C to stop.\n")
    assert_golden("start", masked(text, server.port))


def test_the_start_names_the_file_and_what_was_repaired(tmp_path: Path) -> None:
    with mockcollect(
        "--db", "events.jsonl", cwd=tmp_path, command=FROM_ANYWHERE
    ) as one:
        assert one.post({}) == 200
        assert one.stop() == 0
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(b'{"torn')
    arguments = ("--db", "events.jsonl", "--max-events", "5")
    with mockcollect(*arguments, cwd=tmp_path, command=FROM_ANYWHERE) as two:
        text = two.stdout.wait_for("Ctrl-C to stop.\n")
        assert_golden("start-with-a-repaired-file", masked(text, two.port))


FROM_ANYWHERE = (
    sys.executable,
    "-c",
    f"import sys; sys.path.insert(0, {os.getcwd()!r})\n"
    "from mockcollect.cli.commands import main; main(prog_name='mockcollect')",
)


def test_the_pages_examples(server: Process) -> None:
    assert send(server, "/events", SEARCH) == 200
    assert send(server, "/events/batch", BATCH) == 400
    mended = BATCH.replace(b'"5689865"', b'"5689865",')
    assert send(server, "/events/batch", mended) == 200
    text = printed(server)
    assert_golden("the-pages-examples", masked(text, server.port))


def test_what_is_refused_and_what_is_odd(server: Process) -> None:
    assert send(server, "/events", b'{"event":"purchase"}') == 200
    assert send(server, "/events", b"x" * 40_000) == 400
    server.stdout.wait_for("too large")  # recorded once all of it has come
    assert send(server, "/nowhere", b"{}") == 404
    assert send(server, "/events", None, method="GET") == 200
    assert send(server, "/events", b"{}", method="PUT") == 405
    text = printed(server)
    assert_golden("refused-and-odd", masked(text, server.port))


HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://evil\x1b\\click\r\n"
    "12:00:00  200  forged\u202e\u2066\x9b31m\x00\u200b"
)


def test_hostile_text_cannot_move_the_cursor(server: Process) -> None:
    event = {
        "event_name": HOSTILE,
        "context": {"event_id": HOSTILE},
        "test_code": HOSTILE,
        HOSTILE: HOSTILE,
    }
    assert server.post(event) == 200
    assert server.post(HOSTILE.encode()) == 400
    path = "/%1b%5b2J%0d%0a%07"
    assert server.request("POST", f"{path}?tc_s=%1b%5b2J&token=%0a", b"{}")[0] == 404
    text = printed(server)
    assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e\u2066]", text) == []
    assert len(re.findall(r"^\d\d:\d\d:\d\d  \d{3}  ", text, re.MULTILINE)) == 3


def test_long_text_is_cut(server: Process) -> None:
    event = {"event_name": "n" * 30_000}
    assert server.post(event) == 200
    text = printed(server)
    assert max(map(len, text.splitlines())) < 200
    assert "n…" in text


def test_json_lines_are_events_and_requests_without(tmp_path: Path) -> None:
    with mockcollect("--json") as server:
        assert send(server, "/events", SEARCH) == 200
        assert send(server, "/events/batch", BATCH) == 400
        assert server.post({"event_name": HOSTILE}) == 200
        assert server.stop() == 0
        lines = str(server.stdout).splitlines()
        event, refused, hostile = map(json.loads, lines)
        assert event["event_name"] == "search"
        assert event["event"] == json.loads(SEARCH)
        assert refused["status"] == 400
        assert refused["refusal"]["line"] == 26
        assert hostile["event_name"] == HOSTILE
        assert "Ctrl-C" in str(server.stderr)


def test_quiet_prints_the_start_and_nothing_else() -> None:
    with mockcollect("--quiet") as server:
        assert send(server, "/events", SEARCH) == 200
        assert send(server, "/events/batch", BATCH) == 400
        assert server.stop() == 0
        assert str(server.stdout).endswith("Press Ctrl-C to stop.\n")


def test_a_pipe_has_no_colour(server: Process) -> None:
    assert send(server, "/events/batch", BATCH) == 400
    assert "\x1b" not in printed(server)


def test_a_terminal_that_knows_ascii_only_gets_escapes() -> None:
    with mockcollect(environment={"PYTHONIOENCODING": "ascii"}) as server:
        assert server.post({"event_name": "achat-é-☃"}) == 200
        assert "achat-\\xe9-\\u2603" in server.stdout.wait_for("achat")
        assert send(server, "/events/batch", BATCH) == 400
        server.stdout.wait_for("line 26")


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal")
@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}, {"NO_COLOR": ""}])
def test_a_terminal_has_colour_unless_it_wants_none(
    variables: dict[str, str], tmp_path: Path
) -> None:
    text = on_a_terminal(tmp_path, variables)
    assert "400" in text
    assert ("\x1b[31m400\x1b[0m" in text) == (variables.get("NO_COLOR", "") == "")


def on_a_terminal(folder: Path, variables: dict[str, str]) -> str:
    """Return what a terminal shows of a request that is refused."""
    import pty
    import subprocess

    ours, theirs = pty.openpty()
    port_file = folder / "port"
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", "--port-file", str(port_file)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=clean_environment(TERM="xterm", **variables),
    )
    os.close(theirs)
    try:
        deadline = time.monotonic() + 10
        while not port_file.exists():
            assert time.monotonic() < deadline
            time.sleep(0.005)
        from http.client import HTTPConnection

        connection = HTTPConnection("127.0.0.1", int(port_file.read_text()), timeout=10)
        connection.request("POST", "/events", b"{")
        assert connection.getresponse().status == 400
        connection.close()
        text = b""
        while b"invalid JSON" not in text:
            text += os.read(ours, 1 << 16)
        return text.decode()
    finally:
        process.kill()
        process.wait(5)
        os.close(ours)


def change_of(body: bytes) -> Change:
    recorder = TinyRecorder()
    subscription = recorder.subscribe()
    headers: dict[str, str] = {}
    request = CollectRequest("POST", "/events", SITE, headers, body, len(body))
    answer = receive("POST", "/events", SITE, headers, body)
    recorder.record(request, answer, received_at=0)
    [change] = subscription.changes(timeout=5) or ()
    recorder.close()
    return change


def test_a_large_burst_is_not_explained() -> None:
    change = change_of(b"{")
    lines = list(text_lines([change] * MOST_REMARKED, Style()))
    assert len(lines) > 2 * MOST_REMARKED
    lines = list(text_lines([change] * (MOST_REMARKED + 1), Style()))
    assert len(lines) == MOST_REMARKED + 1
    assert all("invalid JSON" in line for line in lines)


def test_what_was_recorded_before_the_follower_runs_is_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    recorder = TinyRecorder()
    subscription = recorder.subscribe()
    body = b'{"event_name":"early"}'
    request = CollectRequest("POST", "/events", SITE, {}, body, len(body))
    answer = receive("POST", "/events", SITE, {}, body)
    recorder.record(request, answer, received_at=0)
    recorder.interrupt()
    pickle.loads(pickle.dumps(Following()))(subscription)
    recorder.close()
    assert "early" in capsys.readouterr().out
