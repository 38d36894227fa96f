"""A tracking plan's file on the command line: found whole, shown, and inferred."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mockcollect.verdict.plan import parse_plan
from tests.cli.helpers import PLAN, SEARCH, event, run
from tests.processes import mockcollect


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.yml"
    path.write_text(PLAN)
    return path


# -- validate


def test_a_plan_is_counted(plan: Path) -> None:
    result = run("plan", "validate", str(plan))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == (
        f"{plan} is a tracking plan: 3 events, 1 of them by name only, 1 source.\n"
    )


def test_a_broken_plan_is_exit_code_1_since_that_was_asked(tmp_path: Path) -> None:
    path = tmp_path / "plan.yml"
    path.write_text("events:\n  search:\n    search_term: strng\n")
    result = run("plan", "validate", str(path))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"mockcollect: {path}, line 3: ")
    assert "string" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["validate", "show", "infer"])
def test_a_file_that_cannot_be_read_is_exit_code_2(
    command: str, tmp_path: Path
) -> None:
    result = run("plan", command, str(tmp_path / "nowhere"))
    assert (result.returncode, result.stdout) == (2, "")
    assert "nowhere cannot be read: " in result.stderr
    assert result.stderr.count("\n") == 1


def test_validate_in_json(plan: Path) -> None:
    shown = json.loads(run("plan", "validate", str(plan), "--json").stdout)
    assert shown["valid"] is True
    assert (shown["events"], shown["specified"], shown["sources"]) == (3, 2, 1)
    broken = run("plan", "validate", "-", "--json", stdin=b"events: {a: {b: c}}")
    assert broken.returncode == 1
    fault = json.loads(broken.stdout)
    assert (fault["valid"], fault["line"]) == (False, 1)
    assert fault["reason"]


# -- show


def test_a_plan_is_shown_as_it_was_understood(plan: Path) -> None:
    result = run("plan", "show", str(plan))
    assert (result.returncode, result.stderr) == (0, "")
    assert "unexpected value format: omit" in result.stdout
    assert parse_plan(result.stdout, name="again") == parse_plan(PLAN, name="first")


def test_show_in_json(plan: Path) -> None:
    shown = json.loads(run("plan", "show", str(plan), "--json").stdout)
    assert list(shown["events"]) == ["search", "purchase", "logout"]


def test_a_broken_plan_cannot_be_shown() -> None:
    result = run("plan", "show", "-", stdin=b"events: 1")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("mockcollect: standard input, line 1: ")


# -- infer


def test_a_plan_is_inferred_from_a_recording_while_it_is_written(
    tmp_path: Path,
) -> None:
    path = tmp_path / "recording"
    with mockcollect("--quiet", "--db", str(path)) as server:
        assert server.post(SEARCH) == 200
        assert server.post(b"{") == 400
        assert server.post({"user": {}}) == 200  # without a name
        inferred = run("plan", "infer", str(path))
        _, exported = server.request("GET", "/_inspect/export?format=jsonl")
        assert server.post(SEARCH) == 200
    assert inferred.returncode == 0
    assert "inferred from 1 event:" in inferred.stderr
    assert parse_plan(inferred.stdout, name="inferred").event_names == ("search",)
    assert run("plan", "infer", "-", stdin=exported).stdout == inferred.stdout


def test_an_inferred_plan_is_kept_to_by_what_it_was_inferred_from(
    tmp_path: Path,
) -> None:
    lines = b"\n".join(event(price=number) for number in range(5))
    (tmp_path / "events.jsonl").write_bytes(lines)
    inferred = run("plan", "infer", str(tmp_path / "events.jsonl"))
    plan = tmp_path / "plan.yml"
    plan.write_text(inferred.stdout)
    assert run("plan", "validate", str(plan)).returncode == 0
    arguments = ("validate", "-", "--plan", str(plan))
    assert run(*arguments, stdin=event(price=7)).returncode == 0
    assert run(*arguments, stdin=event()).returncode == 1


def test_fewer_events_may_be_enough_to_require() -> None:
    assert "price: number\n" in run("plan", "infer", "-", stdin=event(price=1)).stdout
    few = run("plan", "infer", "-", "--required-from", "1", stdin=event(price=1))
    assert "price: number, required\n" in few.stdout


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"{", b'{"batch":[]}'])
def test_nothing_to_infer_from_is_exit_code_2(content: bytes) -> None:
    result = run("plan", "infer", "-", stdin=content)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "mockcollect: standard input holds no event with a name.\n"
    )
