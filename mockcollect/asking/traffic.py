"""Two recordings compared: what a release changed in the events that are sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from mockcollect.asking.describing import plural
from mockcollect.asking.flat import VOLATILE, Entry, Volatile, read_entry
from mockcollect.asking.pairing import Pairs, pair
from mockcollect.contract.printable import printable
from mockcollect.recording.paths import Path, write_path
from mockcollect.verdict.suggestions import shown
from mockcollect.verdict.words import kind

__all__ = ["VOLATILE", "Change", "NameTraffic", "Traffic", "compare"]

_MOST_CHANGES = 30
_MOST_NAMES = 100
_MOST_NUMBERS = 5
_LONGEST_TEXT = 60
_MANY = 3
"""From so many on, differences of one kind in one place are shown as one."""


@dataclass(frozen=True, slots=True)
class Change:
    """One place that differs, in the same way, in some events of one name.

    `before` and `after` are JSON texts, `None` where nothing is. `pairs` are the
    numbers of the events before and after. `is_various` tells that their values differ,
    and that those of the first are shown; `is_volatile`, that no two events have the
    same value, of the same kind as before.
    """

    path: str
    before: str | None
    after: str | None
    pairs: tuple[tuple[int, int], ...]
    is_various: bool = False
    is_volatile: bool = False

    def words(self) -> str:
        """Return what differs, in one line."""
        said = f"{self._what()}{' and the like' if self.is_various else ''}"
        question = "  volatile?" if self.is_volatile else ""
        return f"{said}  {_where(self.pairs)}{question}"

    def _what(self) -> str:
        where = shown(self.path)
        if self.before is None:
            return f"+ {where}  {_cut(self.after)}"
        if self.after is None:
            return f"- {where}  {_cut(self.before)}"
        return f"~ {where}  {_cut(self.before)} → {_cut(self.after)}{self._kinds()}"

    def _kinds(self) -> str:
        one, other = _kind(self.before), _kind(self.after)
        return f"  ({one}, now {other})" if one != other else ""

    def to_dict(self) -> dict[str, Any]:
        """Return the change as a JSON report shows it."""
        return {
            "path": self.path,
            "before": self.before,
            "after": self.after,
            "events": [list(one) for one in self.pairs],
            "various": self.is_various,
            "volatile": self.is_volatile,
        }


@dataclass(frozen=True, slots=True)
class NameTraffic:
    """What became of the events of one name; `gone` and `added` are their numbers."""

    name: str
    before: int
    after: int
    same: int
    changed: tuple[tuple[int, int], ...] = ()
    changes: tuple[Change, ...] = ()
    gone: tuple[int, ...] = ()
    added: tuple[int, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not (self.changed or self.gone or self.added)

    def lines(self) -> list[str]:
        """Return what differs, nothing if nothing does."""
        if self.is_same:
            return []
        lines = [self._head()]
        if self.gone and self.after:
            lines.append(f"  gone: {_numbers(self.gone)}")
        if self.added and self.before:
            lines.append(f"  added: {_numbers(self.added)}")
        lines += [f"  {one.words()}" for one in self.changes[:_MOST_CHANGES]]
        if (hidden := len(self.changes) - _MOST_CHANGES) > 0:
            lines.append(f"  … and {hidden:,} more differences")
        return lines

    def _head(self) -> str:
        name = shown(self.name)
        if not self.before:
            return f"{name}: none before, {self.after:,} after: {_numbers(self.added)}"
        if not self.after:
            return f"{name}: {self.before:,} before, none after: {_numbers(self.gone)}"
        changed = f"{len(self.changed):,} changed" if self.changed else "none changed"
        return f"{name}: {self.before:,} before, {self.after:,} after, {changed}"

    def to_dict(self) -> dict[str, Any]:
        """Return what became of these events as a JSON report shows it."""
        return {
            "event_name": self.name,
            "before": self.before,
            "after": self.after,
            "same": self.same,
            "changed": [list(one) for one in self.changed],
            "changes": [one.to_dict() for one in self.changes],
            "gone": list(self.gone),
            "added": list(self.added),
        }


@dataclass(frozen=True, slots=True)
class Traffic:
    """Two recordings compared, by the names of their events."""

    names: tuple[NameTraffic, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether both say the same, in whatever order."""
        return all(one.is_same for one in self.names)

    def lines(self) -> list[str]:
        """Return the comparison for a person: the counts, then what differs by name."""
        different = [one for one in self.names if not one.is_same]
        lines = [self._head()]
        for one in different[:_MOST_NAMES]:
            lines += ["", *one.lines()]
        if (hidden := len(different) - _MOST_NAMES) > 0:
            lines += ["", f"… and {hidden:,} more names with differences"]
        if any(change.is_volatile for one in different for change in one.changes):
            lines += ["", "What is volatile can be left out of the comparison."]
        return lines

    def _head(self) -> str:
        before = sum(one.before for one in self.names)
        after = sum(one.after for one in self.names)
        head = f"{plural(before, 'event')} before, {after:,} after: "
        if self.is_same:
            return f"{head}no difference"
        counts = {
            "the same": sum(one.same for one in self.names),
            "changed": sum(len(one.changed) for one in self.names),
            "gone": sum(len(one.gone) for one in self.names),
            "added": sum(len(one.added) for one in self.names),
        }
        return head + ", ".join(f"{n:,} {word}" for word, n in counts.items() if n)

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as a JSON report shows it."""
        return {"same": self.is_same, "names": [one.to_dict() for one in self.names]}


def compare(
    before: Iterable[Mapping[str, Any]],
    after: Iterable[Mapping[str, Any]],
    *,
    volatile: Iterable[str] = VOLATILE,
) -> Traffic:
    """Return what differs between two recordings, given as the lines of their files.

    Lines without an `event` are requests that brought none. `volatile` are the places
    that are not compared, as `Volatile` takes them; raises ValueError if one is no
    path. The order of events is no difference.
    """
    aside = Volatile(volatile)
    one, other = _by_name(before, aside), _by_name(after, aside)
    names = dict.fromkeys([*one, *other])
    return Traffic(
        tuple(_compared(name, one.get(name, []), other.get(name, [])) for name in names)
    )


def _by_name(
    lines: Iterable[Mapping[str, Any]], volatile: Volatile
) -> dict[str, list[Entry]]:
    entries: dict[str, list[Entry]] = {}
    for order, line in enumerate(lines):
        entry = read_entry(line, order, volatile)
        entries.setdefault(entry.name, []).append(entry)
    return entries


def _compared(name: str, before: list[Entry], after: list[Entry]) -> NameTraffic:
    pairs = pair(before, after)
    return NameTraffic(
        name,
        len(before),
        len(after),
        pairs.same,
        tuple((one.number, other.number) for one, other in pairs.changed),
        tuple(_changes(pairs)),
        tuple(one.number for one in pairs.gone),
        tuple(one.number for one in pairs.added),
    )


_Place = tuple[Path, str | None, str | None]
_Found = dict[_Place, list[tuple[int, int]]]


def _changes(pairs: Pairs) -> list[Change]:
    """Return each difference once, with the pairs that have it, the widest first."""
    found: _Found = {}
    for one, other in pairs.changed:
        for path in dict.fromkeys([*other.places, *one.places]):
            before, after = one.places.get(path), other.places.get(path)
            if before != after:
                numbers = one.number, other.number
                found.setdefault((path, before, after), []).append(numbers)
    return sorted(_gathered(found), key=lambda one: (one.is_volatile, -len(one.pairs)))


def _gathered(found: _Found) -> Iterator[Change]:
    """Yield the differences, those in one place that differ in their values as one."""
    alike: dict[tuple[Path, str, str], list[_Place]] = {}
    for path, before, after in found:
        kinds = path, _kind(before), _kind(after)
        alike.setdefault(kinds, []).append((path, before, after))
    for (_, one, other), places in alike.items():
        if (one == other and not _are_ever_new(places, found)) or len(places) < _MANY:
            yield from (_change(place, found[place]) for place in places)
        else:
            events = [event for place in places for event in found[place]]
            yield _change(places[0], events, various=True, volatile=one == other)


def _are_ever_new(places: Sequence[_Place], found: _Found) -> bool:
    """Return whether each event has another value, before and after."""
    befores, afters = ({place[side] for place in places} for side in (1, 2))
    return len(befores) == len(afters) == sum(len(found[place]) for place in places)


def _change(
    place: _Place,
    events: Sequence[tuple[int, int]],
    *,
    various: bool = False,
    volatile: bool = False,
) -> Change:
    path, before, after = place
    name = write_path(path) or "the event"
    return Change(name, before, after, tuple(events), various, volatile)


def _where(pairs: Sequence[tuple[int, int]]) -> str:
    told = [f"#{one} → #{other}" for one, other in pairs[:_MOST_NUMBERS]]
    hidden = len(pairs) - len(told)
    return ", ".join(told) + (f" and {hidden:,} more" if hidden else "")


def _numbers(numbers: Sequence[int]) -> str:
    told = [f"#{one}" for one in numbers[:_MOST_NUMBERS]]
    hidden = len(numbers) - len(told)
    return ", ".join(told) + (f" and {hidden:,} more" if hidden else "")


def _cut(text: str | None) -> str:
    text = printable(text or "")
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"


def _kind(text: str | None) -> str:
    if text is None:
        return "nothing"
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:  # half a surrogate pair
        return "text"
    return "true or false" if isinstance(value, bool) else kind(value)
