"""Fault rules: which requests to collect get no answer, another, or a late one."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any

from mockcollect.contract.event import NO_STATUS, Answer, CollectRequest, Fault
from mockcollect.errors import InvalidFault, InvalidQuery
from mockcollect.recording.judging import Judging
from mockcollect.recording.query import Query, parse_query
from mockcollect.recording.records import RecordedEvent, RecordedRequest
from mockcollect.recording.values import nearest, shown

if TYPE_CHECKING:
    from mockcollect.contract.event import FaultKind
    from mockcollect.recording.interface import Recorder

TIMEOUT_SECONDS = 300.0
"""How long a request is left without an answer, unless the rule says so."""

MAX_SECONDS = 3600.0
MAX_COUNT = 1_000_000_000

_COLLECTING = ("events", "batch", "pixel")
_WHOLE_ANSWERS = ("delay", "drip")
"""What lets the client read all of production's answer: the events are collected."""


@dataclass(frozen=True, slots=True)
class FaultRule:
    """What to do to the answers of requests that match a filter, and to how many.

    One of `status` (400 to 599, with `retry_after` in seconds), `timeout` (seconds
    without any answer), `reset` (the connection is), `truncate` (the answer is cut
    short) and `drip` (seconds over which the answer is spread, byte by byte), or only
    `delay` (seconds before the answer), which goes with all of them.

    The next `next` that match, `None` for all; of these each with a `probability`,
    drawn by a generator that starts from `seed`. `collected` says whether the events
    count as collected, `None` for what the client sees: after a delay or a drip they
    are. Raises InvalidFault for a rule that says nothing, too much, or cannot be.
    """

    q: str = ""
    status: int | None = None
    retry_after: int | None = None
    delay: float | None = None
    timeout: float | None = None
    reset: bool = False
    truncate: bool = False
    drip: float | None = None
    next: int | None = None
    probability: float | None = None
    seed: int = 0
    collected: bool | None = None
    query: Query = field(init=False, repr=False, compare=False, default=Query())

    def __post_init__(self) -> None:
        _check(self)
        try:
            query = parse_query(self.q)
        except InvalidQuery as error:
            raise InvalidFault(
                f"`q` cannot be read: {error}",
                place="q",
                suggestion=error.suggestion,
            ) from error
        object.__setattr__(self, "query", query)

    @property
    def kind(self) -> FaultKind:
        """What it does."""
        kinds = _kinds(self)
        return kinds[0] if kinds else "delay"

    @property
    def keeps(self) -> bool:
        """Whether the events count as collected."""
        if self.collected is None:
            return self.kind in _WHOLE_ANSWERS
        return self.collected

    def to_dict(self) -> dict[str, Any]:
        """Return the rule as the inspection API shows and takes it."""
        return {name: getattr(self, name) for name in KEYS}


class ActiveRule:
    """A rule at work, with how often it acted; `over` is set once it is removed."""

    def __init__(self, number: int, rule: FaultRule) -> None:
        self.id = number
        self.rule = rule
        self.hits = 0
        self.over = threading.Event()
        self._random = Random(rule.seed)

    @property
    def left(self) -> int | None:
        """How many times more it will act, `None` where there is no end."""
        return None if self.rule.next is None else self.rule.next - self.hits

    def draws(self) -> bool:
        """Return whether it acts on one that matches; counts that it does."""
        chance = self.rule.probability
        if self.left == 0 or (chance is not None and self._random.random() >= chance):
            return False
        self.hits += 1
        return True

    def made_of(self, answer: Answer) -> Answer:
        """Return the answer as it is recorded once the rule has acted on it."""
        rule = self.rule
        fault = Fault(rule.kind, self.id, answer.status, rule.delay, rule.keeps)
        status = answer.status
        if rule.kind == "status":
            status = rule.status or status
        elif rule.kind in ("timeout", "reset"):
            status = NO_STATUS
        return replace(answer, status=status, fault=fault)

    def to_dict(self) -> dict[str, Any]:
        """Return the rule as the inspection API shows it."""
        rule = self.rule
        return {
            "id": self.id,
            "kind": rule.kind,
            **rule.to_dict(),
            "collected": rule.keeps,
            "hits": self.hits,
            "left": self.left,
        }


