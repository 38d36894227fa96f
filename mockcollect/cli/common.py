"""What the commands share: options, exit codes, and how they say what went wrong."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NoReturn

import click

from mockcollect.errors import MockcollectError
from mockcollect.settings import DEFAULT_HOST, DEFAULT_PORT

DEFAULT_URL = f"http://{DEFAULT_HOST}:{DEFAULT_PORT}"
EXIT_DOES_NOT_HOLD = 1
EXIT_COULD_NOT_TELL = 2
EXIT_INTERRUPTED = 130

option = partial(click.option, show_default=True, show_envvar=True)
"""Declares an option that its help shows with its variable and its default."""

FORMATS = ("text", "github", "junit", "json")
"""How a report can be written; the first is the default."""

tee_option = option(
    "--tee",
    envvar="MOCKCOLLECT_TEE",
    metavar="FILE",
    help="Write each event to FILE as it comes, one line of JSON each.",
)
format_option = option(
    "--format",
    "form",
    default=FORMATS[0],
    type=click.Choice(FORMATS),
    envvar="MOCKCOLLECT_FORMAT",
    help="How to report it.",
)
report_option = option(
    "--report",
    "report_file",
    envvar="MOCKCOLLECT_REPORT",
    metavar="FILE",
    help="Write the report to FILE, and its text to stderr.",
)
json_option = option(
    "--json", "as_json", is_flag=True, envvar="MOCKCOLLECT_JSON", help="Print JSON."
)
url_option = option(
    "--url",
    default=DEFAULT_URL,
    envvar="MOCKCOLLECT_URL",
    help="The server to ask.",
)

file_option = option(
    "--file",
    envvar="MOCKCOLLECT_FILE",
    metavar="FILE",
    help="Read an export or a recording, and ask no server.",
)


class Commands(click.Group):
    """A group that says what it cannot read in one line."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Return what is left of the arguments, and refuse what no option takes."""
        with _one_line_for_bad_usage(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that the arguments name."""
        with _one_line_for_bad_usage(ctx):
            return super().invoke(ctx)


class MainCommands(Commands):
    """The group whose bare call, or whose bare options, mean `serve`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `serve` before options that are not the group's own."""
        own = {"--help", "-h", "--version"}
        if ctx.resilient_parsing:  # a shell asks what could stand here
            return super().parse_args(ctx, args)
        if not args or (args[0].startswith("-") and args[0] not in own):
            args = ["serve", *args]
        return super().parse_args(ctx, args)


@contextmanager
def _one_line_for_bad_usage(ctx: click.Context) -> Iterator[None]:
    """Say what cannot be read as all else is said, where click prints three lines."""
    try:
        yield
    except click.UsageError as error:
        where = error.ctx or ctx
        listed = "commands" if isinstance(where.command, click.Group) else "options"
        said = error.format_message()
        fail(f"{said} ({where.command_path} --help lists the {listed})")


@contextmanager
def told() -> Iterator[None]:
    """Say in one line what went wrong, and end quietly on Ctrl-C or a broken pipe."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _have_output()
    try:
        yield
        sys.stdout.flush()
    except MockcollectError as error:
        fail(str(error))
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        forget_output()
        sys.exit(0)
    except OSError as error:
        forget_output()
        fail(f"The output cannot be written: {error.strerror or error}.")


def _have_output() -> None:
    """Write to nowhere what has no stream: one that is closed, as by `>&-`, is none."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = io.FileIO(os.devnull, "w")
            setattr(sys, name, io.TextIOWrapper(nowhere, encoding="utf-8"))


def forget_output() -> None:
    """Write to nowhere from now on: nobody reads it, and Python would complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def fail(message: str, *, code: int = EXIT_COULD_NOT_TELL) -> NoReturn:
    """Say in one line on standard error what went wrong, and end."""
    line = " ".join(message.split())  # what was given may hold line breaks
    click.echo(f"mockcollect: {line}", err=True)
    sys.exit(code)


def remark(message: str) -> None:
    """Say in one line on standard error what is good to know."""
    click.echo(f"mockcollect: {message}", err=True)


def json_line(value: Any) -> str:
    """Return a value as JSON, on one line."""
    import json

    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 event`, `2,000 events`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
