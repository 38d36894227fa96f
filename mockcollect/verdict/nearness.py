"""Which known name was probably meant by a name that is not known.

A legal name of somebody's own must not be taken for a slip. So names are compared word
by word; short words and ordinary ones count as meant, and so do other forms of a word.
"""

from __future__ import annotations

import re
from functools import lru_cache

MAX_NAME = 60
"""Longer names are not compared."""

_LONG_WORD = 7  # two slips in a shorter word make another word
_SHORT_WORD = 4  # one wrong letter in a word this short, or shorter, does as well
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_ENDINGS = ("s", "es", "d", "ed", "ing", "er", "r", "ly", "al", "or")
_BEGINNINGS = ("re", "un", "de", "pre")
_WORDS_MEANT = (
    "add ads ago aid air and app apps are art back bad bag bar begin bid big bill bin"
    " book bought box buy call can caps car care cash cat chart chat check city clip"
    " clock close cost count course cut data date day deal demo detail dial done down"
    " edit end enter exit fast feed file find first fit flow form free fund game get"
    " gift go goal group hide hit home hour icon idea image in info input join jump"
    " keep key kit land last late layer lead leaf leap learn leave led left like limit"
    " line link list live load loan location lock log logon look loop lot loud mail"
    " main map mark match menu mode more move name nav new news next note now off"
    " offer on one open order out own pace pack pad page paid park part pass past path"
    " pause pay peek pick pin place plan play point pop port post press print promo"
    " purse push put quantity quit rate reach read ready rent reply report request"
    " research reset rest restart review role room route row run sale save scan score"
    " screen scroll seat seed seek select sell send sent session set shape share shop"
    " short show side sign skip slide sort sound space speak speech speed stage stand"
    " star start state stay step stop store story style submit tab tag talk tap task"
    " team term test text tile time tip title to toggle tool top total touch tour"
    " track trade trip try turn type unit up use user value verify view visit vote"
    " wait walk wall want watch web week wish word work year you zone zoom"
)
_ORDINARY = frozenset(_WORDS_MEANT.split())
"""Words that people mean when they write them."""


def nearest(name: str, names: tuple[str, ...]) -> str | None:
    """Return the one of `names` that was probably meant by another name, if any.

    The same words written otherwise (`addToCart`, `Add to cart`, `add-to-cart`), or one
    slip in a word (`puchase`), two in a long one.
    """
    if len(name) > MAX_NAME or name in names:
        return None
    return _nearest(name, names)


@lru_cache(maxsize=1024)
def _nearest(name: str, names: tuple[str, ...]) -> str | None:
    squashed, by_words = _prepared(names)
    words = split(name)
    same = squashed.get(squash(name))
    if same or any(word.isdigit() for word in words):
        return same
    near = [(_slips(words, known), meant) for known, meant in by_words]
    return min((one for one in near if one[0]), default=(0, None))[1]


@lru_cache(maxsize=8)
def _prepared(
    names: tuple[str, ...],
) -> tuple[dict[str, str], list[tuple[tuple[str, ...], str]]]:
    return {squash(name): name for name in names}, [(split(n), n) for n in names]


def split(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case: `addToCart` has three."""
    return tuple(word.lower() for word in _WORDS.findall(name))


def squash(name: str) -> str:
    """Return a name without case and without what stands between its words."""
    return "".join(character for character in name.lower() if character.isalnum())


def _slips(words: tuple[str, ...], known: tuple[str, ...]) -> int:
    """Return how many slips make one of the other; 0 if these are other words."""
    if len(words) != len(known):
        return 0
    pairs = [pair for pair in zip(words, known, strict=True) if pair[0] != pair[1]]
    framed = len(known) > 2
    slips = [_slips_of_word(word, meant, framed=framed) for word, meant in pairs]
    return sum(slips) if all(slips) and sum(slips) <= 2 else 0


def _slips_of_word(word: str, meant: str, *, framed: bool) -> int:
    """Return the slips in one word; others around it frame it: `add_to_card`."""
    if abs(len(word) - len(meant)) > 2 or word in _ORDINARY or _is_form(word, meant):
        return 0
    slips = distance(word, meant)
    if slips == 2:
        return 2 if len(meant) >= _LONG_WORD and word[:1] == meant[:1] else 0
    if slips != 1:
        return 0
    if len(meant) > _SHORT_WORD or (framed and len(meant) == _SHORT_WORD):
        return 1
    return 1 if _keeps_letters(word, meant) else 0


def _keeps_letters(word: str, meant: str) -> bool:
    """Tell whether a short word has all letters of the other, doubled or swapped."""
    if len(meant) < _SHORT_WORD:
        return False
    return set(word) == set(meant) or (
        len(word) < len(meant) and set(word) < set(meant) and word[0] == meant[0]
    )


def _is_form(word: str, meant: str) -> bool:
    """Tell whether a word is another form of the other: its plural, its past."""
    longer, shorter = (word, meant) if len(word) > len(meant) else (meant, word)
    stem = shorter.removesuffix("e")
    return (
        longer in {f"{shorter}{ending}" for ending in _ENDINGS}
        or longer in {f"{stem}{ending}" for ending in _ENDINGS}
        or longer in {f"{beginning}{shorter}" for beginning in _BEGINNINGS}
    )


def distance(one: str, other: str) -> int:
    """Return how many letters must be changed, left out, put in or swapped."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
