"""What the tests of the server share: senders, and readers of what it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from flask.testing import FlaskClient
from werkzeug.wrappers import Response

KEY = "7183b9d4-1031-11ee-be56-0242ac120002"
SOURCE = f"tc_s=29&token={KEY}"
EVENTS = f"/events?{SOURCE}"
BATCH = f"/events/batch?{SOURCE}"

NESTED = {
    levels: b'{"event_name":"deep","a":%s1%s}' % (b"[" * levels, b"]" * levels)
    for levels in (300, 900)
}
"""Events that orjson reads and cannot write."""


def collect(client: FlaskClient, *names: str, **properties: Any) -> None:
    """Send one event of each name."""
    for name in names:
        answer = client.post(EVENTS, json={"event_name": name, **properties})
        assert answer.status_code == 200


def collect_refused(client: FlaskClient, body: bytes = b"{oops") -> int:
    """Send what is refused and return the id of its request."""
    answer = client.post(EVENTS, data=body)
    assert answer.status_code == 400
    return int(answer.headers["X-Mockcollect-Request"])


def ids(client: FlaskClient, query: str = "", *, what: str = "events") -> list[int]:
    """Return the ids on a page of events or requests."""
    page = client.get(f"/_inspect/{what}?{query}")
    assert page.status_code == 200, page.text
    return [one["id"] for one in json_of(page)[what]]


def json_of(answer: Response) -> Any:
    """Return the JSON of an answer that says it is JSON."""
    assert answer.mimetype == "application/json", answer.get_data(as_text=True)
    return json.loads(answer.data)


def error_of(answer: Response, status: int, code: str) -> dict[str, Any]:
    """Return the error of an answer that has this status and code."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    error: dict[str, Any] = json_of(answer)["error"]
    assert error["code"] == code
    assert error["message"]
    return error


class Message(NamedTuple):
    """One server-sent event."""

    kind: str
    id: str | None
    data: Any


def messages(chunk: bytes) -> Iterator[Message]:
    """Yield the messages in a piece of a stream."""
    assert chunk.endswith(b"\n\n")
    for block in chunk[:-2].split(b"\n\n"):
        fields = dict(line.split(b": ", 1) for line in block.split(b"\n"))
        if b"event" not in fields:
            continue
        assert list(fields) in ([b"event", b"id", b"data"], [b"event", b"data"])
        identity = fields.get(b"id")
        yield Message(
            fields[b"event"].decode(),
            None if identity is None else identity.decode(),
            json.loads(fields[b"data"]),
        )
