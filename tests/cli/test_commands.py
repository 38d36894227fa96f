"""The commands as a shell and a pipeline run them."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mockcollect import __version__
from mockcollect.cli.commands import main
from tests.processes import (
    COMMAND,
    clean_environment,
    launched,
    mockcollect,
    run_command,
)


def commands(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield a command and all below it, each with its path."""
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, (*path, name))


COMMANDS = dict(commands(main))
OPTIONS = [
    pytest.param(path, option, id=f"{' '.join(path)} {option.opts[0]}".strip())
    for path, command in COMMANDS.items()
    for option in command.params
    if isinstance(option, click.Option) and option.opts[0] != "--version"
]


def help_of(*path: str) -> str:
    result = run_command(*path, "--help", environment={"COLUMNS": "80"})
    assert result.returncode == 0
    assert result.stderr == ""
    return re.sub(r"\s+", " ", result.stdout)


# -- help


@pytest.fixture(scope="module")
def helps() -> dict[tuple[str, ...], str]:
    return {path: help_of(*path) for path in COMMANDS}


@pytest.mark.parametrize(("path", "option"), OPTIONS)
def test_help_names_each_option_its_variable_and_its_default(
    helps: dict[tuple[str, ...], str], path: tuple[str, ...], option: click.Option
) -> None:
    text = helps[path]
    assert option.opts[0] in text
    assert option.help
    assert option.help in text
    assert str(option.envvar).startswith("MOCKCOLLECT_")
    assert f"[env var: {option.envvar}" in text
    shown = re.search(rf"env var: {option.envvar}\b([^]]*)]", text)
    assert shown is not None
    if not option.is_flag and not option.multiple and option.envvar not in NO_DEFAULT:
        assert "default: " in shown[1]


NO_DEFAULT = {
    "MOCKCOLLECT_PORT_FILE",
    "MOCKCOLLECT_DB",
    "MOCKCOLLECT_PLAN",
    "MOCKCOLLECT_TEE",
    "MOCKCOLLECT_REPORT",
    "MOCKCOLLECT_FILE",
    "MOCKCOLLECT_EVENTS_FULL",
    "MOCKCOLLECT_SEND_SITE",
    "MOCKCOLLECT_SEND_SOURCE",
    "MOCKCOLLECT_REPLAY_TO",
    "MOCKCOLLECT_REPLAY_RESUME",
    "MOCKCOLLECT_VALIDATE_URL",
    "MOCKCOLLECT_VALIDATE_SITE",
    "MOCKCOLLECT_VALIDATE_KEY",
}


@pytest.mark.parametrize("path", [path for path in COMMANDS if path], ids=" ".join)
def test_help_names_each_command(
    path: tuple[str, ...], helps: dict[tuple[str, ...], str]
) -> None:
    assert f" {path[-1]} " in helps[path[:-1]]


@pytest.mark.parametrize("path", [path for path in COMMANDS if path], ids=" ".join)
def test_help_shows_an_example(
    path: tuple[str, ...], helps: dict[tuple[str, ...], str]
) -> None:
    _, found, examples = helps[path].partition("Example")
    assert found
    assert f"mockcollect {' '.join(path)}" in examples


def test_short_help_is_help() -> None:
    assert run_command("-h").stdout == run_command("--help").stdout


# -- version


@pytest.mark.parametrize("argument", ["version", "--version"])
def test_the_version_is_printed(argument: str) -> None:
    result = run_command(argument)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"mockcollect {__version__}\n"


