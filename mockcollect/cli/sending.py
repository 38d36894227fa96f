"""The commands that send: `send` what a file holds, and `demo` a small story."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import click

from mockcollect.cli.common import (
    EXIT_DOES_NOT_HOLD,
    json_line,
    json_option,
    option,
    remark,
    told,
    url_option,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockcollect.cli.posting import Sending, Sent, Target
    from mockcollect.cli.style import Style

DEMO_SITE, DEMO_KEY = "29", "demo-source-key"
_PACE = 0.3


@click.command()
@click.argument("file")
@url_option
@option(
    "--site",
    envvar="MOCKCOLLECT_SEND_SITE",
    metavar="ID",
    help="Send for this site (tc_s).",
)
@option(
    "--source",
    "key",
    envvar="MOCKCOLLECT_SEND_SOURCE",
    metavar="KEY",
    help="Send with this source key (token).",
)
@option(
    "--batch",
    is_flag=True,
    envvar="MOCKCOLLECT_SEND_BATCH",
    help="Send to /events/batch, also what is no batch.",
)
@option(
    "--yes-production",
    is_flag=True,
    envvar="MOCKCOLLECT_YES_PRODUCTION",
    help="Send even to commander1.com, where it counts.",
)
@json_option
def send(
    file: str,
    *,
    url: str,
    site: str | None,
    key: str | None,
    batch: bool,
    yes_production: bool,
    as_json: bool,
) -> None:
    """Send what is in FILE, and show what becomes of it.

    It is sent byte for byte. FILE is an event, a batch, or one of them on each line; -
    for standard input. The exit code is 0 if all was answered 200, else 1. An answer of
    200 says nothing of the verdict, here as in production.

    \b
    Examples:
      mockcollect send purchase.json --site 29 --source 7183b9d4
      jq -c '.[]' events.json | mockcollect send -
    """
    from mockcollect.cli.posting import Target

    with told():
        target = Target(url, production=yes_production)
        statuses = [
            _send_one(target, sending, as_json=as_json)
            for sending in _sendings(file, site, key, batch=batch)
        ]
    sys.exit(0 if all(one == 200 for one in statuses) else EXIT_DOES_NOT_HOLD)


@click.command()
@url_option
@option(
    "--pace",
    default=_PACE,
    envvar="MOCKCOLLECT_DEMO_PACE",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="How long to wait between two requests.",
)
def demo(url: str, *, pace: float) -> None:
    """Send a visit to a shop, with the mistakes that people make.

    It shows what the terminal, the inspector and the reports make of valid events, of
    some that production would drop in silence, and of one that it refuses.

    \b
    Examples:
      mockcollect demo
      mockcollect demo --pace 0 --url http://127.0.0.1:9000
    """
    from mockcollect.cli.posting import Sending, Target, target_of
    from mockcollect.cli.story import story

    with told():
        target = Target(url)
        for index, (path, body) in enumerate(story(int(time.time() * 1000))):
            time.sleep(pace * (index > 0))
            where = target_of(path, DEMO_SITE, DEMO_KEY)
            _send_one(target, Sending(where, body), as_json=False)
        remark(f"{url}/ shows them; `mockcollect clear` deletes them.")


def _sendings(
    file: str, site: str | None, key: str | None, *, batch: bool
) -> Iterator[Sending]:
    from mockcollect.cli.posting import Sending, target_of
    from mockcollect.cli.reading import Address, read_requests

    path = "/events/batch" if batch else None
    for read in read_requests(file, Address(path)):
        if read.exported is not None and not read.events:  # it tells of a request
            remark(f"{read.where}: its body was not kept, it is left out.")
            continue
        yield Sending(target_of(read.request.path, site, key), read.request.body)


def _send_one(target: Target, sending: Sending, *, as_json: bool) -> int:
    from mockcollect.cli.style import Style

    sent = target.send(sending)
    shown = _received(target.url, sent)
    if as_json:
        click.echo(json_line({"status": sent.status, **shown}))
    else:
        for line in _lines(sending, sent, shown, Style.of(sys.stdout)):
            click.echo(line, color=True)
    sys.stdout.flush()
    return sent.status


def _received(url: str, sent: Sent) -> dict[str, Any]:
    """Return what a mockcollect has recorded; nothing of any other server."""
    from mockcollect.server.client import Client

    if sent.request_id is None:
        return {"request": None, "events": []}
    client = Client(url)
    request = client.find(f"/requests/{sent.request_id}")
    ids = request["event_ids"] if request else []
    found = [client.find(f"/events/{one}") for one in ids]
    return {"request": request, "events": [one["event"] for one in found if one]}


def _lines(
    sending: Sending, sent: Sent, shown: dict[str, Any], style: Style
) -> Iterator[str]:
    from mockcollect.cli.rows import finding_lines, tail_line

    if shown["request"] is None:
        path = sending.target.partition("?")[0]
        yield f"{sent.status}  {path}  {len(sending.body):,} B"
        return
    for event in shown["events"]:
        yield tail_line(event, style)
        yield from finding_lines(event["findings"], style)
    if not shown["events"]:
        yield tail_line(shown["request"], style)
        yield from _refusal_lines(shown["request"])
        yield from finding_lines(shown["request"]["findings"], style)


def _refusal_lines(request: dict[str, Any]) -> Iterator[str]:
    from mockcollect.cli.masking import masked_excerpt
    from mockcollect.contract.printable import printable

    refusal = request["refusal"]
    lines = refusal["text"].split("\n") if refusal else []
    for line in masked_excerpt(lines):
        yield f"  {printable(line)}"
