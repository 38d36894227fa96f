"""The commands on fault rules: `faults set`, `list` and `clear`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from mockcollect.cli.common import (
    Commands,
    count,
    fail,
    json_option,
    option,
    remark,
    url_option,
)
from mockcollect.contract.printable import printable
from mockcollect.errors import MockcollectError

if TYPE_CHECKING:
    from mockcollect.server.client import Client

_PATH = "/faults"


@click.group(cls=Commands, no_args_is_help=False)
def faults() -> None:
    """Have a running server answer with faults, by rule.

    A rule acts on requests to collect that match a filter. What it does is recorded
    with the request; unless the client has all of production's answer, or
    --collected says so, its events are marked as not collected.

    \b
    Example:
      mockcollect faults set 'event:purchase' --status 503 --next 2
    """


@faults.command("set")
@click.argument("query", metavar="[FILTER]", default="")
@option(
    "--status",
    envvar="MOCKCOLLECT_FAULTS_STATUS",
    show_default="none",
    metavar="STATUS",
    type=int,
    help="Answer this status, 400 to 599.",
)
@option(
    "--retry-after",
    envvar="MOCKCOLLECT_FAULTS_RETRY_AFTER",
    show_default="none",
    metavar="SECONDS",
    type=int,
    help="With --status: send the header Retry-After.",
)
@option(
    "--delay",
    envvar="MOCKCOLLECT_FAULTS_DELAY",
    show_default="none",
    metavar="SECONDS",
    type=float,
    help="Wait before the answer; goes with all others.",
)
@option(
    "--timeout",
    envvar="MOCKCOLLECT_FAULTS_TIMEOUT",
    show_default="none",
    metavar="SECONDS",
    type=float,
    help="Do not answer at all, and close the connection then.",
)
@option(
    "--reset",
    is_flag=True,
    envvar="MOCKCOLLECT_FAULTS_RESET",
    help="Break the connection off without an answer.",
)
@option(
    "--truncate",
    is_flag=True,
    envvar="MOCKCOLLECT_FAULTS_TRUNCATE",
    help="Send less than the length that the answer declares.",
)
@option(
    "--drip",
    envvar="MOCKCOLLECT_FAULTS_DRIP",
    show_default="none",
    metavar="SECONDS",
    type=float,
    help="Send the answer byte by byte, over so long.",
)
@option(
    "--next",
    envvar="MOCKCOLLECT_FAULTS_NEXT",
    metavar="N",
    type=int,
    show_default="all",
    help="Act on the next N that match.",
)
@option(
    "--probability",
    envvar="MOCKCOLLECT_FAULTS_PROBABILITY",
    show_default="none",
    metavar="P",
    type=float,
    help="Act on each that matches with this probability, up to 1.",
)
@option(
    "--seed",
    envvar="MOCKCOLLECT_FAULTS_SEED",
    metavar="N",
    type=int,
    show_default="0",
    help="With --probability: the same seed gives the same sequence.",
)
@option(
    "--collected/--not-collected",
    envvar="MOCKCOLLECT_FAULTS_COLLECTED",
    default=None,
    show_default="as the client sees it",
    help="Whether the events count as collected.",
)
@option(
    "--add",
    is_flag=True,
    envvar="MOCKCOLLECT_FAULTS_ADD",
    help="Keep the rules there are, and ask them first.",
)
@url_option
def set_rule(url: str, *, add: bool, **rule: Any) -> None:
    """Make a rule for requests that match FILTER, or for all; others go.

    \b
    Examples:
      mockcollect faults set 'event:purchase' --status 503 --retry-after 1 --next 2
      mockcollect faults set --delay 1.5 --probability 0.1 --seed 7
      mockcollect faults set 'site:29' --reset --next 1 --add
    """
    try:
        client = _client(url)
        given = _checked({"q": rule.pop("query"), **rule})
        there = client.get(_PATH)["rules"] if add else []
        made = client.put(_PATH, {"rules": [*there, given]})["rules"][-1]
    except MockcollectError as error:
        fail(str(error))
    remark(f"rule {made['id']}: {_in_words(made)}")


@faults.command("list")
@json_option
@url_option
def list_rules(url: str, *, as_json: bool) -> None:
    """List the rules, and how often each has acted.

    \b
    Examples:
      mockcollect faults list
      mockcollect faults list --json
    """
    try:
        rules = _client(url).get(_PATH)["rules"]
    except MockcollectError as error:
        fail(str(error))
    if as_json:
        click.echo(json.dumps(rules, indent=2, ensure_ascii=False))
        return
    for one in rules:
        click.echo(f"{one['id']:>4}  {_in_words(one)}")
    remark(count(len(rules), "fault rule"))


@faults.command()
@option(
    "--id",
    "number",
    envvar="MOCKCOLLECT_FAULTS_ID",
    show_default="all",
    metavar="ID",
    type=click.IntRange(min=1),
    help="Remove only this one.",
)
@url_option
def clear(url: str, *, number: int | None) -> None:
    """Remove all rules, or one, and let go of the answers they hold back.

    \b
    Examples:
      mockcollect faults clear
      mockcollect faults clear --id 2
    """
    try:
        left = _client(url).delete(_PATH, id=number)["rules"]
    except MockcollectError as error:
        fail(str(error))
    remark(f"{count(len(left), 'fault rule')} left")


def _client(url: str) -> Client:
    from mockcollect.server.client import Client

    return Client(url)


def _checked(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule without what is not given; raises InvalidFault where it is none."""
    from mockcollect.server.faults import FaultRule

    given = {key: value for key, value in rule.items() if value is not None}
    FaultRule(**given)
    return given


def _in_words(rule: Mapping[str, Any]) -> str:
    which = printable(rule["q"]) or "all requests"
    return f"{which}: {', '.join(_parts(rule))}"


def _parts(rule: Mapping[str, Any]) -> Iterator[str]:
    if rule["delay"] is not None:
        yield f"delay {rule['delay']:g} s"
    if rule["kind"] != "delay":
        value = rule[rule["kind"]]
        unit = "" if rule["kind"] == "status" else " s"
        yield rule["kind"] if value is True else f"{rule['kind']} {value:g}{unit}"
    if rule["retry_after"] is not None:
        yield f"retry after {rule['retry_after']} s"
    if rule["probability"] is not None:
        yield f"probability {rule['probability']:g}, seed {rule['seed']}"
    yield "collected" if rule["collected"] else "not collected"
    left = "" if rule["left"] is None else f", {rule['left']:,} left"
    yield f"{count(rule['hits'], 'hit')}{left}"
