"""The event that came closest, against what was expected of it, place by place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from mockcollect.asking.clues import NAME_KEYS, Clue, find_clue, is_plain, kind_of
from mockcollect.asking.describing import cut, describe, name_of, short, show
from mockcollect.asking.matching import ABSENT, Comparison, Expectation
from mockcollect.recording.records import RecordedEvent

MOST_PLACES = 10
MOST_COMPARED = 500
"""The closest is looked for among the newest: comparing all of many takes a while."""

_LONGEST_EQUAL = 30  # stands twice in its line
_WIDEST_LEFT = 30
_CLOSE_NAME = 0.75  # of difflib's ratio: `puchase` and `purchase` have 0.93
_LONGEST_COMPARED = 60  # characters of a name: difflib takes the square of them

_Place = tuple[Comparison, Clue]


@dataclass(frozen=True, slots=True)
class Difference:
    """One event, and how it compares with what was expected of it."""

    recorded: RecordedEvent
    compared: tuple[Comparison, ...]

    @property
    def wrong(self) -> int:
        """How many places are not as expected."""
        return sum(one.outcome != "equal" for one in self.compared)

    def headline(self, expectation: Expectation, waited: str) -> str:
        """Return in one line that nothing matched, and how close this one came."""
        if expectation.event_name in (None, self.recorded.event.event_name):
            return f"no {expectation.noun} matched in {waited}. {self._how_close()}."
        named = f"named `{name_of(self.recorded)}`"
        if self.recorded.event.event_name is None:
            named = "without a name"
        return f"no {expectation.noun} in {waited}, but one {named}."

    @property
    def wrong_paths(self) -> frozenset[str]:
        """The paths of what is not as expected."""
        return frozenset(one.name for one in self.compared if one.outcome != "equal")

    def lines(self) -> list[str]:
        """Return which event it is, then each place, the most telling first."""
        ordered = self._ordered()
        return [
            f"Closest: {describe(self.recorded)}",
            "",
            *_aligned(ordered[:MOST_PLACES]),
            *_hidden(ordered[MOST_PLACES:]),
        ]

    def _how_close(self) -> str:
        noun = "property" if len(self.compared) == 1 else "properties"
        places = f"{self.wrong} of {len(self.compared)} {noun}"
        if self.wrong * 2 > len(self.compared):
            return f"The closest differs in {places}"
        verb = "differs" if self.wrong == 1 else "differ"
        return f"One is close: {places} {verb}"

    def _ordered(self) -> list[_Place]:
        """Return the places with their clues: the name, what is wrong, the rest."""
        data = self.recorded.event.data
        places = [(one, find_clue(one, data)) for one in self.compared]
        return sorted(places, key=_rank)


def find_closest(
    expectation: Expectation, events: Sequence[RecordedEvent]
) -> Difference | None:
    """Return the event with the fewest differences, if one is close.

    Close is one of the same name; if there is none, of a name that may be meant for it,
    or with the name under another key. Of several that are equally close it is the
    latest.
    """
    near = _near(expectation.event_name, events)[-MOST_COMPARED:]
    differences = (Difference(one, expectation.compare(one.event)) for one in near)
    wrong = [one for one in reversed(list(differences)) if one.wrong]
    if not wrong:
        return None
    closest = min(wrong, key=lambda one: one.wrong).recorded
    # Again, and last: a matcher of dirty-equals shows what it was compared with last.
    return Difference(closest, expectation.compare(closest.event))


def _near(
    event_name: str | None, events: Sequence[RecordedEvent]
) -> Sequence[RecordedEvent]:
    if event_name is None:
        return events
    same = [one for one in events if one.event.event_name == event_name]
    if same:
        return same
    similar = _similar_names(event_name, events)
    if similar:
        return [one for one in events if one.event.event_name in similar]
    return [one for one in events if _is_misnamed(one, event_name)]


def _is_misnamed(recorded: RecordedEvent, event_name: str) -> bool:
    event = recorded.event
    if event.event_name is not None or not isinstance(event.data, dict):
        return False
    return event_name in (event.data.get(key) for key in NAME_KEYS)


def _similar_names(event_name: str, events: Sequence[RecordedEvent]) -> set[str]:
    """Return the names that are spelled alike; else those that differ the least."""
    plain = _plain(event_name)
    names = dict.fromkeys(one.event.event_name for one in reversed(events))
    newest = islice(filter(None, names), MOST_COMPARED)
    spelled = {name: _plain(name) for name in newest}
    close = get_close_matches(plain, spelled.values(), n=1, cutoff=_CLOSE_NAME)
    return {name for name, other in spelled.items() if other in close}


def _plain(name: str) -> str:
    """Return a name as it reads in any spelling: `page_view` is `Page View`."""
    return "".join(filter(str.isalnum, name.casefold()))[:_LONGEST_COMPARED]


def _rank(place: _Place) -> tuple[int, int]:
    one, clue = place
    if one.path == ("event_name",):
        return 0, 0
    return (2, 0) if one.outcome == "equal" else (1, clue.weight)


def _aligned(places: Sequence[_Place]) -> list[str]:
    names = max(len(short(one.name)) for one, _ in places) + 4
    lefts = max(min(len(_left(one)), _WIDEST_LEFT) for one, _ in places)
    lines: list[str] = []
    for one, clue in places:
        lines += _lines_of(one, clue.words, names, lefts)
    return lines


def _left(one: Comparison) -> str:
    if one.outcome == "equal":
        return cut(show(one.expected), _LONGEST_EQUAL)
    if one.outcome == "unwanted":
        return "expected nothing there"
    return f"expected {show(one.expected)}"


def _lines_of(one: Comparison, clue: str, names: int, lefts: int) -> list[str]:
    name, left = f"{short(one.name):<{names}}", f"{_left(one):<{lefts}}"
    if one.outcome == "equal":
        return [f"    {name}{left}  = {cut(_received(one), _LONGEST_EQUAL)}"]
    kind = f"({kind_of(one.expected)})" if _has_kind(one) else ""
    right = f"{f'received {_received(one)}':<{lefts}}"
    return [
        f"  ✗ {name}{left}  {kind}".rstrip(),
        f"    {'':<{names}}{right}  {f'({clue})' if clue else ''}".rstrip(),
    ]


def _received(one: Comparison) -> str:
    if one.outcome == "missing" or (one.outcome, one.expected) == ("equal", ABSENT):
        return "nothing there"
    return show(one.received)


def _has_kind(one: Comparison) -> bool:
    return one.outcome != "unwanted" and is_plain(one.expected)


def _hidden(hidden: Sequence[_Place]) -> list[str]:
    if not hidden:
        return []
    wrong = sum(one.outcome != "equal" for one, _ in hidden)
    different = f"{wrong} of them different" if wrong else "all as expected"
    if wrong == len(hidden):
        different = "all different"
    return [f"    … and {len(hidden)} more, {different}"]
