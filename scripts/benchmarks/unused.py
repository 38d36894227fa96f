"""Run with the Python that has mockcollect: what its plugin costs who does not use it.

Prints by how many milliseconds a pytest with one test takes longer that loads it, once
for each pair. Each is a fork of this process, which has imported pytest: whole ones
differ by more than is measured here.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib.metadata import entry_points
from pathlib import Path

import pytest

OURS = "mockcollect"
_TEST = Path(__file__).with_name("fixture_suite") / "test_cost.py::test_nothing[0]"


def differences(pairs: int) -> list[float]:
    """Return the milliseconds of each pair; one before them compiles all."""
    names = {one.name for one in entry_points(group="pytest11")}
    if OURS not in names:
        sys.exit("the plugin is not installed; scripts/test installs it")
    blocked = [f"-pno:{name}" for name in sorted(names)]
    loaded = [one for one in blocked if one != f"-pno:{OURS}"]
    found = [milliseconds(loaded) - milliseconds(blocked) for _ in range(pairs + 1)]
    return found[1:]


def milliseconds(options: list[str]) -> float:
    """Return what pytest takes in a fork of this process."""
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        os._exit(_child(options, write))
    os.close(write)
    with open(read) as pipe:
        took = pipe.read()
    if os.waitpid(pid, 0)[1]:
        sys.exit("pytest failed")
    return float(took)


def _child(options: list[str], write: int) -> int:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    started = time.perf_counter()
    settings = ["-c", str(_TEST.with_name("pytest.ini")), "-pno:cacheprovider"]
    code = pytest.main([*settings, *options, str(_TEST)])
    os.write(write, str((time.perf_counter() - started) * 1000).encode())
    return int(code)


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    print(json.dumps(differences(int(sys.argv[1]))))
