"""The rules, listed and explained on a terminal."""

from __future__ import annotations

import json

import pytest

from mockcollect.verdict.rules import all_rules
from tests.cli.helpers import assert_golden, run

CODES = list(all_rules())


def test_the_list_has_each_rule_with_its_level() -> None:
    result = run("rules")
    assert result.returncode == 0
    listed = [line.split() for line in result.stdout.splitlines()]
    assert [words[0] for words in listed] == CODES
    assert [words[1].rstrip(",") for words in listed] == [
        rule.level for rule in all_rules().values()
    ]
    assert f"{len(CODES)} rules" in result.stderr


def test_the_list_says_what_rejects() -> None:
    rejecting = [line for line in run("rules").stdout.splitlines() if "rejects" in line]
    assert any(line.startswith("event_name.missing ") for line in rejecting)
    assert not any(line.startswith("amount.type ") for line in rejecting)


def test_the_first_part_of_a_code_lists_its_subject() -> None:
    assert_golden("terminal/rules-token.txt", run("rules", "token").stdout)


@pytest.mark.parametrize(
    "code",
    [
        "event_name.missing",
        "timestamp.seconds",
        "device.ip.missing",
        "encoding.gzip",
        "property.unknown",
    ],
)
def test_a_rule_is_explained(code: str) -> None:
    result = run("rules", code)
    assert (result.returncode, result.stderr) == (0, "")
    assert_golden(f"terminal/rule-{code}.txt", result.stdout)


def test_json_has_all_that_is_known_of_each_rule() -> None:
    rules = json.loads(run("rules", "--json").stdout)
    assert [one["code"] for one in rules] == CODES
    assert {one["code"] for one in rules if one["rejects"]} > {"token.missing"}
    one = json.loads(run("rules", "device.ip.missing", "--json").stdout)
    assert one == rules[CODES.index("device.ip.missing")]
    assert one["layouts"] == ["server"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("timestmp.seconds", "Did you mean timestamp.seconds?"),
        ("Transaction.Repeated", "Did you mean transaction.repeat?"),
        ("zzz", "mockcollect rules lists them all."),
        ("\x1b[2J\n", "mockcollect rules lists them all."),
        ("", "mockcollect rules lists them all."),
    ],
)
def test_an_unknown_code_is_said_with_the_nearest_and_exit_code_2(
    code: str, said: str
) -> None:
    result = run("rules", code)
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert "\x1b" not in result.stderr
