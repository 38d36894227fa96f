"""The command `ready`: whether a server can record."""

from __future__ import annotations

import sys
import time

import click

from mockcollect.cli.common import EXIT_DOES_NOT_HOLD, fail, option, url_option
from mockcollect.errors import MockcollectError

_POLL_SECONDS = 0.02


@click.command()
@url_option
@option(
    "--wait",
    is_flag=True,
    envvar="MOCKCOLLECT_READY_WAIT",
    help="Wait until it is ready.",
)
@option(
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
    from mockcollect.server.client import address_of
    from mockcollect.server.probe import ANSWER_SECONDS, why_not_ready

    try:
        host, port = address_of(url)
    except MockcollectError as error:
        fail(str(error))
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
