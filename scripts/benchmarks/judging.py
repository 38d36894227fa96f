"""What verdicts cost: one, the collect path beside them, and a stream of all."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.bodies import EVENT_TARGET, event_body, faulty_event_body
from benchmarks.plan import Plan, middle, quotients
from benchmarks.processes import CORES
from benchmarks.report import NotMeasured, Row, Target, rate
from benchmarks.servers import ROOT, python

ONE = Target("<=", 60, " µs")
COLLECT = Target("<=", 1.1, "×")
STREAM = Target("<=", 0.8, " of a core")
STREAMED_A_SECOND = 3_000

_EVENTS = 5_000
_TIMEOUT = 120
_INSIDE = Path(__file__).with_name("inside.py")


def measure(plan: Plan) -> list[Row]:
    """Judge events, collect with a plan and without, and stream verdicts live."""
    body = plan.folder / "event.json"
    body.write_bytes(event_body())
    faulty = plan.folder / "faulty.json"
    faulty.write_bytes(faulty_event_body())
    plan.say("judging: one event, collecting, and a stream of all")
    seconds = 2 * plan.seconds
    rounds = [
        {
            **_inside("judge", body, _EVENTS),
            "faulty": _inside("judge", faulty, _EVENTS)["judge"],
            **_inside("collect", body, _EVENTS),
            **_inside("stream", body, STREAMED_A_SECOND, seconds),
        }
        for _ in range(plan.rounds)
    ]
    figures = {name: [one[name] for one in rounds] for name in rounds[0]}
    return [_one(figures), _collect(figures), _stream(figures)]


def _one(figures: dict[str, list[float]]) -> Row:
    times = figures["judge"]
    worst = f"99 % in {middle(figures['judge_99']):.0f} µs"
    others = (
        f"with history {middle(figures['verdict']):.0f} µs, "
        f"with mistakes {middle(figures['faulty']):.0f} µs"
    )
    return Row(
        "judging one event of 1 KB", ONE, middle(times), worst, others, (*times,)
    )


def _collect(figures: dict[str, list[float]]) -> Row:
    ratios = quotients(figures["with_plan"], figures["without"])
    return Row(
        "collecting an event with a plan that nobody looks at",
        COLLECT,
        middle(ratios),
        f"{middle(figures['with_plan']):.1f} µs",
        f"without {middle(figures['without']):.1f} µs",
        ratios,
    )


def _stream(figures: dict[str, list[float]]) -> Row:
    shares = figures["share"]
    # It keeps up for as long as a core is enough for it and for collecting.
    return Row(
        f"collecting and a stream of verdicts at {rate(STREAMED_A_SECOND)}",
        STREAM,
        middle(shares),
        f"{middle(figures['behind']):.2g} s behind",
        f"at {rate(middle(figures['sent_rate']))}",
        (*shares,),
    )


def _inside(work: str, body: Path, *numbers: int) -> dict[str, Any]:
    command = [*CORES.prefix(CORES.server), python(), str(_INSIDE), work, str(body)]
    command += [urlsplit(EVENT_TARGET).query, *map(str, numbers)]
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=_TIMEOUT, check=False
    )
    if ended.returncode:
        raise NotMeasured(f"{work}: {ended.stderr.strip()[-200:]}")
    figures: dict[str, Any] = json.loads(ended.stdout)
    return figures
