"""The command `replay`: what was captured, sent again to another server."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from mockcollect.cli.common import EXIT_DOES_NOT_HOLD, count, option, remark, told
from mockcollect.errors import MockcollectError

if TYPE_CHECKING:
    from mockcollect.cli.posting import Sending, Target
    from mockcollect.cli.reading import ReadRequest
    from mockcollect.contract.event import CollectRequest

_KEPT_HEADERS = ("content-type", "user-agent", "authorization", "content-encoding")
_PATH_SIGNS = "!$&'()*+,/:;=@~"
_QUERY_SIGNS = "!$%&'()*+,/:;=?@[]{}|^`~"


@click.command()
@click.argument("file")
@option(
    "--to",
    "url",
    required=True,
    envvar="MOCKCOLLECT_REPLAY_TO",
    metavar="URL",
    help="The server to send to.",
)
@option(
    "--rate",
    envvar="MOCKCOLLECT_REPLAY_RATE",
    metavar="N",
    type=click.FloatRange(min=0, min_open=True),
    show_default="as fast as they are answered",
    help="Send N requests a second at most.",
)
@option(
    "--resume",
    "place_file",
    envvar="MOCKCOLLECT_REPLAY_RESUME",
    metavar="PLACE",
    help="Keep the place in the file PLACE, and go on from there.",
)
@option(
    "--yes-production",
    is_flag=True,
    envvar="MOCKCOLLECT_YES_PRODUCTION",
    help="Send even to commander1.com, where it counts.",
)
def replay(
    file: str,
    *,
    url: str,
    rate: float | None,
    place_file: str | None,
    yes_production: bool,
) -> None:
    """Send what FILE has captured to another server, in its order.

    A recording of --db is sent as it came, byte for byte; from an export the events are
    sent with their site and key, those of one batch as one. The exit code is 0 if all
    was answered 200, and 1 if not. Production is refused.

    \b
    Examples:
      mockcollect replay events.jsonl --to http://127.0.0.1:8787
      mockcollect replay events.db --to https://staging.example --rate 50 --resume place
    """
    from mockcollect.cli.posting import Target

    with told():
        target = Target(url, production=yes_production)
        sendings = list(_sendings(file))
        about = {"file": file, "to": url, "requests": len(sendings)}
        place = _place(place_file, about)
        with closing(target):
            _replay(target, sendings, place, rate)
        place.forget()
        sent = count(len(sendings), "request")
        remark(f"{sent} sent to {url}, {place.refused:,} refused.")
    sys.exit(EXIT_DOES_NOT_HOLD if place.refused else 0)


@dataclass(slots=True)
class _Place:
    """How many requests were sent, and refused; kept in a file if there is one."""

    path: Path | None
    about: dict[str, Any]
    sent: int = 0
    refused: int = 0

    def move(self, *, refused: bool) -> None:
        """Move on by one request."""
        self.sent += 1
        self.refused += refused
        if self.path is not None:
            said = {**self.about, "sent": self.sent, "refused": self.refused}
            try:
                self.path.write_text(f"{json.dumps(said)}\n")
            except OSError as error:
                raise _unusable(self.path, error) from error

    def forget(self) -> None:
        """Take the file away: all was sent."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def _place(file: str | None, about: dict[str, Any]) -> _Place:
    """Return where to go on: at the beginning, if no file says another place.

    Raises MockcollectError for a file that holds something else, or the place of
    another replay.
    """
    if file is None:
        return _Place(None, about)
    path = Path(file)
    try:
        said = json.loads(path.read_bytes())
        place = _Place(path, about, int(said["sent"]), int(said["refused"]))
        is_same = {key: said[key] for key in about} == about
    except FileNotFoundError:
        return _Place(path, about)
    except OSError as error:
        raise _unusable(path, error) from error
    except (ValueError, KeyError, TypeError):
        is_same = False
    if not is_same:
        raise MockcollectError(
            f"{path} is not the place of this replay. Nothing was sent or changed. "
            "Name another file with --resume, or delete it to begin anew."
        )
    remark(f"going on behind the first {count(place.sent, 'request')}.")
    return place


def _unusable(path: Path, error: OSError) -> MockcollectError:
    reason = error.strerror or error
    return MockcollectError(f"The place cannot be kept in {path}: {reason}.")


def _replay(
    target: Target, sendings: Sequence[Sending], place: _Place, rate: float | None
) -> None:
    """Send what is left, and show how far it is on a terminal."""
    left = sendings[place.sent :]
    start = time.monotonic()
    with click.progressbar(
        left, file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        for index, sending in enumerate(bar):
            if rate is not None:
                time.sleep(max(0.0, start + index / rate - time.monotonic()))
            place.move(refused=target.send(sending).status != 200)


def _sendings(file: str) -> Iterator[Sending]:
    """Yield the requests of a file; the events of a batch are one again."""
    from mockcollect.cli.reading import Address, read_requests

    batch: list[ReadRequest] = []
    for read in read_requests(file, Address()):
        if batch and not _is_same_request(batch[0], read):
            yield _batched(batch)
            batch = []
        if _batch_id(read) is not None:
            batch.append(read)
        elif _is_body_lost(read):
            remark(f"{read.where}: its body was not kept, it is left out.")
        else:
            yield _single(read)
    if batch:
        yield _batched(batch)


def _batch_id(read: ReadRequest) -> Any:
    """Return which batch an exported event is of, `None` if it came alone."""
    place = (read.exported or {}).get("request")
    if not isinstance(place, dict) or place.get("of") in (None, 1):
        return None
    return place.get("id")


def _is_same_request(one: ReadRequest, other: ReadRequest) -> bool:
    return bool(_batch_id(one) == _batch_id(other))


def _is_body_lost(read: ReadRequest) -> bool:
    is_only_told = read.exported is not None and not read.events
    return is_only_told or read.request.truncated or read.request.aborted


def _batched(reads: Sequence[ReadRequest]) -> Sending:
    from mockcollect.cli.posting import Sending, target_of

    event = reads[0].events[0]
    bodies = b",".join(one.request.body for one in reads)
    target = target_of("/events/batch", event.site_id, event.source_key)
    return Sending(target, b'{"batch":[' + bodies + b"]}")


def _single(read: ReadRequest) -> Sending:
    from mockcollect.cli.posting import Sending, target_of

    request = read.request
    if read.exported is None:
        headers = {k: v for k, v in request.headers.items() if k in _KEPT_HEADERS}
        return Sending(_encoded(request), request.body, request.method, headers)
    event = read.events[0]
    target = target_of("/events", event.site_id, event.source_key)
    return Sending(target, request.body)


def _encoded(request: CollectRequest) -> str:
    """Return the target of a request; what a server decoded in its path encoded."""
    path = quote(request.path, safe=_PATH_SIGNS)
    query = quote(request.query, safe=_QUERY_SIGNS)
    return f"{path}?{query}" if query else path
