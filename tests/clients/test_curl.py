"""curl, with the examples that the API's page prints."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from fixtures.runner import FOLDER
from tests.processes import SITE, Process, clean_environment

pytestmark = pytest.mark.skipif(
    shutil.which("curl") is None, reason="curl is not installed"
)
SEED = FOLDER / "seed"
OPTIONS = ("-sS", "-i", "-m", "10", "-w", "%{http_code}", "-X", "POST")
JSON = ("-H", "Content-Type: application/json")


def curl(server: Process, path: str, *arguments: str) -> tuple[int, str]:
    """Run curl; return the status and the head of the answer, which has no body."""
    result = subprocess.run(
        ["curl", *OPTIONS, f"{server.url}{path}?{SITE}", *arguments],
        capture_output=True,
        text=True,
        env=clean_environment(no_proxy="*"),
        timeout=20,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    head, _, status = result.stdout.rpartition("\n\n")
    return int(status), head.lower()


@pytest.mark.parametrize("option", ["--data-binary", "-d"])
def test_the_pages_event(server: Process, option: str) -> None:
    file = SEED / "search.json"
    status, head = curl(server, "/events", *JSON, option, f"@{file}")
    assert status == 200
    assert "content-length: 0" in head
    assert "x-mockcollect-request: " in head
    (event,) = server.events()
    assert event["event"] == json.loads(file.read_bytes())


@pytest.mark.parametrize(
    ("option", "line", "column"), [("--data-binary", 26, 13), ("-d", 1, 625)]
)
def test_the_pages_batch_lacks_a_comma(
    server: Process, option: str, line: int, column: int
) -> None:
    file = SEED / "batch.json"
    status, _ = curl(server, "/events/batch", *JSON, option, f"@{file}")
    assert status == 400
    refusal = server.requests()[-1]["refusal"]
    assert (refusal["line"], refusal["column"]) == (line, column)
    assert server.events() == []


def test_a_large_file_waits_for_100_continue_and_gets_its_400(
    server: Process,
) -> None:
    status, _ = curl(server, "/events", *JSON, "-d", "x" * 100_000)
    assert status == 400


def test_a_form_by_default_and_chunks(server: Process) -> None:
    event = '{"event_name":"purchase"}'
    assert curl(server, "/events", "-d", event)[0] == 200
    chunked = ("-H", "Transfer-Encoding: chunked")
    assert curl(server, "/events", *chunked, "-d", event)[0] == 200
    assert curl(server, "/events", "--http1.0", "-d", event)[0] == 200
    assert [one["event_name"] for one in server.events()] == ["purchase"] * 3
