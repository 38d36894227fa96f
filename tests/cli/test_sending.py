"""`mockcollect send` and `demo`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockcollect.cli.posting import Target, is_production
from mockcollect.errors import MockcollectError
from tests.cli.helpers import BATCH, SEARCH, assert_golden, event, run
from tests.cli.test_watching import clocked, event_now
from tests.processes import Process, mockcollect


@pytest.fixture
def server() -> Iterator[Process]:
    with mockcollect("--quiet") as process:
        yield process


def sent(server: Process, *arguments: str, stdin: bytes) -> int:
    done = run("send", "-", *arguments, stdin=stdin, MOCKCOLLECT_URL=server.url)
    assert "Traceback" not in done.stderr
    return done.returncode


@pytest.mark.parametrize(
    ("content", "more", "path"),
    [
        (SEARCH, [], "/events"),
        (BATCH, [], "/events/batch"),
        (SEARCH, ["--batch"], "/events/batch"),
        (b"[]", [], "/events"),
    ],
)
def test_a_file_is_sent_byte_for_byte(
    server: Process, content: bytes, more: list[str], path: str
) -> None:
    assert sent(server, "--site", "29", "--source", "a b&c", *more, stdin=content) == 0
    [request] = server.requests()
    assert (request["path"], request["site_id"]) == (path, "29")
    assert request["source_key"] == "a b&c"
    assert server.request("GET", "/_inspect/requests/1/body") == (200, content)


def test_a_line_each_is_sent_one_by_one(server: Process) -> None:
    lines = [event(event_name="a"), b"{oops", event(event_name="b")]
    assert sent(server, stdin=b"\n".join(lines)) == 1
    assert [one["status"] for one in server.requests()] == [200, 400, 200]


def test_what_was_made_of_it_is_shown(server: Process, tmp_path: Path) -> None:
    file = tmp_path / "refund.json"
    file.write_bytes(b'{\n  "event_name": "refund",\n}')
    done = run("send", str(file), "--site", "29", "--url", server.url)
    assert done.returncode == 1
    assert_golden("terminal/send-refused.txt", clocked(done.stdout))
    file.write_bytes(event_now(event_name="purchase", value="16,00"))
    done = run("send", str(file), "--site", "29", "--url", server.url)
    assert done.returncode == 0
    assert_golden("terminal/send.txt", clocked(done.stdout))


def test_what_was_made_of_it_as_json(server: Process) -> None:
    done = run("send", "-", "--json", stdin=SEARCH, MOCKCOLLECT_URL=server.url)
    said = json.loads(done.stdout)
    assert said["status"] == 200
    assert said["events"] == server.events()


@pytest.mark.parametrize(
    "host",
    [
        "commander1.com",
        "collect.commander1.com",
        "COLLECT.Commander1.COM",
        "collect.commander1.com.",
        "a.b.commander1.com",
    ],
)
def test_production_is_refused(host: str) -> None:
    assert is_production(host)
    for url in (f"https://{host}/x", f"http://user@{host}:80"):
        with pytest.raises(MockcollectError, match="is production"):
            Target(url)
    for command in (("send", "-", "--url"), ("replay", "-", "--to")):
        done = run(*command, f"https://{host}", stdin=SEARCH)
        assert done.returncode == 2
        assert "is production: what is sent there counts." in done.stderr


@pytest.mark.parametrize(
    "host", ["localhost", "notcommander1.com", "commander1.com.shop.example"]
)
def test_other_hosts_are_not_production(host: str) -> None:
    assert not is_production(host)


@pytest.mark.parametrize(
    "url", ["", "shop.example", "ftp://x", "http://", "http://a:x"]
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(MockcollectError, match="is no URL to send to"):
        Target(url)


def test_a_server_that_is_not_there_is_said() -> None:
    done = run("send", "-", "--url", "http://127.0.0.1:1", stdin=SEARCH)
    assert done.returncode == 2
    assert "http://127.0.0.1:1 does not answer: Connection refused." in done.stderr


def test_the_demo_shows_every_verdict_and_a_refusal(server: Process) -> None:
    done = run("demo", "--pace", "0", "--url", server.url)
    assert done.returncode == 0, done.stderr
    verdicts = [one["verdict"] for one in server.events()]
    assert verdicts[:6] == ["valid"] * 6
    assert set(verdicts) == {"valid", "invalid-accepted", "invalid-rejected"}
    assert [one["status"] for one in server.requests()][-1] == 400
    codes = {one["code"] for e in server.events() for one in e["findings"]}
    assert {"event_id.duplicate", "amount.locale", "event_name.missing"} <= codes
