from __future__ import annotations

from typing import Any

import pytest

from mockcollect.recording.index import LONGEST_NAME, Index
from mockcollect.recording.lines import EVENTS, REQUESTS, Line


def put(request_id: int, first: int, *names: str | None, **more: Any) -> Line:
    """Return the line of a request and its events, as far as an index reads it."""
    events = {
        str(first + n): {"request": request_id, "event_name": name}
        for n, name in enumerate(names)
    }
    request = {str(request_id): {"events": [first, len(names)]}}
    return {"put": {REQUESTS: request, **({EVENTS: events} if names else {})}, **more}


def filled(**settings: Any) -> Index:
    """Return an index of three requests with two events each."""
    index = Index(**settings)
    for n in range(3):
        assert index.apply(put(n + 1, 2 * n + 1, "view", "purchase"))
    return index


def state(index: Index) -> dict[str, Any]:
    index.sort()
    return {
        **index.marks(),
        "events": index.events.tolist(),
        "names": {name: list(ids) for name, ids in index.names.items()},
        "requests": [list(one) for one in index.after(0, 100)],
    }


def test_a_line_that_is_read_says_the_same_as_what_was_recorded() -> None:
    index = Index()
    for n in range(3):
        index.add(n + 1, range(2 * n + 1, 2 * n + 3), ["view", "purchase"])
    assert state(index) == state(filled())
    assert list(index.named("view")) == [1, 3, 5]
    assert list(index.named("none")) == []
    assert (index.next_request, index.next_event, index.seq) == (4, 7, 3)
    assert not index.is_disordered
    assert index.is_exact


@pytest.mark.parametrize("name", [None, 7, ["x"], "x" * (LONGEST_NAME + 1)], ids=str)
def test_events_without_a_name_that_is_indexed_are_among_all(name: Any) -> None:
    index = Index()
    index.apply(put(1, 1, name))
    assert index.events.tolist() == [1]
    assert index.names == {}


def test_a_name_too_long_for_the_index_may_be_any_event() -> None:
    assert list(filled().named("x" * (LONGEST_NAME + 1))) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("line", "altered"),
    [
        (put(9, 9, "view"), False),
        (put(9, 9), False),
        ({"mark": {"next_request": 20}}, False),
        ({"put": {"mine": {"1": {}}}}, False),
        ({"drop": {"mine": [1]}}, False),
        ({"drop": {EVENTS: [1]}}, True),
        ({"drop": {REQUESTS: [1], EVENTS: [1, 2]}}, True),
        ({"drop": {REQUESTS: None, EVENTS: None}}, True),
        ({"put": {EVENTS: {"2": {"request": 1, "event_name": "view"}}}}, True),
    ],
    ids=[
        *("event", "bare request", "mark", "other table", "other drop"),
        *("drop event", "drop request", "drop all", "event back"),
    ],
)
def test_only_what_changes_the_past_is_a_step_of_its_own(
    line: Line, altered: bool
) -> None:
    index = filled()
    before = index.seq
    index.apply(line)
    assert (index.altered > before) == altered
    if altered:
        assert index.altered == index.seq == before + 1


def test_an_update_of_a_request_is_a_step_but_not_a_new_request() -> None:
    index = filled()
    index.apply(put(2, 3), replaced=[(REQUESTS, 2)])
    assert [list(one) for one in index.after(0, 10)] == [[1, 2, 3], [1, 2, 3]]
    assert index.altered == index.seq == 4
    assert not index.is_disordered


def test_an_updated_event_is_found_by_its_new_name_and_listed_once() -> None:
    index = filled()
    line = {"put": {EVENTS: {"3": {"request": 2, "event_name": "purchase"}}}}
    for _ in range(2):
        index.apply(line, replaced=[(EVENTS, 3)])
    assert list(index.named("purchase")) == [2, 3, 4, 6]
    assert index.events.tolist() == [1, 2, 3, 4, 5, 6]


def test_what_comes_back_is_in_its_place_again_with_a_new_number() -> None:
    index = filled()
    index.apply({"drop": {REQUESTS: [2], EVENTS: [3, 4]}})
    index.apply(put(2, 3, "view", "purchase"))
    assert index.is_disordered
    index.sort()
    assert not index.is_disordered
    assert index.events.tolist() == [1, 2, 3, 4, 5, 6]
    assert list(index.named("view")) == [1, 3, 5]
    assert [list(one) for one in index.after(0, 10)] == [[1, 3, 5], [1, 3, 2]]


def test_a_request_without_events_that_comes_back_is_listed_once() -> None:
    index = Index()
    for request_id in (1, 2):
        index.apply(put(request_id, 1))
    index.apply({"drop": {REQUESTS: [1]}})
    index.apply(put(1, 1))
    assert index.is_disordered
    index.sort()
    assert [list(one) for one in index.after(0, 10)] == [[2, 4], [2, 1]]


def test_compacted_lines_keep_their_numbers_and_add_no_step() -> None:
    index = Index()
    index.apply({"put": {EVENTS: {}, REQUESTS: {}}, "mark": {"seq": 9, "altered": 5}})
    index.apply(put(4, 4, "view", seq=7))
    index.apply({"put": {EVENTS: {"1": {"request": 2}}}, "seq": 0})
    index.apply(put(2, 1, seq=3))
    index.sort()
    assert (index.seq, index.altered) == (9, 5)
    assert [list(one) for one in index.after(0, 10)] == [[3, 7], [2, 4]]
    index.apply(put(5, 5, "view"))
    assert index.seq == 10


def test_several_requests_of_one_line_follow_each_other() -> None:
    index = Index()
    index.apply({"put": {REQUESTS: {"1": {}, "2": {"events": "odd"}, "3": {}}}})
    assert [list(one) for one in index.after(1, 10)] == [[2, 3], [2, 3]]


@pytest.mark.parametrize("chosen", [0, -1, 1 << 63, 1 << 200])
def test_an_id_that_somebody_chose_too_large_or_too_small_is_passed_over(
    chosen: int,
) -> None:
    index = filled()
    before = state(index)["events"]
    index.apply({"put": {EVENTS: {str(chosen): {}}, REQUESTS: {str(chosen): {}}}})
    assert state(index)["events"] == before
    assert index.next_event == 7


@pytest.mark.parametrize(
    ("drop", "exact"),
    [({EVENTS: [1]}, False), ({EVENTS: None}, False), ({"mine": None}, True)],
    ids=["one", "table", "other table"],
)
def test_an_index_knows_whether_it_holds_what_is_gone(drop: Any, exact: bool) -> None:
    index = filled()
    index.apply({"drop": drop})
    assert index.is_exact == exact


def test_sweeping_forgets_what_is_gone_and_keeps_the_counters() -> None:
    index = filled()
    index.apply({"drop": {REQUESTS: [1, 2], EVENTS: [1, 2, 3, 4]}})
    before = index.marks()
    index.sweep({5, 6}, {3})
    assert index.marks() == before
    assert state(index)["names"] == {"view": [5], "purchase": [6]}
    assert state(index)["requests"] == [[3], [3]]
    assert index.is_exact


def test_retention_counts_the_events_it_drops() -> None:
    index = filled(max_events=4)
    tables = {EVENTS: set(range(1, 7)), REQUESTS: {1, 2, 3}}
    assert index.beyond_retention(tables) == [(1, [1, 2])]
    assert index.dropped == 2
    assert not index.is_exact
    assert filled().beyond_retention(tables) == []
