from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tinydb import where

from mockcollect.recording.lines import EVENTS, REQUESTS, DecodedLine
from mockcollect.recording.query import Query, parse_query
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.recording.records import RecordedEvent
from mockcollect.recording.search import REMEMBERED_SEARCHES
from tests.recording.helpers import event, ids, record, record_batch, running


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return the lines that searches decode, as they do."""
    from mockcollect.recording import storage

    lines: list[bytes] = []

    def count(raw: bytes) -> DecodedLine:
        lines.append(raw)
        return DecodedLine(raw)

    monkeypatch.setattr(storage, "DecodedLine", count)
    return lines


@contextmanager
def decoding(decoded: list[bytes], expected: int) -> Iterator[None]:
    decoded.clear()
    yield
    assert len(decoded) == expected


def found(recorder: TinyRecorder, query: str) -> list[int]:
    return list(recorder._search.ids(parse_query(query)))


def test_a_repeated_search_looks_only_at_what_came_since(
    recorder: TinyRecorder, decoded: list[bytes]
) -> None:
    for n in range(10):
        record(recorder, event("view", n=n % 2))
    with decoding(decoded, 10):
        assert found(recorder, "n=1") == [2, 4, 6, 8, 10]
    with decoding(decoded, 0):
        assert found(recorder, "n=1") == [2, 4, 6, 8, 10]
    record(recorder, event("view", n=1))
    with decoding(decoded, 1):
        assert found(recorder, "n=1")[-1] == 11


def test_a_search_by_name_looks_at_events_of_that_name_only(
    recorder: TinyRecorder, decoded: list[bytes]
) -> None:
    for name in ["view"] * 8 + ["purchase"] * 2:
        record(recorder, event(name))
    with decoding(decoded, 2):
        assert found(recorder, "event:purchase") == [9, 10]
    with decoding(decoded, 0):
        assert found(recorder, "event:none") == []


def test_a_search_for_all_decodes_nothing(
    recorder: TinyRecorder, decoded: list[bytes]
) -> None:
    record_batch(recorder, *"abc")
    with decoding(decoded, 0):
        assert found(recorder, "") == [1, 2, 3]


def test_several_searches_share_what_is_decoded(
    recorder: TinyRecorder, decoded: list[bytes]
) -> None:
    for n in range(10):
        record(recorder, event("view", n=n))
    queries = [parse_query(f"n={n}") for n in range(5)]
    with decoding(decoded, 10):
        recorder._search.extend([*queries, parse_query("")])
    with decoding(decoded, 0):
        assert [found(recorder, f"n={n}") for n in range(5)] == [
            [n + 1] for n in range(5)
        ]


def test_an_event_with_a_very_long_name_is_found(recorder: TinyRecorder) -> None:
    record(recorder, event("x" * 300))
    record(recorder)
    assert found(recorder, "event:" + "x" * 300) == [1]


def test_a_result_that_was_given_out_does_not_change(recorder: TinyRecorder) -> None:
    record(recorder)
    first, everything = (
        found(recorder, "event:purchase"),
        recorder._search.ids(parse_query("")),
    )
    record(recorder)
    assert (len(first), len(everything)) == (1, 1)


def test_more_searches_than_are_remembered_are_right_too(
    recorder: TinyRecorder,
) -> None:
    record(recorder, event("view", n=1))
    for n in range(REMEMBERED_SEARCHES + 10):
        assert found(recorder, f"n={n}") == ([1] if n == 1 else [])
    assert found(recorder, "n=1") == [1]
    assert len(recorder._search._searches) == REMEMBERED_SEARCHES


def test_a_search_is_right_after_changes_through_the_live_tinydb(
    recorder: TinyRecorder,
) -> None:
    record_batch(recorder, "view", "purchase", "view")
    assert ids(recorder, "event:view") == [1, 3]
    assert ids(recorder, "n=1") == []
    events = recorder.db.table(EVENTS)
    events.update({"event_name": "purchase", "event": {"n": 1}}, doc_ids=[1])
    assert ids(recorder, "event:view") == [3]
    assert ids(recorder, "event:purchase") == [1, 2]
    assert ids(recorder, "n=1") == [1]
    events.remove(where("event_name") == "purchase")
    assert ids(recorder) == ids(recorder, "event:view") == [3]
    record(recorder)
    assert ids(recorder) == [3, 4]
    events.truncate()
    assert ids(recorder) == ids(recorder, "event:view") == []
    record(recorder)
    recorder.db.drop_tables()
    assert (
        recorder.find().matched == recorder.find(parse_query("event:view")).matched == 0
    )
    record(recorder)
    assert ids(recorder) == ids(recorder, "event:purchase") == [6]


def test_changes_of_other_tables_leave_searches_alone(
    recorder: TinyRecorder, decoded: list[bytes]
) -> None:
    record(recorder)
    assert found(recorder, "n=1") == []
    recorder.db.table("mine").insert({"a": 1})
    recorder.db.drop_table("mine")
    with decoding(decoded, 0):
        assert found(recorder, "n=1") == []


def test_a_search_that_fails_finds_nothing_twice_the_next_time(
    recorder: TinyRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_batch(recorder, *"abc")
    query = parse_query("event:*")
    matches = Query.matches_event

    def fail_at_the_last(self: Query, one: RecordedEvent) -> bool:
        if one.id == 3:
            raise RuntimeError
        return True

    monkeypatch.setattr(Query, "matches_event", fail_at_the_last)
    with pytest.raises(RuntimeError):
        recorder._search.ids(query)
    monkeypatch.setattr(Query, "matches_event", matches)
    assert list(recorder._search.ids(query)) == [1, 2, 3]


def test_searches_in_several_threads_find_each_event_once(
    recorder: TinyRecorder,
) -> None:
    def write() -> None:
        for _ in range(300):
            record(recorder)

    def read() -> None:
        last: list[int] = []
        while len(last) < 600:
            now = found(recorder, "event:purchase")
            assert now[: len(last)] == last
            assert now == sorted(set(now))
            last = now

    with running(write, write, read, read):
        pass


def request_ids(recorder: TinyRecorder, query: str) -> list[int]:
    return [one.id for one in recorder.find_requests(parse_query(query)).items]


def test_a_repeated_search_for_requests_looks_only_at_what_came_since(
    recorder: TinyRecorder, decoded: list[bytes]
) -> None:
    for _ in range(3):
        record(recorder)
        record(recorder, b"{")
    query = parse_query("refused:yes")
    with decoding(decoded, 6):
        assert recorder.find_requests(query, limit=0).matched == 3
    with decoding(decoded, 0):
        assert recorder.find_requests(query, limit=0).matched == 3
    record(recorder, b"{")
    with decoding(decoded, 1):
        assert recorder.find_requests(query, limit=0).matched == 4


def test_all_requests_are_counted_without_decoding_them(
    recorder: TinyRecorder, decoded: list[bytes]
) -> None:
    for _ in range(9):
        record(recorder)
    with decoding(decoded, 1):
        assert len(recorder.find_requests(limit=1).items) == 1


def test_requests_that_were_recorded_late_are_in_the_order_of_their_ids(
    recorder: TinyRecorder,
) -> None:
    early, late = recorder.reserve(), recorder.reserve()
    record(recorder, b"{")
    assert request_ids(recorder, "status:400") == [3]
    record(recorder, b"{", request_id=late)
    record(recorder, b"{", request_id=early)
    assert request_ids(recorder, "status:400") == [3, 2, 1]
    assert request_ids(recorder, "") == [3, 2, 1]


def test_a_search_for_requests_is_right_after_changes_and_clears(
    recorder: TinyRecorder,
) -> None:
    record_batch(recorder, "view", "purchase")
    record(recorder, b"{")
    assert request_ids(recorder, "event:purchase") == [1]
    assert request_ids(recorder, "status:400") == [2]
    recorder.db.table(REQUESTS).update({"status": 499}, doc_ids=[2])
    assert request_ids(recorder, "status:400") == []
    token = recorder.clear(parse_query("event:purchase")).token
    assert request_ids(recorder, "event:purchase") == []
    recorder.restore(token)
    assert request_ids(recorder, "event:purchase") == [1]
    recorder.clear()
    assert request_ids(recorder, "event:purchase") == request_ids(recorder, "") == []
