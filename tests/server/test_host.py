"""How the server starts, stops, and fails to start."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest

from tests.processes import (
    COMMAND,
    Process,
    clean_environment,
    launched,
    mockcollect,
    run_command,
    wait_until,
)
from tests.rawhttp import Connection, head, post

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="signals are sent as POSIX systems know them"
)

STOPS_WITHIN = 1.0
# The default is `spawn` on macOS, `fork` on Linux, and from Python 3.14 `forkserver`.
START_METHODS = ("fork", "spawn", "forkserver")
EVENT = b'{"event_name":"purchase"}'

DRIVER = """
import multiprocessing, sys
from mockcollect.cli.commands import main
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv.pop(1))
    print("imported", file=sys.stderr, flush=True)
    main(prog_name="mockcollect")
"""


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("driver") / "driver.py"
    path.write_text(DRIVER)
    return path


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        # One that has ended, and that nobody has asked about yet, is there too.
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        return not Path("/proc/self").exists()


# -- stopping


@contextmanager
def idle(server: Process) -> Iterator[None]:
    yield


@contextmanager
def kept_open(server: Process) -> Iterator[None]:
    with Connection(server.port) as connection:
        connection.send(post(EVENT))
        assert connection.answer().status == 200
        yield


@contextmanager
def streaming(server: Process) -> Iterator[None]:
    with Connection(server.port) as connection:
        connection.send(head(method="GET", path="/_inspect/stream?q="))
        connection._until(b"retry: 1000")
        yield


@contextmanager
def waiting(server: Process) -> Iterator[None]:
    """A request that waits for an event is answered as the server stops."""
    with Connection(server.port) as connection:
        target = "/_inspect/events?q=event:never&wait=30"
        connection.send(head(method="GET", path=target))
        assert not connection.has_more(seconds=0.05)
        yield
        assert connection.answer(method="GET").status == 200


@contextmanager
def half_sent(server: Process) -> Iterator[None]:
    with Connection(server.port) as connection:
        connection.send(head("Content-Length: 500") + b"{")
        assert not connection.has_more(seconds=0.05)
        yield


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize(
    "busy",
    [idle, kept_open, streaming, waiting, half_sent],
    ids=lambda one: one.__name__,
)
def test_a_signal_stops_it_in_under_a_second(
    number: int, busy: Callable[[Process], AbstractContextManager[None]]
) -> None:
    with mockcollect("--quiet") as server:
        worker = server.worker
        with busy(server):
            started = time.monotonic()
            code = server.stop(number)
            assert time.monotonic() - started < STOPS_WITHIN
        assert code == 0
        assert not is_alive(worker)
        assert str(server.stderr) == ""


def test_what_is_in_flight_is_answered() -> None:
    with mockcollect("--quiet") as server, Connection(server.port) as connection:
        connection.send(head(f"Content-Length: {len(EVENT)}") + EVENT[:5])
        assert not connection.has_more(seconds=0.05)
        server.send_signal(signal.SIGTERM)
        assert not connection.has_more(seconds=0.1)
        connection.send(EVENT[5:])
        assert connection.answer().status == 200
        assert server.finish() == 0


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("delay", [0.0, 0.05, 0.12, 0.25])
def test_a_signal_to_the_group_during_the_start_leaves_nothing(
    driver: Path, method: str, number: int, delay: float
) -> None:
    command = (sys.executable, str(driver), method)
    with launched("--quiet", command=command) as server:
        server.stderr.wait_for("imported")
        time.sleep(delay)  # not a wait: the moments of a start are what is tried
        os.killpg(server.pid, number)
        code = server.finish(seconds=3)
        # Before the command has begun a signal ends the process as it ends any other.
        assert code in (0, -number, 1)
        assert "Traceback" not in str(server.stderr)
        wait_until(lambda: not group_is_alive(server.pid), "a worker was left")


def group_is_alive(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("method", START_METHODS)
def test_it_runs_with_each_way_to_start_a_process(driver: Path, method: str) -> None:
    command = (sys.executable, str(driver), method)
    with mockcollect(command=command) as server:
        assert server.post({"event_name": method}) == 200
        server.stdout.wait_for(method)
        assert server.stop() == 0
        assert str(server.stderr) == "imported\n"


@pytest.mark.parametrize("method", START_METHODS)
def test_a_killed_server_leaves_no_worker_and_frees_port_and_file(
    driver: Path, method: str, tmp_path: Path
) -> None:
    command = (sys.executable, str(driver), method)
    db = str(tmp_path / "db")
    with mockcollect("--quiet", "--db", db, command=command) as server:
        worker = server.worker
        server.send_signal(signal.SIGKILL)
        wait_until(lambda: not is_alive(worker), "worker", seconds=STOPS_WITHIN)
        with mockcollect("--quiet", "--db", db, port=server.port) as second:
            assert second.post({}) == 200


def test_a_killed_worker_ends_the_server_with_one_line() -> None:
    with mockcollect("--quiet") as server:
        os.kill(server.worker, signal.SIGKILL)
        assert server.finish(seconds=3) == 2
        assert_one_line(str(server.stderr), "stopped by itself")


def test_all_that_was_answered_is_printed_before_the_end() -> None:
    with mockcollect("--json") as server:
        for number in range(50):
            assert server.post({"event_name": f"event-{number}"}) == 200
        assert server.stop() == 0
        assert len(str(server.stdout).splitlines()) == 50


# -- not starting


def assert_one_line(text: str, *parts: str) -> None:
    lines = text.splitlines()
    assert len(lines) == 1, text
    assert lines[0].startswith("mockcollect: ")
    for part in parts:
        assert part in lines[0]


def refused(*arguments: str) -> str:
    result = run_command("--quiet", *arguments)
    assert result.returncode == 2, result
    assert result.stdout == ""
    return result.stderr


def test_a_port_that_another_mockcollect_has_is_refused_with_its_pid() -> None:
    with mockcollect("--quiet") as server:
        said = refused("--port", str(server.port))
        assert_one_line(said, f"Port {server.port} is in use", f"pid {server.worker},")
        assert server.post({}) == 200


def test_a_port_that_something_else_has_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = refused("--port", str(port))
    assert_one_line(said, f"Port {port} is in use", "Something else is listening")


def test_a_port_that_was_left_a_moment_ago_can_be_used_again() -> None:
    with mockcollect("--quiet") as first:
        with Connection(first.port) as connection:
            connection.send(post(EVENT))
            connection.answer()
            assert first.stop() == 0  # it closes first, which is what keeps a port
        with mockcollect("--quiet", port=first.port) as second:
            assert second.post({}) == 200


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_that_start_at_once_on_one_port_one_does(attempt: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with launched(port=port) as one, launched(port=port) as two:
        wait_until(lambda: one.ended or two.ended, "neither gave way")
        loser, winner = (one, two) if one.ended else (two, one)
        assert loser.finish() == 2
        assert_one_line(str(loser.stderr), f"Port {port} is in use")
        winner.wait_until_ready()
        assert winner.post({}) == 200


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        pytest.param(["--host", ""], ["host", "empty"], id="empty-host"),
        pytest.param(["--host", "no.such.host.invalid"], ["no host"], id="no-host"),
        pytest.param(["--host", "203.0.113.1"], ["listened on"], id="foreign-host"),
    ],
)
def test_a_host_that_cannot_be_listened_on_is_refused(
    arguments: list[str], parts: list[str]
) -> None:
    assert_one_line(refused("--port", "0", *arguments), *parts)


def test_a_file_that_is_not_ours_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("my notes\n")
    said = refused("--port", "0", "--db", str(file))
    assert_one_line(said, str(file), "is not a recording of mockcollect")
    assert file.read_text() == "my notes\n"


def test_a_file_that_another_mockcollect_writes_is_refused(tmp_path: Path) -> None:
    file = str(tmp_path / "db")
    with mockcollect("--quiet", "--db", file) as server:
        said = refused("--port", "0", "--db", file)
        assert_one_line(said, file, "written by another mockcollect")
        assert server.post({}) == 200


@pytest.mark.parametrize("where", ["no/such/folder/db", "a-file/db", "."])
def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path, where: str) -> None:
    (tmp_path / "a-file").touch()
    said = refused("--port", "0", "--db", str(tmp_path / where))
    assert_one_line(said, "cannot be opened for writing", "--db")


# -- the port file


def test_the_port_file_is_written_once_events_can_be_recorded(tmp_path: Path) -> None:
    file = tmp_path / "port"
    file.write_text("1\n")  # of a server before
    with launched("--quiet", port_file=file) as server:
        seen: set[str] = set()

        def is_written() -> bool:
            with suppress(FileNotFoundError):
                seen.add(file.read_text())
            return bool(seen - {"1\n"})

        wait_until(is_written, "no port file")
        server.wait_until_ready()
        assert server.post({}) == 200
        assert seen - {"1\n"} == {f"{server.port}\n"}
        assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("where", ["no/such/folder/port", "a-file/port"])
def test_a_port_file_that_cannot_be_written_is_refused(
    tmp_path: Path, where: str
) -> None:
    (tmp_path / "a-file").touch()
    said = refused("--port", "0", "--port-file", str(tmp_path / where))
    assert_one_line(said, "port file", "cannot be written")


def test_a_port_file_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("my notes\n")
    said = refused("--port", "0", "--port-file", str(file))
    assert_one_line(said, "holds no port number")
    assert file.read_text() == "my notes\n"


# -- recording fails


def unmeasured_environment() -> dict[str, str]:
    """Return the environment of a process that coverage could not write its data in."""
    kept = clean_environment().items()
    return {name: value for name, value in kept if not name.startswith("COVERAGE")}


LIMITED = """
import resource, sys
from mockcollect.cli.commands import main
if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    main(prog_name="mockcollect")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process")
def test_a_disk_that_is_full_from_the_start_is_one_clear_line(tmp_path: Path) -> None:
    script = tmp_path / "limited.py"
    script.write_text(LIMITED.replace("200_000", "20_000"))
    result = subprocess.run(
        [sys.executable, str(script), "--port", "0", "--db", str(tmp_path / "db")],
        capture_output=True,
        text=True,
        timeout=20,
        env=unmeasured_environment(),
    )
    assert result.returncode == 2
    assert_one_line(result.stderr, "cannot be written")


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process")
def test_a_full_disk_is_a_503_said_once_and_heals(tmp_path: Path) -> None:
    import resource

    script = tmp_path / "limited.py"
    script.write_text(LIMITED)
    db = tmp_path / "db"
    event = {"event_name": "purchase", "fill": "x" * 10_000}
    command = (sys.executable, str(script))
    with mockcollect("--db", str(db), command=command) as server:
        statuses = [server.post(event) for _ in range(40)]
        recorded = statuses.index(503)
        assert set(statuses[:recorded]) == {200}
        assert set(statuses[recorded:]) == {503}
        assert server.request("GET", "/_inspect/ready")[0] == 503
        result = run_command("ready", "--url", server.url)
        assert result.returncode == 1
        assert "cannot be written" in result.stderr
        with Connection(server.port) as connection:
            connection.send(post(b"x" * 5_000_000))
            # Its id may just fit where the request itself does not.
            assert connection.answer().status in (400, 503)
            connection.send(post(json.dumps(event).encode()))
            assert connection.answer().status == 503
        assert str(server.stderr).count("cannot be written") == 1

        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(server.worker, resource.RLIMIT_FSIZE, unlimited)
        assert server.post(event) == 200
        assert server.request("GET", "/_inspect/ready")[0] == 200
        assert len(server.events()) == recorded + 1
        assert server.stop() == 0
    with mockcollect("--db", str(db)) as server:
        assert len(server.events()) == recorded + 1
        assert str(server.stderr) == ""


