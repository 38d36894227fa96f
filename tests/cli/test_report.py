"""Reports, in the forms that people and pipelines read."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mockcollect.asking.report import MOST_LISTED, WRITERS, Outcome, Report, Result
from mockcollect.cli.judged_by import read_plan_and_sources
from mockcollect.cli.judged_file import judge_file
from mockcollect.cli.reading import Address
from mockcollect.cli.style import Style
from tests.cli.helpers import BATCH, PLAN, REJECTED, assert_golden, event

PLAIN = Style()

CHECKS = Report(
    "mockcollect check",
    "14 events captured, 13 valid, 1 invalid-accepted",
    (
        Result("event:page_view count>=1", "passed", "9 matched"),
        Result(
            "event:purchase user.id=12345 count=1",
            "failed",
            "2 matched, expected 1",
            (
                "#8   purchase  event_id 2022103100  POST /events        10:42:07.113",
                "#11  purchase  event_id 2022103100  POST /events        10:42:07.842",
                "The two carry the same context.event_id: a retry is sending twice.",
            ),
        ),
        Result("verdict:invalid-rejected count=0", "passed", "0 matched"),
    ),
)

HOSTILE = "::error::x\n##[warning]\x1b[2J\x00\ufffe%0A,:<&>]]>\udcff"
"""A command to a runner, a terminal's, what no XML may hold, and a lone surrogate."""


def written(form: str, report: Report, style: Style = PLAIN) -> str:
    return WRITERS[form](report, style)


@pytest.mark.parametrize("form", WRITERS)
def test_a_report_of_checks(form: str) -> None:
    assert_golden(f"reports/checks.{form}.txt", written(form, CHECKS))


@pytest.fixture
def verdicts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.chdir(tmp_path)
    Path("plan.yml").write_text(PLAN)
    jane = {"email": "jane.doe@example.com", "phone": "+33612345678"}
    lines = [
        event(),
        event(event_name="search", user=json.loads(event())["user"] | jane),
        REJECTED,
        b'{"user": {"email": "jane.doe@example.com", "id": 07}}',
    ]
    Path("events.jsonl").write_bytes(b"\n".join(lines))
    return judge_file("events.jsonl", Address(), read_plan_and_sources("plan.yml", []))


@pytest.mark.parametrize("form", WRITERS)
def test_a_report_of_verdicts(form: str, verdicts: Report) -> None:
    text = written(form, verdicts)
    assert_golden(f"reports/verdicts.{form}.txt", text)
    if form != "json":  # which has the record's own samples
        assert "jane" not in text
        assert "33612345678" not in text


def test_a_report_of_a_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("batch.json").write_bytes(BATCH)
    report = judge_file("batch.json", Address(), read_plan_and_sources(None, []))
    assert_golden("reports/batch.github.txt", written("github", report))


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ((), 0),
        (("passed", "warned"), 0),
        (("passed", "failed", "unsure"), 1),
        (("passed", "unsure"), 2),
    ],
)
def test_the_exit_code_is_that_of_the_worst(
    outcomes: tuple[Outcome, ...], code: int
) -> None:
    results = tuple(Result("one", outcome) for outcome in outcomes)
    assert Report("a", "b", results).exit_code == code


def test_what_passed_among_many_is_counted_and_not_listed() -> None:
    results = (Result("fine", "passed"),) * MOST_LISTED + (Result("bad", "failed"),)
    lines = written("text", Report("a", "b", results)).splitlines()
    assert lines == ["mockcollect: b", "  FAIL  bad", f"  ok    {MOST_LISTED} more"]


def test_colour_says_nothing_that_words_do_not() -> None:
    coloured = written("text", CHECKS, Style(colour=True))
    assert "\x1b[31mFAIL\x1b[0m" in coloured
    for code in ("\x1b[31m", "\x1b[32m", "\x1b[0m"):
        coloured = coloured.replace(code, "")
    assert coloured == written("text", CHECKS)


# -- hostile text

HOSTILE_REPORT = Report(
    HOSTILE,
    HOSTILE,
    (
        Result(HOSTILE, "failed", HOSTILE, (HOSTILE, "::stop-commands::x"), HOSTILE, 3),
        Result(HOSTILE, "passed", "", (HOSTILE,)),
    ),
    (HOSTILE,),
)


def test_captured_text_is_no_command_to_a_runner() -> None:
    lines = written("github", HOSTILE_REPORT).splitlines()
    commands = [line for line in lines if line.lstrip().startswith("::")]
    assert len(commands) == 1
    assert commands[0].startswith("::error file=")
    properties, _, message = commands[0].removeprefix("::error ").partition("::")
    assert properties.count(",") == 2
    assert properties.count(":") == 0
    assert "%250A" in message
    assert not any("##[" in line for line in lines if line is not commands[0])


@pytest.mark.parametrize("form", ["text", "github"])
def test_captured_text_cannot_move_the_cursor(form: str) -> None:
    text = written(form, HOSTILE_REPORT)
    assert not any(sign in text for sign in "\x1b\x00\r\udcff")


def test_captured_text_is_only_text_in_xml() -> None:
    root = ET.fromstring(written("junit", HOSTILE_REPORT))
    assert [one.tag for one in root.iter()] == [
        *("testsuites", "testsuite", "testcase", "failure"),
        *("testcase", "system-out", "system-out"),
    ]


# -- JUnit: what the schemas of common CI servers have in common

CHILDREN: dict[str, set[str]] = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase", "system-out", "system-err"},
    "testcase": {"skipped", "failure", "system-out", "system-err"},
    "failure": set(),
    "system-out": set(),
}
ATTRIBUTES: dict[str, set[str]] = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "time", "tests", "failures", "errors", "skipped"},
    "testcase": {"name", "time", "classname"},
    "failure": {"type", "message"},
    "system-out": set(),
}
REQUIRED = {
    "testsuite": {"name", "tests", "failures", "errors"},
    "testcase": {"name"},
}


@pytest.mark.parametrize("report", [CHECKS, HOSTILE_REPORT], ids=["checks", "hostile"])
def test_junit_has_only_what_every_server_reads(report: Report) -> None:
    root = ET.fromstring(written("junit", report))
    assert root.tag == "testsuites"
    for element in root.iter():
        assert {child.tag for child in element} <= CHILDREN[element.tag]
        named = set(element.keys())
        assert REQUIRED.get(element.tag, set()) <= named <= ATTRIBUTES[element.tag]


def test_junit_counts_what_it_holds() -> None:
    suite = ET.fromstring(written("junit", CHECKS))[0]
    cases, failures = suite.findall("testcase"), list(suite.iter("failure"))
    assert suite.get("tests") == str(len(cases)) == "3"
    assert suite.get("failures") == str(len(failures)) == "1"


def test_junit_is_ascii_and_says_so() -> None:
    text = written("junit", Report("é", "☃", ()))
    assert text.isascii()
    assert "☃" in (ET.fromstring(text)[0][0].text or "")


def test_json_holds_if_the_exit_code_is_0() -> None:
    assert json.loads(written("json", CHECKS))["holds"] is False
    assert json.loads(written("json", Report("a", "b", ())))["holds"] is True


def test_the_forms_are_those_of_the_command() -> None:
    from mockcollect.cli.common import FORMATS

    assert tuple(WRITERS) == FORMATS
