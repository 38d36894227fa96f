"""Load: wrk on a core of its own, with sixteen connections that are kept open."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bodies import EVENT_TARGET, event_body
from benchmarks.processes import CORES, HOST, Server
from benchmarks.report import NotMeasured

CONNECTIONS = 16
_SCRIPT = Path(__file__).with_name("post.lua")


@dataclass(frozen=True)
class Load:
    """What came of one window of load."""

    requests: int
    rate: float
    median_ms: float
    p99_ms: float
    cpu_us: float
    """Processor time of the server for one request."""


def press(
    server: Server,
    seconds: int,
    *,
    body: bytes | None = None,
    target: str = EVENT_TARGET,
    connections: int = CONNECTIONS,
) -> Load:
    """Send as many requests as a server takes; raises NotMeasured for a bad answer."""
    if shutil.which("wrk") is None:
        raise NotMeasured("wrk is missing; scripts/bench --install gets it")
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(event_body() if body is None else body)
        file.flush()
        before = server.cpu_seconds()
        said = _wrk(server.port, seconds, connections, file.name, target)
        used = server.cpu_seconds() - before
    return _read(said, used)


def _wrk(port: int, seconds: int, connections: int, file: str, target: str) -> str:
    command = [
        *CORES.prefix(CORES.load),
        "wrk",
        "--threads=1",
        f"--connections={connections}",
        f"--duration={seconds}s",
        "--timeout=15s",
        f"--script={_SCRIPT}",
        f"http://{HOST}:{port}",
        "--",
        file,
        target,
    ]
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=seconds + 30, check=False
    )
    return ended.stdout + ended.stderr


def _read(said: str, cpu_seconds: float) -> Load:
    lines = [line for line in said.splitlines() if line.startswith("RESULT ")]
    if not lines:
        raise NotMeasured(f"wrk failed: {said.strip()[-200:]}")
    requests, microseconds, median, p99, bad, broken = map(int, lines[0].split()[1:])
    if bad or broken or not requests:
        raise NotMeasured(
            f"of {requests:,} requests {bad:,} got an error and {broken:,} no answer"
        )
    return Load(
        requests,
        requests / microseconds * 1e6,
        median / 1000,
        p99 / 1000,
        cpu_seconds / requests * 1e6,
    )
