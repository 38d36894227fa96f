"""Places in the order of recording, and what stands behind them."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from tinydb import where

from mockcollect.recording.interface import Place
from mockcollect.recording.query import parse_query
from mockcollect.recording.recorder import TinyRecorder
from tests.recording.helpers import SECONDS, event, record, record_batch, running


def behind(
    recorder: TinyRecorder, place: Place, event_name: str | None = None
) -> list[int]:
    return [one.id for one in recorder.events_behind(place, event_name=event_name)]


def eventless(recorder: TinyRecorder, place: Place) -> list[int]:
    return [one.id for one in recorder.eventless_behind(place)]


def test_behind_a_place_stands_what_was_recorded_after_it(
    recorder: TinyRecorder,
) -> None:
    start = recorder.place()
    record(recorder)
    middle = recorder.place()
    record_batch(recorder, "a", "b")
    end = recorder.place()
    assert behind(recorder, start) == [1, 2, 3]
    assert behind(recorder, middle) == [2, 3]
    assert behind(recorder, end) == []
    assert [one.event_id for one in (start, middle, end)] == [0, 1, 3]


def test_a_place_stays_the_same_while_nothing_is_recorded(
    recorder: TinyRecorder,
) -> None:
    record(recorder)
    assert recorder.place() == recorder.place()
    list(recorder.matching())
    assert recorder.place() == recorder.place()


def test_each_record_moves_the_place_on(recorder: TinyRecorder) -> None:
    start = recorder.place()
    record(recorder, b"{oops")
    refused = recorder.place()
    assert refused.seq > start.seq
    assert refused.event_id == start.event_id
    record(recorder)
    assert recorder.place().seq > refused.seq


def test_only_events_of_a_name_are_asked_for(recorder: TinyRecorder) -> None:
    record_batch(recorder, "a", "b", "a")
    middle = recorder.place()
    record_batch(recorder, "b", "a")
    assert behind(recorder, middle, "a") == [5]
    assert behind(recorder, middle, "b") == [4]
    assert behind(recorder, middle, "c") == []
    assert behind(recorder, Place(0, 0), "a") == [1, 3, 5]


def test_requests_without_events_stand_behind_a_place_too(
    recorder: TinyRecorder,
) -> None:
    record(recorder, b"{oops")
    start = recorder.place()
    record(recorder)
    refused = record(recorder, b"{oops")
    empty = record(recorder, b'{"batch": []}', "/events/batch")
    assert eventless(recorder, start) == [refused, empty]
    assert eventless(recorder, recorder.place()) == []


def test_a_request_counts_from_when_it_is_recorded_not_reserved(
    recorder: TinyRecorder,
) -> None:
    reserved = recorder.reserve()
    other = record(recorder, b"{oops")
    start = recorder.place()
    record(recorder, b"{late", request_id=reserved)
    assert reserved < other
    assert eventless(recorder, start) == [reserved]


def test_reserving_an_id_moves_no_place(recorder: TinyRecorder) -> None:
    start = recorder.place()
    recorder.reserve()
    assert recorder.place() == start


def test_what_was_cleared_is_behind_no_place_until_it_is_restored(
    recorder: TinyRecorder,
) -> None:
    start = recorder.place()
    record(recorder, event("a"))
    record(recorder, event("b"))
    record(recorder, b"{oops")
    cleared = recorder.clear(parse_query("event:a"))
    assert behind(recorder, start) == [2]
    assert behind(recorder, start, "a") == []
    recorder.restore(cleared.token)
    assert behind(recorder, start) == [1, 2]
    assert behind(recorder, start, "a") == [1]
    everything = recorder.clear()
    assert (behind(recorder, start), eventless(recorder, start)) == ([], [])
    recorder.restore(everything.token)
    assert (behind(recorder, start), eventless(recorder, start)) == ([1, 2], [3])


def test_after_clearing_all_ids_go_on_behind_the_place(recorder: TinyRecorder) -> None:
    record_batch(recorder, "a", "b")
    recorder.clear()
    start = recorder.place()
    assert start.event_id == 2
    record(recorder)
    assert behind(recorder, start) == [3]


def test_what_retention_has_dropped_is_behind_no_place() -> None:
    recorder = TinyRecorder(max_events=2)
    start = recorder.place()
    for name in ("a", "b", "c"):
        record(recorder, event(name))
        record(recorder, b"{oops")
    assert behind(recorder, start) == [2, 3]
    assert behind(recorder, start, "a") == []
    assert eventless(recorder, start) == [4, 6]
    recorder.close()


def test_a_renamed_event_is_found_by_its_new_name(recorder: TinyRecorder) -> None:
    start = recorder.place()
    record_batch(recorder, "a", "b")
    events = recorder.db.table("events")
    renamed = {"event_name": "c"}
    events.update({**renamed, "event": renamed}, where("event_name") == "a")
    assert behind(recorder, start, "a") == []
    assert behind(recorder, start, "c") == [1]
    assert behind(recorder, start) == [1, 2]


def test_an_event_taken_out_through_tinydb_is_gone(recorder: TinyRecorder) -> None:
    start = recorder.place()
    record_batch(recorder, "a", "b")
    recorder.db.table("events").remove(where("event_name") == "a")
    assert behind(recorder, start) == [2]
    recorder.db.drop_tables()
    assert behind(recorder, start) == []


def test_what_a_file_held_stands_before_the_place_of_a_new_start(file: Path) -> None:
    first = TinyRecorder(file)
    record_batch(first, "a", "b")
    record(first, b"{oops")
    first.close()
    second = TinyRecorder(file)
    start = second.place()
    assert start.event_id == 2
    assert (behind(second, start), eventless(second, start)) == ([], [])
    record(second, event("c"))
    record(second, b"{oops")
    assert (behind(second, start), eventless(second, start)) == ([3], [4])
    second.close()


# -- waiting


@pytest.mark.parametrize("body", [event(), b"{oops"], ids=["event", "refused"])
def test_waiting_ends_as_soon_as_something_is_recorded(
    recorder: TinyRecorder, body: bytes
) -> None:
    place = recorder.place()
    start = time.monotonic()
    seen: list[bool] = []
    with running(lambda: seen.append(recorder.wait_behind(place, timeout=SECONDS))):
        record(recorder, body)
    assert seen == [True]
    assert time.monotonic() - start < SECONDS / 2


def test_what_is_there_already_is_not_waited_for(recorder: TinyRecorder) -> None:
    place = recorder.place()
    record(recorder)
    start = time.monotonic()
    assert recorder.wait_behind(place, timeout=SECONDS)
    assert time.monotonic() - start < SECONDS / 2


@pytest.mark.parametrize("timeout", [0.0, 0.05])
def test_waiting_in_vain_ends_after_its_time(
    recorder: TinyRecorder, timeout: float
) -> None:
    record(recorder)
    start = time.monotonic()
    assert not recorder.wait_behind(recorder.place(), timeout=timeout)
    assert timeout <= time.monotonic() - start < SECONDS / 2


def test_closing_ends_all_waits(recorder: TinyRecorder) -> None:
    begun = threading.Barrier(5)
    seen: list[bool] = []

    def wait() -> None:
        place = recorder.place()
        begun.wait(SECONDS)
        seen.append(recorder.wait_behind(place, timeout=SECONDS))

    start = time.monotonic()
    with running(*[wait] * 4):
        begun.wait(SECONDS)
        recorder.close()
    assert seen == [False] * 4
    assert time.monotonic() - start < SECONDS / 2


def test_nothing_is_missed_between_looking_and_waiting(recorder: TinyRecorder) -> None:
    count = 300
    seen: list[int] = []

    def look() -> None:
        place = recorder.place()
        while len(seen) < count:
            new = behind(recorder, place)
            if new:
                seen.extend(new)
                place = Place(place.seq + len(new), new[-1])
            elif not recorder.wait_behind(place, timeout=SECONDS):
                return

    with running(look):
        for _ in range(count):
            record(recorder)
    assert seen == list(range(1, count + 1))
