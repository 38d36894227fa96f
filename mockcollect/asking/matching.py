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
from typing import Any, Literal

from mockcollect.contract.event import Event
from mockcollect.recording.paths import Path, read_path, write_path

Outcome = Literal["equal", "different", "missing", "unwanted"]

_NAME: Path = ("event_name",)


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "ABSENT"

    def __repr__(self) -> str:
        return self.value


ABSENT = Absent.ABSENT
"""What to expect of a property that must not be there at all, not even as null."""


@dataclass(frozen=True, slots=True)
class Comparison:
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
    name is any name. Raises ValueError for a path that is none.
    """

    event_name: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    where: Mapping[str, Any] = field(default_factory=dict)
    _asked: tuple[tuple[Path, Any], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        asked: list[tuple[Path, Any]] = [
            ((key,), expected) for key, expected in self.properties.items()
        ]
        asked += [(_place(text), expected) for text, expected in self.where.items()]
        object.__setattr__(self, "_asked", tuple(asked))

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
            same = event.event_name == self.event_name
            outcome: Outcome = "equal" if same else "different"
            yield Comparison(_NAME, outcome, self.event_name, event.event_name)
        yield from self._compare_asked(event)

    def _compare_asked(self, event: Event) -> Iterator[Comparison]:
        for path, expected in self._asked:
            yield from _compare_at(path, expected, event.data)


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


def _compare_at(path: Path, expected: Any, data: Any) -> Iterator[Comparison]:
    there, received = found_at(data, path)
    if there:
        yield from _compare_value(path, expected, received)
    else:
        yield from _missing(path, expected)


def _compare_value(path: Path, expected: Any, received: Any) -> Iterator[Comparison]:
    if expected is ABSENT:
        yield Comparison(path, "unwanted", expected, received)
    elif isinstance(expected, Mapping) and isinstance(received, dict):
        yield from _compare_object(path, expected, received)
    elif _is_list(expected) and isinstance(received, list):
        yield from _compare_list(path, expected, received)
    else:
        same = equals(expected, received)
        yield Comparison(path, "equal" if same else "different", expected, received)


def _compare_object(
    path: Path, expected: Mapping[str, Any], received: dict[str, Any]
) -> Iterator[Comparison]:
    if not expected:  # an object, whatever is in it
        yield Comparison(path, "equal", expected, received)
    for key, inner in expected.items():
        if key in received:
            yield from _compare_value((*path, key), inner, received[key])
        else:
            yield from _missing((*path, key), inner)


def _compare_list(
    path: Path, expected: Sequence[Any], received: list[Any]
) -> Iterator[Comparison]:
    if not expected or len(expected) != len(received):
        same = len(expected) == len(received)
        yield Comparison(path, "equal" if same else "different", expected, received)
        return
    for index, (one, other) in enumerate(zip(expected, received, strict=True)):
        yield from _compare_value((*path, index), one, other)


def _missing(path: Path, expected: Any) -> Iterator[Comparison]:
    if isinstance(expected, Mapping) and expected:
        for key, inner in expected.items():
            yield from _missing((*path, key), inner)
    else:
        outcome: Outcome = "equal" if expected is ABSENT else "missing"
        yield Comparison(path, outcome, expected)


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))
