from __future__ import annotations

from typing import Any

import pytest

from mockcollect.contract.event import Layout
from mockcollect.verdict.rules import LAYOUTS
from mockcollect.verdict.subject import json_type
from tests.verdict.judging import GONE, NOW, good, pixel, subject_of

BATCH = "/events/batch"


@pytest.mark.parametrize(
    ("layout", "at", "user_at"),
    [
        ("server", "", "user."),
        ("browser", "", "user."),
        ("mobile", "", "user."),
        ("pixel", "", "user."),
        ("1.0", "properties.", "properties.user."),
        ("browser-v1", "properties.", "properties.user."),
    ],
)
def test_each_part_is_found_in_its_layout(
    layout: Layout, at: str, user_at: str
) -> None:
    subject = subject_of(good(layout), layout)
    assert (subject.at, subject.user_at) == (at, user_at)
    assert subject.user["id"] == "crm-1"
    assert subject.properties["search_term"] == "desk lamp"


def test_an_old_layout_may_have_its_user_at_the_root() -> None:
    subject = subject_of(good("1.0", {"user.id": "root"}))
    assert (subject.user["id"], subject.user_at) == ("root", "user.")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("odd", [None, 1, "x", [], True])
def test_a_part_of_another_type_is_empty(layout: Layout, odd: Any) -> None:
    changes = {"user": odd, "context": odd, "properties": odd, "device": odd}
    subject = pixel({**good(layout), **changes}) if layout == "pixel" else None
    subject = subject or subject_of({**good(layout), **changes})
    assert subject.user == subject.context == subject.device == {}


@pytest.mark.parametrize("body", [[], 1, "x", None, True])
def test_a_body_that_is_no_object_has_no_parts(body: Any) -> None:
    subject = subject_of(body)
    assert subject.data == subject.user == subject.context == subject.properties == {}


@pytest.mark.parametrize(
    ("layout", "changes", "time", "time_at"),
    [
        ("server", {}, NOW, "context.event_timestamp"),
        ("server", {"context.event_timestamp": GONE}, None, "context.event_timestamp"),
        (
            "server",
            {"context.event_timestamp": GONE, "event_timestamp": 5},
            5,
            "event_timestamp",
        ),
        ("browser", {}, "2025-11-24T16:00:00.000Z", "context.created"),
        (
            "browser",
            {"context.created": GONE, "context.event_timestamp": 5},
            5,
            "context.event_timestamp",
        ),
        ("browser", {"context.created": GONE}, None, "context.created"),
        ("browser-v1", {}, None, "created"),
        ("1.0", {}, NOW, "event_timestamp"),
    ],
)
def test_the_time_is_found_where_the_layout_has_it(
    layout: Layout, changes: dict[str, Any], time: Any, time_at: str
) -> None:
    subject = subject_of(good(layout, changes), layout)
    assert (subject.time, subject.time_at) == (time, time_at)


@pytest.mark.parametrize(
    ("body", "path", "is_event"),
    [
        ({}, "/events", True),
        ({"batch": "A12"}, "/events", True),
        ({"batch": []}, "/events", False),
        ({"batch": [], "event_name": "x"}, "/events", True),
        ([], "/events", False),
        ({}, BATCH, False),
        ({"event_name": "x"}, BATCH, True),
        ({"batch": [{}]}, BATCH, True),
        ({"batch": [[]]}, BATCH, False),
        ({"batch": [{"batch": []}]}, BATCH, False),
    ],
)
def test_it_says_whether_an_event_can_be_meant(
    body: Any, path: str, is_event: bool
) -> None:
    assert subject_of(body, path=path).is_event is is_event


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "a boolean"),
        (1, "a number"),
        (1.5, "a number"),
        ("", "a string"),
        ({}, "an object"),
        ([], "an array"),
    ],
)
def test_a_type_is_named_as_json_names_it(value: Any, name: str) -> None:
    assert json_type(value) == name


def test_every_layout_can_be_a_subject() -> None:
    assert {subject_of(good(one), one).layout for one in LAYOUTS} == set(LAYOUTS)
