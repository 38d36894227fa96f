"""What the commands share: options, exit codes, and how they say what went wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NoReturn

import click

EXIT_DOES_NOT_HOLD = 1
EXIT_COULD_NOT_TELL = 2

option = partial(click.option, show_default=True, show_envvar=True)
"""Declares an option that its help shows with its variable and its default."""


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


def fail(message: str, *, code: int = EXIT_COULD_NOT_TELL) -> NoReturn:
    """Say in one line on standard error what went wrong, and end."""
    line = " ".join(message.split())  # what was given may hold line breaks
    click.echo(f"mockcollect: {line}", err=True)
    sys.exit(code)


def remark(message: str) -> None:
    """Say in one line on standard error what is good to know."""
    click.echo(f"mockcollect: {message}", err=True)


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 event`, `2,000 events`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
