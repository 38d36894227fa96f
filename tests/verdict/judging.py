"""Good events of each layout, changed in one place, and what a rule says of them."""

from __future__ import annotations

import copy
import json
from typing import Any

from mockcollect.contract.event import Answer, CollectRequest, Event, Layout
from mockcollect.contract.wire import receive
from mockcollect.verdict.rules import all_rules
from mockcollect.verdict.subject import Subject
from mockcollect.verdict.verdict import Finding

NOW = 1_764_000_000_000
QUERY = "tc_s=29&token=7183b9d4-1031-11ee-be56-0242ac120002"
JSON = {"content-type": "application/json"}
GONE = object()
"""As a change: the key is taken out."""

_USER = {"id": "crm-1", "consent_categories": ["1", "3"]}

GOOD: dict[Layout, dict[str, Any]] = {
    "server": {
        "event_name": "search",
        "search_term": "desk lamp",
        "user": {**_USER, "consistent_anonymous_id": "202641827364509182736450"},
        "context": {
            "event_id": "e-1",
            "event_timestamp": NOW,
            "page": {},
            "device": {"ip": "203.0.113.24", "user_agent": "Mozilla/5.0 (X11)"},
        },
    },
    "mobile": {
        "event_name": "search",
        "search_term": "desk lamp",
        "user": _USER,
        "context": {"event_id": "e-1", "event_timestamp": float(NOW), "app": {}},
    },
    "browser": {
        "event_name": "search",
        "search_term": "desk lamp",
        "user": _USER,
        "context": {
            "eventId": "e-1",
            "version": 2,
            "created": "2025-11-24T16:00:00.000Z",
        },
    },
    "browser-v1": {
        "event": "search",
        "properties": {"search_term": "desk lamp", "user": _USER},
        "eventId": "e-1",
        "version": 1,
    },
    "1.0": {
        "event_name": "search",
        "event_id": "e-1",
        "event_timestamp": NOW,
        "properties": {"search_term": "desk lamp", "user": _USER},
    },
    "pixel": {"event_name": "search", "search_term": "desk lamp", "user": _USER},
}


def good(layout: Layout, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a good event with values at dotted paths set, or taken out."""
    data = copy.deepcopy(GOOD[layout])
    for path, value in (changes or {}).items():
        *parents, key = path.split(".")
        part = data
        for parent in parents:
            part = part.setdefault(parent, {})
        if value is GONE:
            part.pop(key, None)
        else:
            part[key] = value
    return data


def sent(
    body: Any,
    *,
    path: str = "/events",
    query: str = QUERY,
    headers: dict[str, str] | None = None,
) -> tuple[Answer, CollectRequest]:
    """Return the answer to a POST of a JSON value, or of exact bytes; and the POST."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = JSON if headers is None else headers
    answer = receive("POST", path, query, headers, text)
    assert answer.status == 200
    return answer, CollectRequest("POST", path, query, headers, text, len(text))


def subject_of(
    data: Any,
    layout: Layout | None = None,
    *,
    received_at: int = NOW,
    path: str = "/events",
    query: str = QUERY,
    headers: dict[str, str] | None = None,
    index: int = 0,
) -> Subject:
    """Return the subject of an event that was sent as this body."""
    if layout == "pixel":
        return pixel(data, received_at=received_at, query=query)
    answer, request = sent(data, path=path, query=query, headers=headers)
    event = answer.events[index]
    assert layout in (None, event.layout)
    return Subject(event, request, endpoint=answer.endpoint, received_at=received_at)


def pixel(data: Any, *, received_at: int = NOW, query: str = QUERY) -> Subject:
    """Return the subject of a pixel, its event as if its query had spelled it."""
    answer = receive("GET", "/events", query)
    seen = answer.events[0]
    event = Event(
        data,
        "pixel",
        data.get("event_name"),
        None,
        seen.site_id,
        seen.source_key,
        None,
        seen.size,
    )
    request = CollectRequest("GET", "/events", query)
    return Subject(event, request, endpoint="pixel", received_at=received_at)


def findings(code: str, subject: Subject) -> list[Finding]:
    """Return what one rule says of a subject, if it is asked at all."""
    rule = all_rules()[code]
    return rule.findings(subject) if subject.layout in rule.layouts else []


def said(code: str, subject: Subject) -> list[tuple[str, str, str]]:
    """Return level, path and message of what one rule says."""
    return [(one.level, one.path, one.message) for one in findings(code, subject)]
