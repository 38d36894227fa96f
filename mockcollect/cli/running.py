"""The command `run`: a server around any test suite, and what came of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockcollect.cli.common import (
    EXIT_COULD_NOT_TELL,
    format_option,
    option,
    remark,
    report_option,
    tee_option,
    told,
)
from mockcollect.cli.expected import (
    ExpectationText,
    Expected,
    expect_file_option,
    read_expected,
)
from mockcollect.cli.judged_by import judging_options, read_plan_and_sources
from mockcollect.errors import MockcollectError
from mockcollect.settings import DEFAULT_SETTLE, URL_VARIABLE, Settings

if TYPE_CHECKING:
    from mockcollect.asking.report import Report
    from mockcollect.server.client import Client

_SETTLE_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a run is to do."""

    words: tuple[str, ...]
    expected: Expected
    names: tuple[str, ...]
    settle: float
    timeout: float
    form: str
    report_file: str | None
    tee: str | None


@click.command(context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@option(
    "--expect",
    "texts",
    multiple=True,
    envvar="MOCKCOLLECT_EXPECT",
    type=ExpectationText(),
    metavar="EXPECTATION",
    help="A filter and a count that must hold at the end. Repeatable.",
)
@expect_file_option
@judging_options
@option(
    "--env",
    "names",
    multiple=True,
    envvar="MOCKCOLLECT_ENV",
    metavar="NAME",
    help=f"Set NAME to the server's URL too, beside {URL_VARIABLE}. Repeatable.",
)
@option(
    "--settle",
    default=DEFAULT_SETTLE,
    envvar="MOCKCOLLECT_SETTLE",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="After the command, wait until nothing has come for so long.",
)
@option(
    "--timeout",
    default=_SETTLE_TIMEOUT,
    envvar="MOCKCOLLECT_TIMEOUT",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="How long that may take at most.",
)
@tee_option
@option(
    "--db",
    envvar="MOCKCOLLECT_DB",
    metavar="FILE",
    help="Record in FILE, a new one, and keep it.",
)
@format_option
@report_option
def run(
    command: tuple[str, ...],
    *,
    texts: tuple[str, ...],
    files: tuple[str, ...],
    plan: str | None,
    sources: tuple[str, ...],
    names: tuple[str, ...],
    settle: float,
    timeout: float,
    tee: str | None,
    db: str | None,
    form: str,
    report_file: str | None,
) -> None:
    """Run COMMAND with a server of its own, and check what it sent.

    The server has a free port, which MOCKCOLLECT_URL tells the command; its input and
    output are left alone. The exit code is the command's own if that is not 0, else 1
    if an expectation does not hold, and 2 if that could not be told.

    \b
    Examples:
      mockcollect run --expect 'event:purchase count=1' -- npm test
      mockcollect run --expect-file expected.yml --env COLLECT_URL -- mvn -q test
      mockcollect run --plan plan.yml --format junit --report sent.xml -- make test
    """
    with told():
        judged_by = read_plan_and_sources(plan, sources)
        planned = judged_by.plan.event_names if judged_by.plan else None
        expected = read_expected(texts, files, planned=planned)
        _check_files(report_file, tee, db)
        settings = Settings(
            port=0, db=db, max_events=0, plan=plan, sources=sources, test_run=True
        )
        todo = _Plan(command, expected, names, settle, timeout, form, report_file, tee)
        code = _run(settings, todo)
    sys.exit(code)


def _check_files(report_file: str | None, tee: str | None, db: str | None) -> None:
    """Raise MockcollectError for a file that cannot be used, before anything runs."""
    from mockcollect.cli.reporting import check_writable
    from mockcollect.cli.terminal import start_tee

    if db is not None and Path(db).exists():
        raise MockcollectError(
            f"{db} exists: what it holds would be checked as if this command had sent "
            "it. Name another file with --db, or delete it."
        )
    check_writable(report_file)
    if tee is not None:
        start_tee(tee)


def _run(settings: Settings, todo: _Plan) -> int:
    from mockcollect.cli.command import run_command
    from mockcollect.cli.terminal import Following
    from mockcollect.server.child import ChildServer
    from mockcollect.server.client import Client

    follow = Following(tee=todo.tee, quiet=True) if todo.tee else None
    with ChildServer(settings, follow=follow) as server:
        names = list(dict.fromkeys([URL_VARIABLE, *todo.names]))
        are = "is" if len(names) == 1 else "are"
        remark(f"{server.url}, {' and '.join(names)} {are} set for this command")
        code = run_command(todo.words, dict.fromkeys(names, server.url))
        try:
            held = _conclude(Client(server.url), todo)
        except MockcollectError as error:
            remark(f"What was sent could not be checked: {error}")
            return code or EXIT_COULD_NOT_TELL
    return code or held


def _conclude(client: Client, todo: _Plan) -> int:
    """Wait for what is late, check, report, and return the exit code of the checks."""
    from mockcollect.asking.answer import report_of
    from mockcollect.cli.reporting import show_report
    from mockcollect.cli.settling import settle

    if not settle(client, quiet=todo.settle, timeout=todo.timeout):
        remark(f"events still came after {todo.timeout:g} s, which --timeout allows.")
    report = report_of(todo.expected.ask(client), name="mockcollect run")
    if not client.get("/requests", limit=0)["total"]:
        report = _with_hint(report, todo)
    show_report(report, todo.form, todo.report_file, apart=True)
    return report.exit_code


def _with_hint(report: Report, todo: _Plan) -> Report:
    named = " or ".join(dict.fromkeys([URL_VARIABLE, *todo.names]))
    hint = f"No request arrived at all: does the command send to the URL in {named}?"
    return replace(report, remarks=(*report.remarks, hint))
