from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.contract.event import Layout
from mockcollect.contract.layouts import event_time, find_layout, read_event
from mockcollect.contract.source import Source

SOURCE = Source("29", "k")
LAYOUTS: list[Layout] = ["browser-v1", "1.0", "server", "browser", "mobile", "pixel"]


@pytest.mark.parametrize(
    ("data", "layout"),
    [
        ({"context": {"version": 2}}, "browser"),
        ({"context": {"eventId": None}}, "browser"),
        ({"context": {"version": 2, "app": {}}}, "browser"),
        ({"context": {"version": 1, "app": {}}}, "mobile"),
        ({"context": {}}, "server"),
        ({"context": {}, "event": "a", "properties": {}}, "server"),
        ({"event_name": "a", "properties": {}}, "1.0"),
        ({"event_name": "a", "event": "a", "properties": {}}, "1.0"),
        ({"event": "a", "properties": {}}, "browser-v1"),
        ({"properties": {}}, "server"),
        ({"event": "a", "properties": []}, "server"),
        ({"event_name": "a", "context": None, "properties": {}}, "1.0"),
        ({}, "server"),
        ([], "server"),
        (None, "server"),
        ("text", "server"),
    ],
)
def test_a_layout_is_known_by_its_marks(data: Any, layout: Layout) -> None:
    assert find_layout(data) == layout


@pytest.mark.parametrize(
    ("layout", "data", "name", "event_id"),
    [
        ("server", {"event_name": "a", "context": {"event_id": "1"}}, "a", "1"),
        ("server", {"event_name": "a", "event_id": "1"}, "a", "1"),
        ("browser", {"event_name": "a", "context": {"eventId": "1"}}, "a", "1"),
        ("mobile", {"event_name": "a", "context": {"event_id": "1"}}, "a", "1"),
        ("1.0", {"event_name": "a", "event_id": "1"}, "a", "1"),
        ("browser-v1", {"event": "a", "eventId": "1"}, "a", "1"),
        ("pixel", {"event_name": "a", "context": {"event_id": "1"}}, "a", "1"),
        ("server", {"event_name": "", "event_id": ""}, None, None),
        ("server", {"event_name": 1, "event_id": 2}, None, "2"),
        ("server", {"event_name": ["a"], "event_id": True}, None, None),
        ("server", {"event_id": {"a": 1}}, None, None),
    ],
)
def test_name_and_id_are_read_where_the_layout_keeps_them(
    layout: Layout, data: Any, name: str | None, event_id: str | None
) -> None:
    event = read_event(data, SOURCE, size=1, layout=layout)
    assert (event.event_name, event.event_id) == (name, event_id)
    assert (event.site_id, event.source_key) == ("29", "k")


@pytest.mark.parametrize(
    "data",
    [
        {"test_code": "t"},
        {"properties": {"test_code": "t"}},
        {"context": {"test_code": "t"}},
    ],
)
def test_a_test_code_is_found_at_each_of_its_places(data: Any) -> None:
    assert read_event(data, SOURCE, size=1).test_code == "t"


@pytest.mark.parametrize("data", [None, True, 1, 1.5, "x", [], [{"event_name": "a"}]])
def test_what_is_no_object_is_an_event_without_a_name(data: Any) -> None:
    event = read_event(data, SOURCE, size=3, index=1, of=2)
    assert event.data == data
    assert (event.event_name, event.event_id, event.test_code) == (None, None, None)
    assert (event.size, event.index, event.of) == (3, 1, 2)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1639044446636, 1639044446636),
        (1639044446636.0, 1639044446636),
        (1639044446636.789, 1639044446636),
        ("1639044446636", 1639044446636),
        ("2021-12-09T10:07:26.636Z", 1639044446636),
        ("2021-12-09T11:07:26.636+01:00", 1639044446636),
        ("2021-12-09T10:07:26.636", 1639044446636),
        ("2021-12-09", 1639008000000),
        (0, 0),
        (-1, -1),
        ("0001-01-01T00:00:00+23:59", -62135683140000),
        ("9999-12-31T23:59:59-23:59", 253402387139000),
        ("", None),
        ("yesterday", None),
        ("1639044446636.5", None),
        ("１６３９０４４４４６", None),
        ("16390444466361639", None),
        (2**53, None),
        (1e300, None),
        (True, None),
        (None, None),
        ([1], None),
        ({}, None),
    ],
)
def test_a_time_is_read_in_milliseconds(value: Any, expected: int | None) -> None:
    assert event_time({"context": {"event_timestamp": value}}, "server") == expected


@pytest.mark.parametrize(
    ("layout", "data"),
    [
        ("server", {"context": {"event_timestamp": 5}, "event_timestamp": 6}),
        ("server", {"event_timestamp": 5}),
        ("server", {"context": {}, "event_timestamp": 5}),
        ("mobile", {"context": {"event_timestamp": 5.0}}),
        ("browser", {"context": {"created": "1970-01-01T00:00:00.005Z"}}),
        ("1.0", {"event_timestamp": 5}),
        ("browser-v1", {"created": 5}),
        ("pixel", {"context": {"event_timestamp": "5"}}),
    ],
)
def test_a_time_is_read_where_the_layout_keeps_it(layout: Layout, data: Any) -> None:
    assert event_time(data, layout) == 5


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ts_override=1700000000", 1_700_000_000_000),
        ("ts_override=1700000000123", 1_700_000_000_123),
        ("ts_override=", 5),
        ("ts_override=now", 5),
        ("ts_override=-1", 5),
        ("ts_override=1.5", 5),
        ("ts_override=" + "9" * 30, 5),
        ("tc_s=29", 5),
    ],
)
def test_an_override_comes_first_if_it_can_be_read(query: str, expected: int) -> None:
    assert event_time({"event_timestamp": 5}, "server", query) == expected


def test_an_override_gives_even_no_object_a_time() -> None:
    assert event_time([], "server") is None
    assert event_time([], "server", "ts_override=1700000000") == 1_700_000_000_000


@given(
    value=st.text() | st.floats(allow_nan=False) | st.integers() | st.datetimes(),
    layout=st.sampled_from(LAYOUTS),
)
def test_no_time_can_raise(value: Any, layout: Layout) -> None:
    text = value if isinstance(value, (str, float, int)) else value.isoformat()
    places = {"event_timestamp": text, "created": text}
    event_time({"context": places, **places}, layout, f"ts_override={text}")


def test_an_id_is_looked_up_through_objects_only() -> None:
    data = {"context": [{"event_id": "1"}], "event_id": "2"}
    assert read_event(data, SOURCE, size=1).event_id == "2"
