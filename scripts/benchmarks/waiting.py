"""What a hundred streams and a hundred waiting requests cost those who send."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.bodies import EVENT_TARGET, event_body
from benchmarks.plan import Plan, middle, quotients
from benchmarks.processes import CORES, HOST, Server
from benchmarks.report import NotMeasured, Row, Target
from benchmarks.servers import mockcollect

LATENCY = Target("<=", 1.5, "×")
STREAMS = WAITS = 100

PACES = {"200 a second": 1 / 200, "one after the other": 0.0}
_CROWD = Path(__file__).with_name("crowd.py")
_SETTLE_SECONDS = 0.5
_OPEN_SECONDS = 20


def measure(plan: Plan) -> list[Row]:
    """Compare the time of a POST alone with that beside streams and waits."""
    alone: dict[str, list[float]] = {pace: [] for pace in PACES}
    beside: dict[str, list[float]] = {pace: [] for pace in PACES}
    for number in range(plan.rounds):
        plan.say(f"waiting: round {number + 1} of {plan.rounds}")
        with mockcollect() as server, CORES.on_load_core():
            for pace, gap in PACES.items():
                alone[pace].append(_median_ms(server, gap, plan.seconds))
            for pace, gap in PACES.items():
                with _crowd(server):
                    beside[pace].append(_median_ms(server, gap, plan.seconds))
    return [_row(pace, alone[pace], beside[pace]) for pace in PACES]


def _row(pace: str, alone: list[float], beside: list[float]) -> Row:
    ratios = quotients(beside, alone)
    return Row(
        f"POST beside {STREAMS} streams, {WAITS} waits, {pace}",
        LATENCY,
        middle(ratios),
        f"{middle(beside):.2f} ms",
        f"alone {middle(alone):.2f} ms",
        ratios,
    )


def _median_ms(server: Server, gap: float, seconds: int) -> float:
    with socket.create_connection((HOST, server.port), timeout=10) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return middle(list(_times(sock, gap, seconds))) * 1000


def _times(sock: socket.socket, gap: float, seconds: int) -> Iterator[float]:
    """Yield the seconds that each request took, sent when the one before was answered.

    With a gap, a request leaves so long after the one before.
    """
    request = _request()
    end = time.perf_counter() + seconds
    started = 0.0
    while started < end:
        started = time.perf_counter()
        sock.sendall(request)
        _read_answer(sock)
        took = time.perf_counter() - started
        yield took
        if took < gap:
            time.sleep(gap - took)


def _request() -> bytes:
    body = event_body()
    head = (
        f"POST {EVENT_TARGET} HTTP/1.1\r\nHost: {HOST}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _read_answer(sock: socket.socket) -> None:
    """Read one answer, which has no body."""
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        part = sock.recv(65536)
        if not part:
            raise NotMeasured("the server hung up")
        answer += part
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise NotMeasured(f"a POST was answered {answer[:40]!r}")


@contextmanager
def _crowd(server: Server) -> Iterator[None]:
    """Hold streams and waiting requests open, and see that they were what they seem."""
    arguments = [str(server.port), str(STREAMS), str(WAITS)]
    process = subprocess.Popen(
        [*CORES.prefix(CORES.load), sys.executable, str(_CROWD), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        if process.stdout.readline() != "open\n":
            raise NotMeasured("streams could not be opened")
        time.sleep(_SETTLE_SECONDS)  # the waiting requests have arrived by then
        yield
        said = process.communicate(timeout=_OPEN_SECONDS)[0]
        fed, waiting = map(int, said.split())
    finally:
        process.kill()
        process.wait()
    if fed < STREAMS or waiting < WAITS:
        raise NotMeasured(f"{fed} streams were fed and {waiting} requests waited")
