"""Events and requests as a recorder gives them back, in one line."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import strategies as st

from mockcollect.asking.matching import Comparison, Expectation
from mockcollect.asking.scene import Scene
from mockcollect.contract.event import Answer, CollectRequest, Refusal
from mockcollect.contract.wire import receive
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.recording.records import RecordedEvent, RecordedRequest
from mockcollect.verdict.plan import Plan

QUERY = "tc_s=29&token=7183b9d4-1031-11ee-be56-0242ac120002"
HEADERS = {"host": "collect.example", "content-type": "application/json"}
MORNING = 1_795_430_527_020
"""10:42:07.020 in UTC."""

URL = "http://127.0.0.1:41873"
ARTIFACT = ".mockcollect/test_checkout_sends_purchase.jsonl"

BROKEN = b'{"event_name": "purchase" "revenue": 16}'


def whole(event_name: str, **others: Any) -> dict[str, Any]:
    """Return an event with all that production wants of any."""
    return {
        "event_name": event_name,
        "user": {
            "id": "12345",
            "consent_categories": ["1", "3"],
            "consistent_anonymous_id": "202641827364509182736450",
        },
        "context": {
            "event_id": f"{event_name}-1",
            "event_timestamp": MORNING,
            "page": {},
            "device": {"ip": "203.0.113.24", "user_agent": "Mozilla/5.0 (X11)"},
        },
        **others,
    }


class Arrivals:
    """What arrives at a recorder in memory, one request every 93 ms."""

    def __init__(self, *, plan: Plan | None = None) -> None:
        self._recorder = TinyRecorder()
        self._recorder.judge_by(plan=plan, sources=None)
        self._start = self._recorder.place()
        self._now = MORNING

    @property
    def events(self) -> list[RecordedEvent]:
        return list(self._recorder.events_behind(self._start))

    @property
    def requests(self) -> list[RecordedRequest]:
        """Those that brought no event."""
        return list(self._recorder.eventless_behind(self._start))

    def send(self, data: Any = None, /, **fields: Any) -> Arrivals:
        """Let one event arrive."""
        return self.post(orjson.dumps(fields if data is None else data))

    def batch(self, *events: dict[str, Any]) -> Arrivals:
        """Let one request with several events arrive."""
        return self.post(orjson.dumps({"batch": events}), "/events/batch")

    def post(self, body: bytes, path: str = "/events") -> Arrivals:
        """Let one request arrive."""
        answer = receive("POST", path, QUERY, HEADERS, body)
        return self._record(answer, path, body)

    def hang_up(self, body: bytes) -> Arrivals:
        """Let the first part of a request arrive, and nothing more."""
        answer = Answer(400, "events", refusal=Refusal("aborted", size=len(body) + 9))
        return self._record(answer, "/events", body)

    def _record(self, answer: Answer, path: str, body: bytes) -> Arrivals:
        request = CollectRequest("POST", path, QUERY, HEADERS, body, len(body))
        self._recorder.record(request, answer, received_at=self._now)
        self._now += 93
        return self

    def scene(self, seconds: float = 2.0, **others: Any) -> Scene:
        """Return what a failed test sees of it."""
        shown: dict[str, Any] = {
            "events": self.events,
            "requests": self.requests,
            "url": URL,
            "variables": ("COLLECT_URL",),
            "artifact": ARTIFACT,
        }
        return Scene(seconds=seconds, **(shown | others))


def arrived(data: Any = None, /, **fields: Any) -> RecordedEvent:
    """Return one event that arrived alone."""
    return Arrivals().send(data, **fields).events[0]


def compare(expectation: Expectation, data: Any) -> tuple[Comparison, ...]:
    """Return how an event compares with what was expected of it."""
    return expectation.compare(arrived(data).event)


def deep(levels: int, key: str = "a") -> bytes:
    """Return a `deep` event with so many levels of objects below its root."""
    opened = b'{"%s":' % key.encode() * levels
    return b'{"event_name":"deep","%s":%s1%s}' % (
        key.encode(),
        opened,
        b"}" * levels,
    )


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
)
keys = st.sampled_from(["user", "id", "ID", "context", "properties", "a.b", "", "\n"])
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(keys | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
