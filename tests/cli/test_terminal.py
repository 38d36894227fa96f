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

from mockcollect.cli import findings
from mockcollect.cli.findings import MOST_FINDINGS
from mockcollect.cli.judged_by import PlanAndSources, read_plan_and_sources
from mockcollect.cli.style import Style
from mockcollect.cli.terminal import MOST_REMARKED, Following, text_lines
from mockcollect.contract.event import CollectRequest
from mockcollect.contract.wire import receive
from mockcollect.recording.interface import Change, Subscription
from mockcollect.recording.recorder import TinyRecorder
from tests.cli.helpers import (
    BROKEN_BATCH,
    PLAN,
    REJECTED,
    SEARCH,
    assert_golden,
    clocked,
    event,
)
from tests.processes import COMMAND, SITE, Process, clean_environment, mockcollect

BATCH = BROKEN_BATCH
PLAIN = Style()
JSON = {"Content-Type": "application/json"}


def send(
    server: Process, path: str, body: bytes | None, *, method: str = "POST"
) -> int:
    status, _ = server.request(method, f"{path}?{SITE}", body, JSON)
    return status


def masked(text: str, port: int) -> str:
    """Hide what differs from run to run: times, ages, and the port."""
    text = re.sub(r"[\d,]+ days before", "2,000 days before", clocked(text))
    return text.replace(f":{port}/", ":8787/")


def printed(server: Process) -> str:
    """Return what is printed for the requests so far: all, once a last one is."""
    assert server.post({"event_name": "the-last-one"}) == 200
    text = server.stdout.wait_for("the-last-one").partition("Ctrl-C to stop.\n")[2]
    before = text.partition("the-last-one")[0]
    return before[: before.rindex("\n") + 1]


@pytest.fixture
def server() -> Iterator[Process]:
    with mockcollect() as process:
        yield process
        assert str(process.stderr) == ""


def test_the_start_says_where_to_send_and_where_to_look(server: Process) -> None:
    text = server.stdout.wait_for("Ctrl-C to stop.\n")
    assert_golden("terminal/start.txt", masked(text, server.port))


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
        assert_golden("terminal/start-with-a-repaired-file.txt", masked(text, two.port))


FROM_ANYWHERE = (
    sys.executable,
    "-c",
    f"import sys; sys.path.insert(0, {os.getcwd()!r})\n"
    "from mockcollect.cli.commands import main; main(prog_name='mockcollect')",
)


def test_the_start_names_the_plan_and_the_sources(tmp_path: Path) -> None:
    (tmp_path / "tracking_plan.yml").write_text(PLAN)
    arguments = ("--plan", "tracking_plan.yml", "--source", "29:old::dev:inactive")
    with mockcollect(*arguments, cwd=tmp_path, command=FROM_ANYWHERE) as one:
        text = one.stdout.wait_for("Ctrl-C to stop.\n")
        assert_golden("terminal/start-with-a-plan.txt", masked(text, one.port))


def test_the_pages_examples(server: Process) -> None:
    assert send(server, "/events", SEARCH) == 200
    assert send(server, "/events/batch", BATCH) == 400
    mended = BATCH.replace(b'"5689865"', b'"5689865",')
    assert send(server, "/events/batch", mended) == 200
    text = printed(server)
    assert_golden("terminal/the-pages-examples.txt", masked(text, server.port))


def test_what_is_refused_and_what_is_odd(server: Process) -> None:
    assert send(server, "/events", b'{"event":"purchase"}') == 200
    assert send(server, "/events", b"x" * 40_000) == 400
    server.stdout.wait_for("too large")  # recorded once all of it has come
    assert send(server, "/nowhere", b"{}") == 404
    assert send(server, "/events", None, method="GET") == 200
    assert send(server, "/events", b"{}", method="PUT") == 405
    text = printed(server)
    assert_golden("terminal/refused-and-odd.txt", masked(text, server.port))


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


