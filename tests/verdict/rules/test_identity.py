from __future__ import annotations

from typing import Any

import pytest

from mockcollect.contract.event import Layout
from mockcollect.verdict.rules import LAYOUTS
from tests.verdict.judging import GONE, good, said, subject_of

CODES = (
    "event_name.missing",
    "event_id.missing",
    "event_id.constant",
    "event_id.duplicate",
    "consistent_anonymous_id.missing",
    "anonymous_id.volatile",
    "transaction.repeat",
    "test_code.type",
)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("code", CODES)
def test_a_good_event_of_each_layout_passes(code: str, layout: Layout) -> None:
    assert said(code, subject_of(good(layout), layout)) == []


@pytest.mark.parametrize(
    ("code", "layout", "changes"),
    [
        ("event_id.missing", "server", {"context.event_id": 12}),
        ("event_id.missing", "server", {"context.event_id": GONE, "event_id": "e"}),
        (
            "event_id.missing",
            "browser",
            {"context.eventId": GONE, "context.event_id": "e"},
        ),
        ("consistent_anonymous_id.missing", "1.0", {"properties.user": GONE}),
        ("consistent_anonymous_id.missing", "browser", {"user": GONE}),
        ("consistent_anonymous_id.missing", "mobile", {"user": "{waiting}"}),
        ("consistent_anonymous_id.missing", "pixel", {"user": GONE}),
        ("consistent_anonymous_id.missing", "server", {"user.id": GONE}),
        (
            "consistent_anonymous_id.missing",
            "server",
            {"user.consistent_anonymous_id": 12},
        ),
        ("anonymous_id.volatile", "server", {"user.consistent_anonymous_id": GONE}),
        ("test_code.type", "server", {"test_code": "abc"}),
    ],
)
def test_what_a_layout_may_do_passes(
    code: str, layout: Layout, changes: dict[str, Any]
) -> None:
    assert said(code, subject_of(good(layout, changes), layout)) == []


@pytest.mark.parametrize(
    ("layout", "changes", "path", "message"),
    [
        ("server", {"event_name": GONE}, "event_name", "event_name is missing"),
        ("pixel", {"event_name": GONE}, "event_name", "event_name is missing"),
        ("server", {"event_name": " "}, "event_name", "event_name is empty"),
        (
            "mobile",
            {"event_name": 7},
            "event_name",
            "event_name is a number, not a string",
        ),
        (
            "1.0",
            {"event_name": []},
            "event_name",
            "event_name is an array, not a string",
        ),
        ("browser-v1", {"event": ""}, "event", "event is empty"),
        (
            "server",
            {"event_name": GONE, "event": "purchase"},
            "event_name",
            "event_name is missing. Did you mean to send `event` as `event_name`?",
        ),
        (
            "browser",
            {"event_name": GONE, "eventName": "purchase"},
            "event_name",
            "event_name is missing. Did you mean to send `eventName` as `event_name`?",
        ),
    ],
)
def test_an_event_without_a_name_is_found(
    layout: Layout, changes: dict[str, Any], path: str, message: str
) -> None:
    subject = subject_of(good(layout, changes), layout)
    assert said("event_name.missing", subject) == [("error", path, message)]


@pytest.mark.parametrize(
    ("layout", "changes", "path", "message"),
    [
        ("server", {"context": GONE}, "context.event_id", "context is missing"),
        (
            "server",
            {"context.event_id": GONE},
            "context.event_id",
            "context.event_id is missing",
        ),
        (
            "mobile",
            {"context.event_id": ""},
            "context.event_id",
            "context.event_id is empty",
        ),
        (
            "server",
            {"context.event_id": {}},
            "context.event_id",
            "context.event_id is an object, which identifies nothing",
        ),
        (
            "browser",
            {"context.eventId": GONE},
            "context.eventId",
            "context.eventId is missing",
        ),
        ("browser-v1", {"eventId": GONE}, "eventId", "eventId is missing"),
        ("1.0", {"event_id": GONE}, "event_id", "event_id is missing"),
    ],
)
def test_an_event_without_an_id_is_found(
    layout: Layout, changes: dict[str, Any], path: str, message: str
) -> None:
    subject = subject_of(good(layout, changes), layout)
    assert said("event_id.missing", subject) == [("error", path, message)]


def test_the_id_of_the_pages_example_is_a_note() -> None:
    data = good("server", {"context.event_id": "202110130000000000"})
    assert said("event_id.constant", subject_of(data)) == [
        (
            "note",
            "context.event_id",
            "context.event_id is the one of the API page's example",
        )
    ]


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"user": GONE}, "user.consistent_anonymous_id", "user is missing"),
        ({"user": "crm-1"}, "user", "user is a string, not an object"),
        (
            {"user.consistent_anonymous_id": GONE},
            "user.consistent_anonymous_id",
            "user.consistent_anonymous_id is missing",
        ),
        (
            {"user.consistent_anonymous_id": ""},
            "user.consistent_anonymous_id",
            "user.consistent_anonymous_id is empty",
        ),
        (
            {"user.consistent_anonymous_id": None, "anonymous_id": "v-1"},
            "user.consistent_anonymous_id",
            "user.consistent_anonymous_id is missing. Did you mean to send "
            "`anonymous_id` as `user.consistent_anonymous_id`?",
        ),
    ],
)
def test_a_servers_event_without_a_visitor_is_found(
    changes: dict[str, Any], path: str, message: str
) -> None:
    subject = subject_of(good("server", changes), "server")
    expected = [("error", path, message)]
    assert said("consistent_anonymous_id.missing", subject) == expected


@pytest.mark.parametrize("layout", ["server", "mobile", "browser"])
def test_an_event_id_used_as_visitor_id_is_found(layout: Layout) -> None:
    data = good(layout, {"user.consistent_anonymous_id": "e-1"})
    assert said("anonymous_id.volatile", subject_of(data, layout)) == [
        (
            "warning",
            "user.consistent_anonymous_id",
            "user.consistent_anonymous_id is the event's own id, new with each event",
        )
    ]


@pytest.mark.parametrize(
    ("layout", "changes", "message"),
    [
        ("server", {"test_code": ""}, "test_code is empty"),
        ("server", {"test_code": 1}, "test_code is a number, not a string"),
        ("pixel", {"test_code": ""}, "test_code is empty"),
        (
            "browser",
            {"context.test_code": None},
            "context.test_code is null, not a string",
        ),
        (
            "browser-v1",
            {"properties.test_code": True},
            "properties.test_code is a boolean, not a string",
        ),
    ],
)
def test_a_test_code_that_is_no_text_is_a_note(
    layout: Layout, changes: dict[str, Any], message: str
) -> None:
    subject = subject_of(good(layout, changes), layout)
    ((level, _, text),) = said("test_code.type", subject)
    assert (level, text) == ("note", message)