class Faults:
    """The rules of one server, asked in their order: the first that acts is alone."""

    def __init__(self, recorder: Recorder) -> None:
        self.rules: tuple[ActiveRule, ...] = ()
        self._recorder = recorder
        self._judging = Judging(lambda *_: iter(()))
        self._lock = threading.Lock()
        self._numbers = count(1)

    def add(self, rule: FaultRule) -> ActiveRule:
        """Put a rule behind those there are, and return it at work."""
        with self._lock:
            active = ActiveRule(next(self._numbers), rule)
            self.rules = (*self.rules, active)
        return active

    def use(self, rules: Iterable[tuple[int | None, FaultRule]]) -> None:
        """Have only these rules, each with the number of one that goes on as it was.

        A rule that has changed, or whose number nobody has, begins anew.
        """
        with self._lock:
            there = {one.id: one for one in self.rules}
            chosen = [self._kept(there, number, rule) for number, rule in rules]
            self._replace(chosen)

    def remove(self, numbers: Iterable[int] | None = None) -> int:
        """Take out the rules with some numbers, or all, and let go of what they hold.

        Returns how many there were.
        """
        with self._lock:
            before = len(self.rules)
            gone = {one.id for one in self.rules} if numbers is None else set(numbers)
            self._replace([one for one in self.rules if one.id not in gone])
            return before - len(self.rules)

    def take(
        self, request: CollectRequest, answer: Answer, received_at: int
    ) -> ActiveRule | None:
        """Return the rule that acts on a request, and count that it does."""
        if answer.endpoint not in _COLLECTING or self.are_used_up:
            return None
        recorded, events = self._as_recorded(request, answer, received_at)
        for one in self.rules:
            if one.left == 0 or not one.rule.query.matches_request(recorded, events):
                continue
            with self._lock:
                if not one.over.is_set() and one.draws():
                    return one
        return None

    @property
    def are_used_up(self) -> bool:
        """Whether no rule can act any more."""
        return all(one.left == 0 for one in self.rules)

    def to_list(self) -> list[dict[str, Any]]:
        """Return the rules as the inspection API shows them."""
        return [one.to_dict() for one in self.rules]

    def _kept(
        self, there: dict[int, ActiveRule], number: int | None, rule: FaultRule
    ) -> ActiveRule:
        known = there.pop(number, None) if number is not None else None
        if known is not None and _same(known.rule, rule):
            return known
        return ActiveRule(next(self._numbers), rule)

    def _replace(self, chosen: Sequence[ActiveRule]) -> None:
        gone = [one for one in self.rules if one not in chosen]
        self.rules = tuple(chosen)
        for one in gone:
            one.over.set()

    def _as_recorded(
        self, request: CollectRequest, answer: Answer, received_at: int
    ) -> tuple[RecordedRequest, list[RecordedEvent]]:
        """Return what a filter is asked of: a request that has no number yet.

        Its verdict is that of the plan and the sources of now; what depends on other
        events is left out of it.
        """
        judging, recorder = self._judging, self._recorder
        if (judging.plan, judging.sources) != (recorder.plan, recorder.sources):
            judging.use(plan=recorder.plan, sources=recorder.sources)
        recorded = RecordedRequest(
            0,
            received_at,
            request,
            answer.status,
            answer.endpoint,
            answer.site_id,
            answer.source_key,
            answer.refusal,
            (),
            judging,
        )
        events = [
            RecordedEvent(0, one, recorded, judging, as_of=-1) for one in answer.events
        ]
        return recorded, events


KEYS = tuple(FaultRule.__dataclass_fields__)[:-1]
_SHOWN_ONLY = ("id", "kind", "hits", "left")
"""What a rule says of itself, and takes back without a word."""


def read_rules(value: Any) -> list[tuple[int | None, FaultRule]]:
    """Return the rules of a JSON value, each with its number if it has one.

    Raises InvalidFault for the first that cannot be used.
    """
    if isinstance(value, Mapping):
        for key in value:
            if key != "rules":
                raise _unknown(key, ("rules",), None)
        value = value.get("rules")
    if not isinstance(value, list):
        raise InvalidFault(
            'The rules are no list. Write {"rules": [{"q": "event:purchase", '
            '"status": 503, "next": 2}]}.'
        )
    return [_read_one(one, index) for index, one in enumerate(value)]