def test_json_lines_carry_the_verdict_with_its_findings() -> None:
    with mockcollect("--json") as server:
        assert send(server, "/events", REJECTED) == 200
        assert server.stop() == 0
        line = json.loads(str(server.stdout))
        assert (line["status"], line["verdict"]) == (200, "invalid-rejected")
        assert line["findings"][0]["code"] == "event_name.missing"
        assert line["findings"][0].keys() > {"level", "path", "message", "remedy"}


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


def change_of(
    body: bytes, *, path: str = "/events", by: PlanAndSources | None = None
) -> Change:
    """Return the change of a request, as a subscription tells of it."""
    recorder = TinyRecorder()
    if by is not None:
        recorder.judge_by(plan=by.plan, sources=by.sources)
    subscription = recorder.subscribe()
    headers = {"content-type": "application/json"}
    request = CollectRequest("POST", path, SITE, headers, body, len(body))
    answer = receive("POST", path, SITE, headers, body)
    recorder.record(request, answer, received_at=1_764_000_000_000)
    [change] = subscription.changes(timeout=5) or ()
    recorder.close()
    return change


def shown(change: Change, style: Style = PLAIN) -> str:
    return "".join(f"{line}\n" for line in text_lines([change], style))


# -- verdicts

GOOD = event()
WITH_A_NOTE = event(event_name="my_event", test_code=5)
ACCEPTED = event(event_name="puchase")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (GOOD, "valid"),
        (WITH_A_NOTE, "valid, 1 note"),
        (ACCEPTED, "invalid-accepted"),
        (REJECTED, "invalid-rejected"),
    ],
)
def test_a_verdict_is_said_in_words_with_and_without_colour(
    body: bytes, words: str
) -> None:
    change = change_of(body)
    plain, coloured = shown(change), shown(change, Style(colour=True))
    assert f" {words} " in plain.splitlines()[0]
    assert "\x1b[" in coloured.splitlines()[0]
    assert re.sub("\x1b\\[[0-9]+m", "", coloured) == plain


def test_many_findings_are_cut_and_counted() -> None:
    fields = {f"{number}": number for number in range(1, 13)}
    lines = shown(change_of(event(**fields))).splitlines()
    assert len(lines) == 1 + MOST_FINDINGS + 1
    assert re.fullmatch(r" +… and \d+ more", lines[-1])


def test_a_request_without_an_event_has_its_verdict_too() -> None:
    lines = shown(change_of(b'{"batch":[]}', path="/events/batch")).splitlines()
    assert "valid, 1 note" in lines[0]
    assert "the batch holds no event" in lines[1]


# -- personal data

JANE = {
    "email": "Jane.Doe@example.com",
    "phone": "0612345678",
    "firstname": "Jane",
    "lastname": "Doe-Archer",
    "birthdate": "1.2.1980",
    "city": "Hautmont",
    "zipcode": 59330,
    "street": "Rue des Lilas",
    "email_sha256": "jane.doe@example.com",
}
PRIVATE = ["Jane", "jane.doe", "0612345678", "Archer", "1980", "Hautmont", "59330"]
PRIVATE += ["Lilas", "10.20.30.40"]


@pytest.fixture(params=["short form", "schema", "choices"])
def strict(request: pytest.FixtureRequest, tmp_path: Path) -> PlanAndSources:
    """Return a plan that finds fault with each property of a person."""
    fields = {f"user.{name}": "boolean" for name in JANE}
    fields["context.device.ip"] = "boolean"
    plan: dict[str, object] = {"search": fields}
    if request.param == "choices":
        plan = {"search": {path: {"enum": ["a", "b"]} for path in fields}}
    if request.param == "schema":
        user = {"properties": {name: {"enum": ["a"], "maxLength": 1} for name in JANE}}
        device = {"properties": {"ip": {"pattern": "^x$"}}}
        context = {"properties": {"device": device}}
        properties = {"user": user, "context": context}
        plan = {"search": {"schema": {"properties": properties}}}
    (tmp_path / "plan.json").write_text(json.dumps({"events": plan}))
    return read_plan_and_sources(str(tmp_path / "plan.json"), [])


