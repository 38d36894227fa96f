"""Where a report goes: to the terminal, to a file, and to a workflow's summary."""

from __future__ import annotations

import os
import re
import sys
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockcollect.cli.common import forget_output, remark
from mockcollect.contract.printable import printable
from mockcollect.errors import MockcollectError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockcollect.asking.report import Outcome, Report, Result

SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"

_MARKS: dict[Outcome, str] = {
    "passed": "ok",
    "warned": "warn",
    "failed": "**FAIL**",
    "unsure": "**could not tell**",
}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~:@-])")


def show_report(
    report: Report, form: str, file: str | None = None, *, apart: bool = False
) -> None:
    """Write a report to stdout, or to a file and its text to stderr.

    `apart` puts an empty line between a text and what stands above it. In a workflow of
    GitHub's, in its form, the summary of the job gets it too. Raises MockcollectError
    for a file that cannot be written.
    """
    from mockcollect.asking.report import WRITERS
    from mockcollect.asking.style import Paint
    from mockcollect.cli.style import Style

    if file is None:
        text = WRITERS[form](report, Style.of(sys.stdout))
        text = f"\n{text}" if apart and form in ("text", "github") else text
        _print(text)
    else:
        _write(file, WRITERS[form](report, Paint()))
        text = WRITERS["text"](report, Style.of(sys.stderr))
        click.echo(text, nl=False, err=True, color=True)
    if form == "github" and (path := os.environ.get(SUMMARY_VARIABLE)):
        _add_summary(path, report)


def _print(text: str) -> None:
    try:
        click.echo(text, nl=False, color=True)
    except BrokenPipeError:  # it still counts, in the exit code
        forget_output()


def check_writable(file: str | None) -> None:
    """Raise MockcollectError for a file that a report cannot be written to."""
    if file is None:
        return
    try:
        open(file, "ab").close()
    except OSError as error:
        raise _unwritable(file, error) from error


def summary_text(report: Report) -> str:
    """Return a report in GitHub's Markdown, for the summary of a job."""
    lines = [f"### mockcollect: {_inline(report.heading)}", ""]
    if report.results:
        lines += ["| | expectation | result |", "|---|---|---|"]
        lines += [
            f"| {_MARKS[one.outcome]} | {_inline(one.title)} | {_inline(one.summary)} |"
            for one in report.results
        ]
    for one in report.results:
        lines += _details(one)
    for one_remark in report.remarks:
        lines += ["", _inline(one_remark)]
    return "".join(f"{line}\n" for line in [*lines, ""])


def _details(one: Result) -> Iterator[str]:
    if one.outcome not in ("failed", "unsure") or not one.lines:
        return
    yield ""
    # No fence: captured text might end it.
    yield f"<pre><b>{_html(one.title)}</b>"
    yield from map(_html, one.lines)
    yield "</pre>"


def _html(text: str) -> str:
    # An empty line, even one of spaces, would end the block.
    return escape(printable(text)) if text.strip() else "&nbsp;"


def _inline(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", escape(printable(text), quote=False))


def _write(file: str, text: str) -> None:
    try:
        Path(file).write_bytes(text.encode())
    except OSError as error:
        raise _unwritable(file, error) from error


def _unwritable(file: str, error: OSError) -> MockcollectError:
    reason = error.strerror or error
    return MockcollectError(f"The report {file} cannot be written: {reason}.")


def _add_summary(path: str, report: Report) -> None:
    try:
        with open(path, "ab") as out:
            out.write(summary_text(report).encode())
    except OSError as error:
        reason = error.strerror or error
        remark(f"The summary {path} cannot be written: {reason}.")
