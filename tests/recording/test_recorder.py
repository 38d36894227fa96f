from __future__ import annotations

import gc
import random
import threading
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tinydb import where

from mockcollect.errors import RecordingError, StorageError, UndoExpired
from mockcollect.recording.interface import UNDO_SECONDS
from mockcollect.recording.lines import EVENTS, REQUESTS
from mockcollect.recording.query import parse_query
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.recording.storage import AppendTinyDB
from tests.processes import wait_until
from tests.recording.helpers import (
    HEADERS,
    RECEIVED_AT,
    SECONDS,
    batch,
    deep_event,
    event,
    ids,
    purchases,
    python,
    received,
    record,
    record_batch,
    request_ids,
    running,
)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time that undos are measured by, to be changed."""
    now = [1000.0]
    monkeypatch.setattr("mockcollect.recording.undo.time.monotonic", lambda: now[0])
    return now


def snapshot(recorder: TinyRecorder) -> dict[str, Any]:
    """Return all that can be asked of a recorder."""
    return {
        "counts": recorder.counts(),
        "events": list(recorder.matching()),
        "requests": list(recorder.matching_requests()),
        "purchases": ids(recorder, "event:purchase"),
        "find": recorder.find(limit=5),
        "identity": recorder.identity,
    }


# -- recording


@given(st.binary(max_size=300) | st.text().map(str.encode))
@example(b"\0")
@example(b"\xff\xfe")
@example(b'{"a":"\\ud800"}')
@example(b'{"event_name":\r\n"x"}')
@settings(max_examples=50)
def test_any_body_comes_back_byte_for_byte(body: bytes) -> None:
    recorder = TinyRecorder()
    found = recorder.get_request(record(recorder, body))
    assert found is not None
    assert found.request.body == body


@pytest.mark.parametrize("body", [b"x" * (1 << 20), bytes(range(256)) * 4096])
def test_a_body_of_a_mebibyte_comes_back_from_a_file(file: Path, body: bytes) -> None:
    recorder = TinyRecorder(file)
    request, answer = received(body)
    request = replace(request, size=10**9, truncated=True)
    recorder.record(request, answer, received_at=RECEIVED_AT)
    recorder.close()
    recorder = TinyRecorder(file)
    found = recorder.get_request(1)
    assert found is not None
    assert found.request == request
    assert found.refusal == answer.refusal
    recorder.close()


def test_ids_of_requests_and_events_grow_from_1(recorder: TinyRecorder) -> None:
    assert record_batch(recorder, *"ab") == 1
    assert record(recorder, b"{") == 2
    assert record(recorder) == 3
    assert ids(recorder) == [1, 2, 3]
    assert request_ids(recorder) == [1, 2, 3]


def test_ids_never_repeat(file: Path) -> None:
    seen_requests, seen_events = [0], [0]
    chance = random.Random(3)
    for _ in range(6):
        recorder = TinyRecorder(file, max_events=50)
        for _ in range(80):
            request_id = record_batch(recorder, *"ab"[: chance.randint(1, 2)])
            assert request_id > max(seen_requests)
            found = recorder.get_request(request_id)
            assert found is not None
            assert min(found.event_ids) > max(seen_events)
            seen_requests.append(request_id)
            seen_events += found.event_ids
        seen_requests.append(recorder.reserve())
        if chance.random() < 0.7:
            recorder.clear()
        recorder._storage.marks.update(recorder._index.marks())
        recorder._storage.compact(recorder._index.seq_of())
        recorder.close()
    assert len(set(seen_requests)) == len(seen_requests)


RESERVE = """
import os, sys
from mockcollect.recording.recorder import TinyRecorder
recorder = TinyRecorder(sys.argv[1])
print(recorder.reserve(), flush=True)
os.kill(os.getpid(), 9)
"""


def test_a_reserved_id_is_not_given_again_after_a_crash(file: Path) -> None:
    with python(RESERVE, file) as process:
        output = process.communicate(timeout=SECONDS)[0]
    assert output == b"1\n"
    recorder = TinyRecorder(file)
    assert record(recorder) == 2
    recorder.close()


def test_a_reserved_request_has_its_place_among_the_others(
    recorder: TinyRecorder,
) -> None:
    late = recorder.reserve()
    record(recorder)
    assert recorder.get_request(late) is None
    assert record(recorder, b"{", request_id=late) == late
    assert request_ids(recorder) == [1, 2]
    assert [one.id for one in recorder.find_requests().items] == [2, 1]


def test_what_cannot_be_recorded_changes_nothing(
    recorder: TinyRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(recorder)
    before = snapshot(recorder)

    def refuse(raw: bytes) -> None:
        raise RecordingError("The disk is full.")

    with monkeypatch.context() as full:
        full.setattr(recorder._storage._lines, "append", refuse)
        for attempt in (
            lambda: record(recorder),
            recorder.reserve,
            recorder.clear,
            lambda: recorder.db.insert({}),
        ):
            with pytest.raises(RecordingError):
                attempt()
    assert snapshot(recorder) == before
    assert record(recorder) == 2


def test_asking_whether_recording_is_possible_changes_nothing(
    recorder: TinyRecorder,
) -> None:
    record(recorder)
    before = snapshot(recorder)
    recorder.check()
    assert snapshot(recorder) == before
    assert record(recorder) == 2


@pytest.mark.parametrize("max_events", [0, 10_000])
def test_recording_reads_and_decodes_nothing_however_much_is_stored(
    file: Path, monkeypatch: pytest.MonkeyPatch, max_events: int
) -> None:
    recorder = TinyRecorder(file, max_events=max_events)
    for _ in range(3000):
        record(recorder)
    calls: list[str] = []
    storage = recorder._storage
    for place, name in [
        *((storage, one) for one in ("read", "raw", "raw_at", "lines_of", "document")),
        *((storage, one) for one in ("compact", "_apply")),
        *((storage._lines, one) for one in ("read", "replace", "_pread")),
        *((recorder._index, one) for one in ("apply", "sort", "sweep")),
        (recorder._search, "ids"),
    ]:
        monkeypatch.setattr(place, name, lambda *_, name=name: calls.append(name))
    request, answer = received(batch(*"abc"), "/events/batch")
    for _ in range(100):
        recorder.record(request, answer, received_at=RECEIVED_AT)
    assert calls == []


def test_a_closed_recorder_records_nothing_and_gives_the_file_back(file: Path) -> None:
    recorder = TinyRecorder(file)
    record(recorder)
    recorder.close()
    recorder.close()
    with pytest.raises(RecordingError, match="closed"):
        record(recorder)
    again = TinyRecorder(file)
    assert ids(again) == [1]
    again.close()


def test_a_recorder_that_cannot_begin_gives_the_file_back(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr(TinyRecorder, "_identify", lambda self: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            TinyRecorder(file)
    TinyRecorder(file).close()


def test_a_file_that_cannot_be_used_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        TinyRecorder(tmp_path)


def test_a_torn_line_is_counted(file: Path) -> None:
    recorder = TinyRecorder(file)
    record(recorder)
    recorder.close()
    file.write_bytes(file.read_bytes()[:-5])
    recorder = TinyRecorder(file)
    assert recorder.torn_bytes > 100
    assert ids(recorder) == []
    recorder.close()


def test_a_recording_has_one_identity(file: Path) -> None:
    one, other = TinyRecorder(file), TinyRecorder()
    assert one.identity != other.identity
    one.close()
    again = TinyRecorder(file)
    assert again.identity == one.identity
    again.close()


def test_reopening_gives_the_same(file: Path) -> None:
    recorder = TinyRecorder(file)
    record_batch(recorder, "view", "purchase")
    record(recorder, b"\xff")
    record(recorder, deep_event())
    before = snapshot(recorder)
    recorder.close()
    recorder = TinyRecorder(file)
    assert snapshot(recorder) == before
    recorder.close()


# -- retention


@pytest.mark.parametrize("in_file", [False, True], ids=["memory", "file"])
def test_the_oldest_requests_are_dropped_with_their_events(
    file: Path, in_file: bool
) -> None:
    recorder = TinyRecorder(file if in_file else None, max_events=4)
    for _ in range(3):
        record_batch(recorder, *"ab")
    record(recorder, b"{")
    assert ids(recorder) == [3, 4, 5, 6]
    assert request_ids(recorder) == [2, 3, 4]
    assert ids(recorder, "event:a") == [3, 5]
    assert recorder.get(1) is None
    assert recorder.counts() == {
        "requests": 3,
        "events": 4,
        "dropped": 2,
        "max_events": 4,
    }
    recorder.close()


def test_requests_without_events_are_kept_in_the_same_number(
    recorder: TinyRecorder,
) -> None:
    kept = TinyRecorder(max_events=3)
    record(kept)
    for _ in range(5):
        record(kept, b"{")
    assert request_ids(kept) == [1, 4, 5, 6]
    assert kept.counts()["dropped"] == 0


def test_the_newest_request_stays_even_if_it_is_larger_than_what_is_kept() -> None:
    recorder = TinyRecorder(max_events=2)
    record(recorder)
    record_batch(recorder, *"abcde")
    assert ids(recorder) == [2, 3, 4, 5, 6]
    record(recorder, b"{")
    assert len(ids(recorder)) == 5
    record(recorder)
    assert ids(recorder) == [7]


@pytest.mark.parametrize("max_events", [7, 50])
@pytest.mark.parametrize("steps", [30, 2500])
def test_retention_is_the_same_after_a_restart(
    file: Path, max_events: int, steps: int
) -> None:
    recorder = TinyRecorder(file, max_events=max_events)
    chance = random.Random(max_events)
    tokens = []
    for n in range(steps):
        record_batch(recorder, *["view", "purchase"][: chance.randint(0, 2)], n=n % 5)
        if chance.random() < 0.03:
            query = chance.choice(["", "event:view", "n=2", "event:none"])
            tokens.append(recorder.clear(parse_query(query)).token)
        if tokens and chance.random() < 0.1:
            recorder.restore(tokens[-1])
            tokens.clear()
    before = snapshot(recorder)
    assert recorder.counts()["events"] <= max_events
    for _ in range(2):
        recorder.close()
        recorder = TinyRecorder(file, max_events=max_events)
        assert snapshot(recorder) == before
    recorder.close()


def test_clearing_makes_room(file: Path) -> None:
    recorder = TinyRecorder(file, max_events=10)
    for name in ["view"] * 5 + ["purchase"] * 5:
        record(recorder, event(name))
    recorder.clear(purchases())
    for _ in range(5):
        record(recorder)
    assert ids(recorder) == [*range(1, 6), *range(11, 16)]
    assert recorder.counts()["dropped"] == 0
    recorder.close()


def test_a_clear_is_final_for_what_was_dropped_before_it(file: Path) -> None:
    recorder = TinyRecorder(file, max_events=5)
    for _ in range(20):
        record(recorder)
    recorder.clear()
    recorder.close()
    for max_events in (5, 100, 0):
        recorder = TinyRecorder(file, max_events=max_events)
        assert ids(recorder) == request_ids(recorder) == []
        recorder.close()


def test_an_updated_request_is_still_dropped_with_its_events(file: Path) -> None:
    for _ in range(2):
        recorder = TinyRecorder(file, max_events=3)
        for _ in range(3):
            record(recorder)
        recorder.db.table(REQUESTS).update({"seen": True})
        recorder.db.table(EVENTS).update({"seen": True})
        recorder._storage.marks.update(recorder._index.marks())
        recorder._storage.compact(recorder._index.seq_of())
        recorder.close()
    recorder = TinyRecorder(file, max_events=3)
    for _ in range(3):
        record(recorder)
    assert ids(recorder) == [7, 8, 9]
    assert request_ids(recorder) == [7, 8, 9]
    assert recorder.counts()["dropped"] == 6
    recorder.close()


def test_a_file_does_not_grow_without_end(file: Path) -> None:
    recorder = TinyRecorder(file, max_events=10)
    sizes = []
    for _ in range(5000):
        record(recorder)
        sizes.append(file.stat().st_size)
    assert max(sizes) < 1_200 * 600
    assert ids(recorder) == list(range(4991, 5001))
    assert recorder.counts()["dropped"] == 4990
    recorder.close()
    recorder = TinyRecorder(file, max_events=10)
    assert recorder.counts()["dropped"] == 4990
    assert record(recorder) == 5001
    recorder.close()


# -- clearing and bringing back


def test_clearing_takes_out_everything(recorder: TinyRecorder) -> None:
    record_batch(recorder, *"ab")
    record(recorder, b"{")
    cleared = recorder.clear()
    assert (cleared.events, cleared.requests) == (2, 2)
    assert ids(recorder) == request_ids(recorder) == []
    assert recorder.counts()["dropped"] == 0
    assert recorder.find().total == recorder.find_requests().total == 0
    assert record(recorder) == 3
    assert ids(recorder) == [3]


@pytest.mark.parametrize(
    ("query", "events", "requests"),
    [
        ("event:view", [2, 3], [1, 2, 4]),
        ("event:purchase", [1, 4], [1, 3, 4]),
        ("event:none", [1, 2, 3, 4], [1, 2, 3, 4]),
        ("status:400", [1, 2, 3, 4], [1, 2, 3]),
        ("id:3", [1, 2, 4], [1, 3, 4]),
        ("request:1", [3, 4], [2, 3, 4]),
    ],
)
def test_a_request_is_cleared_with_the_last_of_its_events(
    recorder: TinyRecorder, query: str, events: list[int], requests: list[int]
) -> None:
    record_batch(recorder, "view", "purchase")
    record(recorder, event("purchase"))
    record(recorder, event("view"))
    record(recorder, b"{")
    cleared = recorder.clear(parse_query(query))
    assert ids(recorder) == events
    assert request_ids(recorder) == requests
    assert cleared.events == 4 - len(events)
    assert cleared.requests == 4 - len(requests)


@pytest.mark.parametrize(
    "query", ["", "event:view", "event:deep", "status:400", "id:1"]
)
@pytest.mark.parametrize("reopened", [False, True])
def test_a_clear_can_be_undone_once(file: Path, query: str, reopened: bool) -> None:
    recorder = TinyRecorder(file)
    record_batch(recorder, "view", "purchase", "view")
    record(recorder, b'{"batch":[{},%s]}' % deep_event(), "/events/batch")
    record(recorder, b"{")
    record(recorder)
    before = snapshot(recorder)
    cleared = recorder.clear(parse_query(query))
    assert snapshot(recorder) != before
    restored = recorder.restore(cleared.token)
    assert restored == cleared
    with pytest.raises(UndoExpired, match="only once"):
        recorder.restore(cleared.token)
    if reopened:
        recorder.close()
        recorder = TinyRecorder(file)
    assert snapshot(recorder) == before
    assert record(recorder) == 5
    assert ids(recorder, "event:purchase") == [2, 6, 7]
    recorder.close()


def test_an_undo_in_memory_brings_back_everything() -> None:
    recorder = TinyRecorder()
    record_batch(recorder, *"abc")
    before = snapshot(recorder)
    recorder.restore(recorder.clear(parse_query("event:b")).token)
    assert snapshot(recorder) == before


@pytest.mark.parametrize(
    ("later", "expired"),
    [(0.0, False), (UNDO_SECONDS, False), (UNDO_SECONDS + 0.1, True)],
)
def test_an_undo_expires(
    recorder: TinyRecorder, clock: list[float], later: float, expired: bool
) -> None:
    record(recorder)
    token = recorder.clear().token
    clock[0] += later
    if expired:
        with pytest.raises(UndoExpired, match="holds for 10 seconds"):
            recorder.restore(token)
    else:
        recorder.restore(token)
    assert ids(recorder) == ([] if expired else [1])


def test_an_unknown_token_is_refused(recorder: TinyRecorder) -> None:
    with pytest.raises(UndoExpired):
        recorder.restore("unknown")
    record(recorder)
    recorder.clear()
    with pytest.raises(UndoExpired):
        recorder.restore("unknown")


def test_what_was_recorded_since_a_clear_stays_when_it_is_undone(
    recorder: TinyRecorder,
) -> None:
    record(recorder)
    token = recorder.clear().token
    record(recorder)
    recorder.restore(token)
    assert ids(recorder) == ids(recorder, "event:purchase") == [1, 2]
    assert [one.id for one in recorder.find().items] == [2, 1]


def test_a_clear_is_not_undone_after_a_restart_but_stays_cleared(file: Path) -> None:
    recorder = TinyRecorder(file)
    record(recorder)
    token = recorder.clear().token
    recorder.close()
    recorder = TinyRecorder(file)
    assert ids(recorder) == []
    with pytest.raises(UndoExpired):
        recorder.restore(token)
    recorder.close()


def test_an_undo_that_met_a_full_disk_can_be_tried_again(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = TinyRecorder(file)
    for _ in range(5):
        record(recorder)
    before = snapshot(recorder)
    token = recorder.clear().token
    append = recorder._storage._lines.append
    room = iter(range(2))

    def refuse(raw: bytes) -> Any:
        if next(room, None) is None:
            raise RecordingError("The disk is full.")
        return append(raw)

    with monkeypatch.context() as full:
        full.setattr(recorder._storage._lines, "append", refuse)
        with pytest.raises(RecordingError):
            recorder.restore(token)
    assert ids(recorder) == [1, 2]
    recorder.restore(token)
    assert snapshot(recorder) == before
    recorder.close()
    recorder = TinyRecorder(file)
    assert snapshot(recorder) == before
    recorder.close()


def test_an_undo_brings_back_only_what_retention_keeps() -> None:
    recorder = TinyRecorder(max_events=5)
    for _ in range(5):
        record(recorder)
    token = recorder.clear().token
    for _ in range(3):
        record(recorder)
    recorder.restore(token)
    assert ids(recorder) == request_ids(recorder) == [4, 5, 6, 7, 8]


def test_a_file_is_not_compacted_while_an_undo_may_want_its_lines(
    file: Path, clock: list[float]
) -> None:
    recorder = TinyRecorder(file)
    for _ in range(1200):
        record(recorder)
    size = file.stat().st_size
    token = recorder.clear().token
    record(recorder)
    assert file.stat().st_size > size
    recorder.restore(token)
    assert len(ids(recorder)) == 1201
    recorder.clear()
    clock[0] += UNDO_SECONDS + 1
    record(recorder)
    assert file.stat().st_size < 2000
    assert ids(recorder) == [1202]
    recorder.close()


def test_memory_is_given_back_once_a_clear_cannot_be_undone(clock: list[float]) -> None:
    recorder = TinyRecorder()
    record(recorder)
    recorder.clear()
    clock[0] += UNDO_SECONDS + 1
    record(recorder)
    assert recorder._undos._kept == {}


def test_an_undo_outlives_a_later_clear() -> None:
    recorder = TinyRecorder()
    record(recorder)
    first = recorder.clear().token
    recorder.clear()
    record(recorder)
    second = recorder.clear().token
    recorder.restore(first)
    recorder.restore(second)
    assert ids(recorder) == [1, 2]
    with pytest.raises(UndoExpired):
        recorder.restore(first)


def test_a_check_leaves_no_trace_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "db"
    recorder = TinyRecorder(file)
    record(recorder)
    before = file.read_bytes()
    recorder.check()
    assert file.read_bytes() == before
    record(recorder)
    assert ids(recorder) == [1, 2]
    recorder.close()
    with pytest.raises(RecordingError):
        recorder.check()


# -- finding


@pytest.mark.parametrize(
    ("asked", "expected", "next_id"),
    [
        ({}, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1], None),
        ({"limit": 3}, [10, 9, 8], 8),
        ({"limit": 3, "before": 8}, [7, 6, 5], 5),
        ({"limit": 3, "before": 4}, [3, 2, 1], None),
        ({"limit": 3, "newest": False}, [1, 2, 3], 3),
        ({"limit": 3, "newest": False, "since": 3}, [4, 5, 6], 6),
        ({"limit": 3, "newest": False, "since": 7}, [8, 9, 10], None),
        ({"since": 4, "before": 7}, [6, 5], None),
        ({"since": 10}, [], None),
        ({"before": 1}, [], None),
        ({"since": 8, "before": 3}, [], None),
        ({"limit": 0}, [], None),
        ({"limit": -1}, [], None),
        ({"since": 0, "before": 99, "limit": 10**9}, list(range(10, 0, -1)), None),
    ],
    ids=str,
)
def test_a_page_holds_what_was_asked_for(
    asked: dict[str, Any], expected: list[int], next_id: int | None
) -> None:
    recorder = TinyRecorder()
    for _ in range(10):
        record(recorder)
    for page in (
        recorder.find(**asked),
        recorder.find(purchases(), **asked),
        recorder.find_requests(**asked),
        recorder.find_requests(purchases(), **asked),
    ):
        assert [one.id for one in page.items] == expected
        assert (page.total, page.matched, page.next) == (10, 10, next_id)


@pytest.mark.parametrize("newest", [True, False])
def test_pages_follow_each_other_without_a_gap(newest: bool) -> None:
    recorder = TinyRecorder()
    for n in range(25):
        record(recorder, event("view" if n % 3 else "purchase"))
    found: list[int] = []
    place: int | None = None
    while True:
        limits = {"before" if newest else "since": place}
        page = recorder.find(
            parse_query("event:view"), limit=4, newest=newest, **limits
        )
        found += [one.id for one in page.items]
        assert (page.total, page.matched) == (25, 16)
        place = page.next
        if place is None:
            break
    expected = [n + 1 for n in range(25) if n % 3]
    assert found == (expected[::-1] if newest else expected)


def test_requests_are_found_by_themselves_or_by_their_events(
    recorder: TinyRecorder,
) -> None:
    record_batch(recorder, "view", "purchase")
    record(recorder, event("view"))
    record(recorder, b"{")
    assert request_ids(recorder, "event:purchase") == [1]
    assert request_ids(recorder, "event:view") == [1, 2]
    assert request_ids(recorder, "status:400") == [3]
    page = recorder.find_requests(parse_query("event:view"))
    assert ([one.id for one in page.items], page.total, page.matched) == ([2, 1], 3, 2)


def test_counts_and_pages_are_right_after_a_table_is_dropped(
    recorder: TinyRecorder,
) -> None:
    record_batch(recorder, *"ab")
    recorder.db.drop_table(EVENTS)
    page = recorder.find()
    assert (page.items, page.total, page.matched) == ((), 0, 0)
    record(recorder)
    page = recorder.find()
    assert (page.total, page.matched) == (1, 1)
    assert [one.id for one in page.items] == [3]


# -- waiting


def test_waiting_for_what_is_there_ends_at_once(recorder: TinyRecorder) -> None:
    record(recorder)
    started = time.monotonic()
    assert recorder.wait(purchases(), since=None, count=1, timeout=SECONDS)
    assert recorder.wait(purchases(), since=0, count=1, timeout=0)
    assert time.monotonic() - started < SECONDS / 2


@pytest.mark.parametrize(
    ("query", "since", "count"),
    [
        ("event:view", None, 1),
        ("event:purchase", 1, 1),
        ("event:purchase", None, 2),
        ("", 1, 1),
    ],
)
def test_waiting_for_what_does_not_come_times_out(
    recorder: TinyRecorder, query: str, since: int | None, count: int
) -> None:
    record(recorder)
    asked = parse_query(query)
    assert not recorder.wait(asked, since=since, count=count, timeout=0.02)


@pytest.mark.parametrize("query", ["", "event:purchase"])
def test_waiting_ends_when_enough_has_come(recorder: TinyRecorder, query: str) -> None:
    record(recorder)
    results: list[bool] = []

    def wait() -> None:
        asked = parse_query(query)
        results.append(recorder.wait(asked, since=1, count=2, timeout=SECONDS))

    with running(wait):
        wait_until(lambda: recorder._announcer._waiters, "it waits")
        record(recorder)
        assert results == []
        record(recorder)
    assert results == [True]


def test_waiting_ends_with_an_interrupt_for_good(recorder: TinyRecorder) -> None:
    results: list[bool] = []
    started = time.monotonic()

    def wait() -> None:
        asked = parse_query("event:never")
        results.append(recorder.wait(asked, since=None, count=1, timeout=2 * SECONDS))

    with running(wait):
        wait_until(lambda: recorder._announcer._waiters, "it waits")
        recorder.interrupt()
    wait()
    assert results == [False, False]
    assert time.monotonic() - started < SECONDS
    assert record(recorder) == 1


def test_waiting_in_many_threads_for_different_things_ends_for_each() -> None:
    recorder = TinyRecorder()
    results: list[bool] = []

    def wait(n: int) -> None:
        asked = parse_query(f"n={n}")
        results.append(recorder.wait(asked, since=None, count=1, timeout=SECONDS))

    with running(*[lambda n=n: wait(n) for n in range(40)]):
        for n in range(40):
            record(recorder, event(n=n))
    assert results == [True] * 40
    recorder.close()


# -- many threads


@pytest.mark.parametrize("max_events", [0, 300], ids=["all", "retention"])
@pytest.mark.parametrize("in_file", [False, True], ids=["memory", "file"])
def test_many_threads_record_while_others_ask_and_nothing_hangs_or_is_lost(
    file: Path, in_file: bool, max_events: int
) -> None:
    recorder = TinyRecorder(file if in_file else None, max_events=max_events)
    done = threading.Event()
    given: list[int] = []

    def write() -> None:
        for n in range(250):
            given.append(record_batch(recorder, "view", "purchase", n=n))

    def beside(ask: Any) -> Any:
        def asking() -> None:
            while not done.is_set():
                ask()

        return asking

    def find() -> None:
        page = recorder.find(limit=20)
        assert page.matched <= page.total or max_events
        numbers = [one.id for one in page.items]
        assert numbers == sorted(numbers, reverse=True)
        for one in recorder.find(purchases(), limit=20).items:
            assert one.event.event_name == "purchase"
        for request in recorder.find_requests(limit=5).items:
            recorder.events_of(request)

    def clear() -> None:
        token = recorder.clear(parse_query("n=7")).token
        recorder.restore(token)

    def live() -> None:
        mine = recorder.db.table("mine")
        mine.insert({"a": 1})
        mine.update({"a": 2}, where("a") == 1)
        assert mine.count(where("a") == 1) == 0
        for document in recorder.db.table(EVENTS):
            assert document["event_name"] in ("view", "purchase")

    def follow() -> None:
        subscription = recorder.subscribe(after=0)
        while subscription.changes(timeout=0.01):
            pass
        subscription.close()

    def wait() -> None:
        recorder.wait(parse_query("n=7"), since=len(given), count=3, timeout=0.02)

    def write_all() -> None:
        with running(write, write, write, write):
            pass
        done.set()

    with running(write_all, *map(beside, (find, clear, live, follow, wait))):
        pass
    assert sorted(given) == list(range(1, 1001))
    total = max_events or 2000
    assert recorder.find().total == recorder.find().matched == total
    assert ids(recorder) == list(range(2001 - total, 2001))
    assert len(ids(recorder, "event:view")) == total // 2
    assert request_ids(recorder) == list(range(1001 - total // 2, 1001))
    before = snapshot(recorder)
    recorder.close()
    if in_file:
        recorder = TinyRecorder(file, max_events=max_events)
        assert snapshot(recorder) == before
        recorder.close()


# -- memory


def sized_event() -> bytes:
    """Return an event of the usual size."""
    products = [{"id": f"LAMP-{n}", "price": 8.5, "name": "A lamp"} for n in range(16)]
    return event(revenue=16.0, user={"id": "12345"}, items=products)


@pytest.fixture
def traced() -> Iterator[None]:
    gc.collect()
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.parametrize("max_events", [0, 20_000])
@pytest.mark.usefixtures("traced")
def test_a_file_costs_at_most_500_bytes_of_memory_an_event(
    file: Path, max_events: int
) -> None:
    recorder = TinyRecorder(file, max_events=max_events)
    request, answer = received(sized_event())
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(20_000):
        recorder.record(request, answer, received_at=RECEIVED_AT)
    gc.collect()
    used = tracemalloc.get_traced_memory()[0] - before
    assert used / 20_000 <= 500
    recorder.close()


@pytest.mark.usefixtures("traced")
def test_memory_holds_at_most_2_5_times_what_was_sent() -> None:
    recorder = TinyRecorder(max_events=20_000)
    request, answer = received(sized_event())
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(5_000):
        recorder.record(request, answer, received_at=RECEIVED_AT)
    gc.collect()
    used = tracemalloc.get_traced_memory()[0] - before
    sent = len(request.body) + sum(len(f"{k}: {v}\r\n") for k, v in HEADERS.items())
    assert used / 5_000 <= 2.5 * sent


def test_the_live_tinydb_is_there_to_be_read_and_changed(
    recorder: TinyRecorder,
) -> None:
    record_batch(recorder, "view", "purchase")
    db = recorder.db
    assert isinstance(db, AppendTinyDB)
    assert db.tables() == {REQUESTS, EVENTS}
    (one,) = db.table(EVENTS).search(where("event_name") == "purchase")
    assert one.doc_id == 2
    assert one["event"] == {"event_name": "purchase"}
    assert one["request"] == 1
    (request,) = db.table(REQUESTS).all()
    assert request["body"].encode() == batch("view", "purchase")


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("-event:a", [1, 3, 4]),
        ("-event:a -test:x", [1, 3, 4]),
        ("status:400 -event:a", [1, 2, 4]),
        ("path:/nowhere", [1, 2, 3]),
        ("", []),
    ],
)
def test_evidence_is_cleared_only_by_a_filter_that_asks_for_it(
    recorder: TinyRecorder, query: str, kept: list[int]
) -> None:
    record(recorder, event("a"))
    record(recorder, event("b"))
    record(recorder, b"{")
    record(recorder, b"{}", "/nowhere")
    recorder.clear(parse_query(query))
    assert request_ids(recorder) == kept


def test_changes_through_the_live_tinydb_do_not_let_the_file_grow_for_ever(
    file: Path,
) -> None:
    recorder = TinyRecorder(file)
    mine = recorder.db.table("mine")
    mine.insert({"n": 0})
    record(recorder)
    for n in range(1_500):
        mine.update({"n": n})
    assert len(file.read_bytes().splitlines()) < 600
    assert [dict(one) for one in mine.all()] == [{"n": 1_499}]
    assert ids(recorder) == [1]
    recorder.close()


def test_a_clear_of_very_much_can_be_undone(file: Path) -> None:
    recorder = TinyRecorder(file)
    record(recorder, batch(*["a"] * 1_200), "/events/batch")
    token = recorder.clear().token
    recorder.restore(token)
    assert len(ids(recorder)) == 1_200
    recorder.close()
