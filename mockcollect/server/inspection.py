"""The inspection API: what arrived, as JSON. A GET never changes anything."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from mockcollect import __version__
from mockcollect.errors import MockcollectError, UndoExpired
from mockcollect.recording.export import EXPORTS
from mockcollect.recording.interface import UNDO_SECONDS
from mockcollect.recording.query import Query, parse_query
from mockcollect.recording.records import RecordedEvent, iso_time
from mockcollect.recording.values import nearest, shown
from mockcollect.server import parameters
from mockcollect.server.parameters import BadParameter
from mockcollect.server.replies import (
    base_url,
    error_reply,
    event_part,
    full_request_part,
    json_reply,
    not_recording_reply,
    request_part,
)
from mockcollect.server.stream import Streams

if TYPE_CHECKING:
    from mockcollect.recording.interface import Recorder

MAX_LIMIT = 10_000
MAX_WAIT_SECONDS = 60.0
DEFAULT_LIMIT = 100
SEEN_WHEN_NOTHING_MATCHES = 1_000
SHOWN_NAMES = 5

REFUSED = parse_query("refused:yes")
COUNTED = {
    "event_names": "event_name",
    "site_ids": "site_id",
    "source_keys": "source_key",
    "test_codes": "test_code",
    "layouts": "layout",
}
"""What the summary counts: its key in the answer, and the attribute of an event."""

ROUTES = (
    ("", "GET", "index"),
    ("/ready", "GET", "ready"),
    ("/openapi.json", "GET", "openapi"),
    ("/events", "GET", "events"),
    ("/events", "DELETE", "delete_events"),
    ("/events/<int:event_id>", "GET", "event"),
    ("/events/latest", "GET", "latest"),
    ("/events/summary", "GET", "summary"),
    ("/requests", "GET", "requests"),
    ("/requests/<int:request_id>", "GET", "request"),
    ("/requests/<int:request_id>/body", "GET", "body"),
    ("/stream", "GET", "stream"),
    ("/export", "GET", "export"),
    ("/undo", "POST", "undo"),
)
"""Below `/_inspect`: a path, its method, and the view that answers it."""

_ID = re.compile("<int:[a-z]+_id>")

Trouble = Callable[[], MockcollectError | None]


def inspection_blueprint(recorder: Recorder, *, trouble: Trouble) -> Blueprint:
    """Return the routes below `/_inspect`; `trouble` says why nothing is recorded."""
    blueprint = Blueprint("inspection", __name__)
    views = _Views(recorder, trouble)
    for path, method, name in ROUTES:
        blueprint.add_url_rule(
            path,
            name,
            getattr(views, name),
            methods=[method],
            provide_automatic_options=False,
        )
    return blueprint


class _Views:
    """One method for each of `ROUTES`, in their order."""

    def __init__(self, recorder: Recorder, trouble: Trouble) -> None:
        self._recorder = recorder
        self._trouble = trouble
        self._streams = Streams(recorder)
        self._started = time.time_ns() // 1_000_000

    def index(self) -> Response:
        parameters.only()
        return json_reply(
            {
                "name": "mockcollect",
                "version": __version__,
                "pid": os.getpid(),
                "started": iso_time(self._started),
                "stands_in_for": "collect.commander1.com",
                "recording": self._recorder.identity,
                **self._recorder.counts(),
                "links": _links(),
            }
        )

    def ready(self) -> Response:
        parameters.only()
        trouble = self._trouble()
        if trouble is not None:
            return not_recording_reply(trouble)
        return json_reply({"ready": True})

    def openapi(self) -> Response:
        parameters.only()
        return json_reply(_openapi())

    def events(self) -> Response:
        parameters.only("q", "since", "before", "limit", "order", "wait", "count")
        query = parameters.query()
        since = parameters.integer("since", None)
        before = parameters.integer("before", None)
        limit = parameters.integer("limit", DEFAULT_LIMIT, high=MAX_LIMIT)
        newest = parameters.choice("order", "newest", "oldest") == "newest"
        self._wait(query, since)
        page = self._recorder.find(
            query, since=since, before=before, limit=limit or 0, newest=newest
        )
        return json_reply(
            {
                "events": [event_part(event) for event in page.items],
                "total": page.total,
                "matched": page.matched,
                "next": page.next,
            }
        )

    def delete_events(self) -> Response:
        parameters.only("q")
        _without_body()
        cleared = self._recorder.clear(parameters.query())
        return json_reply(
            {
                "deleted": cleared.events,
                "requests": cleared.requests,
                "undo": cleared.token,
                "expires_in": UNDO_SECONDS,
            }
        )

    def event(self, event_id: int) -> Response:
        parameters.only()
        event = self._recorder.get(event_id)
        if event is None:
            return _unknown("event", event_id)
        return json_reply(self._with_request(event))

    def latest(self) -> Response:
        parameters.only("q", "wait")
        query = parameters.query()
        self._wait(query, None)
        page = self._recorder.find(query, limit=1)
        if not page.items:
            return self._nothing_matches(query)
        return json_reply(self._with_request(page.items[0]))

    def summary(self) -> Response:
        parameters.only("q")
        query = parameters.query()
        refused = Query(query.terms + REFUSED.terms)
        counters: list[Counter[str | None]] = [Counter() for _ in COUNTED]
        matched = 0
        for recorded in self._recorder.matching(query):
            matched += 1
            for attribute, counter in zip(COUNTED.values(), counters, strict=True):
                counter[getattr(recorded.event, attribute)] += 1
        return json_reply(
            {
                **self._recorder.counts(),
                "matched": matched,
                "refused": self._recorder.find_requests(refused, limit=0).matched,
                **dict(zip(COUNTED, map(_counted, counters), strict=True)),
            }
        )

    def requests(self) -> Response:
        parameters.only("q", "status", "since", "before", "limit", "order")
        query = Query(parameters.query().terms + parameters.status().terms)
        page = self._recorder.find_requests(
            query,
            since=parameters.integer("since", None),
            before=parameters.integer("before", None),
            limit=parameters.integer("limit", DEFAULT_LIMIT, high=MAX_LIMIT) or 0,
            newest=parameters.choice("order", "newest", "oldest") == "newest",
        )
        return json_reply(
            {
                "requests": [request_part(recorded) for recorded in page.items],
                "total": page.total,
                "matched": page.matched,
                "next": page.next,
            }
        )

    def request(self, request_id: int) -> Response:
        parameters.only()
        recorded = self._recorder.get_request(request_id)
        if recorded is None:
            return _unknown("request", request_id)
        events = self._recorder.events_of(recorded)
        part = full_request_part(recorded, events)
        return json_reply({**part, "events": [event_part(event) for event in events]})

    def body(self, request_id: int) -> Response:
        parameters.only()
        recorded = self._recorder.get_request(request_id)
        if recorded is None:
            return _unknown("request", request_id)
        name = f"request-{request_id}.bin"
        response = Response(recorded.request.body, mimetype="application/octet-stream")
        # What was captured is hostile: no browser may render or run it.
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def stream(self) -> Response:
        parameters.only("q")
        last_event_id = request.headers.get("Last-Event-ID", "")
        chunks = self._streams.follow(parameters.query(), last_event_id)
        response = Response(chunks, mimetype="text/event-stream")
        response.headers["X-Accel-Buffering"] = "no"  # nginx would gather the stream
        return response

    def export(self) -> Response:
        parameters.only("q", "format")
        name = parameters.choice("format", *EXPORTS)
        export = EXPORTS[name]
        chunks = export.write(self._recorder, parameters.query(), base_url())
        response = Response(chunks, content_type=export.media_type)
        file_name = f"mockcollect.{export.extension}"
        response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
        return response

    def undo(self) -> Response:
        parameters.only()
        body = _json_body()
        token = body.get("undo") if isinstance(body, dict) else None
        if not isinstance(token, str):
            raise BadParameter(
                "invalid-body",
                'The body is {"undo": TOKEN}, with the token of a DELETE.',
            )
        try:
            restored = self._recorder.restore(token)
        except UndoExpired as error:
            return error_reply(404, "undo-expired", str(error))
        return json_reply({"restored": restored.events, "requests": restored.requests})

    def _wait(self, query: Query, since: int | None) -> None:
        """Wait as the request asks: until enough match, or its time is over."""
        timeout = parameters.seconds("wait", high=MAX_WAIT_SECONDS)
        count = parameters.integer("count", None, low=1, high=MAX_LIMIT)
        if timeout is not None:
            self._recorder.wait(query, since=since, count=count or 1, timeout=timeout)
        elif count is not None:
            raise BadParameter(
                "invalid-parameter",
                "`count` is how many events to wait for, and needs `wait`, the seconds "
                "to wait. How many are shown is `limit`.",
                parameter="count",
                suggestion="wait",
            )

    def _with_request(self, event: RecordedEvent) -> dict[str, Any]:
        events = self._recorder.events_of(event.request)
        return {
            "event": event_part(event),
            "request": full_request_part(event.request, events),
        }

    def _nothing_matches(self, query: Query) -> Response:
        page = self._recorder.find(limit=SEEN_WHEN_NOTHING_MATCHES)
        seen = Counter(one.event.event_name for one in page.items)
        name = query.event_name or ""
        names = [one for one in seen if one]
        return error_reply(
            404,
            "no-match",
            self._why_nothing_matches(query, page.total, seen),
            suggestion=None if name in names else nearest(name, names),
            seen=_counted(seen),
        )

    def _why_nothing_matches(
        self, query: Query, kept: int, seen: Counter[str | None]
    ) -> str:
        if kept:
            names = [
                f"{shown(name) if name else 'without a name'} {count:,}"
                for name, count in seen.most_common(SHOWN_NAMES)
            ]
            more = ", …" if len(seen) > SHOWN_NAMES else ""
            return (
                f"No event matches {shown(str(query))}. "
                f"Kept are: {', '.join(names)}{more}."
            )
        requests = self._recorder.counts()["requests"]
        if not requests:
            return "No event is kept, and no request: nothing arrived."
        return (
            f"No event is kept. Requests without events: {requests:,}. "
            "GET /_inspect/requests shows them, and why they were refused."
        )


def _unknown(what: str, one: int) -> Response:
    message = f"There is no {what} {one}: it never was, or it was deleted or dropped."
    return error_reply(404, f"unknown-{what}", message)


def _without_body() -> None:
    """Refuse a body: a filter in it would not count, and everything be deleted."""
    if _body():
        raise BadParameter(
            "unexpected-body",
            "A DELETE takes no body. What to delete is said by the parameter `q`, as "
            "in ?q=event:purchase; without it, everything is deleted.",
            parameter="q",
        )


def _body() -> bytes:
    body = request.get_data()
    # Werkzeug cuts a chunked body at the limit, without a word.
    if request.content_length is None and len(body) == request.max_content_length:
        raise RequestEntityTooLarge
    return body


def _json_body() -> Any:
    try:
        return orjson.loads(_body())
    except ValueError as error:
        raise BadParameter("invalid-body", f"The body is not JSON: {error}.") from error


def _counted(counter: Counter[str | None]) -> list[dict[str, Any]]:
    return [{"value": value, "count": count} for value, count in counter.most_common()]


def _openapi() -> Any:
    text = files("mockcollect.server").joinpath("openapi.json").read_bytes()
    return {**orjson.loads(text), "servers": [{"url": base_url()}]}


def _links() -> dict[str, str]:
    base = f"{base_url()}{request.path.rstrip('/')}"
    paths = dict.fromkeys(_ID.sub("{id}", path) for path, _, _ in ROUTES if path)
    return {path[1:]: base + path for path in paths}
