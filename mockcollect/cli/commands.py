"""The commands of `mockcollect`, put together. Each group of them has its module."""

from __future__ import annotations

import sys

import click

from mockcollect import __version__
from mockcollect.cli.checking import check, wait
from mockcollect.cli.common import MainCommands
from mockcollect.cli.comparing import diff
from mockcollect.cli.completing import completion
from mockcollect.cli.faults import faults
from mockcollect.cli.planning import plan
from mockcollect.cli.readiness import ready
from mockcollect.cli.replaying import replay
from mockcollect.cli.rules import rules
from mockcollect.cli.running import run
from mockcollect.cli.sending import demo, send
from mockcollect.cli.serving import serve
from mockcollect.cli.validating import validate
from mockcollect.cli.watching import clear, events, export, tail


@click.group(cls=MainCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="mockcollect %(version)s")
def main() -> None:
    """Stand in for Commanders Act's HTTP Tracking API, and show what it would drop.

    Without a command it serves: `mockcollect --port 9000` is `mockcollect serve --port
    9000`. Each option has a variable, which the help of its command names: --port is
    MOCKCOLLECT_PORT. A flag's variable takes 1 or 0; where an option is repeatable, its
    variable takes several values with spaces between, that of --source with semicolons
    or line breaks, that of --expect with line breaks.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")


@click.command()
def version() -> None:
    """Print the version.

    \b
    Example:
      mockcollect version
    """
    click.echo(f"mockcollect {__version__}")


for _command in (
    serve,
    run,
    check,
    wait,
    events,
    tail,
    export,
    clear,
    send,
    demo,
    replay,
    diff,
    completion,
    ready,
    validate,
    rules,
    plan,
    version,
    faults,
):
    main.add_command(_command)
