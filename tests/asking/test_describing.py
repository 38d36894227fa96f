from __future__ import annotations

import re
from typing import Any

import pytest
from dirty_equals import IsInt
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.asking.describing import (
    LONGEST_VALUE,
    as_many_as_fit,
    clock,
    cut,
    describe,
    event_rows,
    joined,
    name_of,
    plural,
    reason_of,
    rows,
    same_event_id,
    short,
    show,
)
from tests.asking.events import BROKEN, Arrivals, arrived, deep, json_values


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "None"),
        (True, "True"),
        (16.0, "16.0"),
        ("16,00", "'16,00'"),
        ({"id": "1"}, "{'id': '1'}"),
        ([1, 2], "[1, 2]"),
        ("a" * 99, f"'{'a' * 23}…{'a' * 22}'"),
        ("\x1b[2J\n", r"'\x1b[2J\n'"),
        (IsInt(gt=1), "IsInt(gt=1)"),
        (IsInt, "IsInt"),
        (pytest.approx(16.0, abs=1), "16.0 ± 1"),
        (re.compile("^a", re.IGNORECASE), "re.compile('^a', re.IGNORECASE)"),
    ],
)
def test_a_value_is_shown_as_python_writes_it(value: Any, shown: str) -> None:
    assert show(value) == shown


def test_a_matcher_that_writes_escape_codes_is_shown_without_them() -> None:
    class Matcher:
        def __repr__(self) -> str:
            return "\x1b[31mred"

    assert show(Matcher()) == "·[31mred"


@given(value=json_values)
def test_no_value_is_shown_on_more_than_a_part_of_a_line(value: Any) -> None:
    shown = show(value)
    assert shown
    assert len(shown) <= LONGEST_VALUE
    assert shown.isprintable()


@pytest.mark.parametrize("levels", [50, 500, 990])
def test_a_deep_value_is_shown_with_its_first_levels(levels: int) -> None:
    (recorded,) = Arrivals().post(deep(levels)).events
    assert show(recorded.event.data["a"]).startswith("{'a': {'a': {'a': {'a': ")


@given(text=st.text(), most=st.integers(1, 20))
def test_a_text_that_is_cut_keeps_its_start_and_its_end(text: str, most: int) -> None:
    shown = cut(text, most)
    if len(text) <= most:
        assert shown == text
        return
    start, end = shown.split("…")[0], shown.rsplit("…", 1)[1]
    assert len(shown) == most
    assert text.startswith(start)
    assert text.endswith(end)


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "0 events"), (1, "1 event"), (2, "2 events"), (10_000, "10,000 events")],
)
def test_a_count_has_its_noun(count: int, told: str) -> None:
    assert plural(count, "event") == told


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (["a"], "a"),
        (["a", "b"], "a, b"),
        (["a" * 80], "a" * 80),
        (["a" * 80, "b"], "a" * 80 + " and 1 more"),
        (["a" * 30, "b" * 26], "a" * 30 + ", " + "b" * 26),
        (["a" * 30, "b" * 27], "a" * 30 + " and 1 more"),
        (["a" * 10] * 1_005, ", ".join(["a" * 10] * 5) + " and 1,000 more"),
    ],
)
def test_of_many_parts_the_first_are_told(parts: list[str], told: str) -> None:
    assert as_many_as_fit(parts) == told


@pytest.mark.parametrize(
    ("parts", "told"),
    [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")],
)
def test_parts_are_joined_as_in_a_sentence(parts: list[str], told: str) -> None:
    assert joined(parts, "or") == told


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ({"event_name": "purchase"}, "purchase"),
        ({"event_name": ""}, "(no name)"),
        ({"event_name": 1}, "(no name)"),
        ([], "(no name)"),
        ({"event_name": "\x1b[2Ja\nb"}, "·[2Ja·b"),
        ({"event_name": "a" * 99}, f"{'a' * 16}…{'a' * 15}"),
    ],
)
def test_an_event_is_called_by_its_name(data: Any, name: str) -> None:
    assert name_of(arrived(data)) == name


def test_an_event_is_described_by_what_brought_it() -> None:
    arrivals = Arrivals().send(event_name="search").batch({"event_name": "a"}, {})
    assert [describe(one) for one in arrivals.events] == [
        "#1 search, POST /events, answered 200",
        "#2 a, event 1 of 2 in POST /events/batch, answered 200",
        "#3 (no name), event 2 of 2 in POST /events/batch, answered 200",
    ]


def test_rows_are_aligned_in_the_order_of_arrival() -> None:
    arrivals = Arrivals().send(event_name="search").post(BROKEN)
    arrivals.batch({"event_name": "page_view"}, {})
    assert rows(arrivals.events[::-1], arrivals.requests) == [
        "#1 search     10:42:07.020  200  invalid-rejected  POST /events",
        "(no event)    10:42:07.113  400  invalid JSON      POST /events",
        "#2 page_view  10:42:07.206  200  invalid-rejected  POST /events/batch  1 of 2",
        "#3 (no name)  10:42:07.206  200  invalid-rejected  POST /events/batch  2 of 2",
    ]


def test_of_no_events_there_are_no_rows() -> None:
    assert event_rows([]) == []


@pytest.mark.parametrize(("count", "hidden"), [(10, None), (11, 1), (1_012, "1,002")])
def test_of_many_events_the_newest_are_shown(count: int, hidden: object) -> None:
    arrivals = Arrivals().batch(*[{}] * count)
    lines = event_rows(arrivals.events)
    earlier = [f"… {hidden} earlier"] if hidden else []
    assert lines[: len(earlier)] == earlier
    assert [line.split()[0] for line in lines[len(earlier) :]] == [
        f"#{number}" for number in range(count - 9, count + 1)
    ]


def test_a_row_is_short_whatever_arrives() -> None:
    arrivals = Arrivals().post(b'{"batch":[%s{}]}' % (b"{}," * 9_999), "/events/batch")
    arrivals.send(event_name="n" * 5_000).post(b"", "/" + "p" * 5_000 + "/events")
    lines = rows(arrivals.events, arrivals.requests)
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        ([], None),
        (["1"], None),
        (["1", "2"], None),
        ([None, None], None),
        (["1", "1"], "#1 and #2 carry"),
        (["2", "1", "2"], "#1 and #3 carry"),
        (["1", "1", "1"], "#1, #2 and #3 carry"),
        (["1"] * 4, "#1, #2 and 2 more carry"),
        (["1"] * 1_002, "#1, #2 and 1,000 more carry"),
    ],
)
def test_events_with_one_id_are_told(ids: list[str | None], told: str | None) -> None:
    sent = ({"context": {"event_id": one} if one else {}} for one in ids)
    said = same_event_id(Arrivals().batch(*sent).events)
    tail = " the same event id: a retry is sending twice."
    assert said == (told and told + tail)


@pytest.mark.parametrize(
    ("body", "path", "reason"),
    [
        (BROKEN, "/events", "invalid JSON"),
        (b'"%s"' % (b"a" * 33_000), "/events", "too large"),
        (b'{"batch": []}', "/events/batch", "no event in it"),
    ],
)
def test_a_request_without_events_says_why(body: bytes, path: str, reason: str) -> None:
    (request,) = Arrivals().post(body, path).requests
    assert reason_of(request) == reason


def test_times_have_milliseconds() -> None:
    assert clock(arrived({}).request) == "10:42:07.020"


def test_captured_text_is_safe_and_short() -> None:
    assert short("a\tb\u202ec\x00") == "a b·c·"
    assert short("a" * 32) == "a" * 32
    assert short("a" * 33) == f"{'a' * 16}…{'a' * 15}"
