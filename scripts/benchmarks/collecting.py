"""One event at a time over sixteen connections, beside those who do the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial

from benchmarks.load import press
from benchmarks.plan import Plan, middle, quotients
from benchmarks.processes import Server
from benchmarks.report import NotMeasured, Row, Target, rate
from benchmarks.servers import empty_journal, mockcollect, mockttp, nginx, wiremock

IN_MEMORY, IN_A_FILE = "collect", "collect --db"
NGINX, MOCKTTP, WIREMOCK = "nginx", "mockttp", "WireMock, warm"
TARGETS = {
    NGINX: Target(">=", 0.15, "×"),
    MOCKTTP: Target(">=", 3, "×"),
    WIREMOCK: Target(">=", 1.5, "×"),
}

_WARM_UP_SECONDS = 1
_WINDOWS = range(4, 20)
"""How many seconds WireMock is warmed up for: at least, and at most."""

_HARDLY_FASTER = 1.05

Start = Callable[[], AbstractContextManager[Server]]


def measure(plan: Plan) -> list[Row]:
    """Compare our rate with each peer's, in memory and in a file."""
    rates: dict[str, list[float]] = defaultdict(list)
    missing: dict[str, str] = {}
    with ExitStack() as stack:
        java = _warm(stack, plan, missing)
        for number in range(plan.rounds):
            plan.say(f"collect: round {number + 1} of {plan.rounds}")
            for name, start in _starts(plan, number).items():
                if name not in missing:
                    _measure_new(plan, name, start, rates, missing)
            if java is not None:
                rates[WIREMOCK].append(_measure_warm(plan, java))
    return [
        _row(ours, peer, rates, missing)
        for ours in (IN_MEMORY, IN_A_FILE)
        for peer in TARGETS
    ]


def _starts(plan: Plan, number: int) -> dict[str, Start]:
    """Return who is started anew for a round: all but WireMock."""
    return {
        IN_MEMORY: mockcollect,
        IN_A_FILE: partial(mockcollect, "--db", plan.folder / f"collect-{number}.db"),
        NGINX: partial(nginx, plan.folder),
        MOCKTTP: mockttp,
    }


def _measure_new(
    plan: Plan,
    name: str,
    start: Start,
    rates: dict[str, list[float]],
    missing: dict[str, str],
) -> None:
    """Measure a server in its first seconds: one to warm up, then the window."""
    try:
        with start() as server:
            press(server, _WARM_UP_SECONDS)
            rates[name].append(press(server, plan.seconds).rate)
    except NotMeasured as error:
        if name not in TARGETS:
            raise
        missing[name] = str(error)


def _warm(stack: ExitStack, plan: Plan, missing: dict[str, str]) -> Server | None:
    """Start WireMock and press until it hardly gets faster, then freeze it.

    Frozen it costs the others nothing, and stays as warm as it is.
    """
    plan.say("collect: warming WireMock up")
    try:
        server = stack.enter_context(wiremock(plan.folder))
        best, idle = 0.0, 0
        for window in _WINDOWS:
            now = press(server, _WARM_UP_SECONDS).rate
            idle = idle + 1 if now < best * _HARDLY_FASTER else 0
            best = max(best, now)
            if idle > 1 and window > _WINDOWS.start + 2:
                break
        empty_journal(server)
    except NotMeasured as error:
        missing[WIREMOCK] = str(error)
        return None
    server.pause()
    return server


def _measure_warm(plan: Plan, server: Server) -> float:
    server.resume()
    press(server, _WARM_UP_SECONDS)
    now = press(server, plan.seconds).rate
    empty_journal(server)
    server.pause()
    return now


def _row(
    ours: str, peer: str, rates: dict[str, list[float]], missing: dict[str, str]
) -> Row:
    name = f"{ours}, against {peer}"
    if peer in missing:
        return Row(name, TARGETS[peer], not_measured=missing[peer])
    ratios = quotients(rates[ours], rates[peer])
    return Row(
        name,
        TARGETS[peer],
        middle(ratios),
        rate(middle(rates[ours])),
        rate(middle(rates[peer])),
        ratios,
    )
