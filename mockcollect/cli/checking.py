"""The commands `check` and `wait`: whether expectations hold, and until they do."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockcollect.cli.common import (
    file_option,
    format_option,
    json_option,
    option,
    report_option,
    told,
    url_option,
)
from mockcollect.cli.expected import (
    ExpectationText,
    Expected,
    FilterCommand,
    expect_file_option,
    read_expected,
)
from mockcollect.cli.judged_by import judging_options, read_plan_and_sources

if TYPE_CHECKING:
    from mockcollect.asking.report import Report
    from mockcollect.cli.judged_by import PlanAndSources

_POLL_SECONDS = 0.05
_WAIT_SECONDS = 30.0


@click.command(cls=FilterCommand)
@click.argument("expectations", nargs=-1, type=ExpectationText())
@expect_file_option
@url_option
@file_option
@judging_options
@option(
    "--wait",
    "seconds",
    default=0.0,
    envvar="MOCKCOLLECT_CHECK_WAIT",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="How long all of it may take to hold.",
)
@format_option
@json_option
@report_option
def check(
    expectations: tuple[str, ...],
    *,
    files: tuple[str, ...],
    url: str,
    file: str | None,
    plan: str | None,
    sources: tuple[str, ...],
    seconds: float,
    form: str,
    as_json: bool,
    report_file: str | None,
) -> None:
    """Check what a server, or a file, has against EXPECTATIONS.

    Each is a filter, with how many events match it as its last term; at least one is
    expected without. The exit code is 0 if all hold, 1 if some do not, and 2 if that
    cannot be told. --plan and --source judge what is in a --file anew.

    \b
    Examples:
      mockcollect check 'event:purchase user.id=12345 count=1' --wait 2
      mockcollect check 'verdict:invalid-rejected count=0' --file events.jsonl
      mockcollect check --expect-file expected.yml --format junit > report.xml
    """
    from mockcollect.cli.reporting import show_report

    if not expectations and not files:
        raise click.UsageError("Nothing is expected: give EXPECTATIONS, or a file.")
    with told():
        judged_by = _judged_by(file, plan, sources)
        planned = judged_by.plan.event_names if judged_by.plan else None
        expected = read_expected(
            expectations, files, planned=() if file is None else planned
        )
        report = _asked(expected, url, file, judged_by, seconds)
        show_report(report, "json" if as_json else form, report_file)
    sys.exit(report.exit_code)


@click.command(cls=FilterCommand)
@click.argument("expectation", type=ExpectationText())
@url_option
@file_option
@option(
    "--timeout",
    default=_WAIT_SECONDS,
    envvar="MOCKCOLLECT_WAIT_TIMEOUT",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="How long it may take.",
)
@json_option
def wait(
    expectation: str, *, url: str, file: str | None, timeout: float, as_json: bool
) -> None:
    """Wait until EXPECTATION holds.

    The exit code is 0 once it does, and 1 if it did not in time. A --file is read again
    whenever it has changed.

    \b
    Examples:
      mockcollect wait 'event:purchase count>=2' --timeout 10
      mockcollect wait event:purchase --file events.jsonl
    """
    from mockcollect.cli.reporting import show_report

    with told():
        expected = read_expected([expectation], (), planned=None)
        nobody = read_plan_and_sources(None, ())
        report = _asked(expected, url, file, nobody, timeout, name="mockcollect wait")
        show_report(report, "json" if as_json else "text")
    sys.exit(report.exit_code)


def _judged_by(
    file: str | None, plan: str | None, sources: tuple[str, ...]
) -> PlanAndSources:
    # A server judges by its own; what the environment says may be meant for that.
    if file is None:
        return read_plan_and_sources(None, ())
    return read_plan_and_sources(plan, sources)


def _asked(
    expected: Expected,
    url: str,
    file: str | None,
    judged_by: PlanAndSources,
    seconds: float,
    *,
    name: str = "mockcollect check",
) -> Report:
    from mockcollect.asking.answer import report_of

    if file is not None:
        return report_of(_of_file(expected, file, judged_by, seconds), name=name)
    from mockcollect.server.client import Client

    return report_of(expected.ask(Client(url), wait=seconds), name=name)


def _of_file(
    expected: Expected, file: str, judged_by: PlanAndSources, seconds: float
) -> dict[str, Any]:
    """Check a file, again whenever it has changed."""
    from mockcollect.cli.captured import captured

    deadline = time.monotonic() + seconds
    while True:
        seen = _state(file)
        with captured(file, judged_by) as arrived:
            answered = expected.ask_of(arrived)
        if answered["ok"] or time.monotonic() >= deadline:
            return answered
        while _state(file) == seen and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)


def _state(file: str) -> object:
    try:
        found = Path(file).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
