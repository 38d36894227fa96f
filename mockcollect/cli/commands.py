"""The commands of `mockcollect`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from mockcollect import __version__
from mockcollect.errors import MockcollectError
from mockcollect.settings import (
    DEFAULT_HOST,
    DEFAULT_MAX_EVENTS,
    DEFAULT_PORT,
    Settings,
)

DEFAULT_URL = f"http://{DEFAULT_HOST}:{DEFAULT_PORT}"
EXIT_DOES_NOT_HOLD = 1
EXIT_COULD_NOT_TELL = 2
_POLL_SECONDS = 0.02


class _Commands(click.Group):
    """A group whose bare call, or whose bare options, mean `serve`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {"--help", "-h", "--version"}
        if not args or (args[0].startswith("-") and args[0] not in own):
            args = ["serve", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="mockcollect %(version)s")
def main() -> None:
    """Stand in for Commanders Act's HTTP Tracking API, and show what it would drop.

    Without a command it serves: `mockcollect --port 9000` is `mockcollect serve --port
    9000`. Each option has a variable: --port is MOCKCOLLECT_PORT.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")


@main.command()
@click.option(
    "--host",
    default=DEFAULT_HOST,
    show_default=True,
    envvar="MOCKCOLLECT_HOST",
    metavar="ADDRESS",
    help="Address to listen on. Others than loopback let other machines in.",
)
@click.option(
    "--port",
    default=DEFAULT_PORT,
    show_default=True,
    envvar="MOCKCOLLECT_PORT",
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 for any free one.",
)
@click.option(
    "--port-file",
    envvar="MOCKCOLLECT_PORT_FILE",
    metavar="FILE",
    help="Write the port number to FILE once events can be recorded.",
)
@click.option(
    "--db",
    envvar="MOCKCOLLECT_DB",
    metavar="FILE",
    help="Record in FILE, and go on with what it holds.",
)
@click.option(
    "--max-events",
    envvar="MOCKCOLLECT_MAX_EVENTS",
    metavar="N",
    type=click.IntRange(min=0),
    help="Keep the newest N events, 0 for all. "
    f"[default: {DEFAULT_MAX_EVENTS:,} in memory, all with --db]",
)
@click.option(
    "--fsync",
    is_flag=True,
    envvar="MOCKCOLLECT_FSYNC",
    help="With --db: survive a power cut too, at a fraction of the speed.",
)
@click.option(
    "--allow-host",
    multiple=True,
    envvar="MOCKCOLLECT_ALLOW_HOST",
    metavar="NAME",
    help="Show what was captured under this host name too. Repeatable.",
)
@click.option(
    "--allow-origin",
    multiple=True,
    envvar="MOCKCOLLECT_ALLOW_ORIGIN",
    metavar="ORIGIN",
    help="Let pages of this origin read and change it. Repeatable.",
)
@click.option(
    "--quiet",
    "-q",
    is_flag=True,
    envvar="MOCKCOLLECT_QUIET",
    help="Print nothing for each event.",
)
@click.option(
    "--json",
    is_flag=True,
    envvar="MOCKCOLLECT_JSON",
    help="Print each event as one line of JSON, and all else on stderr.",
)
@click.option(
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
    """
    settings = Settings(**options)
    try:
        _run(settings)
    except MockcollectError as error:
        _fail(str(error))


@main.command()
@click.option(
    "--url",
    default=DEFAULT_URL,
    show_default=True,
    envvar="MOCKCOLLECT_URL",
    help="The server to ask.",
)
@click.option("--wait", is_flag=True, help="Wait until it is ready.")
@click.option(
    "--timeout",
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="How long --wait waits.",
)
def ready(url: str, *, wait: bool, timeout: float) -> None:
    """Say whether a server can record: exit code 0 if it can, 1 if not.

    \b
    Examples:
      mockcollect ready --wait --timeout 10
      mockcollect ready --url http://127.0.0.1:9000
    """
    from mockcollect.server.probe import is_ready

    host, port = _address(url)
    deadline = time.monotonic() + (timeout if wait else 0)
    while not is_ready(host, port, timeout=max(1.0, timeout)):
        if time.monotonic() >= deadline:
            click.echo(f"Not ready: no mockcollect records at {url}.", err=True)
            sys.exit(EXIT_DOES_NOT_HOLD)
        time.sleep(_POLL_SECONDS)
    click.echo(f"Ready: {url}", err=True)


@main.command()
def version() -> None:
    """Print the version."""
    click.echo(f"mockcollect {__version__}")


def _run(settings: Settings) -> None:
    from mockcollect.cli.terminal import Following, start_text
    from mockcollect.server.host import Started, run

    def on_start(started: Started) -> None:
        click.echo(start_text(started), err=settings.json)
        if settings.port_file:
            _write_port(Path(settings.port_file), started.settings.port)
        if settings.open:
            click.launch(started.url)

    follow = None if settings.quiet else Following(json=settings.json)
    run(settings, on_start=on_start, follow=follow)


def _write_port(path: Path, port: int) -> None:
    """Write the number in one step, so that nobody reads half of it."""
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.write_text(f"{port}\n")
        beside.replace(path)
    except OSError as error:
        raise MockcollectError(
            f"The port file {path} cannot be written: {error.strerror or error}."
        ) from error


def _address(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or parts.scheme != "http":
        _fail(f"{url} is no address of a mockcollect: give http://HOST:PORT.")
    return host or "", port or 80


def _fail(message: str) -> None:
    click.echo(f"mockcollect: {message}", err=True)
    sys.exit(EXIT_COULD_NOT_TELL)
