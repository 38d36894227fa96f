"""The commands that show what was captured: `events`, `tail` and `export`; `clear`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from mockcollect.cli.common import (
    EXIT_DOES_NOT_HOLD,
    count,
    fail,
    file_option,
    json_line,
    json_option,
    option,
    remark,
    told,
    url_option,
)
from mockcollect.cli.expected import FilterCommand, FilterText
from mockcollect.cli.judged_by import read_plan_and_sources
from mockcollect.errors import MockcollectError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockcollect.cli.rows import Json
    from mockcollect.cli.style import Style

_LIMIT = 100
_EXPORTS = ("jsonl", "curl", "csv", "har")


@click.command(cls=FilterCommand)
@click.argument("expression", default="", type=FilterText())
@url_option
@file_option
@option(
    "--full",
    type=click.IntRange(min=1),
    envvar="MOCKCOLLECT_EVENTS_FULL",
    metavar="ID",
    help="Show all there is of the one event with this number.",
)
@option(
    "--limit",
    default=_LIMIT,
    envvar="MOCKCOLLECT_EVENTS_LIMIT",
    metavar="N",
    type=click.IntRange(min=0),
    help="Show the newest N, 0 for all.",
)
@json_option
def events(
    expression: str,
    *,
    url: str,
    file: str | None,
    full: int | None,
    limit: int,
    as_json: bool,
) -> None:
    """Show the events that match EXPRESSION, a filter.

    Without one all are shown, the newest last.

    \b
    Examples:
      mockcollect events
      mockcollect events 'event:purchase -verdict:valid' --json
      mockcollect events --full 8 --file events.jsonl
    """
    with told():
        if full is not None:
            _show_full(full, url, file, as_json=as_json)
            return
        found, matched = _found(expression, url, file, limit)
        _show(found, as_json=as_json)
        if len(found) < matched:
            remark(f"the newest {len(found):,} of {matched:,}; --limit 0 shows all.")
        elif not found:
            remark("no event matches." if expression else "no event arrived.")


@click.command(cls=FilterCommand)
@click.argument("expression", default="", type=FilterText())
@url_option
@json_option
def tail(expression: str, *, url: str, as_json: bool) -> None:
    """Show what matches EXPRESSION as it comes, until Ctrl-C.

    Without a filter all events are shown, and the requests that brought none.

    \b
    Examples:
      mockcollect tail
      mockcollect tail '-verdict:valid' --json
    """
    from mockcollect.cli.rows import tail_line
    from mockcollect.cli.style import Style
    from mockcollect.server.client import Client

    with told():
        style = Style.of(sys.stdout)
        with Client(url).follow(expression) as stream:
            remark(f"following {url}. Press Ctrl-C to stop.")
            for message in stream:
                if message.kind != "deleted":
                    one = message.data
                    click.echo(json_line(one) if as_json else tail_line(one, style))
                    sys.stdout.flush()
        remark(f"{url} has ended.")


@click.command(cls=FilterCommand)
@click.argument("expression", default="", type=FilterText())
@url_option
@file_option
@option(
    "--format",
    "form",
    default=_EXPORTS[0],
    type=click.Choice(_EXPORTS),
    envvar="MOCKCOLLECT_EXPORT_FORMAT",
    help="What to write.",
)
def export(expression: str, *, url: str, file: str | None, form: str) -> None:
    """Write what matches EXPRESSION to standard output.

    jsonl has one event a line, csv one a row, curl one command a request, and har is
    an archive that browsers open. A --file is a recording, as --db keeps it.

    \b
    Examples:
      mockcollect export > events.jsonl
      mockcollect export 'event:purchase' --format csv > purchases.csv
    """
    with told():
        out = sys.stdout.buffer
        if file is None:
            from mockcollect.server.client import Client

            Client(url).download("/export", out, q=expression, format=form)
        else:
            _export_file(file, expression, url, form)
        out.flush()


@click.command(cls=FilterCommand)
@click.argument("expression", default="", type=FilterText())
@url_option
@json_option
def clear(expression: str, *, url: str, as_json: bool) -> None:
    """Delete what matches EXPRESSION from a server.

    Without a filter everything is deleted.

    \b
    Examples:
      mockcollect clear
      mockcollect clear 'site:29'
    """
    from mockcollect.server.client import Client

    with told():
        said = Client(url).delete("/events", q=expression)
        if as_json:
            click.echo(json_line(said))
        else:
            events, requests = said["deleted"], said["requests"]
            told_of = f"{count(events, 'event')} and {count(requests, 'request')}"
            click.echo(f"Deleted {told_of}.")


def _found(
    expression: str, url: str, file: str | None, limit: int
) -> tuple[list[Any], int]:
    if file is None:
        from mockcollect.server.client import Client

        return Client(url).events(expression, limit=limit)
    from mockcollect.recording.query import parse_query

    query = parse_query(expression)
    found = _events_in(file, query.matches_event)
    return found[-limit:] if limit else found, len(found)


def _events_in(file: str, matches: Callable[[Any], bool]) -> list[Any]:
    from mockcollect.cli.captured import captured
    from mockcollect.recording.records import event_to_dict

    with captured(file, read_plan_and_sources(None, ())) as arrived:
        return [event_to_dict(one) for one in arrived.events if matches(one)]


def _show(found: list[Any], *, as_json: bool) -> None:
    if as_json:
        for one in found:
            click.echo(json_line(one))
    elif found:
        from mockcollect.cli.rows import event_table

        _echo(lambda style: event_table(found, style))


def _show_full(event_id: int, url: str, file: str | None, *, as_json: bool) -> None:
    from mockcollect.cli.rows import full_lines

    shown = _full(event_id, url, file)
    if shown is None:
        fail(f"There is no event {event_id}.", code=EXIT_DOES_NOT_HOLD)
    if as_json:
        click.echo(json_line(shown))
    else:
        _echo(lambda style: full_lines(shown, style))


def _full(event_id: int, url: str, file: str | None) -> Json | None:
    if file is None:
        from mockcollect.server.client import Client

        return Client(url).find(f"/events/{event_id}")
    found = _events_in(file, lambda one: one.id == event_id)
    return {"event": found[0], "request": found[0]["request"]} if found else None


def _echo(lines: Callable[[Style], Any]) -> None:
    from mockcollect.cli.style import Style

    for line in lines(Style.of(sys.stdout)):
        click.echo(line, color=True)


def _export_file(file: str, expression: str, url: str, form: str) -> None:
    from mockcollect.cli.reading import opened_recording
    from mockcollect.recording.export import EXPORTS
    from mockcollect.recording.query import parse_query

    with opened_recording(file) as recorder:
        if recorder is None:
            raise MockcollectError(
                f"{file} is no recording as --db keeps it; an export is one already."
            )
        query = parse_query(expression)
        for chunk in EXPORTS[form].write(recorder, query, url):
            sys.stdout.buffer.write(chunk)
