from __future__ import annotations

import http.server
import importlib.util
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import pytest

from fixtures.runner import Found, Request
from tests.test_fixtures import CASES, observe

SCRIPT = Path(__file__).parents[1] / "scripts" / "contract"


@pytest.fixture(scope="module")
def script() -> Any:
    loader = SourceFileLoader("contract_script", str(SCRIPT))
    spec = importlib.util.spec_from_loader("contract_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["contract_script"] = module
    loader.exec_module(module)
    return module


@pytest.fixture
def no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("no_socket")
@pytest.mark.parametrize(
    "url",
    [
        "https://collect.commander1.com",
        "http://collect.commander1.com:8787/",
        "https://COLLECT.Commander1.COM",
        "https://collect.commander1.com.",
        "https://commander1.com",
        "https://a.b.tagcommander.com/cdp",
        "https://tagcommander.com",
        "https://data.shop.example/cdp",
        "https://collect.shop.example:8443",
        "https://notcommander1.com",
        "http://collect:8787",
        "http://localhost.shop.example",
        "http://127.1:8787",
        "http://8.8.8.8",
        "http://[2606:4700::1111]",
        "http://[::ffff:8.8.8.8]",
    ],
)
@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "Nothing was sent"),
        (["--site", "29", "--source", "k"], "Nothing was sent"),
        (["--yes-production"], "needs --site and --source"),
        (["--yes-production", "--site", "29"], "needs --site and --source"),
    ],
    ids=["bare", "with a source", "no source", "no key"],
)
def test_production_is_refused_before_any_socket_is_opened(
    script: Any,
    url: str,
    options: list[str],
    says: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert script.main([url, *options]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.usefixtures("no_socket")
@pytest.mark.parametrize(
    "url", ["https://collect.commander1.com", "https://data.shop.example/cdp"]
)
def test_only_harmless_cases_are_chosen_for_production(script: Any, url: str) -> None:
    arguments = [url, "--yes-production", "--site", "7", "--source", "k"]
    options = script.parse_options(arguments)
    chosen = script.choose_cases(options, script.read_target(url))
    assert chosen == [case for case in CASES if case.harmless]


@pytest.mark.usefixtures("no_socket")
@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost.",
        "shop.localhost",
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.17.0.2",
        "192.168.1.5",
        "[::1]",
        "[fd00::a]",
        "[::ffff:127.0.0.1]",
    ],
)
def test_machines_of_ones_own_are_no_production(script: Any, host: str) -> None:
    assert not script.read_target(f"http://{host}").is_production


@pytest.mark.usefixtures("no_socket")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["127.0.0.1:8787"], "is no URL of a server"),
        (["ftp://127.0.0.1"], "is no URL of a server"),
        (["http://127.0.0.1:port"], "is no URL"),
        (["http://127.0.0.1/?tc_s=29"], "has more than a host and a path"),
        (["http://me@127.0.0.1/"], "has more than a host and a path"),
        (["http://127.0.0.1", "--case", "no such case"], "no case has no such case"),
    ],
)
def test_what_cannot_be_told_says_why(
    script: Any, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script.main(arguments) == 2
    assert says in capsys.readouterr().err


def test_no_server_is_no_answer(
    script: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert script.main([url]) == 2
    assert "no server at 127.0.0.1" in capsys.readouterr().err


def test_help_works_on_its_own(tmp_path: Path) -> None:
    command = [sys.executable, "-S", str(SCRIPT), "--help"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert "--yes-production" in done.stdout
    assert "exit codes:" in done.stdout
    assert "customers' own, with\n  /cdp" in done.stdout


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers what the contract says, and tells what it found."""

    protocol_version = "HTTP/1.1"
    found: dict[str, Found] = {}  # noqa: RUF012 - each test makes a class of its own
    spoiled = False
    forgets = ""

    def answer(self) -> None:
        path, _, query = self.path.partition("?")
        if path.startswith("/_inspect/requests/"):
            return self.tell(path.rpartition("/")[2])
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        observed = observe(Request(self.command, path, query, dict(self.headers), body))
        self.send_response_only(204 if self.spoiled else observed.status)
        for name, value in observed.headers.items():
            self.send_header(name, value)
        if self.command != "HEAD" and observed.found is not None:
            number = str(len(self.found) + 1)
            self.found[number] = observed.found
            self.send_header("X-Mockcollect-Request", number)
        self.end_headers()
        if self.command != "HEAD" and not self.spoiled:
            self.wfile.write(observed.body)
        return None

    def tell(self, number: str) -> None:
        found = self.found[number]
        data = {
            "site_id": found.site_id,
            "source_key": found.source_key,
            "refusal": found.refusal,
            "remarks": [{"code": code, "message": ""} for code in found.remarks],
            "events": found.events,
        }
        content = json.dumps(data, default=str).encode()
        self.send_response_only(404 if number == self.forgets else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer
    do_HEAD = do_OPTIONS = answer

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def handler() -> type[Handler]:
    return type("OwnHandler", (Handler,), {"found": {}})


@pytest.fixture
def url(handler: type[Handler]) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


CHOSEN = ["--case", "pixel", "--case", "batch", "--case", "cors", "--case", "HEAD"]


def test_a_faithful_server_holds_outside_and_inside(
    script: Any, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script.main([url, *CHOSEN]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("ok    ") for line in lines[:-2])
    assert "of them also in what was found inside" in lines[-1]


def test_each_difference_is_printed_under_its_case(
    script: Any,
    url: str,
    handler: type[Handler],
    capsys: pytest.CaptureFixture[str],
) -> None:
    handler.spoiled = True
    assert script.main([url, "--case", "one event is posted"]) == 1
    assert capsys.readouterr().out.splitlines()[:2] == [
        "FAIL  endpoints: one event is posted to /events",
        "        status: expected 200, got 204",
    ]


def test_a_request_that_is_not_shown_afterwards_is_a_difference(
    script: Any,
    url: str,
    handler: type[Handler],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(script, "RECORDED_WITHIN", 0.1)
    handler.forgets = "2"
    assert script.main([url, "--case", "one event is posted", "--case", "cors"]) == 1
    assert "request 2 was answered, but is not recorded" in capsys.readouterr().out


def test_a_server_without_an_inspection_is_judged_from_outside(
    script: Any,
    url: str,
    handler: type[Handler],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(script, "RECORDED_WITHIN", 0.1)
    handler.forgets = "1"
    assert script.main([url, "--case", "one event is posted", "--case", "cors"]) == 0
    assert "judged from outside" in capsys.readouterr().out


def test_the_result_is_told_as_json_too(
    script: Any, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script.main([url, "--case", "one event is posted", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["cases"], told["failed"], told["inspected"]) == (1, 0, 1)
    assert told["results"][0]["ok"] is True


def test_production_gets_test_events_of_the_named_source_only(
    script: Any,
    url: str,
    handler: type[Handler],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(script.Target, "is_production", True)
    arguments = [url, "--yes-production", "--site", "7", "--source", "k"]
    assert script.main([*arguments, "--test-code", "mine"]) == 0
    assert "judged by their status" in capsys.readouterr().out
    assert {found.site_id for found in handler.found.values()} == {"7"}
    assert {found.source_key for found in handler.found.values()} == {"k"}
    assert {
        event["test_code"] for found in handler.found.values() for event in found.events
    } == {"mine"}
