"""Batches of 400 events, just under the limit of 500 KB."""

from __future__ import annotations

from pathlib import Path

from benchmarks.bodies import BATCH_SIZE, BATCH_TARGET, batch_body
from benchmarks.load import press
from benchmarks.plan import Plan, middle
from benchmarks.report import Row, Target
from benchmarks.servers import mockcollect

EVENTS_A_SECOND = Target(">=", 20_000, "/s")


def measure(plan: Plan) -> list[Row]:
    """Count the events that arrive in batches, in memory and in a file."""
    rates: dict[str, list[float]] = {"in memory": [], "--db": []}
    for number in range(plan.rounds):
        plan.say(f"batch: round {number + 1} of {plan.rounds}")
        for kind, found in rates.items():
            file = plan.folder / f"batch-{number}.db"
            options = ("--db", file) if kind == "--db" else ()
            found.append(_events_a_second(plan, options))
            file.unlink(missing_ok=True)
    return [_row(kind, tuple(found)) for kind, found in rates.items()]


def _events_a_second(plan: Plan, options: tuple[str | Path, ...]) -> float:
    body = batch_body()
    with mockcollect(*options) as server:
        press(server, 1, body=body, target=BATCH_TARGET)
        load = press(server, plan.seconds, body=body, target=BATCH_TARGET)
    return load.rate * BATCH_SIZE


def _row(kind: str, found: tuple[float, ...]) -> Row:
    events = middle(found)
    batches = f"{events / BATCH_SIZE:,.0f} batches/s"
    name = f"events in batches of {BATCH_SIZE}, {kind}"
    return Row(name, EVENTS_A_SECOND, events, batches, "", found)
