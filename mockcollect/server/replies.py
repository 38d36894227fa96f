"""JSON answers of the inspection API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import orjson
from flask import Response, request

from mockcollect.contract.event import Refusal
from mockcollect.contract.refusal import Explanation
from mockcollect.recording.records import (
    Item,
    Page,
    RecordedEvent,
    RecordedRequest,
    event_json,
    fault_part,
    iso_time,
    request_verdict,
)

if TYPE_CHECKING:
    from mockcollect.errors import MockcollectError


def json_reply(value: Any, *, status: int = 200) -> Response:
    """Return a value as a JSON answer."""
    return Response(orjson.dumps(value), status=status, mimetype="application/json")


def error_reply(status: int, code: str, message: str, **details: Any) -> Response:
    """Return an error that says what happened, what was seen, and what to do."""
    error = {"code": code, "message": message, **details}
    return json_reply({"error": error}, status=status)


def not_recording_reply(error: MockcollectError) -> Response:
    """Return the 503 that says why nothing can be written."""
    return error_reply(503, "not-recording", str(error))


def requested_host() -> str:
    """Return the Host that was asked, as it was written.

    Werkzeug's own `request.host` is empty for a name with `_`, as containers have.
    """
    return request.headers.get("Host", request.host)


def base_url() -> str:
    """Return the URL under which this server was asked, without a slash at its end."""
    return f"{request.scheme}://{requested_host()}"


def page_reply(what: str, page: Page[Item], part: Callable[[Item], Any]) -> Response:
    """Return a page, each item as `part` shows it."""
    return json_reply(
        {
            what: [part(one) for one in page.items],
            "total": page.total,
            "matched": page.matched,
            "next": page.next,
        }
    )


def unknown_reply(what: str, one: int) -> Response:
    """Return the 404 for an event or a request that is not there."""
    message = f"There is no {what} {one}: it never was, or it was deleted or dropped."
    return error_reply(404, f"unknown-{what}", message)


def event_part(event: RecordedEvent) -> orjson.Fragment:
    """Return an event as part of a JSON answer, however deep it is."""
    return orjson.Fragment(event_json(event))


def request_part(recorded: RecordedRequest) -> dict[str, Any]:
    """Return a request as the list of requests shows it."""
    sent = recorded.request
    return {
        "id": recorded.id,
        "received_at": iso_time(recorded.received_at),
        "method": sent.method,
        "path": sent.path,
        "query": sent.query,
        "headers": dict(sent.headers),
        "peer": sent.peer,
        "size": sent.size,
        "truncated": sent.truncated,
        "aborted": sent.aborted,
        "status": recorded.status,
        "endpoint": recorded.endpoint,
        "site_id": recorded.site_id,
        "source_key": recorded.source_key,
        "fault": fault_part(recorded),
        "refusal": refusal_part(recorded.refusal, recorded.explanation()),
        **request_verdict(recorded),
        "event_ids": list(recorded.event_ids),
    }


def full_request_part(
    recorded: RecordedRequest, events: Sequence[RecordedEvent]
) -> dict[str, Any]:
    """Return a request with its remarks and, where it is text, its body."""
    try:
        body: str | None = recorded.request.body.decode()
    except UnicodeDecodeError:
        body = None
    remarks = recorded.remarks([one.event for one in events])
    return {
        **request_part(recorded),
        "remarks": [{"code": one.code, "message": one.message} for one in remarks],
        "body": body,
    }


def refusal_part(
    refusal: Refusal | None, explanation: Explanation | None
) -> dict[str, Any] | None:
    """Return why a request got a 400, or `None` if it did not."""
    if refusal is None or explanation is None:
        return None
    return {
        "reason": refusal.reason,
        "part": refusal.part,
        "size": refusal.size,
        "limit": refusal.limit or None,
        "index": refusal.index,
        **explanation.to_dict(),
    }
