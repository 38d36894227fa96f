"""Rules over more than one event: ids that return, and ids that never do.

Bounded: of the ids, orders and users that were seen, the latest few thousand are kept,
as hashes, and so is what was found.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import orjson

from mockcollect.contract.event import Event, Layout
from mockcollect.verdict.rules import Seen, all_rules
from mockcollect.verdict.rules.user import is_nobody
from mockcollect.verdict.subject import (
    ID_PATHS,
    find_properties,
    find_user,
)
from mockcollect.verdict.verdict import Finding

CAPACITY = 10_000
"""So many event ids, orders, users and findings are remembered."""

VOLATILE_AFTER = 20
"""A user's visitor ids are called volatile from this many events on."""

CONSTANT_AFTER = 3
"""An event id is called constant when it stands on this many different events."""

_CLIENTS: frozenset[Layout] = frozenset({"browser-v1", "browser", "mobile", "pixel"})

_Value = TypeVar("_Value")


class History:
    """What earlier events tell of later ones.

    Feed it each event once, in the order of their numbers, with `add`; `findings` then
    returns what was found at that time, whenever it is asked. An event that it was not
    fed, or fed so long ago that it is forgotten, has none: silence is better than a
    false alarm. `newest` is the number it was fed last, so that whoever holds the
    events knows what is missing.

    When events are deleted nothing need be done: later events may still name them. When
    all are cleared, start a new one; when some are restored, start a new one and feed
    it those. It holds no lock: give it the lock of the recorder that feeds it.
    """

    def __init__(self, *, capacity: int = CAPACITY) -> None:
        self.newest = 0
        self._ids: _Latest[_KnownId] = _Latest(capacity)
        self._orders: _Latest[tuple[int, int]] = _Latest(capacity)
        self._users: _Latest[_KnownUser] = _Latest(capacity)
        self._findings: _Latest[tuple[Finding, ...]] = _Latest(capacity)

    def add(self, number: int, event: Event) -> tuple[Finding, ...]:
        """Learn of the event with a number, and return what those before say of it.

        A number that is not newer than the newest changes nothing.
        """
        if number <= self.newest:
            return self.findings(number)
        self.newest = number
        if not isinstance(event.data, dict):
            return ()
        found = tuple(
            all_rules()[code].finding(seen) for code, seen in self._see(number, event)
        )
        if found:
            self._findings.put(number, found)
        return found

    def findings(self, number: int) -> tuple[Finding, ...]:
        """Return what was found in the event with a number when it was added."""
        return self._findings.get(number) or ()

    def _see(self, number: int, event: Event) -> Iterator[tuple[str, Seen]]:
        sender = (event.site_id, event.source_key, event.layout in _CLIENTS)
        known, same = self._know_id(sender, number, event)
        if same:
            path = ID_PATHS[event.layout]
            message = f"{path} and all else are as in #{same}, so this is a retry"
            yield "event_id.duplicate", Seen(path, message, event.event_id)
            return  # it says nothing new of its order and its user
        if known is not None and known.uses > 1:
            yield self._see_id(known, event)
        yield from self._see_order(sender, number, event)
        yield from self._see_user(sender, event)

    def _know_id(
        self, sender: tuple[Any, ...], number: int, event: Event
    ) -> tuple[_KnownId | None, int]:
        """Return what is known of an event's id, and the same event's number or 0."""
        if event.event_id is None:
            return None, 0
        key, content = hash((sender, event.event_id)), _content(event)
        known = self._ids.get(key)
        if known is None:
            known = _KnownId(number)
            self._ids.put(key, known)
        same = known.contents.get(content, 0)
        if not same:
            known.keep(content, number)
        return known, same

    def _see_id(self, known: _KnownId, event: Event) -> tuple[str, Seen]:
        path = ID_PATHS[event.layout]
        if known.uses < CONSTANT_AFTER:
            message = f"{path} is that of #{known.first}, which is another event"
            return "event_id.duplicate", Seen(path, message, event.event_id)
        message = (
            f"{path} is the same on {known.uses:,} different events, "
            f"the first of them #{known.first}"
        )
        return "event_id.constant", Seen(path, message, event.event_id)

    def _see_order(
        self, sender: tuple[Any, ...], number: int, event: Event
    ) -> Iterator[tuple[str, Seen]]:
        if event.event_name != "purchase":
            return
        properties = find_properties(event)
        order = properties.get("id")
        if not _is_id(order):
            return
        # An order may be sent again when its state has changed.
        key = hash((sender, str(order), str(properties.get("status"))[:100]))
        known = self._orders.get(key)
        if known is None:
            self._orders.put(key, (number, hash(event.event_id)))
        elif event.event_id is None or known[1] != hash(event.event_id):
            path = "properties.id" if properties is not event.data else "id"
            message = f"{path} is that of #{known[0]}, so the purchase counts twice"
            yield "transaction.repeat", Seen(path, message, order)

    def _see_user(
        self, sender: tuple[Any, ...], event: Event
    ) -> Iterator[tuple[str, Seen]]:
        user, at = find_user(event)
        visitor, name = user.get("consistent_anonymous_id"), user.get("id")
        if not _is_id(visitor) or not _is_id(name) or is_nobody(name):
            return
        key = hash((sender, str(name)))
        known = self._users.get(key)
        if known is None:
            known = _KnownUser()
            self._users.put(key, known)
        if known.is_steady(hash(str(visitor))) or known.events < VOLATILE_AFTER:
            return
        path = f"{at}consistent_anonymous_id"
        message = f"{path} was another one on each of this user's {known.events} events"
        yield "anonymous_id.volatile", Seen(path, message, visitor)


class _KnownId:
    """An event id: the event that had it first, and the contents that it stood on."""

    __slots__ = ("contents", "first", "uses")

    def __init__(self, first: int) -> None:
        self.first, self.uses = first, 0
        self.contents: dict[int, int] = {}

    def keep(self, content: int, number: int) -> None:
        self.uses += 1
        if len(self.contents) < CONSTANT_AFTER:
            self.contents[content] = number


class _KnownUser:
    """A user's visitor ids, until one of them returns."""

    __slots__ = ("events", "visitors")

    def __init__(self) -> None:
        self.events = 0
        self.visitors: set[int] | None = set()

    def is_steady(self, visitor: int) -> bool:
        if self.visitors is None or visitor in self.visitors:
            self.visitors = None
            return True
        self.events += 1
        if len(self.visitors) < VOLATILE_AFTER:
            self.visitors.add(visitor)
        return False


class _Latest(Generic[_Value]):
    """A dict of the latest keys: one that is read or put is the latest."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._values: OrderedDict[int, _Value] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: int) -> _Value | None:
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: int, value: _Value) -> None:
        self._values[key] = value
        if len(self._values) > self._capacity:
            self._values.popitem(last=False)


def _content(event: Event) -> int:
    try:
        return hash(orjson.dumps(event.data, option=orjson.OPT_SORT_KEYS))
    except TypeError:  # deeper than orjson writes: its size must do
        return event.size


def _is_id(value: Any) -> bool:
    if isinstance(value, str):
        return value != ""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
