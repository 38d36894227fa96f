"""`--tee`: each event as a line in a file, as it comes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.processes import (
    COMMAND,
    SECONDS,
    clean_environment,
    launched,
    mockcollect,
    wait_until,
)


def lines_in(file: Path, count: int) -> list[dict[str, object]]:
    wait_until(lambda: file.read_text().count("\n") == count, f"{count} lines")
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_the_file_has_what_is_printed_as_json(tmp_path: Path) -> None:
    tee = tmp_path / "events.jsonl"
    with mockcollect("--json", "--tee", str(tee)) as server:
        server.post({"event_name": "a"})
        server.post(b"{oops")
        written = lines_in(tee, 2)
        server.stdout.wait_for('"refusal":{')
        assert [json.loads(one) for one in str(server.stdout).splitlines()] == written
    assert (written[0]["event_name"], written[1]["status"]) == ("a", 400)


def test_the_file_is_begun_anew_and_ends_with_the_server(tmp_path: Path) -> None:
    tee = tmp_path / "events.jsonl"
    tee.write_text("what was there before\n")
    with mockcollect("--quiet", "--tee", str(tee)) as server:
        for number in range(50):
            server.post({"event_name": f"e{number}"})
        assert server.stop() == 0
    assert [one["event_name"] for one in lines_in(tee, 50)] == [
        f"e{number}" for number in range(50)
    ]


def test_the_file_goes_on_where_nobody_reads_the_output(tmp_path: Path) -> None:
    tee, port = tmp_path / "events.jsonl", tmp_path / "port"
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", "--port-file", str(port), "--tee", str(tee)],
        stdout=writer,
        env=clean_environment(),
    )
    os.close(writer)
    try:
        wait_until(port.exists, "mockcollect did not start")
        os.close(reader)
        url = f"http://127.0.0.1:{port.read_text().strip()}/events?tc_s=1&token=k"
        for number in range(2):
            body = json.dumps({"event_name": f"e{number}"})
            subprocess.run(["curl", "-sf", url, "-d", body], check=True)
            lines_in(tee, number + 1)
    finally:
        process.terminate()
        process.wait(SECONDS)


def test_a_file_that_cannot_be_written_is_said_at_the_start() -> None:
    with launched("--tee", "/no/such/folder/events.jsonl") as server:
        assert server.finish() == 2
        said = str(server.stderr)
    assert "/no/such/folder/events.jsonl cannot be written: No such file" in said


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full device")
def test_a_file_that_is_full_is_said_once_and_the_server_goes_on() -> None:
    with mockcollect("--tee", "/dev/full") as server:
        server.post({"event_name": "a"})
        server.stderr.wait_for("not written to /dev/full any more: No space left")
        assert server.post({"event_name": "b"}) == 200
        server.stdout.wait_for(" b ")
        assert str(server.stderr).count("any more") == 1
