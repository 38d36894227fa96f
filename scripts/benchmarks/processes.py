"""Servers under test: started on a core of their own, asked until ready, ended by pid.

Each server gets a session of its own, so that all its processes have one group: they
are counted, paused and ended together, and nothing else is.
"""

from __future__ import annotations

import http.client
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.bodies import EVENT_TARGET, event_body
from benchmarks.report import NotMeasured

HOST = "127.0.0.1"
READY_SECONDS = 60.0
STOP_SECONDS = 5.0
POLL_SECONDS = 0.002
_PROC = Path("/proc")
_PORTS = range(20_000, 30_000)  # below those that outgoing connections get


class Cores:
    """Which core carries the server and which the load, where there are two."""

    def __init__(self) -> None:
        have = sorted(os.sched_getaffinity(0))
        self.is_pinned = len(have) > 1 and shutil.which("taskset") is not None
        self.server, self.load = have[0], have[-1]

    def prefix(self, core: int) -> list[str]:
        """Return what stands before a command that is to run on a core."""
        return ["taskset", "-c", str(core)] if self.is_pinned else []

    @contextmanager
    def on_load_core(self) -> Iterator[None]:
        """Keep this process itself off the server's core."""
        before = os.sched_getaffinity(0)
        if self.is_pinned:
            os.sched_setaffinity(0, {self.load})
        try:
            yield
        finally:
            os.sched_setaffinity(0, before)


CORES = Cores()


def free_port() -> int:
    """Return a port that nobody listens on."""
    while True:
        port = random.choice(_PORTS)
        with socket.socket() as sock, suppress(OSError):
            sock.bind((HOST, port))
            return port


class Server:
    """A process that answers `POST /events`, from its start to its first answer."""

    def __init__(
        self,
        command: Sequence[str | Path],
        port: int,
        *,
        cwd: Path | None = None,
        pinned: bool = True,
    ) -> None:
        self.port = port
        prefix = CORES.prefix(CORES.server) if pinned else []
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - `stop` closes it
        started = time.perf_counter()
        self._process = subprocess.Popen(
            [*prefix, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            cwd=cwd,
            env=_environment(),
            start_new_session=True,
        )
        try:
            self._until_ready(Path(command[0]).name)
        except BaseException:
            self.stop()
            raise
        self.start_seconds = time.perf_counter() - started

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End all processes of this server: asked first, then made to."""
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._said.close()

    def pause(self) -> None:
        """Freeze the server until `resume`."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused server go on."""
        self._signal(signal.SIGCONT)

    def rss(self) -> int:
        """Return how many bytes of memory all its processes have resident."""
        return sum(_rss(pid) for pid in self._pids())

    def cpu_seconds(self) -> float:
        """Return how much processor time all its processes have used."""
        ticks = sum(sum(map(int, _stat(pid)[11:13])) for pid in self._pids())
        return ticks / os.sysconf("SC_CLK_TCK")

    def _until_ready(self, name: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException):
                ask(self.port, "POST", EVENT_TARGET, event_body())
                return
            if self._process.poll() is not None:
                raise NotMeasured(f"{name} did not start: {self._last_words()}")
            time.sleep(POLL_SECONDS)
        raise NotMeasured(f"{name} did not answer within {READY_SECONDS:.0f} s")

    def _last_words(self) -> str:
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").split("\n")
        said = [line for line in lines if line.strip()]
        return said[-1] if said else f"exit code {self._process.returncode}"

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _pids(self) -> list[int]:
        pids = (int(one.name) for one in _PROC.iterdir() if one.name.isdigit())
        group = str(self._process.pid)
        return [pid for pid in pids if _stat(pid)[2:3] == [group]]


def ask(
    port: int,
    method: str,
    path: str,
    body: bytes | None = None,
    *,
    timeout: float = 10.0,
) -> bytes:
    """Send one request to this machine; raises HTTPException unless it gets a 2xx."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    headers = {"Content-Type": "application/json"} if body else {}
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    if not 200 <= response.status < 300:
        raise http.client.HTTPException(f"{method} {path}: {response.status}")
    return content


def _environment() -> dict[str, str]:
    """Return our environment without what would set mockcollect's options."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("MOCKCOLLECT_")
    }


def _stat(pid: int) -> list[str]:
    """Return the fields of a process behind its name, none if it is gone."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _rss(pid: int) -> int:
    with suppress(OSError):
        for line in (_PROC / str(pid) / "status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0
