"""The events of two runs, paired: those that are the same, then the most similar."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mockcollect.asking.flat import Entry
from mockcollect.recording.paths import Path

_RAREST = 6
_MOST_SHARED = 24
"""A value that more events have than this tells none of them apart."""

_MOST_CANDIDATES = 12

_Token = tuple[Path, str]
_Tokens = frozenset[_Token]


@dataclass(slots=True)
class Pairs:
    """Entries of one name, before and after: how many are the same, and the others."""

    same: int = 0
    changed: list[tuple[Entry, Entry]] = field(default_factory=list)
    gone: list[Entry] = field(default_factory=list)
    added: list[Entry] = field(default_factory=list)


class _Candidate(NamedTuple):
    """Two that may belong together; sorted, the most similar come first."""

    unlike: float
    apart: int
    before: int
    after: int


def pair(before: Sequence[Entry], after: Sequence[Entry]) -> Pairs:
    """Return the entries of one name in pairs, and those that are left.

    Those that say the same come together first, then the most similar, then the rest in
    their order. The time grows with the number of entries, not with its square.
    """
    pairs = Pairs()
    gone, added = _take_same(before, after, pairs)
    if gone and added:
        gone, added = _take_similar(gone, added, pairs)
    number = min(len(gone), len(added))
    pairs.changed += zip(gone[:number], added[:number], strict=True)
    pairs.changed.sort(key=lambda one: one[1].order)
    pairs.gone, pairs.added = gone[number:], added[number:]
    return pairs


def _take_same(
    before: Sequence[Entry], after: Sequence[Entry], pairs: Pairs
) -> tuple[list[Entry], list[Entry]]:
    waiting: defaultdict[_Tokens, deque[Entry]] = defaultdict(deque)
    for one in before:
        waiting[one.tokens].append(one)
    added: list[Entry] = []
    for one in after:
        if same := waiting.get(one.tokens):
            same.popleft()
            pairs.same += 1
        else:
            added.append(one)
    gone = [one for entries in waiting.values() for one in entries]
    return sorted(gone, key=lambda one: one.order), added


def _take_similar(
    gone: list[Entry], added: list[Entry], pairs: Pairs
) -> tuple[list[Entry], list[Entry]]:
    candidates = _candidates(
        [one.tokens for one in gone], [one.tokens for one in added]
    )
    lost, found = set(range(len(gone))), set(range(len(added)))
    for one in sorted(candidates):
        if one.before in lost and one.after in found:
            lost.remove(one.before)
            found.remove(one.after)
            pairs.changed.append((gone[one.before], added[one.after]))
    return [gone[i] for i in sorted(lost)], [added[i] for i in sorted(found)]


def _candidates(
    before: Sequence[_Tokens], after: Sequence[_Tokens]
) -> list[_Candidate]:
    having: defaultdict[_Token, list[int]] = defaultdict(list)
    for index, tokens in enumerate(after):
        for token in tokens:
            having[token].append(index)
    return [
        _compared(index, other, tokens, after[other])
        for index, tokens in enumerate(before)
        for other in _sharing(tokens, having, index)
    ]


def _sharing(tokens: _Tokens, having: dict[_Token, list[int]], index: int) -> list[int]:
    """Return the few that share the rarest values with one, the nearest of equals."""
    shared = [having[one] for one in tokens if one in having]
    rare = sorted((one for one in shared if len(one) <= _MOST_SHARED), key=len)
    votes = Counter(other for one in rare[:_RAREST] for other in one)
    ranked = sorted(votes, key=lambda other: (-votes[other], abs(other - index)))
    return ranked[:_MOST_CANDIDATES]


def _compared(index: int, other: int, one: _Tokens, two: _Tokens) -> _Candidate:
    alike = len(one & two) / (len(one | two) or 1)
    return _Candidate(1 - alike, abs(index - other), index, other)
