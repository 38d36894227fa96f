"""How long it takes until there is something to use."""

from __future__ import annotations

import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.bodies import EVENT_TARGET, event_body
from benchmarks.plan import EVENTS, Plan, middle
from benchmarks.processes import CORES
from benchmarks.report import NotMeasured, Row, Target, number
from benchmarks.servers import ROOT, mockcollect, python

OPEN_SECONDS = 1.5
START = Target("<=", 0.6, " s")
IMPORT = Target("<=", 0.15, " s")
_TIMEOUT = 120
_INSIDE = Path(__file__).with_name("inside.py")


def measure_opening(plan: Plan) -> list[Row]:
    """Time the opening of a file with many events."""
    plan.say(f"opening: recording {plan.events:,} events")
    file, body = plan.folder / "opening.db", plan.folder / "event.json"
    body.write_bytes(event_body())
    query = urlsplit(EVENT_TARGET).query
    _inside("fill", str(file), str(plan.events), str(body), query)
    megabytes = file.stat().st_size / 1e6
    seconds = [float(_inside("open", str(file))) for _ in range(plan.rounds)]
    file.unlink()
    # A quick run opens a smaller file: its time is judged in proportion.
    target = Target("<=", OPEN_SECONDS * plan.events / EVENTS, " s")
    name = f"opening a file of {plan.events:,} events"
    ours = f"{megabytes:,.0f} MB"
    return [Row(name, target, middle(seconds), ours, "", tuple(seconds))]


def measure_start(plan: Plan) -> list[Row]:
    """Time the way from a start to the first answer, and the import."""
    plan.say("start: starting and importing")
    starts: list[float] = []
    imports: list[float] = []
    for _ in range(2 * plan.rounds + 1):
        with mockcollect(pinned=False) as server:
            starts.append(server.start_seconds)
        imports.append(float(_inside("import")))
    return [
        _row("start to the first answer", START, starts),
        _row("import mockcollect", IMPORT, imports),
    ]


def _row(name: str, target: Target, seconds: list[float]) -> Row:
    best = f"best {number(min(seconds))} s"
    return Row(name, target, middle(seconds), best, "", tuple(seconds))


def _inside(*arguments: str) -> str:
    command = [*CORES.prefix(CORES.server), python(), str(_INSIDE), *arguments]
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=_TIMEOUT, check=False
    )
    if ended.returncode:
        raise NotMeasured(f"{arguments[0]}: {ended.stderr.strip()[-200:]}")
    return ended.stdout
