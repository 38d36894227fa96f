"""What tests are given: an event or a refused request that arrived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from mockcollect.recording.records import (
    RecordedEvent,
    RecordedRequest,
    event_to_dict,
)
from mockcollect.verdict.verdict import Finding, VerdictName


class Request:
    """One request that arrived, as tests read it."""

    __slots__ = ("recorded",)

    def __init__(self, recorded: RecordedRequest) -> None:
        self.recorded = recorded

    @property
    def id(self) -> int:
        """Its number, as the header `X-Mockcollect-Request` told the sender."""
        return self.recorded.id

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.recorded.request.method

    @property
    def path(self) -> str:
        """The path, without the query."""
        return self.recorded.request.path

    @property
    def query(self) -> str:
        """The query as sent, without its question mark."""
        return self.recorded.request.query

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, their names in lower case."""
        return self.recorded.request.headers

    @property
    def body(self) -> bytes:
        """The body, byte for byte."""
        return self.recorded.request.body

    @property
    def status(self) -> int:
        """What was answered, 0 where a fault left it without an answer."""
        return self.recorded.status

    @property
    def site_id(self) -> str | None:
        """The site id of the URL, `tc_s`."""
        return self.recorded.site_id

    @property
    def source_key(self) -> str | None:
        """The source key of the URL, `token`."""
        return self.recorded.source_key

    @property
    def received_at(self) -> datetime:
        """When it arrived, in UTC."""
        return _moment(self.recorded.received_at)

    @property
    def reason(self) -> str | None:
        """Why it was refused: `too large`, `invalid json` or `aborted`; else `None`."""
        refusal = self.recorded.refusal
        return refusal.reason if refusal else None

    @property
    def fault(self) -> str:
        """What a fault rule did to its answer, in words; empty if none acted."""
        return self.recorded.fault_in_words()

    @property
    def explanation(self) -> str:
        """Why it was refused, in lines for people; empty if it was not."""
        explained = self.recorded.explanation()
        return "\n".join(explained.lines()) if explained else ""

    def __repr__(self) -> str:
        return f"<Request #{self.id} {self.method} {self.path}, {self.status}>"


class Event(Mapping[str, Any]):
    """One event that arrived: reads like the dict that was sent, and equals it.

    An event that is no JSON object reads like an empty dict; `data` has what was sent.
    """

    __slots__ = ("recorded",)

    def __init__(self, recorded: RecordedEvent) -> None:
        self.recorded = recorded

    @property
    def id(self) -> int:
        """Its number in the recording."""
        return self.recorded.id

    @property
    def data(self) -> Any:
        """The event as it was sent."""
        return self.recorded.event.data

    @property
    def event_name(self) -> str | None:
        """The event's name, wherever its layout keeps it."""
        return self.recorded.event.event_name

    @property
    def event_id(self) -> str | None:
        """The event's own id, wherever its layout keeps it."""
        return self.recorded.event.event_id

    @property
    def site_id(self) -> str | None:
        """The site id it was sent for, `tc_s`."""
        return self.recorded.event.site_id

    @property
    def source_key(self) -> str | None:
        """The source key it was sent with, `token`."""
        return self.recorded.event.source_key

    @property
    def test_code(self) -> str | None:
        """The test code it carries."""
        return self.recorded.event.test_code

    @property
    def status(self) -> int:
        """What was answered."""
        return self.recorded.request.status

    @property
    def verdict(self) -> VerdictName:
        """What production would make of it: `valid`, or invalid and how."""
        return self.recorded.verdict.name

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the verdict rests on, the worst first, and notes."""
        return self.recorded.verdict.findings

    @property
    def received_at(self) -> datetime:
        """When it arrived, in UTC."""
        return _moment(self.recorded.request.received_at)

    @property
    def request(self) -> Request:
        """The request that brought it."""
        return Request(self.recorded.request)

    def to_dict(self) -> dict[str, Any]:
        """Return the event as the inspection API shows it."""
        return event_to_dict(self.recorded)

    def __getitem__(self, key: str) -> Any:
        return self._sent()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sent())

    def __len__(self) -> int:
        return len(self._sent())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Event):
            return bool(self.data == other.data)
        return bool(self.data == other)

    __hash__ = None  # type: ignore[assignment]  # as a dict's

    def __repr__(self) -> str:
        return repr(self.data)

    def _sent(self) -> dict[str, Any]:
        return self.data if isinstance(self.data, dict) else {}


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=timezone.utc)
