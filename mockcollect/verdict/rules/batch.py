"""Rules on the shape of a body: one event to /events, a batch to /events/batch."""

from __future__ import annotations

from collections.abc import Iterable

from mockcollect.verdict.rules import Seen, rule
from mockcollect.verdict.subject import Subject, json_type

_SHARED = ("user", "context")


@rule(
    "batch.shape",
    "error",
    "A body is one event at /events, and an array of events under batch at "
    "/events/batch.",
    remedy='Send {"batch": [{…}, {…}]} to /events/batch, and one event to /events.',
    source="API page, Batch",
    scope="request",
)
def batch_shape(subject: Subject) -> tuple[Seen, ...]:
    """Find a body that is neither an event nor a batch, where the other is meant."""
    data = subject.event.data
    if subject.endpoint == "pixel":
        return ()
    in_batch = subject.endpoint == "batch" and subject.facts.is_batch
    if not isinstance(data, dict):
        what = f"event {subject.event.index} of the batch" if in_batch else "the body"
        wrong = _misplaced_array(subject) or f"{what} is {json_type(data)}"
        return (Seen("", f"{wrong}, not an object", data),)
    if subject.endpoint == "batch" and not in_batch:
        return (_no_batch(subject),)
    if subject.is_event:
        return ()
    where = "inside a batch" if in_batch else "sent to /events"
    return (Seen("batch", f"a batch is {where}", data["batch"]),)


@rule(
    "batch.context_shared",
    "warning",
    "Each event of a batch has its own user and context.",
    remedy="Put user and context into each event: nothing beside batch is documented.",
    source="API page, Batch",
    scope="request",
)
def batch_context_shared(subject: Subject) -> Iterable[Seen]:
    """Find what stands beside `batch`; a note where the event does not need it."""
    beside = subject.facts.beside
    if not beside:
        return ()
    needed = any(key in beside and key not in subject.data for key in _SHARED)
    return [
        Seen("", one.message, None, None if needed else "note")
        for one in subject.facts.remarks
        if one.code == "batch.context_shared"
    ]


def _misplaced_array(subject: Subject) -> str:
    is_array = isinstance(subject.event.data, list) and subject.endpoint != "batch"
    return "the body is an array of events sent to /events" if is_array else ""


def _no_batch(subject: Subject) -> Seen:
    if "batch" in subject.data:
        batch = subject.data["batch"]
        return Seen("batch", f"batch is {json_type(batch)}, not an array", batch)
    if subject.is_event:
        return Seen("batch", "a single event was sent to /events/batch")
    return Seen("batch", "batch is missing from the body")
