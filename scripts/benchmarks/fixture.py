"""What the pytest fixture costs a test, a suite that uses it, and one that does not.

All is timed inside pytest processes, each test by a hook around its whole protocol:
whole processes differ by more than what is measured. The kinds of test take turns.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from benchmarks.plan import Plan, middle, quotients
from benchmarks.report import NotMeasured, Row, Target
from benchmarks.servers import ROOT, python

IDLE = Target("<=", 0.3, " ms")
POST = Target("<=", 1.3, "×")
FIRST_USE = Target("<=", 250, " ms")
ASSERTION = Target("<=", 5, " ms")
UNUSED = Target("<=", 10, " ms")
PAIRS = 20

_TESTS = Path(__file__).with_name("fixture_suite")
_UNUSED = Path(__file__).with_name("unused.py")
_TIMEOUT = 120
_OURS = ("-p", "mockcollect")
_BOTH = (*_OURS, "-p", "pytest_httpserver")
_COMPARED = ("mockcollect", "httpserver", "responses")

Figures = Mapping[str, Sequence[float]]
"""What one pytest process measured: milliseconds, by the kind of test."""


@dataclass(frozen=True)
class Round:
    """What the processes of one round measured."""

    turns: Figures
    first: Figures
    first_other: Figures
    assertions: Figures

    def idle(self, name: str) -> float:
        """Return what a fixture adds to a test that does nothing with it."""
        return _middle(self.turns[f"idle_{name}"]) - _middle(self.turns["nothing"])

    def post(self, name: str) -> float:
        """Return what a test takes that sends one event."""
        return _middle(self.turns[f"post_{name}"])


def measure(plan: Plan) -> list[Row]:
    """Compare tests with the fixture to tests with others, and with none."""
    suite = _Suite(plan.folder)
    plan.say("fixture: a first round, that compiles all")
    _round(suite)
    rounds: list[Round] = []
    unused: list[float] = []
    for number in range(plan.rounds):
        plan.say(f"fixture: round {number + 1} of {plan.rounds}")
        rounds.append(_round(suite))
        unused.append(middle(suite.unused()))
    return [
        _idle(rounds),
        _post(rounds),
        _first_use(rounds),
        _assertion(rounds),
        _unused(unused),
    ]


def _round(suite: _Suite) -> Round:
    return Round(
        turns=suite.run("nothing or idle or post", *_BOTH),
        first=suite.run("idle_mockcollect", *_OURS),
        first_other=suite.run("idle_responses"),
        assertions=suite.run("assertion", *_OURS),
    )


def _idle(rounds: Sequence[Round]) -> Row:
    ours, *others = ([one.idle(name) for one in rounds] for name in _COMPARED)
    name = "fixture, set-up and tear-down"
    return Row(name, IDLE, middle(ours), _ms(ours), _beside(*others), tuple(ours))


def _post(rounds: Sequence[Round]) -> Row:
    ours, peer, other = ([one.post(name) for one in rounds] for name in _COMPARED)
    ratios = quotients(ours, peer)
    name = "fixture, a test with one POST"
    return Row(name, POST, middle(ratios), _ms(ours), _beside(peer, other), ratios)


def _first_use(rounds: Sequence[Round]) -> Row:
    # That of httpserver is not comparable: its plugin imports all as pytest starts.
    ours = [one.first["idle_mockcollect"][0] for one in rounds]
    other = f"responses {_ms([one.first_other['idle_responses'][0] for one in rounds])}"
    name = "fixture, first use with imports"
    return Row(name, FIRST_USE, middle(ours), _ms(ours), other, tuple(ours))


def _assertion(rounds: Sequence[Round]) -> Row:
    some, of_one_name = (
        tuple(chain.from_iterable(one.assertions[kind] for one in rounds))
        for kind in ("some", "all")
    )
    # Each event of the name has to be read: 10,000 of them can take no 5 ms.
    against = f"the last of as many of one name {_ms(of_one_name)}"
    name = "fixture, 100 of 10,000 events asserted"
    return Row(name, ASSERTION, middle(some), _ms(some), against, some)


def _unused(differences: Sequence[float]) -> Row:
    name = "fixture, a suite without it"
    spread = tuple(differences)
    return Row(name, UNUSED, middle(differences), "loaded", "-p no:mockcollect", spread)


def _beside(peer: Sequence[float], other: Sequence[float]) -> str:
    return f"httpserver {_ms(peer)}, responses {_ms(other)}"


def _middle(times: Sequence[float]) -> float:
    """Return the median without the first, which imports, and the last, which ends."""
    return middle(times[1:-1])


def _ms(times: Sequence[float]) -> str:
    return f"{middle(times):.2f} ms"


class _Suite:
    """Runs tests of the suite, each time in a pytest process of its own.

    What Python compiles is kept in the folder, as it is where a package is installed.
    """

    def __init__(self, folder: Path) -> None:
        self._figures = folder / "figures.json"
        ours = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MOCKCOLLECT_", "PYTEST_"))
            and name != "PYTHONDONTWRITEBYTECODE"
        }
        ours["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
        self._environment = {**ours, "BENCH_FIGURES": str(self._figures)}

    def run(self, kinds: str, *plugins: str) -> Figures:
        """Run kinds of test, with no other plugins, and return what they took."""
        settings = ("-c", str(_TESTS / "pytest.ini"), "-p", "no:cacheprovider")
        command = ("-m", "pytest", "-q", *settings, *plugins, "-k", kinds, str(_TESTS))
        self._python(*command, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
        measured: Figures = json.loads(self._figures.read_text())
        return measured

    def unused(self) -> Sequence[float]:
        """Return by how many milliseconds a pytest takes longer that loads ours."""
        differences: list[float] = json.loads(self._python(str(_UNUSED), str(PAIRS)))
        return differences

    def _python(self, *arguments: str, **variables: str) -> str:
        ended = subprocess.run(
            [python(), *arguments],
            cwd=ROOT,
            env={**self._environment, **variables},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
        if ended.returncode:
            last = " | ".join((ended.stdout + ended.stderr).strip().splitlines()[-8:])
            raise NotMeasured(f"pytest: {last[-400:]}")
        return ended.stdout
