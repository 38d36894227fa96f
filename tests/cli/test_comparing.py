"""`mockcollect diff`: what changed between two recordings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.helpers import assert_golden, event, run


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    def context(number: int) -> dict[str, Any]:
        return {"event_id": f"e-{number}", "page": {"url": "https://shop.example/"}}

    before = [
        event(event_name="page_view", context=context(1)),
        event(event_name="purchase", revenue=16.0, context=context(2)),
        event(event_name="sign_up", context=context(3)),
    ]
    after = [
        event(event_name="purchase", revenue="16,00", context=context(4)),
        event(event_name="page_view", context=context(5)),
        event(event_name="refund", context=context(6)),
    ]
    paths = tmp_path / "before.jsonl", tmp_path / "after.jsonl"
    for path, lines in zip(paths, (before, after), strict=True):
        path.write_bytes(b"\n".join(lines))
    return str(paths[0]), str(paths[1])


def test_what_changed_is_shown(files: tuple[str, str]) -> None:
    done = run("diff", *files)
    assert (done.returncode, done.stderr) == (1, "")
    assert_golden("terminal/diff.txt", done.stdout)


def test_what_changed_as_json(files: tuple[str, str]) -> None:
    done = run("diff", *files, "--json")
    assert done.returncode == 1
    names = {one["event_name"]: one for one in json.loads(done.stdout)["names"]}
    assert names["page_view"]["same"] == 1
    assert (names["sign_up"]["gone"], names["refund"]["added"]) == ([3], [3])
    changed = {one["path"]: one for one in names["purchase"]["changes"]}
    assert changed["revenue"]["after"] == '"16,00"'


def test_a_file_is_like_itself(files: tuple[str, str]) -> None:
    done = run("diff", files[0], files[0])
    assert done.returncode == 0
    assert done.stdout == "3 events before, 3 after: no difference\n"


def test_places_can_be_left_out_and_put_in(tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    one.write_bytes(event(order="A"))
    other.write_bytes(event(order="B"))
    assert run("diff", str(one), str(other)).returncode == 1
    assert run("diff", str(one), str(other), "--ignore", "order").returncode == 0
    ids = [event(context={"event_id": text, "device": {}}) for text in "ab"]
    one.write_bytes(ids[0])
    other.write_bytes(ids[1])
    assert run("diff", str(one), str(other)).returncode == 0
    assert run("diff", str(one), str(other), "--all-places").returncode == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["none.jsonl"], "none.jsonl cannot be read"),
        (["{0}", "--ignore", "a..b"], "--ignore: a..b is no path."),
        ([], "Missing argument 'AFTER'"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_line(
    files: tuple[str, str], arguments: list[str], says: str
) -> None:
    done = run("diff", files[0], *(one.format(*files) for one in arguments))
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
