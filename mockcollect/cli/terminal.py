"""What a terminal shows while the server runs: how it started, and what arrives."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from mockcollect import __version__
from mockcollect.asking.style import DIM, RED
from mockcollect.cli.common import count
from mockcollect.cli.findings import verdict_lines, verdict_summary
from mockcollect.cli.masking import masked_excerpt, masked_text
from mockcollect.cli.style import LEVEL_COLOURS, VERDICT_COLOURS, Style
from mockcollect.contract.printable import printable
from mockcollect.errors import MockcollectError
from mockcollect.recording.records import event_json, request_json

if TYPE_CHECKING:
    from mockcollect.cli.judged_by import PlanAndSources
    from mockcollect.recording.interface import Change, Subscription
    from mockcollect.recording.records import RecordedEvent, RecordedRequest
    from mockcollect.server.host import Started
    from mockcollect.verdict.verdict import Verdict

    _Lines = Callable[[Sequence[Change]], Iterator[str]]

NAME_WIDTH = 17
VERDICT_WIDTH = 16
SIZE_WIDTH = 9
DETAIL_INDENT = " " * 15
MOST_REMARKED = 20
"""In a larger burst findings and explanations are left out: nobody could read them."""

MOST_SHOWN = 100
"""A larger burst on a terminal is cut: nobody could read it. Files get every line."""

LONGEST_SHOWN = 80
"""A longer name, id or path is cut: one of 32 KB would fill the terminal."""

WAIT_SECONDS = 3600.0


def complain(message: str) -> None:
    """Say what went wrong on standard error, if anybody reads it."""
    with suppress(OSError):
        print(f"mockcollect: {message}", file=sys.stderr, flush=True)


def start_text(started: Started, judged_by: PlanAndSources) -> str:
    """Return what is said at the start: where to send, where to look, what is kept."""
    settings = started.settings
    lines = [
        f"mockcollect {__version__}, standing in for collect.commander1.com",
        "",
        f"  collect   {started.url}/events?tc_s={{siteId}}&token={{sourceKey}}",
        f"  inspect   {started.url}/",
        f"  events    {_kept(settings.db, settings.kept_events)}",
        *_judged_by(judged_by),
    ]
    if started.torn_bytes:
        lines.append(
            f"  repaired  the last line was unfinished: cut {started.torn_bytes:,} "
            "bytes of a request that was never answered"
        )
    return "\n".join([*lines, "", "Press Ctrl-C to stop."])


def _judged_by(judged_by: PlanAndSources) -> Iterator[str]:
    plan, sources = judged_by
    if plan is not None:
        yield f"  plan      {printable(plan.name)}, {count(len(plan.events), 'event')}"
    if sources is not None:
        inactive = sum(not one.active for one in sources)
        rest = f", {inactive:,} of them inactive" if inactive else ""
        yield f"  sources   {len(sources):,} known{rest}"


def _kept(db: str | None, kept: int) -> str:
    newest = f"the newest {kept:,}" if kept else "all of them"
    if db:
        return f"in {db}, {newest}"
    return f"in memory, {newest} (keep them with --db FILE)"


@dataclass(frozen=True, slots=True)
class Following:
    """Prints each event that is recorded; a value, so that a worker can have it.

    `tee` is a file that gets a line of JSON for each, and `quiet` prints nothing.
    """

    json: bool = False
    tee: str | None = None
    quiet: bool = False

    def __call__(self, subscription: Subscription) -> None:
        """Print until the recorder is interrupted, or nobody reads any more."""
        with ExitStack() as closing:
            closing.callback(subscription.close)
            writers = [*self._file(closing), *self._output()]
            while writers and (got := _next(subscription)) is not None:
                writers = [one for one in writers if one.write(got)]
            # What had gathered as the recorder was interrupted.
            while writers and (got := subscription.changes(timeout=0)):
                writers = [one for one in writers if one.write(got)]

    def _file(self, closing: ExitStack) -> Iterator[_Writer]:
        if self.tee is None:
            return
        try:
            path = Path(self.tee)
            out = closing.enter_context(path.open("a", encoding="utf-8", newline="\n"))
        except OSError as error:
            complain(_not_written(self.tee, error))
        else:
            yield _Writer(out, json_lines, name=self.tee)

    def _output(self) -> Iterator[_Writer]:
        out = sys.stdout
        if self.quiet or out is None:  # closed, as by `>&-`
            return
        if hasattr(out, "reconfigure"):
            out.reconfigure(errors="backslashreplace")
        yield _Writer(out, json_lines if self.json else _text_of(Style.of(out)))


def start_tee(path: str) -> None:
    """Empty the file that is to get the events. Raises MockcollectError."""
    try:
        open(path, "wb").close()
    except OSError as error:
        raise MockcollectError(_not_written(path, error)) from error


def _not_written(path: str, error: OSError) -> str:
    return f"The file {path} cannot be written: {error.strerror or error}."


def _next(subscription: Subscription) -> Sequence[Change] | None:
    return subscription.changes(timeout=WAIT_SECONDS)


class _Writer:
    """One place where the events are written to, as long as that works."""

    def __init__(self, out: TextIO, lines: _Lines, *, name: str = "") -> None:
        self._out = out
        self._lines = lines
        self._name = name

    def write(self, changes: Sequence[Change]) -> bool:
        """Write what was recorded, and return whether that worked."""
        try:
            self._out.write("".join(f"{line}\n" for line in self._lines(changes)))
            self._out.flush()
        except BrokenPipeError:
            return False
        except OSError as error:
            reason = error.strerror or error
            where = f"written to {self._name}" if self._name else "printed"
            complain(f"events are recorded, but not {where} any more: {reason}.")
            return False
        return True


def _text_of(style: Style) -> _Lines:
    return lambda changes: text_lines(changes, style)


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
            if explains:
                yield from _verdict_lines(event.verdict, style)
        if not change.events:
            yield _request_line(request, style)
            if explains:
                yield from _explanation_lines(request)
                yield from _verdict_lines(request.verdict, style)
    if len(shown) < len(changes):
        hidden = len(changes) - len(shown)
        yield style.paint(DIM, f"          …  {hidden:,} more requests, all recorded")


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
    verdict = _verdict_cell(recorded.verdict, style)
    return _line(recorded.request, name, verdict, event.size, details, style)


def _request_line(request: RecordedRequest, style: Style) -> str:
    name = request.request.path
    if request.request.method != "POST":
        name = f"{request.request.method} {name}"
    if request.refusal:
        said = f"{request.refusal.reason.replace('json', 'JSON'):<{VERDICT_WIDTH}}"
    else:
        said = _verdict_cell(request.verdict, style)
    return _line(request, name, said, request.request.size, [], style)


def _line(
    request: RecordedRequest,
    name: str,
    said: str,
    size: int,
    details: list[str],
    style: Style,
) -> str:
    moment = datetime.fromtimestamp(request.received_at / 1000)
    status = f"{request.answered:<3}"
    if request.status != 200:
        status = style.paint(RED, status)
    site = f"site {request.site_id or '—'}"
    if fault := request.fault_in_words():
        details.append(fault)
    shown = "  ".join(short_text(part) for part in [site, *details])
    return (
        f"{moment:%H:%M:%S}  {status}  {short_text(name):<{NAME_WIDTH}} {said}"
        f"{f'{size:,} B':>{SIZE_WIDTH}}  {shown}"
    )


def short_text(text: str) -> str:
    """Return captured text as a line shows it: masked, printable and cut."""
    text = printable(masked_text(text[: LONGEST_SHOWN + 1]))
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def _explanation_lines(request: RecordedRequest) -> Iterator[str]:
    explanation = request.explanation()
    for line in masked_excerpt(explanation.lines()) if explanation else ():
        yield f"{DETAIL_INDENT}{printable(line)}"


def _verdict_cell(verdict: Verdict | None, style: Style) -> str:
    if verdict is None:
        return " " * VERDICT_WIDTH
    text = f"{verdict_summary(verdict):<{VERDICT_WIDTH}}"
    return style.paint(VERDICT_COLOURS[verdict.name], text)


def _verdict_lines(verdict: Verdict | None, style: Style) -> Iterator[str]:
    for said in verdict_lines(verdict) if verdict is not None else ():
        if said.level is None:
            yield f"{DETAIL_INDENT}{said.text}"
        else:
            label = style.paint(LEVEL_COLOURS[said.level], said.label)
            yield f"{DETAIL_INDENT}{label}  {said.text}"
