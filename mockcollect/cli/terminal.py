"""What a terminal shows while the server runs: how it started, and what arrives."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TextIO

from mockcollect import __version__
from mockcollect.contract.printable import printable
from mockcollect.recording.records import event_json, request_json

if TYPE_CHECKING:
    from mockcollect.recording.interface import Change, Subscription
    from mockcollect.recording.records import RecordedEvent, RecordedRequest
    from mockcollect.server.host import Started

NAME_WIDTH = 17
SIZE_WIDTH = 9
DETAIL_INDENT = " " * 15
MOST_REMARKED = 20
"""In a larger burst remarks and explanations are left out: they read whole bodies."""

MOST_SHOWN = 100
"""A larger burst on a terminal is cut: nobody could read it. Files get every line."""

LONGEST_SHOWN = 80
"""A longer name, id or path is cut: one of 32 KB would fill the terminal."""

WAIT_SECONDS = 3600.0

_RED, _YELLOW, _DIM, _RESET = "\033[31m", "\033[33m", "\033[2m", "\033[0m"


def complain(message: str) -> None:
    """Say what went wrong on standard error, if anybody reads it."""
    with suppress(OSError):
        print(f"mockcollect: {message}", file=sys.stderr, flush=True)


def start_text(started: Started) -> str:
    """Return what is said at the start: where to send, where to look, what is kept."""
    settings = started.settings
    lines = [
        f"mockcollect {__version__}, standing in for collect.commander1.com",
        "",
        f"  collect   {started.url}/events?tc_s={{siteId}}&token={{sourceKey}}",
        f"  inspect   {started.url}/",
        f"  events    {_kept(settings.db, settings.kept_events)}",
    ]
    if started.torn_bytes:
        lines.append(
            f"  repaired  the last line was unfinished: cut {started.torn_bytes:,} "
            "bytes of a request that was never answered"
        )
    return "\n".join([*lines, "", "Press Ctrl-C to stop."])


def _kept(db: str | None, kept: int) -> str:
    newest = f"the newest {kept:,}" if kept else "all of them"
    if db:
        return f"in {db}, {newest}"
    return f"in memory, {newest} (keep them with --db FILE)"


@dataclass(frozen=True, slots=True)
class Following:
    """Prints each event that is recorded; a value, so that a worker can have it."""

    json: bool = False

    def __call__(self, subscription: Subscription) -> None:
        """Print until the recorder is interrupted, or nobody reads any more."""
        out = sys.stdout
        try:
            if out is None:  # closed, as by `>&-`
                return
            if hasattr(out, "reconfigure"):
                out.reconfigure(errors="backslashreplace")
            self._print_all(subscription, out)
        except BrokenPipeError:
            pass
        except OSError as error:
            reason = error.strerror or error
            complain(f"events are recorded, but not printed any more: {reason}.")
        finally:
            subscription.close()

    def _print_all(self, subscription: Subscription, out: TextIO) -> None:
        style = Style.of(out)
        while (got := subscription.changes(timeout=WAIT_SECONDS)) is not None:
            self._print(got, out, style)
        # What had gathered as the recorder was interrupted.
        while got := subscription.changes(timeout=0):
            self._print(got, out, style)

    def _print(self, changes: Sequence[Change], out: TextIO, style: Style) -> None:
        lines = json_lines(changes) if self.json else text_lines(changes, style)
        out.write("".join(f"{line}\n" for line in lines))
        out.flush()


@dataclass(frozen=True, slots=True)
class Style:
    """How lines look on what they are written to."""

    colour: bool = False
    cut: bool = False

    @classmethod
    def of(cls, out: TextIO) -> Style:
        """Return colour for a terminal only, and not where NO_COLOR is set."""
        terminal = out.isatty()
        return cls(colour=terminal and not os.environ.get("NO_COLOR"), cut=terminal)

    def paint(self, colour: str, text: str) -> str:
        """Return a text in a colour, where there is colour."""
        return f"{colour}{text}{_RESET}" if self.colour else text


def json_lines(changes: Sequence[Change]) -> Iterator[str]:
    """Yield one JSON object a line: events, and requests without events."""
    for change in changes:
        for event in change.events:
            yield event_json(event).decode()
        if change.request is not None and not change.events:
            yield request_json(change.request).decode()


def text_lines(changes: Sequence[Change], style: Style) -> Iterator[str]:
    """Yield one aligned line for each event and refused request, with what explains."""
    shown = changes[:MOST_SHOWN] if style.cut else changes
    explains = len(changes) <= MOST_REMARKED
    for change in shown:
        request = change.request
        if request is None:
            continue
        for event in change.events:
            yield _event_line(event, style)
        if not change.events:
            yield _request_line(request, style)
        if explains:
            yield from _explanation_lines(request)
            yield from _remark_lines(request, change.events, style)
    if len(shown) < len(changes):
        hidden = len(changes) - len(shown)
        yield style.paint(_DIM, f"          …  {hidden:,} more requests, all recorded")


def _event_line(recorded: RecordedEvent, style: Style) -> str:
    event = recorded.event
    details = []
    if event.event_id:
        details.append(f"event_id {event.event_id}")
    if event.of > 1:
        details.append(f"batch {event.index + 1} of {event.of}")
    if event.test_code:
        details.append(f"test {event.test_code}")
    name = event.event_name or "(no name)"
    return _line(recorded.request, name, event.size, details, style)


def _request_line(request: RecordedRequest, style: Style) -> str:
    name = request.request.path
    if request.request.method != "POST":
        name = f"{request.request.method} {name}"
    details = (
        [request.refusal.reason.replace("json", "JSON")] if request.refusal else []
    )
    return _line(request, name, request.request.size, details, style)


def _line(
    request: RecordedRequest, name: str, size: int, details: list[str], style: Style
) -> str:
    moment = datetime.fromtimestamp(request.received_at / 1000)
    status = str(request.status)
    if request.status != 200:
        status = style.paint(_RED, status)
    site = f"site {request.site_id or '—'}"
    shown = "  ".join(_short(part) for part in [site, *details])
    return (
        f"{moment:%H:%M:%S}  {status}  {_short(name):<{NAME_WIDTH}}"
        f"{f'{size:,} B':>{SIZE_WIDTH}}  {shown}"
    )


def _short(text: str) -> str:
    text = printable(text[: LONGEST_SHOWN + 1])
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def _explanation_lines(request: RecordedRequest) -> Iterator[str]:
    explanation = request.explanation()
    for line in explanation.lines() if explanation else ():
        yield f"{DETAIL_INDENT}{printable(line)}"


def _remark_lines(
    request: RecordedRequest, events: Sequence[RecordedEvent], style: Style
) -> Iterator[str]:
    for remark in request.remarks([recorded.event for recorded in events]):
        label = style.paint(_YELLOW, "note")
        yield f"{DETAIL_INDENT}{label}  {printable(remark.message)}"
