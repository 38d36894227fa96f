"""The command `diff`: what changed between two recordings."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from mockcollect.cli.common import (
    EXIT_DOES_NOT_HOLD,
    json_line,
    json_option,
    option,
    told,
)
from mockcollect.cli.judged_by import read_plan_and_sources
from mockcollect.errors import MockcollectError

if TYPE_CHECKING:
    from mockcollect.asking.traffic import Traffic


@click.command()
@click.argument("before")
@click.argument("after")
@option(
    "--ignore",
    "ignored",
    multiple=True,
    envvar="MOCKCOLLECT_DIFF_IGNORE",
    metavar="PATH",
    help="Leave a place out that is another in each run. Repeatable.",
)
@option(
    "--all-places",
    is_flag=True,
    envvar="MOCKCOLLECT_DIFF_ALL_PLACES",
    help="Compare the ids and times of events too.",
)
@json_option
def diff(
    before: str,
    after: str,
    *,
    ignored: tuple[str, ...],
    all_places: bool,
    as_json: bool,
) -> None:
    """Show what changed between two recordings.

    It shows the events that were added from BEFORE to AFTER, are gone, or differ; both
    are exports, what --tee wrote, or recordings. Ids and times of events are left out,
    and their order. The exit code is 0 if nothing differs, else 1.

    \b
    Examples:
      mockcollect diff before.jsonl after.jsonl
      mockcollect diff before.jsonl after.jsonl --ignore context.page.url --json
    """
    with told():
        traffic = _compared(before, after, ignored, all_places=all_places)
        if as_json:
            click.echo(json_line(traffic.to_dict()))
        else:
            click.echo("\n".join(traffic.lines()))
    sys.exit(0 if traffic.is_same else EXIT_DOES_NOT_HOLD)


def _compared(
    before: str, after: str, ignored: tuple[str, ...], *, all_places: bool
) -> Traffic:
    from mockcollect.asking.traffic import VOLATILE, compare

    volatile = ignored if all_places else (*VOLATILE, *ignored)
    lines = _lines(before), _lines(after)
    try:
        return compare(*lines, volatile=volatile)
    except ValueError as error:
        raise MockcollectError(
            f"--ignore: {error} is no path. Write it as in context.page.url."
        ) from None


def _lines(file: str) -> list[dict[str, Any]]:
    import orjson

    from mockcollect.cli.captured import captured
    from mockcollect.recording.records import event_to_dict, request_json

    with captured(file, read_plan_and_sources(None, ())) as arrived:
        lines = [event_to_dict(one) for one in arrived.events]
        lines += [orjson.loads(request_json(one)) for one in arrived.requests]
        return lines
