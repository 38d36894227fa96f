"""Server-sent events: what is recorded, as it is recorded, resumed without a gap.

Each message has the id `RECORDING.SEQ.N`: which recording, the change, and how many of
its events were sent. A client that comes back says the last one in `Last-Event-ID`.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from mockcollect.recording.records import event_json
from mockcollect.server.replies import request_part

if TYPE_CHECKING:
    from mockcollect.recording.interface import Change, Recorder, Subscription
    from mockcollect.recording.query import Query

    _Key = tuple[Query, int, int]

PING_SECONDS = 5.0
"""A client that went away shows only when something is sent to it."""

_PING = b"event: ping\ndata: {}\n\n"
_REMEMBERED = 8


class _Position(NamedTuple):
    """A change, and how many of its events were sent."""

    seq: int
    sent: int


_BEGINNING = _Position(0, 0)


class Streams:
    """Gives out streams; those that follow together share what is encoded."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._encoded: OrderedDict[_Key, tuple[Sequence[Change], bytes]] = OrderedDict()

    def follow(self, query: Query, last_event_id: str) -> Iterator[bytes]:
        """Yield messages until the recorder closes or the client leaves.

        `event` carries an event that matches, `request` a request without events,
        `deleted` says to ask again for what is shown, `ping` keeps the connection.
        Without a `last_event_id` it begins with what comes next; with one of another
        recording, with `deleted` and then all that is kept.
        """
        position = _position(self._recorder, last_event_id)
        after = None if position is None else position.seq - (position.sent > 0)
        subscription = self._recorder.subscribe(after=after)
        try:
            yield b": mockcollect\nretry: 1000\n\n"
            if position == _BEGINNING:
                beginning = f"{self._recorder.identity}.0.0"
                yield _message("deleted", beginning, {"everything": True})
            yield from self._follow(query, subscription, position)
        finally:
            subscription.close()

    def _follow(
        self, query: Query, subscription: Subscription, position: _Position | None
    ) -> Iterator[bytes]:
        spoke = time.monotonic()
        while (changes := subscription.changes(timeout=PING_SECONDS)) is not None:
            messages = self._messages(query, changes, position)
            position = None
            now = time.monotonic()
            # Traffic that the filter keeps back must not keep back the pings.
            if changes and not messages and now - spoke < PING_SECONDS:
                continue
            spoke = now
            yield messages or _PING

    def _messages(
        self, query: Query, changes: Sequence[Change], position: _Position | None
    ) -> bytes:
        if not changes:
            return b""
        identity = self._recorder.identity
        if position is not None:
            return _encode_all(identity, query, changes, position)
        key = (query, changes[0].seq, changes[-1].seq)
        known = self._encoded.get(key)
        if known is not None and known[0] is changes:
            return known[1]
        encoded = _encode_all(identity, query, changes, _BEGINNING)
        self._encoded[key] = (changes, encoded)
        while len(self._encoded) > _REMEMBERED:
            with suppress(KeyError):  # another stream may have done it
                self._encoded.popitem(last=False)
        return encoded


def _position(recorder: Recorder, last_event_id: str) -> _Position | None:
    """Return where a client was: at the very beginning if that cannot be told."""
    if not last_event_id:
        return None
    identity, _, rest = last_event_id.partition(".")
    seq, _, sent = rest.partition(".")
    if identity != recorder.identity or not (_is_number(seq) and _is_number(sent)):
        return _BEGINNING
    return _Position(int(seq), int(sent))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def _encode_all(
    identity: str, query: Query, changes: Sequence[Change], position: _Position
) -> bytes:
    parts: list[bytes] = []
    for change in changes:
        # The client may have had some of the events of the change it names.
        skip = position.sent if change.seq == position.seq else 0
        parts += _encode(identity, query, change, skip)
    return b"".join(parts)


def _encode(identity: str, query: Query, change: Change, skip: int) -> Iterator[bytes]:
    done = f"{identity}.{change.seq}"
    if change.request is None:
        yield _message("deleted", f"{done}.0", {"everything": False})
        return
    if not change.events and query.matches_request(change.request, ()):
        yield _message("request", f"{done}.0", request_part(change.request))
    for number, event in enumerate(change.events, start=1):
        if number > skip and query.matches_event(event):
            yield _encoded("event", f"{done}.{number}", event_json(event))


def _message(kind: str, message_id: str, data: Any) -> bytes:
    return _encoded(kind, message_id, orjson.dumps(data))


def _encoded(kind: str, message_id: str, data: bytes) -> bytes:
    return f"event: {kind}\nid: {message_id}\ndata: ".encode() + data + b"\n\n"
