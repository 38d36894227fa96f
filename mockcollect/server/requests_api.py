"""The inspection API's part on requests: what arrived, refused ones too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from mockcollect.recording.query import Query
from mockcollect.server import parameters
from mockcollect.server.replies import (
    event_part,
    full_request_part,
    json_reply,
    page_reply,
    request_part,
    unknown_reply,
)

if TYPE_CHECKING:
    from mockcollect.recording.interface import Recorder


class RequestViews:
    """Pages of requests, single ones, and their exact bodies."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def page(self) -> Response:
        """Return a page of requests."""
        parameters.only("q", "status", "since", "before", "limit", "order")
        query = Query(parameters.query().terms + parameters.status().terms)
        page = self._recorder.find_requests(query, **parameters.window())
        return page_reply("requests", page, request_part)

    def one(self, request_id: int) -> Response:
        """Return one request with its events."""
        parameters.only()
        recorded = self._recorder.get_request(request_id)
        if recorded is None:
            return unknown_reply("request", request_id)
        events = self._recorder.events_of(recorded)
        part = full_request_part(recorded, events)
        return json_reply({**part, "events": [event_part(event) for event in events]})

    def body(self, request_id: int) -> Response:
        """Return the exact bytes of a body."""
        parameters.only()
        recorded = self._recorder.get_request(request_id)
        if recorded is None:
            return unknown_reply("request", request_id)
        name = f"request-{request_id}.bin"
        response = Response(recorded.request.body, mimetype="application/octet-stream")
        # What was captured is hostile: no browser may render or run it.
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