@pytest.mark.parametrize("victim", ["main", "worker"])
def test_no_answered_event_is_lost_when_it_is_killed(
    tmp_path: Path, victim: str
) -> None:
    db = str(tmp_path / "db")
    answered: list[str] = []
    with mockcollect("--quiet", "--db", db) as server:
        worker = server.worker

        def send(sender: int) -> None:
            with suppress(OSError), Connection(server.port) as connection:
                for number in range(100_000):
                    event_id = f"{sender}-{number}"
                    connection.send(post(b'{"event_id":"%s"}' % event_id.encode()))
                    if connection.answer().status == 200:
                        answered.append(event_id)

        senders = [threading.Thread(target=send, args=(n,)) for n in range(4)]
        for sender in senders:
            sender.start()
        wait_until(lambda: len(answered) > 500, "too few answers")
        os.kill(server.pid if victim == "main" else worker, signal.SIGKILL)
        for sender in senders:
            sender.join(10)
        wait_until(lambda: not is_alive(worker), "the worker lives on")
    with mockcollect("--quiet", "--db", db) as server:
        status, content = server.request("GET", "/_inspect/export?format=jsonl")
        assert status == 200
        recorded = {
            line.split(b'"event_id":"')[1].split(b'"')[0].decode()
            for line in content.splitlines()
        }
        assert set(answered) <= recorded


# -- many connections


@pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux has them")
def test_a_low_limit_of_open_files_is_raised() -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2000:
        pytest.skip(f"the hard limit of open files is {hard}")
    with mockcollect("--quiet") as server:
        soft, _ = resource.prlimit(server.worker, resource.RLIMIT_NOFILE)
        assert soft == min(hard, 2 * 16_384)


def test_a_closed_terminal_does_not_stop_what_is_recorded() -> None:
    """As `mockcollect | head -1` does, but for the shell."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(PYTHONUNBUFFERED="1"),
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [process.stdout.readline() for _ in range(3)]
        process.stdout.close()
        port = int(lines[2].split("127.0.0.1:")[1].split("/")[0])
        with Connection(port) as connection:
            for _ in range(3):
                connection.send(post(EVENT))
                assert connection.answer().status == 200
                time.sleep(0.11)  # a line is tried to be printed after each
        process.terminate()
        assert process.wait(5) == 0
        assert process.stderr.read() == ""
        process.stderr.close()
    finally:
        process.kill()
        process.wait(5)