# -- what cannot be read


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["--no-such-flag"], {}, "No such option"),
        (["serve", "--prot", "1"], {}, "'--port'"),
        (["serve", "--prot", "1"], {}, "(mockcollect serve --help lists the options)"),
        (["srve"], {}, "Did you mean 'serve'?"),
        (["srve"], {}, "(mockcollect --help lists the commands)"),
        (["sr\nve"], {}, "No such command"),
        (["--version", "--no-such-flag"], {}, "No such option"),
        (["ready", "--timeout"], {}, "(mockcollect"),
        (["--port", "70000"], {}, "--port"),
        (["--port", "abc"], {}, "--port"),
        (["--max-events", "-1"], {}, "--max-events"),
        (["serve", "extra"], {}, "extra"),
        ([], {"MOCKCOLLECT_PORT": "abc"}, "--port"),
        ([], {"MOCKCOLLECT_QUIET": "maybe"}, "--quiet"),
        (["--allow-host", "http://x"], {}, "--allow-host x."),
        (["--allow-host", "*"], {}, "no wildcards"),
        (["--allow-origin", "shop.test"], {}, "--allow-origin https://shop.test."),
        ([], {"MOCKCOLLECT_ALLOW_HOST": "shop.test http://x"}, "--allow-host x."),
        (["--fsync"], {}, "--db"),
        ([], {"MOCKCOLLECT_FSYNC": "1"}, "--db"),
        (["ready", "--timeout", "-1"], {}, "--timeout"),
        (["ready", "--url", "localhost:1"], {}, "http://HOST:PORT"),
        (["ready", "--url", "http://"], {}, "http://HOST:PORT"),
        (["ready", "--url", "http://[::1"], {}, "http://HOST:PORT"),
        (["ready", "--url", "http://a:b"], {}, "http://HOST:PORT"),
        (["plan"], {}, "(mockcollect plan --help lists the commands)"),
        (["plan", "shw"], {}, "Did you mean 'show'?"),
        (["plan", "show"], {}, "(mockcollect plan show --help lists the options)"),
        (["--source", "29"], {}, "`29` has no key"),
        (["--source", "x:y"], {}, "the site id should be digits"),
        (["--source", "29:a:b:prodction"], {}, "Did you mean `production`?"),
        ([], {"MOCKCOLLECT_SOURCE": "29:a:web shop;30"}, "`30` has no key"),
        (["--source", "29:a", "--source", "30:a"], {}, "a is given twice"),
        (["--plan", "nowhere.yml"], {}, "nowhere.yml: no such file"),
        ([], {"MOCKCOLLECT_PLAN": "nowhere.yml"}, "nowhere.yml: no such file"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line_with_exit_code_2(
    arguments: list[str], environment: dict[str, str], said: str
) -> None:
    result = run_command(*arguments, environment=environment)
    assert result.returncode == 2
    assert result.stdout == ""
    assert said in result.stderr
    assert result.stderr.startswith("mockcollect: ")
    assert result.stderr.count("\n") == 1


# -- ready


def test_a_server_that_records_is_ready() -> None:
    with mockcollect("--quiet") as server:
        result = run_command("ready", "--url", server.url)
        assert (result.returncode, result.stdout) == (0, "")
        assert result.stderr == f"Ready: {server.url}\n"
        variable = {"MOCKCOLLECT_URL": f"{server.url}/"}
        assert run_command("ready", environment=variable).returncode == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def test_nobody_is_not_ready() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    result = run_command("ready", "--url", url)
    assert result.returncode == 1
    assert result.stderr == f"Not ready: {url}: no mockcollect answers there.\n"


def test_waiting_ends_in_time() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    started = time.monotonic()
    result = run_command("ready", "--url", url, "--wait", "--timeout", "0.3")
    assert result.returncode == 1
    assert 0.3 <= time.monotonic() - started < 3


@pytest.mark.parametrize("arguments", [[], ["--wait", "--timeout", "0.5"]])
def test_a_server_that_never_answers_is_not_waited_for(arguments: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        started = time.monotonic()
        assert run_command("ready", "--url", url, *arguments).returncode == 1
        assert time.monotonic() - started < 4


def test_a_server_that_is_just_starting_is_waited_for() -> None:
    port = free_port()
    waiting = subprocess.Popen(
        [*COMMAND, "ready", "--url", f"http://127.0.0.1:{port}", "--wait"],
        stderr=subprocess.PIPE,
        env=clean_environment(),
    )
    try:
        with mockcollect("--quiet", port=port):
            _, said = waiting.communicate(timeout=10)
            assert waiting.returncode == 0
            assert said.startswith(b"Ready: ")
    finally:
        waiting.kill()
        waiting.wait(5)


# -- serve


def test_options_without_a_command_serve() -> None:
    port = free_port()
    with mockcollect(port=port) as server:
        assert server.port == port
        assert f"http://127.0.0.1:{port}/" in server.stdout.wait_for("Ctrl-C")


def test_serve_is_a_command_too() -> None:
    with mockcollect(command=(*COMMAND, "serve")) as server:
        assert server.post({}) == 200


def test_variables_are_options(tmp_path: Path) -> None:
    variables = {
        "MOCKCOLLECT_DB": str(tmp_path / "db"),
        "MOCKCOLLECT_JSON": "1",
        "MOCKCOLLECT_FSYNC": "true",
        "MOCKCOLLECT_MAX_EVENTS": "2",
        "MOCKCOLLECT_ALLOW_HOST": "collect shop.test",
        "MOCKCOLLECT_QUIET": "0",
    }
    with mockcollect(environment=variables) as server:
        for number in range(3):
            assert server.post({"event_name": str(number)}) == 200
        names = [event["event_name"] for event in server.events()]
        assert names == ["1", "2"]
        for host, status in (("collect", 200), ("shop.test", 200), ("evil.test", 403)):
            got, _ = server.request("GET", "/_inspect/events", headers={"Host": host})
            assert got == status
        server.stdout.wait_for('"event_name":"2"')
    assert (tmp_path / "db").exists()


SOURCES = "29:7183b9d4-1031-11ee-be56-0242ac120002:web shop"


@pytest.mark.parametrize("separator", [";", "\n", " ; "])
def test_a_variable_holds_several_sources(separator: str) -> None:
    variables = {
        "MOCKCOLLECT_SOURCE": separator.join([SOURCES, "29:b:old:dev:inactive"])
    }
    with mockcollect(environment=variables) as server:
        assert server.post({}) == 200
        found = server.events()[0]["findings"]
        assert not {"token.unknown", "token.inactive"} & {one["code"] for one in found}
        text = server.stdout.wait_for("Ctrl-C")
        assert "  sources   2 known, 1 of them inactive\n" in text


def test_a_plan_that_is_broken_starts_nothing(tmp_path: Path) -> None:
    plan, port_file = tmp_path / "plan.yml", tmp_path / "port"
    plan.write_text("events:\n  search: {search_term: strng}\n")
    with launched("--plan", str(plan), port_file=port_file) as server:
        assert server.finish() == 2
        assert str(server.stdout) == ""
        assert str(server.stderr).startswith(f"mockcollect: {plan}, line 2: ")
        assert str(server.stderr).count("\n") == 1
        assert not port_file.exists()


def test_a_flag_overrides_its_variable() -> None:
    with mockcollect("--port", "0", environment={"MOCKCOLLECT_PORT": "1"}) as server:
        assert server.port > 1


posix = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell and signals")


@posix
def test_head_closes_the_pipe_without_a_complaint() -> None:
    command = f"{sys.executable} -m mockcollect --port 0 | head -1"
    process = subprocess.Popen(
        ["sh", "-c", command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith(b"mockcollect ")
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=10)
        assert said == b""
    finally:
        process.kill()
        process.wait(5)


@posix
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
def test_it_serves_with_a_stream_closed(closed: str, tmp_path: Path) -> None:
    quoted = f'exec "$@" {closed}'
    with mockcollect(command=("sh", "-c", quoted, "sh", *COMMAND)) as server:
        assert server.post({"event_name": "heard"}) == 200
        assert server.post(b"{") == 400
        assert len(server.events()) == 1
        assert server.stop() == 0
        assert str(server.stderr) == ""


@posix
def test_ctrl_c_while_it_waits_for_a_server_leaves_no_traceback() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [*COMMAND, "ready", "--url", url, "--wait"],
        stderr=subprocess.PIPE,
        env=clean_environment(),
    )
    try:
        with socket.create_server(("127.0.0.1", int(url.rpartition(":")[2]))) as server:
            server.settimeout(10)
            server.accept()[0].close()  # it has asked: it waits
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=10)
        assert b"Traceback" not in said
        assert said == b""
        assert process.returncode == -signal.SIGINT  # which a shell shows as 130
    finally:
        process.kill()
        process.wait(5)


def test_a_server_that_cannot_start_says_so_and_leaves_no_port_file(
    tmp_path: Path,
) -> None:
    file = tmp_path / "port"
    with launched("--db", str(tmp_path / "no" / "db"), port_file=file) as server:
        assert server.finish() == 2
        assert str(server.stdout) == ""
        assert not file.exists()
