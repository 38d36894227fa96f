from __future__ import annotations

from typing import Any

import pytest

from tests.verdict.judging import GONE, good, said, subject_of

BATCH = "/events/batch"
EVENT = good("server")


def batch(*events: Any, **beside: Any) -> dict[str, Any]:
    return {"batch": list(events), **beside}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (EVENT, "/events"),
        ({}, "/events"),
        ({**EVENT, "batch": "A12"}, "/events"),
        ({**EVENT, "batch": [{"lot": 1}]}, "/events"),
        (batch(EVENT), BATCH),
        (batch(EVENT, {}), BATCH),
        (batch(EVENT, sent_at=1), BATCH),
    ],
)
def test_an_event_and_a_batch_pass_where_they_belong(body: Any, path: str) -> None:
    assert said("batch.shape", subject_of(body, path=path)) == []


@pytest.mark.parametrize(
    ("body", "path", "message"),
    [
        (
            [EVENT],
            "/events",
            "the body is an array of events sent to /events, not an object",
        ),
        ("x", "/events", "the body is a string, not an object"),
        (None, "/events", "the body is null, not an object"),
        (batch(EVENT), "/events", "a batch is sent to /events"),
        ([EVENT], BATCH, "the body is an array, not an object"),
        (7, BATCH, "the body is a number, not an object"),
        (EVENT, BATCH, "a single event was sent to /events/batch"),
        ({"events": [EVENT]}, BATCH, "batch is missing from the body"),
        ({}, BATCH, "batch is missing from the body"),
        ({"batch": EVENT}, BATCH, "batch is an object, not an array"),
        ({"batch": None}, BATCH, "batch is null, not an array"),
        (batch(batch(EVENT)), BATCH, "a batch is inside a batch"),
        (batch([EVENT]), BATCH, "event 0 of the batch is an array, not an object"),
        (batch(True), BATCH, "event 0 of the batch is a boolean, not an object"),
    ],
)
def test_a_body_of_another_shape_is_found(body: Any, path: str, message: str) -> None:
    ((level, _, text),) = said("batch.shape", subject_of(body, path=path))
    assert (level, text) == ("error", message)


@pytest.mark.parametrize(
    ("event", "beside", "level"),
    [
        (EVENT, {}, None),
        (EVENT, {"sent_at": 1}, "note"),
        (EVENT, {"context": {}}, "note"),
        (good("server", {"user": GONE}), {"context": {}}, "note"),
        (good("server", {"user": GONE}), {"user": {}}, "warning"),
        (good("server", {"context": GONE}), {"context": {}, "a": 1}, "warning"),
    ],
)
def test_what_stands_beside_the_batch_is_found(
    event: Any, beside: dict[str, Any], level: str | None
) -> None:
    subject = subject_of(batch(event, **beside), path=BATCH)
    names = ", ".join(beside)
    message = f"beside batch, where the page names nothing else: {names}"
    expected = [(level, "", message)] if level else []
    assert said("batch.context_shared", subject) == expected
