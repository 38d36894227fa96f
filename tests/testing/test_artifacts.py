from __future__ import annotations

import json
from pathlib import Path

import pytest

from mockcollect.testing.artifacts import LONGEST_NAME, Artifacts
from tests.testing.runs import Suite, block

FOLDER = Path("somewhere")


def path_of(name: str, *others: tuple[str, str], nodeid: str = "") -> str:
    nodeid = nodeid or f"tests/test_a.py::{name}"
    artifacts = Artifacts(FOLDER, [(name, nodeid), *others])
    path = artifacts.path(name, nodeid)
    assert path.parent == FOLDER
    return path.name


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("test_checkout", "test_checkout.jsonl"),
        ("test_it[EUR-16.0]", "test_it[EUR-16.0].jsonl"),
        ("test_it[a/b\\c:d e]", "test_it[a-b-c-d-e].jsonl"),
        ("test_it[../../etc/passwd]", "test_it[..-..-etc-passwd].jsonl"),
        ("test_überweisung", "test_überweisung.jsonl"),
        ("test_it[\udcff]", "test_it[-].jsonl"),
    ],
)
def test_a_file_is_named_as_its_test(name: str, file: str) -> None:
    assert path_of(name) == file


@pytest.mark.parametrize("name", ["con", "NUL", "com1", "lpt9.txt", "aux"])
def test_a_name_that_windows_keeps_for_itself_is_changed(name: str) -> None:
    file = path_of(name)
    assert file.startswith(f"{name}-")
    assert file != path_of(f"{name}x")


@pytest.mark.parametrize("letter", ["x", "ü", "語", "😀"])
def test_a_very_long_name_is_cut_and_stays_its_own(letter: str) -> None:
    one, other = (path_of(f"test_it{letter * 300}{end}") for end in "ab")
    assert one != other
    assert len(one.encode()) <= LONGEST_NAME + len("-12345678.jsonl")


@pytest.mark.parametrize("other", ["test_it[a/b]", "TEST_IT[a-b]"])
def test_names_that_would_be_one_file_take_the_module_in(other: str) -> None:
    others = (other, f"tests/test_b.py::{other}")
    assert path_of("test_it[a-b]", others) == "tests-test_a.py-test_it[a-b].jsonl"


def test_the_same_name_in_two_modules_leaves_two_files(suite: Suite) -> None:
    code = """
        def test_it(mockcollect, shop):
            shop.send({name!r})
            mockcollect.assert_not_sent({name!r})
        """
    suite.write(test_a=code.format(name="a"), test_b=code.format(name="b"))
    suite.run().assert_outcomes(failed=2)
    for name in "ab":
        file = suite.path / ".mockcollect" / f"test_{name}.py-test_it.jsonl"
        (line,) = file.read_text().splitlines()
        assert json.loads(line)["event_name"] == name


def test_a_failed_test_leaves_events_and_refused_requests_in_order(
    suite: Suite,
) -> None:
    result = suite.run(
        """
        import pytest

        @pytest.mark.parametrize("currency", ["EUR"])
        def test_it(mockcollect, shop, currency):
            shop.send("page_view")
            shop.send_refused()
            shop.send("purchase")
            mockcollect.assert_sent("refund")
        """
    )
    text = block(result, "test_it[EUR]")
    assert text.count(".mockcollect/test_it[EUR].jsonl") == 1
    file = suite.path / ".mockcollect" / "test_it[EUR].jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    told = [one.get("event_name") or one["status"] for one in lines]
    assert told == ["page_view", 400, "purchase"]


def test_git_is_told_to_ignore_a_folder_of_ours_alone(suite: Suite) -> None:
    fails = """
        def test_it(mockcollect, shop):
            shop.send("purchase")
            mockcollect.assert_not_sent("purchase")
        """
    suite.run(fails)
    assert (suite.path / ".mockcollect" / ".gitignore").read_text().endswith("\n*\n")

    (suite.path / "build").mkdir()
    suite.ini("mockcollect_artifacts = build")
    suite.run(fails)
    assert [one.name for one in (suite.path / "build").iterdir()] == ["test_it.jsonl"]


def test_a_file_of_an_earlier_run_is_gone_once_its_test_passes(suite: Suite) -> None:
    code = """
        def test_one(mockcollect, shop):
            shop.send("purchase")
            mockcollect.assert_not_sent({name!r})

        def test_two(mockcollect, shop):
            shop.send("purchase")
            mockcollect.assert_not_sent("purchase")
        """
    suite.run(code.format(name="purchase")).assert_outcomes(failed=2)
    folder = suite.path / ".mockcollect"
    assert {one.stem for one in folder.glob("*.jsonl")} == {"test_one", "test_two"}
    suite.run(code.format(name="refund")).assert_outcomes(passed=1, failed=1)
    assert {one.stem for one in folder.glob("*.jsonl")} == {"test_two"}


def test_a_folder_elsewhere_is_named_whole(
    suite: Suite, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("elsewhere") / "deep" / "er"
    suite.ini(f"mockcollect_artifacts = {folder}")
    result = suite.run(
        """
        def test_it(mockcollect, shop):
            shop.send("purchase")
            mockcollect.assert_not_sent("purchase")
        """
    )
    assert str(folder / "test_it.jsonl") in result.stdout.str()
    assert (folder / "test_it.jsonl").exists()
