"""Judging what somebody means to send, without recording it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from mockcollect.contract.refusal import explain
from mockcollect.contract.wire import receive
from mockcollect.server.replies import refusal_part
from mockcollect.verdict.verdict import PLATFORM_WORDS, Verdict

if TYPE_CHECKING:
    from mockcollect.contract.event import CollectRequest, Event
    from mockcollect.verdict.judge import Judge

PATHS = {"events": "/events", "batch": "/events/batch"}

_BEGINS_AS_BATCH = re.compile(rb'\s*\{\s*"batch"\s*:')
_FROM_BEST_TO_WORST = tuple(PLATFORM_WORDS)


def guess_endpoint(body: bytes) -> str:
    """Return the endpoint that a body is meant for: a list named `batch` is a batch."""
    try:
        data = orjson.loads(body)
    except ValueError:
        return "batch" if _BEGINS_AS_BATCH.match(body) else "events"
    is_batch = isinstance(data, dict) and isinstance(data.get("batch"), list)
    return "batch" if is_batch else "events"


def validation(
    request: CollectRequest, judge: Judge, *, received_at: int
) -> dict[str, Any]:
    """Return what production would answer to a request, and make of its events.

    `received_at` is in milliseconds since 1970.
    """
    answer = receive(
        request.method, request.path, request.query, request.headers, request.body
    )
    endpoint = answer.endpoint
    verdicts = [
        judge.judge(event, request, endpoint=endpoint, received_at=received_at)
        for event in answer.events
    ]
    own: Verdict | None = None
    if answer.refusal is None and not verdicts:
        own = judge.judge_request(request, endpoint=endpoint, received_at=received_at)
    explanation = None
    if answer.refusal is not None:
        explanation = explain(answer.refusal, request.body, request.headers)
    shown = zip(answer.events, verdicts, strict=True)
    return {
        "status": answer.status,
        "endpoint": endpoint,
        "refusal": refusal_part(answer.refusal, explanation),
        "verdict": _worst([*verdicts, own] if own else verdicts),
        "findings": own.to_dict()["findings"] if own else [],
        "events": [_event_part(event, verdict) for event, verdict in shown],
    }


def _worst(verdicts: list[Verdict]) -> str | None:
    """Return the worst of some verdicts, `None` where there is none."""
    names = (one.name for one in verdicts)
    return max(names, key=_FROM_BEST_TO_WORST.index, default=None)


def _event_part(event: Event, verdict: Verdict) -> dict[str, Any]:
    return {
        "index": event.index,
        "event_name": event.event_name,
        "event_id": event.event_id,
        "layout": event.layout,
        "size": event.size,
        **verdict.to_dict(),
    }
