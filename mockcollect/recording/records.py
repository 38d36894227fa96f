"""What was recorded, as the rooms above read it: requests, events, pages of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import orjson

from mockcollect.contract import jsontext
from mockcollect.contract.event import (
    NO_STATUS,
    CollectRequest,
    Event,
    Fault,
    FaultKind,
    Refusal,
)
from mockcollect.contract.layouts import event_time
from mockcollect.contract.refusal import Explanation
from mockcollect.contract.remarks import Remark, find_remarks
from mockcollect.recording.explaining import EXPLANATIONS
from mockcollect.recording.lines import fault_to_dict
from mockcollect.verdict.verdict import Verdict

if TYPE_CHECKING:
    from mockcollect.recording.judging import Judging

_DONE: dict[FaultKind, str] = {
    "status": "answered {}",
    "timeout": "left without an answer",
    "reset": "connection reset",
    "truncate": "answer cut short",
    "drip": "answered byte by byte",
}

NOT_JUDGED = Verdict("valid")
"""Of an event that was made by hand, and not read from a recording."""


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request as it was recorded, with what was answered.

    `received_at` is in milliseconds since 1970. `status` is what was sent, 0 where
    nothing was. `event_ids` are the ids of its events, in their order, those that were
    deleted since left out. `fault` is what a fault rule made of the answer.
    """

    id: int
    received_at: int
    request: CollectRequest
    status: int
    endpoint: str | None
    site_id: str | None
    source_key: str | None
    refusal: Refusal | None
    event_ids: tuple[int, ...]
    judging: Judging | None = field(default=None, compare=False, repr=False)
    fault: Fault | None = None

    @property
    def is_collected(self) -> bool:
        """Whether its events count: not if a fault told its sender that they do not."""
        return self.fault is None or self.fault.collected

    @property
    def answered(self) -> str:
        """The status that was sent, as text; `—` where nothing was."""
        return str(self.status) if self.status != NO_STATUS else "—"

    @property
    def verdict(self) -> Verdict | None:
        """The verdict on a request that should have brought events, and brought none.

        `None` where it was refused, has events, or is no request to collect.
        """
        if self.judging is None or self.event_ids:
            return None
        return self.judging.request_verdict(self)

    def fault_in_words(self) -> str:
        """Return what a fault did to the answer, empty where none did."""
        fault = self.fault
        if fault is None:
            return ""
        if fault.kind == "delay":
            return f"answered {fault.delay:g} s late by a fault"
        late = f", after {fault.delay:g} s" if fault.delay else ""
        return f"{_DONE[fault.kind].format(self.status)} by a fault{late}"

    def explanation(self) -> Explanation | None:
        """Return why the request was refused, or `None` if it was not."""
        if self.refusal is None:
            return None
        return EXPLANATIONS.of(self.refusal, self.request)

    def remarks(self, events: Sequence[Event]) -> tuple[Remark, ...]:
        """Return the remarks on a request that was answered 200."""
        if self.status != 200:
            return ()
        return find_remarks(self.request, self.endpoint, events)


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One event as it was recorded, with the request that brought it.

    `as_of` is how many changes `judging` had seen when this was read.
    """

    id: int
    event: Event
    request: RecordedRequest
    judging: Judging | None = field(default=None, compare=False, repr=False)
    as_of: int = field(default=0, compare=False, repr=False)

    @property
    def verdict(self) -> Verdict:
        """What production would have made of it, found now if nobody has looked."""
        if self.judging is None:
            return NOT_JUDGED
        return self.judging.verdict(self)

    @property
    def time(self) -> int | None:
        """The event's own time in milliseconds since 1970, `None` if unreadable."""
        query = self.request.request.query
        # To read a query costs more than all the rest of an event that is shown.
        may_override = "ts_override" in query or "%" in query
        query = query if may_override else ""
        return event_time(self.event.data, self.event.layout, query)


Item = TypeVar("Item", RecordedEvent, RecordedRequest)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some of the events or requests that match.

    `total` counts all that are kept, `matched` those that match. `next` is the id to
    ask for the following page with, `None` when there is none.
    """

    items: tuple[Item, ...]
    total: int
    matched: int
    next: int | None


def iso_time(milliseconds: int) -> str:
    """Return a time as the inspection API writes it: UTC, to the millisecond."""
    moment = datetime.fromtimestamp(milliseconds / 1000, tz=timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


def event_json(recorded: RecordedEvent) -> bytes:
    """Return an event as the inspection API and a JSONL line show it, on one line."""
    shown = event_to_dict(recorded)
    try:
        return orjson.dumps(shown)
    except TypeError:  # orjson writes 254 levels and reads 1,024: give the text as sent
        shown["event"] = orjson.Fragment(event_text(recorded))
        return orjson.dumps(shown)


def request_json(recorded: RecordedRequest) -> bytes:
    """Return a request without events as a line of JSON: what it was, and why."""
    request = recorded.request
    explanation = recorded.explanation()
    return orjson.dumps(
        {
            "request": recorded.id,
            "received_at": iso_time(recorded.received_at),
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "size": request.size,
            "status": recorded.status,
            "site_id": recorded.site_id,
            "fault": fault_part(recorded),
            "refusal": explanation.to_dict() if explanation else None,
            **request_verdict(recorded),
        }
    )


def fault_part(recorded: RecordedRequest) -> dict[str, Any] | None:
    """Return what a fault rule made of an answer as JSON shows it, if one acted."""
    return fault_to_dict(recorded.fault) if recorded.fault else None


def request_verdict(recorded: RecordedRequest) -> dict[str, Any]:
    """Return the verdict on a request as JSON shows it, if it has one of its own."""
    verdict = recorded.verdict
    return {"verdict": None, "findings": []} if verdict is None else verdict.to_dict()


def event_text(recorded: RecordedEvent) -> bytes:
    """Return the JSON text of an event as it was sent, without its line breaks.

    A pixel's event is written as JSON here: it was sent as a query.
    """
    if recorded.request.endpoint == "pixel":
        return orjson.dumps(recorded.event.data)
    text = recorded.request.request.body.decode()
    if recorded.request.endpoint == "batch":
        items = jsontext.items(text, "batch")
        if items:
            start, end = items[recorded.event.index]
            text = text[start:end]
    # A JSON text has line breaks only between its tokens.
    return text.replace("\n", " ").replace("\r", " ").encode()


def event_to_dict(recorded: RecordedEvent) -> dict[str, Any]:
    """Return an event as the inspection API shows it."""
    event, request = recorded.event, recorded.request
    return {
        "id": recorded.id,
        "received_at": iso_time(request.received_at),
        "event_name": event.event_name,
        "event_id": event.event_id,
        "event_time": recorded.time,
        "site_id": event.site_id,
        "source_key": event.source_key,
        "test_code": event.test_code,
        "layout": event.layout,
        "status": request.status,
        "fault": fault_part(request),
        **recorded.verdict.to_dict(),
        "request": {
            "id": request.id,
            "path": request.request.path,
            "index": event.index,
            "of": event.of,
        },
        "size": event.size,
        "event": event.data,
    }
