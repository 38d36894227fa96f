"""The commands of `mockcollect`."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import click

from mockcollect import __version__
from mockcollect.errors import InvalidSettings, MockcollectError
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
_LONGEST_PORT = 6  # five digits and a line break


_option = partial(click.option, show_default=True, show_envvar=True)


class _Commands(click.Group):
    """A group whose bare call, or whose bare options, mean `serve`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {"--help", "-h", "--version"}
        if not args or (args[0].startswith("-") and args[0] not in own):
            args = ["serve", *args]
        with _one_line_for_bad_usage(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with _one_line_for_bad_usage(ctx):
            return super().invoke(ctx)


@contextmanager
def _one_line_for_bad_usage(ctx: click.Context) -> Iterator[None]:
    """Say what cannot be read as all else is said, where click prints three lines."""
    try:
        yield
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else ctx.command_path
        listed = "commands" if path == ctx.command_path else "options"
        said = error.format_message()
        _fail(f"{said} ({path} --help lists the {listed})")


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="mockcollect %(version)s")
def main() -> None:
    """Stand in for Commanders Act's HTTP Tracking API, and show what it would drop.

    Without a command it serves: `mockcollect --port 9000` is `mockcollect serve --port
    9000`. Each option has a variable, which the help of its command names: --port is
    MOCKCOLLECT_PORT. A flag's variable takes 1 or 0; where an option is repeatable, its
    variable takes several values with spaces between.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")


@main.command()
@_option(
    "--host",
    default=DEFAULT_HOST,
    envvar="MOCKCOLLECT_HOST",
    metavar="ADDRESS",
    help="Address to listen on. Others than loopback let other machines in.",
)
@_option(
    "--port",
    default=DEFAULT_PORT,
    envvar="MOCKCOLLECT_PORT",
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 for any free one.",
)
@_option(
    "--port-file",
    envvar="MOCKCOLLECT_PORT_FILE",
    metavar="FILE",
    help="Write the port number to FILE once events can be recorded.",
)
@_option(
    "--db",
    envvar="MOCKCOLLECT_DB",
    metavar="FILE",
    help="Record in FILE, and go on with what it holds.",
)
@_option(
    "--max-events",
    envvar="MOCKCOLLECT_MAX_EVENTS",
    metavar="N",
    type=click.IntRange(min=0),
    show_default=f"{DEFAULT_MAX_EVENTS:,} in memory, all with --db",
    help="Keep the newest N events, 0 for all.",
)
@_option(
    "--fsync",
    is_flag=True,
    envvar="MOCKCOLLECT_FSYNC",
    help="With --db: survive a power cut too, at a fraction of the speed.",
)
@_option(
    "--allow-host",
    multiple=True,
    envvar="MOCKCOLLECT_ALLOW_HOST",
    metavar="NAME",
    help="Show what was captured under this host name too. Repeatable.",
)
@_option(
    "--allow-origin",
    multiple=True,
    envvar="MOCKCOLLECT_ALLOW_ORIGIN",
    metavar="ORIGIN",
    help="Let pages of this origin read and change it. Repeatable.",
)
@_option(
    "--quiet",
    "-q",
    is_flag=True,
    envvar="MOCKCOLLECT_QUIET",
    help="Print nothing for each event.",
)
@_option(
    "--json",
    is_flag=True,
    envvar="MOCKCOLLECT_JSON",
    help="Print each event as one line of JSON, and all else on stderr.",
)
@_option(
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
    # Until the server hears of it: KeyboardInterrupt while a module is loaded crashes
    # some that are not written in Python.
    signal.signal(signal.SIGINT, _leave)
    settings = Settings(**options)
    try:
        _check(settings)
        _run(settings)
    except MockcollectError as error:
        _fail(str(error))


@main.command()
@_option(
    "--url",
    default=DEFAULT_URL,
    envvar="MOCKCOLLECT_URL",
    help="The server to ask.",
)
@_option(
    "--wait",
    is_flag=True,
    envvar="MOCKCOLLECT_READY_WAIT",
    help="Wait until it is ready.",
)
@_option(
    "--timeout",
    default=30.0,
    envvar="MOCKCOLLECT_READY_TIMEOUT",
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
    from mockcollect.server.probe import ANSWER_SECONDS, why_not_ready

    host, port = _address(url)
    left = timeout if wait else ANSWER_SECONDS
    deadline = time.monotonic() + left
    while True:
        patience = min(max(left, _POLL_SECONDS), ANSWER_SECONDS)
        why_not = why_not_ready(host, port, timeout=patience)
        if why_not is None:
            click.echo(f"Ready: {url}", err=True)
            return
        left = deadline - time.monotonic()
        if not wait or left <= 0:
            click.echo(f"Not ready: {url}: {why_not}", err=True)
            sys.exit(EXIT_DOES_NOT_HOLD)
        time.sleep(_POLL_SECONDS)


@main.command()
def version() -> None:
    """Print the version."""
    click.echo(f"mockcollect {__version__}")


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


def _run(settings: Settings) -> None:
    from mockcollect.cli.terminal import Following, start_text
    from mockcollect.server.host import Started, run

    port_file = Path(settings.port_file) if settings.port_file else None
    if port_file is not None:
        _forget_port(port_file)

    def on_start(started: Started) -> None:
        if port_file is not None:
            _write_port(port_file, started.port)
        with suppress(OSError):  # nobody reads it
            click.echo(start_text(started), err=settings.json)
        if settings.open:
            click.launch(started.url)

    follow = None if settings.quiet else Following(json=settings.json)
    run(settings, on_start=on_start, follow=follow)


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


def _address(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or parts.scheme != "http":
        _fail(f"{url} is no address of a mockcollect: give http://HOST:PORT.")
    return host, port or 80


def _leave(number: int, frame: object) -> None:
    os._exit(0)


def _fail(message: str) -> NoReturn:
    line = " ".join(message.split())  # what was given may hold line breaks
    click.echo(f"mockcollect: {line}", err=True)
    sys.exit(EXIT_COULD_NOT_TELL)
