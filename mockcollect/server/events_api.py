"""The inspection API's part on events: what was collected."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from flask import Response

from mockcollect.errors import UndoExpired
from mockcollect.recording.interface import UNDO_SECONDS
from mockcollect.recording.query import Query, parse_query
from mockcollect.recording.records import RecordedEvent
from mockcollect.recording.values import nearest, shown
from mockcollect.server import parameters
from mockcollect.server.parameters import MAX_LIMIT, BadParameter
from mockcollect.server.replies import (
    error_reply,
    event_part,
    full_request_part,
    json_reply,
    page_reply,
    unknown_reply,
)
from mockcollect.server.summary import Summary, counted, coverage_part

if TYPE_CHECKING:
    from mockcollect.recording.interface import Recorder

MAX_WAIT_SECONDS = 60.0
SEEN_WHEN_NOTHING_MATCHES = 1_000
SHOWN_NAMES = 5

REFUSED = parse_query("refused:yes")


class EventViews:
    """Pages of events, single ones, counts of all; deleting them, and undoing that."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def page(self) -> Response:
        """Return a page of events, waiting for them if asked."""
        parameters.only("q", "since", "before", "limit", "order", "wait", "count")
        query, window = parameters.query(), parameters.window()
        self._wait(query, window["since"])
        return page_reply("events", self._recorder.find(query, **window), event_part)

    def delete(self) -> Response:
        """Delete what matches, with an undo."""
        parameters.only("q")
        parameters.no_body(
            # A filter in it would not count, and everything be deleted.
            "What to delete is said by the parameter `q`, as in ?q=event:purchase; "
            "without it, everything is deleted."
        )
        cleared = self._recorder.clear(parameters.query())
        return json_reply(
            {
                "deleted": cleared.events,
                "requests": cleared.requests,
                "undo": cleared.token,
                "expires_in": UNDO_SECONDS,
            }
        )

    def one(self, event_id: int) -> Response:
        """Return one event with its request."""
        parameters.only()
        event = self._recorder.get(event_id)
        if event is None:
            return unknown_reply("event", event_id)
        return json_reply(self._with_request(event))

    def latest(self) -> Response:
        """Return the newest event that matches, or near misses."""
        parameters.only("q", "wait")
        query = parameters.query()
        self._wait(query, None)
        page = self._recorder.find(query, limit=1)
        if not page.items:
            return self._nothing_matches(query)
        return json_reply(self._with_request(page.items[0]))

    def summary(self) -> Response:
        """Count what matches, and judge it."""
        parameters.only("q")
        query = parameters.query()
        refused = Query(query.terms + REFUSED.terms)
        summary = Summary(self._recorder.matching(query))
        return json_reply(
            {
                **self._recorder.counts(),
                "refused": self._recorder.find_requests(refused, limit=0).matched,
                **summary.to_dict(),
                "coverage": coverage_part(self._recorder.plan, summary.event_names),
            }
        )

    def undo(self) -> Response:
        """Bring back what was deleted."""
        parameters.only()
        body = parameters.json_body()
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
            seen=counted(seen),
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
