"""What a file holds as it was captured: an export, what --tee wrote, or a recording."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

from mockcollect.asking.checking import Arrived
from mockcollect.cli.judged_by import PlanAndSources
from mockcollect.cli.reading import (
    Address,
    ReadRequest,
    arrival_of,
    opened_recording,
    read_requests,
)
from mockcollect.contract.event import CollectRequest, Event, Fault, FaultKind
from mockcollect.contract.refusal import Explanation
from mockcollect.contract.source import Source, find_source
from mockcollect.recording.interface import Place
from mockcollect.recording.judging import Judging
from mockcollect.recording.records import RecordedEvent, RecordedRequest
from mockcollect.verdict.verdict import PLATFORM_WORDS, Finding, Level, Verdict

if TYPE_CHECKING:
    from mockcollect.recording.recorder import TinyRecorder

_START = Place(0, 0)
_FAULTS: tuple[FaultKind, ...] = get_args(FaultKind)
_LEVELS: tuple[Level, ...] = get_args(Level)


@contextmanager
def captured(path: str, judged_by: PlanAndSources) -> Iterator[Arrived]:
    """Give what arrived, as long as the block lasts; with the verdicts of its capture.

    By a plan or sources all is judged anew. Raises MockcollectError for a file that
    cannot be read.
    """
    plan, _ = judged_by
    planned = None if plan is None else plan.event_names
    with opened_recording(path) as recorder:
        if recorder is not None:
            yield replace(_recorded(recorder, judged_by), planned=planned)
            return
    shelf = _Shelf(judged_by)
    for read in read_requests(path, Address()):
        shelf.add(read)
    yield Arrived(shelf.events, shelf.requests, planned)


def _recorded(recorder: TinyRecorder, judged_by: PlanAndSources) -> Arrived:
    plan, sources = judged_by
    if plan is not None or sources is not None:
        recorder.judge_by(plan=plan, sources=sources)
    events = tuple(recorder.events_behind(_START))
    return Arrived(events, tuple(recorder.eventless_behind(_START)))


class _Shelf:
    """Events and requests in their order, as a recorder would give them."""

    def __init__(self, judged_by: PlanAndSources) -> None:
        plan, sources = judged_by
        is_anew = plan is not None or sources is not None
        self.events: list[RecordedEvent] = []
        self.requests: list[RecordedRequest] = []
        self._verdicts = None if is_anew else _AsCaptured(self._read_behind)
        self._judging = self._verdicts or Judging(self._read_behind)
        self._judging.use(plan=plan, sources=sources)
        self._number = self._request = 0

    def add(self, read: ReadRequest) -> None:
        """Put the events of a request behind the others, or the request itself."""
        self._request = self._request_id(read)
        if read.events:
            self._add_events(read)
        else:
            self.requests.append(self._recorded(read, ()))
            if self._verdicts is not None and read.exported is not None:
                self._verdicts.of_requests[self._request] = _verdict(read.exported)

    def _add_events(self, read: ReadRequest) -> None:
        line = read.exported or {}
        numbers = [self._next_number(read, one) for one in range(len(read.events))]
        request = self._recorded(read, tuple(numbers))
        for number, event in zip(numbers, read.events, strict=True):
            event = _as_exported(event, line)
            self.events.append(RecordedEvent(number, event, request, self._judging))
            if self._verdicts is not None and (found := _verdict(line)) is not None:
                self._verdicts.of_events[number] = found

    def _next_number(self, read: ReadRequest, index: int) -> int:
        given = read.numbers[index] if index < len(read.numbers) else 0
        self._number = max(self._number + 1, given)
        return self._number

    def _request_id(self, read: ReadRequest) -> int:
        said = (read.exported or {}).get("request")
        given = said.get("id") if isinstance(said, dict) else said
        return given if type(given) is int else self._request + 1

    def _recorded(self, read: ReadRequest, ids: tuple[int, ...]) -> _Request:
        line = read.exported or {}
        source = _source(read)
        return _Request(
            self._request,
            arrival_of(read),
            _sent(read.request, line),
            _integer(line.get("status"), 400 if read.refusal else 200),
            read.endpoint,
            source.site_id,
            source.source_key,
            read.refusal,
            ids,
            self._judging,
            _fault(line),
            explained=read.explanation,
        )

    def _read_behind(self, event_id: int, most: int) -> Iterator[RecordedEvent]:
        behind = (one for one in self.events if one.id > event_id)
        yield from (one for _, one in zip(range(most), behind, strict=False))


@dataclass(frozen=True, slots=True)
class _Request(RecordedRequest):
    """A request whose explanation was written down with it."""

    explained: Explanation | None = None

    def explanation(self) -> Explanation | None:
        """Return why the request was refused, or `None` if it was not."""
        return self.explained or RecordedRequest.explanation(self)


class _AsCaptured(Judging):
    """Gives the verdicts that were written down, and judges what has none."""

    def __init__(self, read_behind: Any) -> None:
        super().__init__(read_behind)
        self.of_events: dict[int, Verdict] = {}
        self.of_requests: dict[int, Verdict | None] = {}

    def verdict(self, recorded: RecordedEvent) -> Verdict:
        """Return the verdict on an event."""
        return self.of_events.get(recorded.id) or super().verdict(recorded)

    def request_verdict(self, recorded: RecordedRequest) -> Verdict | None:
        """Return the verdict on a request without events, if it had one."""
        if recorded.id in self.of_requests:
            return self.of_requests[recorded.id]
        return super().request_verdict(recorded)


def _source(read: ReadRequest) -> Source:
    if read.events:
        return Source(read.events[0].site_id, read.events[0].source_key)
    return find_source(read.request.query, {})


def _sent(request: CollectRequest, line: Mapping[str, Any]) -> CollectRequest:
    """Return a request with the path that its events came by."""
    place = line.get("request")
    if isinstance(place, dict) and isinstance(place.get("path"), str):
        return replace(request, path=place["path"])
    return request


def _as_exported(event: Event, line: Mapping[str, Any]) -> Event:
    """Return an event with its place in its batch, and its size as it was sent."""
    place = line.get("request")
    if not isinstance(place, dict):
        return event
    return replace(
        event,
        index=_integer(place.get("index"), event.index),
        of=_integer(place.get("of"), event.of),
        size=_integer(line.get("size"), event.size),
    )


def _integer(value: Any, default: int) -> int:
    return value if type(value) is int else default


def _fault(line: Mapping[str, Any]) -> Fault | None:
    """Return what a fault rule did, as far as a line says it."""
    said = line.get("fault")
    if not isinstance(said, dict) or said.get("kind") not in _FAULTS:
        return None
    return Fault(
        said["kind"],
        _integer(said.get("rule"), 0),
        _integer(said.get("instead_of"), 200),
        collected=said.get("collected") is True,
    )


def _verdict(line: Mapping[str, Any]) -> Verdict | None:
    name = next((one for one in PLATFORM_WORDS if one == line.get("verdict")), None)
    if name is None:
        return None
    said = line.get("findings")
    findings = said if isinstance(said, list) else []
    return Verdict(name, tuple(_findings(findings)))


def _findings(said: Sequence[Any]) -> Iterator[Finding]:
    for one in said:
        if isinstance(one, dict) and one.get("level") in _LEVELS:
            code, path, message, remedy, rule = (str(one.get(n, "")) for n in _TEXTS)
            sample = one.get("sample")
            yield Finding(code, one["level"], path, message, sample, remedy, rule)


_TEXTS = ("code", "path", "message", "remedy", "rule")
