"""What 100,000 recorded events do to the cost of the next one, and to the memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.bodies import event_body
from benchmarks.load import press
from benchmarks.plan import Plan, middle, quotients
from benchmarks.processes import Server
from benchmarks.report import NotMeasured, Row, Target, rate
from benchmarks.servers import mockcollect, recorded

FLAT = Target("<=", 1.2, "×")
BYTES_AN_EVENT = Target("<=", 500, " B")
TIMES_SENT = Target("<=", 2.5, "×")

_IN_MEMORY = "in memory"
_KINDS = ("--db", _IN_MEMORY)
_FILLING_WINDOWS = 120


def measure_flat(plan: Plan) -> list[Row]:
    """Compare the cost of an event on a full recorder with that on a new one.

    Both take turns, so that both see the machine as it is at that time.
    """
    return [_flat(plan, kind) for kind in _KINDS]


def measure_memory(plan: Plan) -> list[Row]:
    """Compare resident memory before and after many events."""
    return [_memory(plan, kind) for kind in _KINDS]


def _flat(plan: Plan, kind: str) -> Row:
    new: list[float] = []
    full: list[float] = []
    with _server(plan, kind, "full") as filled:
        plan.say(f"flat {kind}: recording {plan.events:,} events")
        fill(filled, plan.events)
        for number in range(plan.rounds):
            plan.say(f"flat {kind}: round {number + 1} of {plan.rounds}")
            filled.pause()
            with _server(plan, kind, f"new-{number}") as fresh:
                press(fresh, 1)
                new.append(press(fresh, plan.seconds).rate)
            filled.resume()
            press(filled, 1)
            full.append(press(filled, plan.seconds).rate)
    costs = quotients(new, full)
    return Row(
        f"cost after {plan.events:,} events, {kind}",
        FLAT,
        middle(costs),
        f"then {rate(middle(full))}",
        f"first {rate(middle(new))}",
        costs,
    )


def _memory(plan: Plan, kind: str) -> Row:
    plan.say(f"memory {kind}: recording {plan.events:,} events")
    with _server(plan, kind, "memory") as server:
        press(server, 1)  # threads, caches and connections are not what is asked
        before, first = server.rss(), recorded(server)
        fill(server, first + plan.events)
        grown, events = server.rss() - before, recorded(server) - first
    each = grown / events
    name = f"memory of {plan.events:,} events, {kind}"
    ours = f"{grown / 1e6:,.1f} MB"
    if kind == _IN_MEMORY:
        sent = events * len(event_body())
        return Row(name, TIMES_SENT, grown / sent, ours, f"{sent / 1e6:,.1f} MB sent")
    return Row(name, BYTES_AN_EVENT, each, ours, f"{events:,} events")


@contextmanager
def _server(plan: Plan, kind: str, name: str) -> Iterator[Server]:
    """Start a server that keeps all events."""
    options: list[str | Path] = ["--max-events", "0"]
    file = plan.folder / f"{name}.db"
    if kind == "--db":
        options += ["--db", file]
    try:
        with mockcollect(*options) as server:
            yield server
    finally:
        file.unlink(missing_ok=True)


def fill(server: Server, events: int) -> None:
    """Record until at least so many events are kept."""
    for _ in range(_FILLING_WINDOWS):
        if recorded(server) >= events:
            return
        press(server, 1)
    raise NotMeasured(f"{events:,} events were not recorded in {_FILLING_WINDOWS} s")
