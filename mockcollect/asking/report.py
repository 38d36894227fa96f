"""A report: what was asked, what came of each part, and where. Its writers beside it.

`text` is for people, `github` for annotations in a workflow's run, `junit` and `json`
for other tools.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from xml.etree import ElementTree as ET

import orjson

from mockcollect.asking.style import GREEN, RED, YELLOW, Paint
from mockcollect.contract.printable import printable

Outcome = Literal["passed", "warned", "failed", "unsure"]
"""`warned` holds too, and `unsure` is what could not be told."""

MOST_LISTED = 20
"""In a longer report, what passed and has nothing to say is counted and not listed."""

_WORDS: dict[Outcome, str] = {
    "passed": "ok",
    "warned": "warn",
    "failed": "FAIL",
    "unsure": "????",
}
_COLOURS: dict[Outcome, str] = {
    "passed": GREEN,
    "warned": YELLOW,
    "failed": RED,
    "unsure": RED,
}
_ANNOTATIONS: dict[Outcome, str] = {
    "warned": "warning",
    "failed": "error",
    "unsure": "error",
}
_DOES_NOT_HOLD, _COULD_NOT_TELL = 1, 2
_WIDEST_TITLE = 50
_DETAIL_INDENT = " " * 10


@dataclass(frozen=True, slots=True)
class Result:
    """One part of a report: its title, what came of it, and what explains that.

    `summary` stands beside the title, `lines` below. `file` and `line` say where it is
    to be mended, `line` counting from 1. `data` is what JSON shows of it besides, and
    `sentence` says all of it in an annotation.
    """

    title: str
    outcome: Outcome
    summary: str = ""
    lines: tuple[str, ...] = ()
    file: str | None = None
    line: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Results under one heading. `name` is that of the suite in JUnit's form.

    `remarks` are said at the end, and change nothing.
    """

    name: str
    heading: str
    results: tuple[Result, ...]
    remarks: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)

    def count(self, *outcomes: Outcome) -> int:
        """Return how many results came out so."""
        return sum(one.outcome in outcomes for one in self.results)

    @property
    def exit_code(self) -> int:
        """0 if all holds, 1 if something does not, else 2 if that could not be told."""
        if self.count("failed"):
            return _DOES_NOT_HOLD
        return _COULD_NOT_TELL if self.count("unsure") else 0


def text_report(report: Report, style: Paint) -> str:
    """Return a report for people, as wide as its lines are."""
    listed = _listed(report)
    width = min(max((len(one.title) for one in listed), default=0), _WIDEST_TITLE)
    lines = [f"mockcollect: {printable(report.heading)}"]
    for one in listed:
        lines += _result_lines(one, width, style)
    if hidden := len(report.results) - len(listed):
        lines.append(f"  {style.paint(GREEN, 'ok')}    {hidden:,} more")
    lines += [f"  {printable(one)}" for one in report.remarks]
    return "".join(f"{line}\n" for line in lines)


def github_report(report: Report, style: Paint) -> str:
    """Return a report with a workflow command for each result that needs a look."""
    shown = [_inert(line) for line in text_report(report, style).splitlines()]
    commands = [_annotation(one) for one in report.results if _is_annotated(one)]
    return "".join(f"{line}\n" for line in [*shown, *commands])


def junit_report(report: Report, style: Paint) -> str:
    """Return a report as JUnit XML, in ASCII."""
    failed = str(report.count("failed", "unsure"))
    counts = {"tests": str(len(report.results)), "failures": failed, "errors": "0"}
    root = ET.Element("testsuites", {"name": "mockcollect", **counts})
    name = printable(report.name)
    suite = ET.SubElement(root, "testsuite", {"name": name, **counts, "skipped": "0"})
    for one in report.results:
        _add_case(suite, name, one)
    text = f"{printable(report.heading)}\n"
    text += "".join(f"{printable(one)}\n" for one in report.remarks)
    ET.SubElement(suite, "system-out").text = text
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="us-ascii", xml_declaration=True)
    return f"{content.decode('ascii')}\n"


def json_report(report: Report, style: Paint) -> str:
    """Return a report as one JSON object."""
    shown = {
        "name": report.name,
        "heading": report.heading,
        "holds": report.exit_code == 0,
        **report.data,
        "results": [_result_dict(one) for one in report.results],
        "remarks": report.remarks,
    }
    return f"{orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode()}\n"


WRITERS: dict[str, Callable[[Report, Paint], str]] = {
    "text": text_report,
    "github": github_report,
    "junit": junit_report,
    "json": json_report,
}
"""The formats by name; the first is the default."""


def _listed(report: Report) -> list[Result]:
    results = list(report.results)
    if len(results) <= MOST_LISTED:
        return results
    return [one for one in results if one.outcome != "passed" or one.lines]


def _result_lines(one: Result, width: int, style: Paint) -> Iterator[str]:
    word = style.paint(_COLOURS[one.outcome], f"{_WORDS[one.outcome]:<4}")
    title = f"{printable(one.title):<{width}}" if one.summary else printable(one.title)
    summary = f"  {printable(one.summary)}" if one.summary else ""
    yield f"  {word}  {title}{summary}"
    for line in one.lines:
        yield f"{_DETAIL_INDENT}{printable(line)}"


def _is_annotated(one: Result) -> bool:
    return one.outcome in _ANNOTATIONS


def _annotation(one: Result) -> str:
    """Return a workflow command, as GitHub's documentation has it."""
    properties = {"file": one.file, "line": one.line if one.file else None}
    properties["title"] = "mockcollect"
    named = ",".join(
        f"{name}={_property(str(value))}"
        for name, value in properties.items()
        if value is not None
    )
    first = f"{one.title}: {one.summary}" if one.summary else one.title
    told = (one.sentence,) if one.sentence else (first, *one.lines)
    said = "\n".join(map(printable, told))
    return f"::{_ANNOTATIONS[one.outcome]} {named}::{_message(said)}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(printable(text)).replace(":", "%3A").replace(",", "%2C")


def _inert(line: str) -> str:
    """Keep captured text from being a command to the runner, in both of its forms."""
    line = line.replace("##[", "## [")
    bare = line.lstrip()
    return line.replace("::", ": :", 1) if bare.startswith("::") else line


def _add_case(suite: ET.Element, name: str, one: Result) -> None:
    where = f"{one.file}, line {one.line}" if one.file and one.line else one.file or ""
    case = ET.SubElement(
        suite, "testcase", {"name": printable(one.title), "classname": name}
    )
    text = "\n".join(printable(line) for line in (*one.lines, where) if line)
    if one.outcome in ("failed", "unsure"):
        message = printable(one.summary or one.title)
        kind = {"type": one.outcome, "message": message}
        ET.SubElement(case, "failure", kind).text = text
    elif one.lines:
        ET.SubElement(case, "system-out").text = text


def _result_dict(one: Result) -> dict[str, Any]:
    return {
        "title": one.title,
        "outcome": one.outcome,
        "summary": one.summary,
        "lines": one.lines,
        "file": one.file,
        "line": one.line,
        **one.data,
    }
