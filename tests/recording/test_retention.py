from __future__ import annotations

import pytest

from mockcollect.recording.lines import EVENTS, REQUESTS
from mockcollect.recording.retention import Retention


class Kept:
    """Tables of ids, and the retention that is asked about them."""

    def __init__(self, limit: int) -> None:
        self.tables: dict[str, set[int]] = {REQUESTS: set(), EVENTS: set()}
        self.retention = Retention(limit)

    def add(self, request_id: int, *events: int) -> None:
        self.tables[REQUESTS].add(request_id)
        self.tables[EVENTS].update(events)
        first = events[0] if events else 1
        self.retention.add(request_id, range(first, first + len(events)))

    def gone(self) -> list[tuple[int, list[int]]]:
        gone = list(self.retention.beyond(self.tables))
        for request_id, events in gone:
            self.tables[REQUESTS].discard(request_id)
            self.tables[EVENTS].difference_update(events)
        return gone


def test_the_oldest_requests_go_with_all_their_events() -> None:
    kept = Kept(3)
    kept.add(1, 1, 2)
    kept.add(2, 3)
    assert kept.gone() == []
    kept.add(3, 4)
    assert kept.gone() == [(1, [1, 2])]
    assert kept.gone() == []


def test_requests_without_events_are_counted_apart() -> None:
    kept = Kept(2)
    kept.add(1, 1)
    for request_id in (2, 3, 4, 5):
        kept.add(request_id)
    assert kept.gone() == [(2, []), (3, [])]
    kept.add(6, 2)
    assert kept.gone() == []


def test_the_newest_request_stays_even_if_it_is_larger_than_the_limit() -> None:
    kept = Kept(2)
    kept.add(1, 1)
    kept.add(2, 2, 3, 4, 5)
    assert kept.gone() == [(1, [1])]
    kept.add(3, 6)
    assert kept.gone() == [(2, [2, 3, 4, 5])]


def test_what_came_back_is_as_old_as_its_id() -> None:
    kept = Kept(2)
    kept.add(5, 5)
    kept.add(6, 6)
    kept.add(1, 1)
    assert kept.gone() == [(1, [1])]


@pytest.mark.parametrize("deleted", [{1}, {1, 2}, {3}, {2, 3}], ids=str)
def test_what_was_deleted_leaves_room_for_others(deleted: set[int]) -> None:
    kept = Kept(3)
    for one in (1, 2, 3):
        kept.add(one, one)
    kept.tables[REQUESTS] -= deleted
    kept.tables[EVENTS] -= deleted
    for one in range(10, 10 + len(deleted)):
        kept.add(one, one)
    assert kept.gone() == []
    kept.add(20, 20)
    assert len(kept.gone()) == 1
    assert len(kept.tables[EVENTS]) == 3


@pytest.mark.parametrize("deleted", [[1], [3], [1, 2, 3], None], ids=str)
def test_deleted_requests_without_events_leave_room_too(
    deleted: list[int] | None,
) -> None:
    kept = Kept(3)
    for one in (1, 2, 3):
        kept.add(one)
    kept.retention.discard(deleted)
    count = 3 if deleted is None else len(deleted)
    for one in range(10, 10 + count):
        kept.add(one)
    assert kept.gone() == []
    kept.add(20)
    assert len(kept.gone()) == 1


def test_a_request_that_went_and_came_back_counts_once() -> None:
    kept = Kept(2)
    kept.add(1)
    kept.retention.discard([1])
    kept.add(1)
    kept.add(2)
    assert kept.gone() == []
    kept.add(3)
    kept.add(4)
    assert kept.gone() == [(1, []), (2, [])]


def test_only_the_events_that_are_left_of_a_request_are_named() -> None:
    kept = Kept(2)
    kept.add(1, 1, 2, 3)
    kept.tables[EVENTS] -= {2}
    kept.add(2, 4, 5)
    assert kept.gone() == [(1, [1, 3])]
