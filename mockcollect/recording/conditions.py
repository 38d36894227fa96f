"""What one term of a filter asks, and the keys that make it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from mockcollect.recording.records import RecordedEvent, RecordedRequest

EventTest = Callable[[RecordedEvent], bool]
RequestTest = Callable[[RecordedRequest], bool]


def never(_: object) -> bool:
    """Match nothing: what only an event can have, asked of a request without events."""
    return False


@dataclass(frozen=True, slots=True)
class Condition:
    """What one term asks: its value in canonical text, and the tests of a record.

    `request` is asked of requests without events only. `event_name` is the only one
    that can match, where there is only one: a store can look it up.
    """

    value: str
    event: EventTest
    request: RequestTest = never
    event_name: str | None = None


Reader = Callable[[str, datetime | None], Condition]


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the grammar.

    `takes` says what may stand after the colon, with an example; `words` are its
    values where there are only a few. `read` makes the condition of a value, and raises
    ValueError if it cannot; its second argument is the present time, `None` for the
    clock's.
    """

    name: str
    help: str
    takes: str
    read: Reader
    words: Iterable[str] = ()