def test_findings_repeat_nothing_of_a_person(
    strict: PlanAndSources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "MOST_FINDINGS", 1_000)
    good = json.loads(event(event_name="search"))
    context = {**good["context"], "device": {"ip": "10.20.30.40"}}
    body = event(event_name="search", user=good["user"] | JANE, context=context)
    change = change_of(body, by=strict)
    text = shown(change)
    assert text.count("user.") >= len(JANE) - 1
    assert [secret for secret in PRIVATE if secret in text] == []
    assert change.events[0].event.data["user"]["email"] == JANE["email"]


def test_the_excerpt_of_a_refused_body_hides_a_person_and_points_right() -> None:
    body = (
        b'{"user": {"email": "jane.doe@example.com", "firstname": "Jane", '
        b'"phone": "0612345678"} "context": {"device": {"ip": "10.20.30.40"}}}'
    )
    for text in (shown(change_of(body)), shown(change_of(body.replace(b", ", b",\n")))):
        assert [secret for secret in PRIVATE if secret in text] == []
        *_, excerpt, pointer = text.splitlines()
        assert excerpt[pointer.index("^") :].startswith('"context"')


def test_names_and_ids_that_are_addresses_are_masked() -> None:
    body = event(event_name="jane.doe@example.com", test_code="jane.doe@example.com")
    text = shown(change_of(body))
    assert "jane.doe" not in text
    assert "j…@example.com" in text


# -- bursts


def test_a_large_burst_is_not_explained() -> None:
    change = change_of(b"{")
    lines = list(text_lines([change] * MOST_REMARKED, PLAIN))
    assert len(lines) > 2 * MOST_REMARKED
    lines = list(text_lines([change] * (MOST_REMARKED + 1), PLAIN))
    assert len(lines) == MOST_REMARKED + 1
    assert all("invalid JSON" in line for line in lines)


def test_a_large_burst_keeps_its_verdicts_and_leaves_out_why() -> None:
    change = change_of(REJECTED)
    assert len(list(text_lines([change] * MOST_REMARKED, PLAIN))) > MOST_REMARKED
    lines = list(text_lines([change] * (MOST_REMARKED + 1), PLAIN))
    assert len(lines) == MOST_REMARKED + 1
    assert all("  invalid-rejected  " in line for line in lines)


# -- speed

RATE = 3_000
"""So many events a second are shown with their verdicts."""


@pytest.mark.parametrize("style", [Style(), Style(colour=True)], ids=["pipe", "colour"])
def test_showing_all_verdicts_keeps_up(style: Style) -> None:
    recorder = TinyRecorder()
    subscription = recorder.subscribe()
    headers = {"content-type": "application/json"}
    count = 1_500
    for number in range(count):
        context = {"event_id": f"e-{number}", "event_timestamp": "1764000000000"}
        body = event(
            event_name="purchase", context=context, page_title="x" * 700, id=number
        )
        request = CollectRequest("POST", "/events", SITE, headers, body, len(body))
        answer = receive("POST", "/events", SITE, headers, body)
        recorder.record(request, answer, received_at=1_764_000_000_000)
    seconds = _seconds(subscription, style)
    recorder.close()
    slowed = 4 if sys.gettrace() else 1  # as by the measuring of coverage
    assert seconds / count < slowed / RATE


def _seconds(subscription: Subscription, style: Style) -> float:
    """Return the time that this process took to show what was recorded."""
    lines = 0
    started = time.process_time()
    while changes := subscription.changes(timeout=0):
        lines += sum(1 for _ in text_lines(changes, style))
    taken = time.process_time() - started
    assert lines > 0
    return taken


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
