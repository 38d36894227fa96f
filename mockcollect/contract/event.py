"""The records that the other rooms pass around: a request, its events, the answer.

Nobody changes one once it is made. The three that are made for each event are not
frozen all the same: a frozen dataclass takes five times as long to make.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Layout = Literal["browser-v1", "1.0", "server", "browser", "mobile", "pixel"]
"""The payload layouts real clients send.

`browser-v1` is the browser container's first layout, `1.0` the page's old format,
`server`, `browser` and `mobile` are the three dialects of 2.0, `pixel` is the GET form.
"""

RefusalReason = Literal["too large", "invalid json", "aborted"]

FaultKind = Literal["status", "delay", "timeout", "reset", "truncate", "drip"]
NO_STATUS = 0
"""The status of a request that was never answered."""


@dataclass(slots=True)
class CollectRequest:
    """One request as it arrived.

    `headers` have lower-case names. `body` is exact; when `truncated`, it is only the
    first part of a body of `size` bytes. `aborted` means that the sender hung up
    before the end of the body.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    size: int = 0
    truncated: bool = False
    aborted: bool = False
    peer: str = ""

    @property
    def target(self) -> str:
        """The path with its query, as after the host name in a URL."""
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(slots=True)
class Event:
    """One event found in a request, with what identifies it.

    `data` is the event as sent: nearly always a dict, but production answers 200 to any
    JSON value. `size` counts bytes as the limits do. `index` is the place in a batch of
    `of` events.
    """

    data: Any
    layout: Layout
    event_name: str | None
    event_id: str | None
    site_id: str | None
    source_key: str | None
    test_code: str | None
    size: int
    index: int = 0
    of: int = 1


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request got a 400, in the few facts that the decision rested on.

    `part` is what was measured or read: the request's body, the query of a pixel, or
    the event at `index` of a batch. `refusal.explain` makes words of it.
    """

    reason: RefusalReason
    part: Literal["body", "query", "event"] = "body"
    size: int = 0
    limit: int = 0
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What a fault rule made of an answer, where it acted.

    `rule` is its number, `instead_of` the status of production's answer, and `delay`
    how many seconds that was held back. `collected` says whether the events count as
    collected all the same; if not, the client was told that they were not.
    """

    kind: FaultKind
    rule: int
    instead_of: int
    delay: float | None = None
    collected: bool = False


@dataclass(slots=True)
class Answer:
    """What production answers, and what it found in the request.

    `endpoint` is the one that decided, `None` for a path that production does not have.
    Where a `fault` acted, `status` is what was sent instead of production's, which is
    `NO_STATUS` if nothing was.
    """

    status: int
    endpoint: str | None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    site_id: str | None = None
    source_key: str | None = None
    refusal: Refusal | None = None
    events: tuple[Event, ...] = ()
    fault: Fault | None = None
