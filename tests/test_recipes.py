"""The README's recipes for pipelines and other languages are read, and run if they can.

What no tool at hand can run is at least read: by its parser, or as tokens.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from mockcollect.cli.commands import main
from tests.linters import check, program
from tests.processes import Process, clean_environment, mockcollect
from tests.processes import run_command as run
from tests.readme import Snippet, snippets
from tests.test_action import ACTION

NAME = re.compile(r"^(?:#|//) (\S+)\n")
EVENT = {"event_name": "purchase", "user": {"id": "12345"}}


def recipe(name: str) -> str:
    """Return the text of the snippet whose first line names a file."""
    (found,) = [one.text for one in recipes() if named(one) == name]
    return found


def recipes() -> list[Snippet]:
    return snippets("yaml", "groovy", "java")


def named(snippet: Snippet) -> str:
    found = NAME.match(snippet.text)
    assert found, f"README:{snippet.line} does not say which file it is"
    return found[1]


@pytest.fixture
def server() -> Iterator[Process]:
    with mockcollect() as process:
        yield process


@pytest.mark.parametrize("snippet", recipes(), ids=named)
def test_a_recipe_has_tokens_of_its_language_only(snippet: Snippet) -> None:
    lexers = pytest.importorskip("pygments.lexers")
    tokens = lexers.get_lexer_by_name(snippet.language).get_tokens(snippet.text)
    assert not [text for kind, text in tokens if "Error" in str(kind)]


@pytest.mark.parametrize("snippet", snippets("yaml"), ids=named)
def test_yaml_can_be_read(snippet: Snippet) -> None:
    assert isinstance(yaml.safe_load(snippet.text), dict)


def commands_of_recipes() -> Iterator[str]:
    """Yield each command line of ours in the pipelines."""
    for name in (".gitlab-ci.yml", "Jenkinsfile"):
        for line in recipe(name).splitlines():
            if found := re.search(r"mockcollect (run .+?)'?$", line):
                yield found[1]


@pytest.mark.parametrize("line", list(commands_of_recipes()))
def test_commands_are_what_the_command_line_takes(line: str) -> None:
    name, *words = shlex.split(line)
    command = main.commands[name]
    context = command.make_context(name, words)
    assert isinstance(context, click.Context)
    assert context.params["form"] == "junit"
    assert len(context.params["command"]) <= 2


def steps_of(name: str) -> list[dict[str, Any]]:
    (job,) = yaml.safe_load(recipe(name))["jobs"].values()
    found: list[dict[str, Any]] = job["steps"]
    return found


def test_the_workflow_gives_the_action_inputs_that_it_has() -> None:
    (step,) = [
        one
        for one in steps_of(".github/workflows/tracking.yml")
        if one.get("uses") == "./mockcollect"
    ]
    assert set(step["with"]) <= set(ACTION["inputs"])
    expected = step["with"]["expect"].splitlines()
    given = [word for one in expected for word in ("--expect", one)]
    context = main.commands["run"].make_context("run", [*given, "true"])
    assert context.params["texts"] == tuple(expected)


@pytest.mark.parametrize("name", ["tracking.yml", "service.yml"])
def test_zizmor_finds_nothing_grave_in_workflows(name: str, tmp_path: Path) -> None:
    file = tmp_path / ".github" / "workflows" / name
    file.parent.mkdir(parents=True)
    file.write_text(recipe(f".github/workflows/{name}"))
    zizmor = program("zizmor", package="zizmor")
    # A hash in place of a tag would say nothing to who reads the recipe.
    config = tmp_path / "zizmor.yml"
    by_tag = {name: {"disable": True} for name in ("unpinned-uses", "unpinned-images")}
    config.write_text(json.dumps({"rules": by_tag}))
    options = ("--offline", "--quiet", "--min-severity=high", "--config", config)
    check(zizmor, *options, file)


def test_the_service_is_allowed_under_the_name_that_it_is_reached_by(
    server: Process,
) -> None:
    workflow = yaml.safe_load(recipe(".github/workflows/service.yml"))
    ((name, service),) = workflow["jobs"]["tracking"]["services"].items()
    assert service["env"] == {"MOCKCOLLECT_ALLOW_HOST": name}
    *_, suite, asks = steps_of(".github/workflows/service.yml")
    assert suite["env"]["COLLECT_URL"] == f"http://{name}:8787"
    asked = asks["run"].replace(f"http://{name}:8787", server.url)
    program("curl")
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True)
    assert done.returncode == 22
    assert "FAIL  event:purchase count=1" in done.stdout
    server.post(EVENT)
    subprocess.run(["bash", "-c", asked], check=True, capture_output=True)


def test_the_file_of_expectations_can_be_checked(tmp_path: Path) -> None:
    file = tmp_path / "expected.yml"
    file.write_text(recipe("expected.yml"))
    events = tmp_path / "events.jsonl"
    names = ("page_view", "add_to_cart", "purchase")
    user = {"id": "12345"}
    lines = [{"event_name": one, "revenue": 16, "user": user} for one in names]
    events.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    done = run("check", "--expect-file", str(file), "--file", str(events), "--json")
    outcomes = [one["outcome"] for one in json.loads(done.stdout)["results"]]
    assert outcomes == ["passed", "passed", "passed", "passed", "failed"]


MAIN = """
class Main {
    public static void main(String[] expectations) throws Exception {
        for (String one : expectations) Tracking.assertSent(one);
    }
}
"""


@pytest.mark.slow
def test_java_checks(server: Process, tmp_path: Path) -> None:
    java, javac = program("java"), program("javac")
    (tmp_path / "Main.java").write_text(MAIN)
    (tmp_path / "Tracking.java").write_text(recipe("Tracking.java"))
    check(javac, "-d", tmp_path, *tmp_path.glob("*.java"))
    server.post(EVENT)
    for expected, code in (("user.id=12345 count=1", 0), ("count=0", 1)):
        done = subprocess.run(
            [java, "-cp", tmp_path, "Main", f"event:purchase {expected}"],
            env=clean_environment(MOCKCOLLECT_URL=server.url),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == code, done.stderr
        assert ("FAIL  event:purchase count=0" in done.stderr) is bool(code)
