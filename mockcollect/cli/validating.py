"""The command `validate`: the verdict on what is in a file, without a server."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import click

from mockcollect.cli.common import fail, format_option, option
from mockcollect.cli.judged_by import judging_options, read_plan_and_sources
from mockcollect.errors import MockcollectError

if TYPE_CHECKING:
    from mockcollect.cli.reading import Address


@click.command()
@click.argument("file")
@judging_options
@option(
    "--url",
    envvar="MOCKCOLLECT_VALIDATE_URL",
    help="Judge as sent to this URL: its path, tc_s and token too.",
)
@option(
    "--site",
    envvar="MOCKCOLLECT_VALIDATE_SITE",
    metavar="ID",
    help="Judge as sent for this site (tc_s) too.",
)
@option(
    "--key",
    envvar="MOCKCOLLECT_VALIDATE_KEY",
    help="Judge as sent with this source key (token) too.",
)
@option(
    "--batch",
    is_flag=True,
    envvar="MOCKCOLLECT_VALIDATE_BATCH",
    help="Judge as sent to /events/batch, also what is no batch.",
)
@format_option
def validate(
    file: str,
    *,
    plan: str | None,
    sources: tuple[str, ...],
    url: str | None,
    site: str | None,
    key: str | None,
    batch: bool,
    form: str,
) -> None:
    """Judge what is in FILE, without a server.

    The exit code is 1 if production would refuse any of it, 2 if FILE cannot be read.
    FILE is an event, a batch, events as one JSON line each, an export as JSON lines, or
    a recording of --db; - for standard input. A file has no URL: unless one is given,
    or it was captured, nothing is said of tc_s and token.

    \b
    Examples:
      mockcollect validate purchase.json --plan tracking_plan.yml
      jq -c '.[]' events.json | mockcollect validate - --site 29 --key 7183b9d4
      mockcollect validate events.jsonl --format junit > report.xml
    """
    from mockcollect.asking.report import WRITERS
    from mockcollect.cli.judged_file import judge_file
    from mockcollect.cli.style import Style

    address = _address(url, site, key, batch=batch)
    try:
        report = judge_file(file, address, read_plan_and_sources(plan, sources))
    except MockcollectError as error:
        fail(str(error))
    click.echo(WRITERS[form](report, Style.of(sys.stdout)), nl=False, color=True)
    sys.exit(report.exit_code)


def _address(
    url: str | None, site: str | None, key: str | None, *, batch: bool
) -> Address:
    from mockcollect.cli.reading import Address

    path = "/events/batch" if batch else None
    if url is None:
        given = {"tc_s": site, "token": key}
        named = {name: one for name, one in given.items() if one is not None}
        return Address(path, urlencode(named) if named else None)
    if site is not None or key is not None or batch:
        raise click.UsageError(
            "--url says it all: leave --site, --key and --batch out."
        )
    return _address_of(url)


def _address_of(url: str) -> Address:
    from mockcollect.cli.reading import Address
    from mockcollect.contract.endpoints import find_endpoint

    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise click.UsageError(f"--url: {error}.") from None
    if find_endpoint("POST", parts.path) not in ("events", "batch"):
        raise click.UsageError(
            f"--url: production has no {parts.path or '/'} to send events to; "
            "there are /events and /events/batch."
        )
    return Address(parts.path, parts.query)
