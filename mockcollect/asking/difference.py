"""The event that came closest, against what was expected of it, place by place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from mockcollect.asking.clues import Clue, find_clue, is_plain, kind_of
from mockcollect.asking.describing import describe, short, show
from mockcollect.asking.matching import Comparison, Expectation
from mockcollect.recording.records import RecordedEvent

MOST_PLACES = 12
MOST_COMPARED = 500
"""The closest is looked for among the newest: comparing all of many takes a while."""

_WIDEST = 30
_CLOSE_NAME = 0.75  # of SequenceMatcher: `puchase` and `purchase` have 0.93
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Difference:
    """One event, and how it compares with what was expected of it."""

    recorded: RecordedEvent
    compared: tuple[Comparison, ...]

    @property
    def wrong(self) -> int:
        """How many places are not as expected."""
        return sum(one.outcome != "equal" for one in self.compared)

    def summary(self) -> str:
        """Return how many places differ: `1 of 4 properties differs`."""
        verb = "differs" if self.wrong == 1 else "differ"
        noun = "property" if len(self.compared) == 1 else "properties"
        return f"{self.wrong} of {len(self.compared)} {noun} {verb}"

    def lines(self) -> list[str]:
        """Return which event it is, then each place, the most telling first."""
        clues = {one.path: self._clue(one) for one in self.compared}
        wrong = [one for one in self.compared if one.outcome != "equal"]
        wrong.sort(key=lambda one: clues[one.path].weight)
        right = [one for one in self.compared if one.outcome == "equal"]
        names = [one for one in right if one.path == ("event_name",)]
        ordered = [*names, *wrong, *(one for one in right if one not in names)]
        shown = ordered[:MOST_PLACES]
        return [
            f"Closest: {describe(self.recorded)}",
            "",
            *_aligned(shown, clues),
            *_hidden(ordered[MOST_PLACES:]),
        ]

    def _clue(self, one: Comparison) -> Clue:
        return find_clue(one, self.recorded.event.data)


def find_closest(
    expectation: Expectation, events: Sequence[RecordedEvent]
) -> Difference | None:
    """Return the event with the fewest differences, if one is close.

    Close is one of the same name, or of a name that may be meant for it. Of several
    that are equally close it is the latest.
    """
    near = [
        Difference(one, expectation.compare(one.event))
        for one in events[-MOST_COMPARED:]
        if _is_close(expectation.event_name, one.event.event_name)
    ]
    near = [one for one in reversed(near) if one.wrong]
    return min(near, key=lambda one: _distance(expectation, one), default=None)


def _is_close(expected: str | None, received: str | None) -> bool:
    if expected is None or expected == received:
        return True
    if not received:
        return False
    plain, other = _plain(expected), _plain(received)
    return plain == other or (
        SequenceMatcher(None, plain[:100], other[:100]).ratio() >= _CLOSE_NAME
    )


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


def _distance(expectation: Expectation, one: Difference) -> tuple[bool, int]:
    return one.recorded.event.event_name != expectation.event_name, one.wrong


def _aligned(
    shown: Sequence[Comparison], clues: dict[tuple[str | int, ...], Clue]
) -> list[str]:
    names = max((min(len(one.name), _WIDEST) for one in shown), default=0) + 4
    lefts = max((min(len(_left(one)), _WIDEST) for one in shown), default=0) + 2
    lines: list[str] = []
    for one in shown:
        lines += _place(one, clues[one.path].words, names, lefts)
    return lines


def _left(one: Comparison) -> str:
    if one.outcome == "equal":
        return show(one.expected)
    if one.outcome == "unwanted":
        return "expected nothing there"
    return f"expected {show(one.expected)}"


def _place(one: Comparison, clue: str, names: int, lefts: int) -> list[str]:
    name, left = f"{short(one.name):<{names}}", _left(one)
    if one.outcome == "equal":
        return [f"{_INDENT}  {name}{left:<{lefts}}= {show(one.received)}"]
    kind = f"({kind_of(one.expected)})" if _has_kind(one) else ""
    received = "nothing there" if one.outcome == "missing" else show(one.received)
    hint = f"({clue})" if clue else ""
    right = f"received {received}"
    return [
        f"{_INDENT}✗ {name}{left:<{lefts}}{kind}".rstrip(),
        f"{_INDENT}  {'':<{names}}{right:<{lefts - 2}}  {hint}".rstrip(),
    ]


def _has_kind(one: Comparison) -> bool:
    return one.outcome != "unwanted" and is_plain(one.expected)


def _hidden(hidden: Sequence[Comparison]) -> list[str]:
    if not hidden:
        return []
    wrong = sum(one.outcome != "equal" for one in hidden)
    return [f"{_INDENT}  … and {len(hidden)} more places, {wrong} of them different"]