def _read_one(value: Any, index: int) -> tuple[int | None, FaultRule]:
    where = f"rules[{index}]"
    if not isinstance(value, Mapping):
        raise InvalidFault(f"{where} is no object.", place=where)
    for key in value:
        if key not in KEYS and key not in _SHOWN_ONLY:
            raise _unknown(key, KEYS, where)
    given = {key: value[key] for key in KEYS if value.get(key) is not None}
    if given.get("timeout") is True:
        given["timeout"] = TIMEOUT_SECONDS
    number = value.get("id")
    try:
        return number if isinstance(number, int) else None, FaultRule(**given)
    except InvalidFault as error:
        place = f"{where}.{error.place}" if error.place else where
        raise InvalidFault(
            f"{where}: {error}", place=place, suggestion=error.suggestion
        ) from error


def _unknown(key: str, known: Sequence[str], where: str | None) -> InvalidFault:
    near = nearest(key.lower(), known)
    hint = f"Did you mean `{near}`?" if near else f"There is {', '.join(known)}."
    place = f"{where}: " if where else ""
    message = f"{place}Unknown key {shown(key)}. {hint}"
    return InvalidFault(message, place=where, suggestion=near)


def _same(one: FaultRule, other: FaultRule) -> bool:
    """Return whether two rules do the same, however they spell what is collected."""
    return replace(one, collected=one.keeps) == replace(other, collected=other.keeps)


def _kinds(rule: FaultRule) -> list[FaultKind]:
    said: dict[FaultKind, bool] = {
        "status": rule.status is not None,
        "timeout": rule.timeout is not None,
        "reset": rule.reset,
        "truncate": rule.truncate,
        "drip": rule.drip is not None,
    }
    return [kind for kind, is_said in said.items() if is_said]


def _check(rule: FaultRule) -> None:
    """Raise InvalidFault for values that a rule cannot have, alone or together."""
    if not isinstance(rule.q, str):
        raise _bad("q", rule.q, "a filter, as in `event:purchase`")
    _whole("status", rule.status, 400, 599, "a status from 400 to 599, as in 503")
    _whole("retry_after", rule.retry_after, 0, MAX_COUNT, "a whole number of seconds")
    _whole("next", rule.next, 1, MAX_COUNT, "a whole number from 1 up")
    _whole("seed", rule.seed, -MAX_COUNT, MAX_COUNT, "a whole number")
    for name in ("delay", "timeout", "drip"):
        _number(name, getattr(rule, name), MAX_SECONDS, "seconds, more than 0")
    _number("probability", rule.probability, 1.0, "more than 0")
    for name in ("reset", "truncate", "collected"):
        value = getattr(rule, name)
        if value is not None and not isinstance(value, bool):
            raise _bad(name, value, "true or false")
    _check_together(rule)


def _check_together(rule: FaultRule) -> None:
    kinds = _kinds(rule)
    if len(kinds) > 1:
        raise InvalidFault(
            f"A rule does one thing, not {' and '.join(kinds)} at once. Only delay "
            "goes with each."
        )
    if not kinds and rule.delay is None:
        raise InvalidFault(
            "A rule that does nothing is none. Give one of status, timeout, reset, "
            "truncate, drip and delay."
        )
    if rule.retry_after is not None and rule.status is None:
        raise InvalidFault(
            "`retry_after` goes with a status only, as in status 503, retry_after 2.",
            place="retry_after",
        )


def _whole(name: str, value: Any, low: int, high: int, takes: str) -> None:
    if value is None:
        return
    if type(value) is not int or not low <= value <= high:
        raise _bad(name, value, takes)


def _number(name: str, value: Any, high: float, takes: str) -> None:
    if value is None:
        return
    is_number = type(value) in (int, float) and math.isfinite(value)
    if not is_number or not 0 < value <= high:
        raise _bad(name, value, f"{takes} and at most {high:g}")


def _bad(name: str, value: Any, takes: str) -> InvalidFault:
    return InvalidFault(f"`{name}` takes {takes}, not {_seen(value)}.", place=name)


def _seen(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):  # perhaps of a thousand levels
        return "a list"
    return shown(json.dumps(value, default=repr))
