"""Partial matching of an event against what somebody expects of it.

Dicts match partially, lists whole, their items by the same rules. A compiled regular
expression searches. Everything else is asked with `==`, so that the matchers of other
libraries work as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, NamedTuple

from mockcollect.asking.describing import as_many_as_fit, short, show
from mockcollect.contract.event import Event
from mockcollect.recording.paths import Path, read_path, write_path

Outcome = Literal["equal", "different", "missing", "unwanted"]

_NAME: Path = ("event_name",)
_SCALARS = (str, int, float)  # most of what is expected: quickly told from a Mapping


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "ABSENT"

    def __repr__(self) -> str:
        return self.value


ABSENT = Absent.ABSENT
"""What to expect of a property that must not be there at all, not even as null."""


class Comparison(NamedTuple):
    """One place of an event: what was expected there, and what there was."""

    path: Path
    outcome: Outcome
    expected: Any
    received: Any = None

    @property
    def name(self) -> str:
        """The path as people write it: `items[0].product.id`."""
        return write_path(self.path)


@dataclass(frozen=True, eq=False, slots=True)
class Expectation:
    """What an event should be: its name, and some of its properties.

    `properties` are nested as in the event; `where` names places by dotted paths. No
    name is any name. `told` says what was asked beside the name: ` with revenue=16.0`.
    Raises ValueError for a path that is none.
    """

    event_name: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    where: Mapping[str, Any] = field(default_factory=dict)
    told: str = field(init=False)
    _asked: tuple[tuple[Path, Any], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        asked: list[tuple[Path, Any]] = [
            ((key,), expected) for key, expected in self.properties.items()
        ]
        asked += [(_place(text), expected) for text, expected in self.where.items()]
        object.__setattr__(self, "_asked", tuple(asked))
        # Told before anything is compared: a matcher of dirty-equals that has met its
        # value shows that value.
        object.__setattr__(self, "told", _told(asked))

    @property
    def noun(self) -> str:
        """What is expected, in a sentence: `purchase` event."""
        return f"`{short(self.event_name)}` event" if self.event_name else "event"

    def compare(self, event: Event) -> tuple[Comparison, ...]:
        """Return each place that was asked about, the name first."""
        return tuple(self._compare(event))

    def matches(self, event: Event) -> bool:
        """Return whether an event is as expected in each place."""
        if self.event_name is not None and event.event_name != self.event_name:
            return False
        return all(one.outcome == "equal" for one in self._compare_asked(event))

    def _compare(self, event: Event) -> Iterator[Comparison]:
        if self.event_name is not None:
            there, received = found_at(event.data, _NAME)
            sent = event.event_name or (received if there else ABSENT)
            yield _compared(_NAME, self.event_name, sent)
        yield from self._compare_asked(event)

    def _compare_asked(self, event: Event) -> Iterator[Comparison]:
        for path, expected in self._asked:
            there, received = found_at(event.data, path)
            yield from _compare_from(path, expected, received if there else ABSENT)


def equals(expected: Any, received: Any) -> bool:
    """Return whether a received value is the expected one.

    JSON tells true from 1, which Python does not.
    """
    if isinstance(expected, re.Pattern):
        return isinstance(received, str) and expected.search(received) is not None
    if isinstance(received, bool) and isinstance(expected, (int, float)):
        return expected is received
    if isinstance(expected, bool) and isinstance(received, (int, float)):
        return expected is received
    return bool(expected == received)


def found_at(data: Any, path: Path) -> tuple[bool, Any]:
    """Return whether there is something at exactly this path, and what."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(data, list) or step >= len(data):
                return False, None
            data = data[step]
        elif isinstance(data, dict) and step in data:
            data = data[step]
        else:
            return False, None
    return True, data


def _place(text: str) -> Path:
    try:
        return read_path(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no path. Write it as in where={{'context.page.url': …}} or "
            "where={'items[0].product.id': …}; a key with a dot stands in double "
            "quotes."
        ) from None


def _told(asked: Sequence[tuple[Path, Any]]) -> str:
    parts = [
        f"no {short(write_path(path))}"
        if expected is ABSENT
        else f"{short(write_path(path))}={show(expected)}"
        for path, expected in asked
    ]
    return f" with {as_many_as_fit(parts)}" if parts else ""


def _compare_from(path: Path, expected: Any, received: Any) -> Iterator[Comparison]:
    """Yield each place at and below a path; `ABSENT` is received where nothing is.

    This does not recurse: an event may be a thousand levels deep, and so may what is
    expected of it.
    """
    rest = [(path, expected, received)]
    while rest:
        path, expected, received = rest.pop()
        if _is_opened(expected, received):
            inner = _inner(expected, received)
            rest += [((*path, key), one, other) for key, one, other in inner][::-1]
        else:
            yield _compared(path, expected, received)


def _is_opened(expected: Any, received: Any) -> bool:
    """Return whether two values are compared by what is in them."""
    if isinstance(expected, _SCALARS):
        return False
    if isinstance(expected, Mapping):
        return bool(expected) and (received is ABSENT or isinstance(received, dict))
    return _are_lists(expected, received) and 0 < len(expected) == len(received)


def _inner(
    expected: Mapping[str, Any] | Sequence[Any], received: Any
) -> Iterator[tuple[str | int, Any, Any]]:
    if isinstance(expected, Mapping):
        there = {} if received is ABSENT else received
        return ((key, one, there.get(key, ABSENT)) for key, one in expected.items())
    return zip(range(len(expected)), expected, received, strict=True)


def _compared(path: Path, expected: Any, received: Any) -> Comparison:
    if received is ABSENT:
        return Comparison(path, "equal" if expected is ABSENT else "missing", expected)
    if expected is ABSENT:
        return Comparison(path, "unwanted", expected, received)
    if isinstance(received, dict) and isinstance(expected, Mapping):
        same = True  # none is expected of its keys: an object, whatever is in it
    elif _are_lists(expected, received):
        same = len(expected) == len(received)  # both are empty, or they differ here
    else:
        same = equals(expected, received)
    return Comparison(path, "equal" if same else "different", expected, received)


def _are_lists(expected: Any, received: Any) -> bool:
    return isinstance(expected, (list, tuple)) and isinstance(received, list)
