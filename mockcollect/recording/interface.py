"""The recorder as the rooms above see it, so that another store can stand in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from mockcollect.contract.event import Answer, CollectRequest
from mockcollect.recording.query import Query, parse_query
from mockcollect.recording.records import Page, RecordedEvent, RecordedRequest

if TYPE_CHECKING:
    from mockcollect.verdict.plan import Plan
    from mockcollect.verdict.sources import Sources

UNDO_SECONDS = 10.0

EVERYTHING = parse_query("")


@dataclass(frozen=True, slots=True)
class Cleared:
    """How much a `clear` took out, and the token that brings it back in time."""

    events: int
    requests: int
    token: str


@dataclass(frozen=True, slots=True)
class Change:
    """One step in the order of recording: a request with its events, or a deletion.

    `request` is `None` for a deletion, and for any other change of what was recorded
    before: whoever shows it asks again. `seq` is where to go on from.
    """

    seq: int
    request: RecordedRequest | None
    events: tuple[RecordedEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order of recording: what was recorded behind it can be asked for.

    `seq` is that of the last change before it, `event_id` the last event's id.
    """

    seq: int
    event_id: int


class Subscription(Protocol):
    """A place in the order of recording that moves on as things are recorded."""

    def changes(self, *, timeout: float) -> Sequence[Change] | None:
        """Wait for changes and return them; empty on timeout, `None` once closed."""

    def close(self) -> None:
        """Stop listening."""


class Recorder(Protocol):
    """Keeps requests and their events, finds them again, and tells who waits.

    All methods may be called from any thread. Those that write raise RecordingError
    when nothing can be recorded.
    """

    identity: str

    def reserve(self) -> int:
        """Return an id for a request that will be recorded later."""

    def check(self) -> None:
        """Raise RecordingError if nothing can be recorded now."""

    def record(
        self,
        request: CollectRequest,
        answer: Answer,
        *,
        received_at: int,
        request_id: int | None = None,
    ) -> int:
        """Keep a request with its answer and events, and return its id."""

    def find(
        self,
        query: Query = EVERYTHING,
        *,
        since: int | None = None,
        before: int | None = None,
        limit: int = 100,
        newest: bool = True,
    ) -> Page[RecordedEvent]:
        """Return a page of the events that match, between two ids, both exclusive."""

    def find_requests(
        self,
        query: Query = EVERYTHING,
        *,
        since: int | None = None,
        before: int | None = None,
        limit: int = 100,
        newest: bool = True,
    ) -> Page[RecordedRequest]:
        """Return a page of the requests that match, or whose events do."""

    def matching_requests(self, query: Query = EVERYTHING) -> Iterator[RecordedRequest]:
        """Yield all requests that match, or whose events do, the oldest first."""

    def matching(self, query: Query = EVERYTHING) -> Iterator[RecordedEvent]:
        """Yield all events that match, the oldest first."""

    def get(self, event_id: int) -> RecordedEvent | None:
        """Return the event with an id, or `None`."""

    def get_request(self, request_id: int) -> RecordedRequest | None:
        """Return the request with an id, or `None`."""

    def events_of(self, request: RecordedRequest) -> tuple[RecordedEvent, ...]:
        """Return the events of a request that are still kept."""

    def wait(
        self, query: Query, *, since: int | None, count: int, timeout: float
    ) -> bool:
        """Wait until `count` events match behind an id; return whether they do."""

    @property
    def plan(self) -> Plan | None:
        """The tracking plan that events are judged by."""

    @property
    def sources(self) -> Sources | None:
        """The known sources that events are judged by."""

    def judge_by(self, *, plan: Plan | None, sources: Sources | None) -> None:
        """Judge all events by another plan and other sources from now on.

        Whoever follows gets a `Change` without a request: to ask again.
        """

    def begin_history(self, place: Place) -> None:
        """Let verdicts rest on nothing that was recorded before a place: a test's."""

    def place(self) -> Place:
        """Return the place behind all that was recorded so far."""

    def events_behind(
        self, place: Place, *, event_name: str | None = None
    ) -> Iterator[RecordedEvent]:
        """Yield the events behind a place, the oldest first; only those of a name."""

    def eventless_behind(self, place: Place) -> Iterator[RecordedRequest]:
        """Yield the requests behind a place that brought no event, as recorded."""

    def wait_behind(self, place: Place, *, timeout: float) -> bool:
        """Wait until something is recorded behind a place; return whether it is."""

    def subscribe(self, *, after: int | None = None) -> Subscription:
        """Return what tells of all changes behind a `seq`, or from now on."""

    def clear(self, query: Query = EVERYTHING) -> Cleared:
        """Take out what matches, with an undo that holds for ten seconds."""

    def restore(self, token: str) -> Cleared:
        """Bring back what a `clear` took out; raises UndoExpired."""

    def counts(self) -> Mapping[str, int]:
        """Return how many requests and events are kept, and how many were dropped."""

    def interrupt(self) -> None:
        """Wake all who wait, for good; recording goes on."""

    def close(self) -> None:
        """Wake all who wait, and give the file back."""
