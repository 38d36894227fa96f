"""The commands on a tracking plan's file: `plan validate`, `show` and `infer`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mockcollect.cli.common import EXIT_DOES_NOT_HOLD, Commands, count, fail, remark
from mockcollect.cli.common import option as _option
from mockcollect.errors import InvalidPlan, MockcollectError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockcollect.contract.event import Event
    from mockcollect.verdict.plan import Plan

_REQUIRED_FROM = 5

_as_json = _option(
    "--json", "as_json", is_flag=True, envvar="MOCKCOLLECT_JSON", help="Print JSON."
)


@click.group(cls=Commands, no_args_is_help=False)
def plan() -> None:
    """Make, check and show a tracking plan.

    \b
    Example:
      mockcollect plan infer events.jsonl > tracking_plan.yml
    """


@plan.command()
@click.argument("file")
@_as_json
def validate(file: str, *, as_json: bool) -> None:
    """Say whether FILE is a tracking plan, and where it is broken.

    The exit code is 1 if it is broken, 2 if it cannot be read. FILE is YAML or JSON,
    - for standard input.

    \b
    Example:
      mockcollect plan validate tracking_plan.yml
    """
    try:
        read = _read(file)
    except InvalidPlan as error:
        if as_json:
            click.echo(_json(_fault(error)))
        fail(str(error), code=EXIT_DOES_NOT_HOLD)
    if as_json:
        click.echo(_json({"name": read.name, "valid": True, **_counts(read)}))
    else:
        click.echo(f"{read.name} is a tracking plan: {', '.join(_counted(read))}.")


@plan.command()
@click.argument("file")
@_as_json
def show(file: str, *, as_json: bool) -> None:
    """Print the plan in FILE as it was understood.

    FILE is YAML or JSON, - for standard input.

    \b
    Example:
      mockcollect plan show tracking_plan.yml
    """
    try:
        read = _read(file)
    except InvalidPlan as error:
        fail(str(error))
    click.echo(_json(read.to_dict()) if as_json else read.text(), nl=as_json)


@plan.command()
@click.argument("file")
@_option(
    "--required-from",
    default=_REQUIRED_FROM,
    envvar="MOCKCOLLECT_PLAN_REQUIRED_FROM",
    metavar="N",
    type=click.IntRange(min=1),
    help="Require what all events of a name have, if there are N or more.",
)
def infer(file: str, *, required_from: int) -> None:
    """Print a plan, as YAML, that the events in FILE keep to.

    FILE is a recording of --db, also while its server runs, an export as JSON lines, or
    events: one, a batch, or one a line; - for standard input.

    \b
    Examples:
      mockcollect plan infer events.jsonl > tracking_plan.yml
      curl -s 'localhost:8787/_inspect/export?format=jsonl' | mockcollect plan infer -
    """
    from mockcollect.cli.reading import title_of
    from mockcollect.verdict.infer import infer as infer_plan

    try:
        events = list(_named_events(file))
    except MockcollectError as error:
        fail(str(error))
    if not events:
        fail(f"{title_of(file)} holds no event with a name.")
    click.echo(infer_plan(events, required_from=required_from), nl=False)
    remark(
        f"inferred from {count(len(events), 'event')}: read it before you rely on it."
    )


def _named_events(file: str) -> Iterator[Event]:
    from mockcollect.cli.reading import Address, read_requests

    for request in read_requests(file, Address()):
        yield from (one for one in request.events if one.event_name is not None)


def _read(file: str) -> Plan:
    """Return the plan in a file; ends where it cannot be read. Raises InvalidPlan."""
    from mockcollect.cli.reading import read_bytes, title_of
    from mockcollect.verdict.plan import parse_plan

    try:
        content = read_bytes(file)
    except MockcollectError as error:
        fail(str(error))
    return parse_plan(content, name=title_of(file))


def _counts(read: Plan) -> dict[str, int]:
    return {
        "events": len(read.events),
        "specified": sum(read.specifies(name) for name in read.events),
        "sources": len(read.sources or ()),
    }


def _counted(read: Plan) -> Iterator[str]:
    counts = _counts(read)
    yield count(counts["events"], "event")
    if known_by_name := counts["events"] - counts["specified"]:
        yield f"{known_by_name:,} of them by name only"
    if counts["sources"]:
        yield count(counts["sources"], "source")


def _fault(error: InvalidPlan) -> dict[str, Any]:
    place = {"name": error.name, "line": error.line, "column": error.column}
    return {"valid": False, **place, "reason": error.reason}


def _json(data: Any) -> bytes:
    import orjson

    return orjson.dumps(data, option=orjson.OPT_INDENT_2)
