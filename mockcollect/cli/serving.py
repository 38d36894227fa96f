"""The command `serve`, and the file that tells its port."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from mockcollect.cli.common import fail, option, tee_option
from mockcollect.cli.judged_by import (
    PlanAndSources,
    judging_options,
    read_plan_and_sources,
)
from mockcollect.errors import InvalidSettings, MockcollectError
from mockcollect.settings import (
    DEFAULT_HOST,
    DEFAULT_MAX_EVENTS,
    DEFAULT_PORT,
    Settings,
)

_LONGEST_PORT = 6  # five digits and a line break


@click.command()
@option(
    "--host",
    default=DEFAULT_HOST,
    envvar="MOCKCOLLECT_HOST",
    metavar="ADDRESS",
    help="Address to listen on. Others than loopback let other machines in.",
)
@option(
    "--port",
    default=DEFAULT_PORT,
    envvar="MOCKCOLLECT_PORT",
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 for any free one.",
)
@option(
    "--port-file",
    envvar="MOCKCOLLECT_PORT_FILE",
    metavar="FILE",
    help="Write the port number to FILE once events can be recorded.",
)
@option(
    "--db",
    envvar="MOCKCOLLECT_DB",
    metavar="FILE",
    help="Record in FILE, and go on with what it holds.",
)
@option(
    "--max-events",
    envvar="MOCKCOLLECT_MAX_EVENTS",
    metavar="N",
    type=click.IntRange(min=0),
    show_default=f"{DEFAULT_MAX_EVENTS:,} in memory, all with --db",
    help="Keep the newest N events, 0 for all.",
)
@option(
    "--fsync",
    is_flag=True,
    envvar="MOCKCOLLECT_FSYNC",
    help="With --db: survive a power cut too, at a fraction of the speed.",
)
@judging_options
@option(
    "--allow-host",
    multiple=True,
    envvar="MOCKCOLLECT_ALLOW_HOST",
    metavar="NAME",
    help="Show what was captured under this host name too. Repeatable.",
)
@option(
    "--allow-origin",
    multiple=True,
    envvar="MOCKCOLLECT_ALLOW_ORIGIN",
    metavar="ORIGIN",
    help="Let pages of this origin read and change it. Repeatable.",
)
@tee_option
@option(
    "--quiet",
    "-q",
    is_flag=True,
    envvar="MOCKCOLLECT_QUIET",
    help="Print nothing for each event.",
)
@option(
    "--json",
    is_flag=True,
    envvar="MOCKCOLLECT_JSON",
    help="Print each event as one line of JSON, and all else on stderr.",
)
@option(
    "--open",
    is_flag=True,
    envvar="MOCKCOLLECT_OPEN",
    help="Show the inspector in a browser.",
)
def serve(**options: Any) -> None:
    """Serve until Ctrl-C: answer as production does, record and show every event.

    \b
    Examples:
      mockcollect serve --db events.jsonl
      mockcollect serve --port 0 --port-file port.txt --quiet
      mockcollect serve --host 0.0.0.0 --allow-host collect
      mockcollect serve --plan tracking_plan.yml --source '29:7183b9d4:web shop'
    """
    # Until the server hears of it: KeyboardInterrupt while a module is loaded crashes
    # some that are not written in Python.
    signal.signal(signal.SIGINT, _leave)
    tee = options.pop("tee")
    settings = Settings(**options)
    try:
        _check(settings)
        judged_by = read_plan_and_sources(settings.plan, settings.sources)
        _run(settings, judged_by, tee)
    except MockcollectError as error:
        fail(str(error))


def _check(settings: Settings) -> None:
    """Raise InvalidSettings for what would be ignored, before a worker is started."""
    if settings.fsync and not settings.db:
        raise InvalidSettings(
            "--fsync needs a file: what is in memory does not survive a power cut. "
            "Name one with --db, or leave --fsync out."
        )
    if settings.allow_host or settings.allow_origin:
        from mockcollect.server.access import Access

        Access.allowing(settings.allow_host, settings.allow_origin)


def _run(settings: Settings, judged_by: PlanAndSources, tee: str | None) -> None:
    from mockcollect.cli.terminal import Following, start_tee, start_text
    from mockcollect.server.host import Started, run

    port_file = Path(settings.port_file) if settings.port_file else None
    if port_file is not None:
        _forget_port(port_file)

    def on_start(started: Started) -> None:
        if port_file is not None:
            _write_port(port_file, started.port)
        with suppress(OSError):  # nobody reads it
            click.echo(start_text(started, judged_by), err=settings.json)
        if settings.open:
            click.launch(started.url)

    if tee is not None:
        start_tee(tee)
    follow = Following(settings.json, tee, settings.quiet)
    has_reader = tee is not None or not settings.quiet
    run(settings, on_start=on_start, follow=follow if has_reader else None)


def _forget_port(path: Path) -> None:
    """Take away the number of a server before: whoever waits for the file wants ours.

    Raises MockcollectError for a file that holds something else.
    """
    try:
        if path.is_file() and _holds_port(path):
            path.unlink()
            return
    except OSError as error:
        raise _no_port_file(path, error) from error
    if path.exists():
        raise MockcollectError(
            f"The port file {path} exists and holds no port number. Nothing was "
            "changed. Name another file with --port-file."
        )


def _holds_port(path: Path) -> bool:
    text = path.open("rb").read(_LONGEST_PORT + 1).strip()
    return len(text) <= _LONGEST_PORT and (not text or text.isdigit())


def _write_port(path: Path, port: int) -> None:
    """Write the number in one step, so that nobody reads half of it."""
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.write_text(f"{port}\n")
        beside.replace(path)
    except OSError as error:
        raise _no_port_file(path, error) from error


def _no_port_file(path: Path, error: OSError) -> MockcollectError:
    reason = error.strerror or error
    return MockcollectError(f"The port file {path} cannot be written: {reason}.")


def _leave(number: int, frame: object) -> None:
    os._exit(0)
