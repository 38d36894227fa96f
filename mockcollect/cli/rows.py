"""Events and requests, as the inspection API gives them, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from mockcollect.asking.style import RED
from mockcollect.cli.masking import masked_text
from mockcollect.cli.style import LEVEL_COLOURS, VERDICT_COLOURS, Style
from mockcollect.cli.terminal import NAME_WIDTH, VERDICT_WIDTH, short_text
from mockcollect.contract.printable import printable

Json = Mapping[str, Any]

_HEAD = ("id", "time", "status", "event", "verdict", "size", "site", "event_id")
_RIGHT = ("id", "size")
_TAIL_WIDTHS = (5, 12, 3, NAME_WIDTH, VERDICT_WIDTH, 9, 0, 0)


def event_table(events: Sequence[Json], style: Style) -> Iterator[str]:
    """Yield an aligned line for each event below the names of the columns."""
    rows = [_HEAD, *map(_cells, events)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    yield _line(_HEAD, widths)
    for row, one in zip(rows[1:], events, strict=True):
        yield _painted(_line(row, widths), one, style)


def tail_line(one: Json, style: Style) -> str:
    """Return the line of one event, or of a request without events."""
    cells = _cells(one) if "event" in one else _request_cells(one)
    return _painted(_line(cells, _TAIL_WIDTHS), one, style)


def finding_lines(findings: Sequence[Json], style: Style) -> Iterator[str]:
    """Yield a line for each finding, and how to mend it."""
    for one in findings:
        level = str(one.get("level", ""))
        painted = style.paint(LEVEL_COLOURS.get(level, ""), f"{level:<7}")  # type: ignore[call-overload]
        message = printable(masked_text(str(one.get("message", ""))))
        yield f"  {painted}  {message} ({printable(str(one.get('code', '')))})"
        if remedy := one.get("remedy"):
            yield f"           {printable(str(remedy))}"


def full_lines(shown: Json, style: Style) -> Iterator[str]:
    """Yield all there is to say of one event, with its request."""
    event, request = shown["event"], shown["request"]
    yield _painted(_line(_cells(event), (0,) * len(_HEAD)), event, style)
    yield from finding_lines(event["findings"], style)
    yield ""
    if "method" in request:
        query = f"?{request['query']}" if request.get("query") else ""
        yield printable(f"{request['method']} {request['path']}{query}")
        for name, value in request.get("headers", {}).items():
            yield printable(f"{name}: {value}")
    else:
        place = f"event {request['index'] + 1} of {request['of']} in "
        yield printable(f"{place if request['of'] > 1 else ''}{request['path']}")
    yield ""
    text = orjson.dumps(event["event"], option=orjson.OPT_INDENT_2).decode()
    yield from map(printable, text.split("\n"))


def _cells(one: Json) -> tuple[str, ...]:
    return (
        f"#{one['id']}",
        _clock(one["received_at"]),
        _status(one),
        short_text(one["event_name"] or "(no name)"),
        one["verdict"] or "",
        f"{one['size']:,} B",
        short_text(one["site_id"] or "—"),
        "  ".join(filter(None, (short_text(one["event_id"] or ""), _fault(one)))),
    )


def _request_cells(one: Json) -> tuple[str, ...]:
    refusal = one["refusal"]
    said = f"{refusal['reason']}" if refusal else one.get("verdict") or ""
    return (
        "—",
        _clock(one["received_at"]),
        _status(one),
        short_text(f"{one['method']} {one['path']}"),
        said.replace("json", "JSON"),
        f"{one['size']:,} B",
        short_text(one["site_id"] or "—"),
        printable(masked_text(refusal["message"])) if refusal else _fault(one),
    )


def _fault(one: Json) -> str:
    """Return what a fault rule did to the answer, empty where none did."""
    fault = one.get("fault")
    if not fault:
        return ""
    lost = "" if fault["collected"] else ", not collected"
    return f"fault: {fault['kind']}{lost}"


def _status(one: Json) -> str:
    return str(one["status"] or "—")  # 0 where a fault left it without an answer


def _clock(iso_time: str) -> str:
    moment = datetime.fromisoformat(iso_time.replace("Z", "+00:00")).astimezone()
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        f"{cell:>{width}}" if name in _RIGHT else f"{cell:<{width}}"
        for name, cell, width in zip(_HEAD, cells, widths, strict=True)
    )
    return "  ".join(padded).rstrip()


def _painted(line: str, one: Json, style: Style) -> str:
    """Return a line in the colour of its verdict, red where it was refused."""
    if one["status"] != 200:
        return style.paint(RED, line)
    colour = VERDICT_COLOURS.get(one.get("verdict"))  # type: ignore[arg-type]
    return style.paint(colour, line) if colour else line
