from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from mockcollect.recording import feed
from mockcollect.recording.feed import MOST_CHANGES
from mockcollect.recording.interface import Change, Subscription
from mockcollect.recording.lines import EVENTS, REQUESTS
from mockcollect.recording.query import parse_query
from mockcollect.recording.recorder import TinyRecorder
from tests.processes import wait_until
from tests.recording.helpers import SECONDS, record, record_batch, running

Step = tuple[int, int | None]


def steps(changes: Sequence[Change]) -> list[Step]:
    """Return number and request of each change, `None` for a deletion."""
    return [(one.seq, one.request.id if one.request else None) for one in changes]


def all_after(recorder: TinyRecorder, seq: int) -> list[Step]:
    """Return what a follower gets who was at a number, without waiting."""
    subscription = recorder.subscribe(after=seq)
    found: list[Step] = []
    while changes := subscription.changes(timeout=0):
        found += steps(changes)
    subscription.close()
    return found


def follow(subscription: Subscription, count: int) -> list[Step]:
    found: list[Step] = []
    while len(found) < count:
        changes = subscription.changes(timeout=SECONDS)
        assert changes, f"only {found}"
        found += steps(changes)
    return found


def test_changes_come_in_the_order_of_recording_with_their_events(
    recorder: TinyRecorder,
) -> None:
    record_batch(recorder, *"ab")
    record(recorder, b"{")
    changes = recorder.subscribe(after=0).changes(timeout=0)
    assert changes is not None
    assert steps(changes) == [(1, 1), (2, 2)]
    assert [[e.event.event_name for e in one.events] for one in changes] == [
        ["a", "b"],
        [],
    ]


def test_a_follower_without_a_place_gets_what_comes_next(
    recorder: TinyRecorder,
) -> None:
    record(recorder)
    subscription = recorder.subscribe()
    assert subscription.changes(timeout=0.01) == ()
    record(recorder)
    record(recorder)
    assert follow(subscription, 2) == [(2, 2), (3, 3)]
    subscription.close()


def test_a_follower_is_woken_by_what_another_thread_records(
    recorder: TinyRecorder,
) -> None:
    subscription = recorder.subscribe()
    found: list[Step] = []
    with running(lambda: found.extend(follow(subscription, 1))):
        wait_until(lambda: recorder._announcer._subscribers, "it listens")
        record(recorder)
    assert found == [(1, 1)]


def test_a_follower_resumes_where_it_was(recorder: TinyRecorder) -> None:
    for _ in range(5):
        record(recorder)
    assert all_after(recorder, 3) == [(4, 4), (5, 5)]
    assert all_after(recorder, 5) == []
    assert all_after(recorder, 99) == []


def test_a_late_request_comes_when_it_is_recorded(recorder: TinyRecorder) -> None:
    late = recorder.reserve()
    subscription = recorder.subscribe()
    assert record(recorder) == 2
    assert record(recorder, b"x" * 9, request_id=late) == 1
    assert record(recorder) == 3
    assert follow(subscription, 3) == [(1, 2), (2, 1), (3, 3)]


def test_a_deletion_is_told_once(recorder: TinyRecorder) -> None:
    for _ in range(3):
        record(recorder)
    subscription = recorder.subscribe(after=1)
    recorder.clear(parse_query("id:2"))
    record(recorder)
    assert follow(subscription, 3) == [(3, 3), (4, None), (5, 4)]
    assert all_after(recorder, 4) == [(5, 4)]
    recorder.clear()
    recorder.clear(parse_query("id:99"))
    recorder.clear()
    assert all_after(recorder, 0) == [(6, None)]


@pytest.mark.parametrize(
    "change",
    [
        lambda db: db.table(EVENTS).update({"new": 1}, doc_ids=[1]),
        lambda db: db.table(REQUESTS).update({"new": 1}, doc_ids=[1]),
        lambda db: db.table(EVENTS).remove(doc_ids=[2]),
        lambda db: db.drop_table(EVENTS),
    ],
    ids=["event", "request", "remove", "drop"],
)
def test_a_change_through_the_live_tinydb_says_to_ask_again(
    recorder: TinyRecorder, change: Callable[[object], object]
) -> None:
    record_batch(recorder, *"ab")
    record(recorder)
    change(recorder.db)
    assert all_after(recorder, 0) == [(1, 1), (2, 2), (3, None)]


def test_other_tables_are_not_followed(recorder: TinyRecorder) -> None:
    recorder.db.table("mine").insert({"a": 1})
    recorder.db.drop_table("mine")
    assert all_after(recorder, 0) == []


@pytest.mark.parametrize("query", ["", "event:a"], ids=["requests", "events"])
def test_what_is_brought_back_is_told(recorder: TinyRecorder, query: str) -> None:
    record_batch(recorder, *"ab")
    cleared = recorder.clear(parse_query(query))
    recorder.restore(cleared.token)
    assert all_after(recorder, 2) == ([(3, None)] if query else [(3, 1)])


def test_who_is_far_behind_gets_all_in_several_steps(recorder: TinyRecorder) -> None:
    count = 2 * MOST_CHANGES + 10
    for _ in range(count):
        record(recorder)
    subscription = recorder.subscribe(after=0)
    first = subscription.changes(timeout=0)
    assert first is not None
    assert len(first) == MOST_CHANGES
    rest = follow(subscription, count - MOST_CHANGES)
    assert steps(first) + rest == [(n, n) for n in range(1, count + 1)]


def test_a_deletion_further_on_is_told_in_its_place(
    recorder: TinyRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MOST_CHANGES", 4)
    for _ in range(6):
        record(recorder)
    recorder.clear(parse_query("id:1"))
    for _ in range(3):
        record(recorder)
    kept = [(n, n) for n in range(2, 7)]
    assert all_after(recorder, 0) == [*kept, (7, None), (8, 7), (9, 8), (10, 9)]


def test_followers_at_the_same_place_share_what_is_read(
    recorder: TinyRecorder,
) -> None:
    record(recorder)
    one, other = (recorder.subscribe(after=0).changes(timeout=0) for _ in range(2))
    assert one is other


def restart(recorder: TinyRecorder, file: Path) -> TinyRecorder:
    recorder.close()
    return TinyRecorder(file, max_events=20)


def sweep(recorder: TinyRecorder, _: Path) -> TinyRecorder:
    tables = recorder._storage.tables
    recorder._index.sweep(tables.get(EVENTS, {}), tables.get(REQUESTS, {}))
    return recorder


def compact(recorder: TinyRecorder, _: Path) -> TinyRecorder:
    recorder._storage.marks.update(recorder._index.marks())
    recorder._storage.compact(recorder._index.seq_of())
    return recorder


def compact_and_restart(recorder: TinyRecorder, file: Path) -> TinyRecorder:
    return restart(compact(recorder, file), file)


Upheaval = Callable[[TinyRecorder, Path], TinyRecorder]


@pytest.mark.parametrize(
    "upheaval",
    [restart, sweep, compact, compact_and_restart],
    ids=lambda one: one.__name__,
)
@pytest.mark.parametrize("times", [1, 2])
def test_nothing_is_lost_or_doubled_for_followers(
    file: Path, upheaval: Upheaval, times: int
) -> None:
    recorder = TinyRecorder(file, max_events=20)
    identity = recorder.identity
    late = recorder.reserve()
    for _ in range(30):
        record(recorder)
    record(recorder, b"{", request_id=late)
    record_batch(recorder, *"abc")
    cleared = recorder.clear(parse_query("event:a"))
    recorder.restore(cleared.token)
    cleared = recorder.clear(parse_query("id:28"))
    record(recorder)
    recorder.restore(cleared.token)
    recorder.clear(parse_query("id:29"))
    recorder.db.table(REQUESTS).update({"new": 1}, doc_ids=[30])
    recorder.db.table(EVENTS).update({"new": 1}, doc_ids=[30])
    record(recorder)
    before = {seq: all_after(recorder, seq) for seq in range(recorder._index.seq + 2)}
    for _ in range(times):
        recorder = upheaval(recorder, file)
        for seq, expected in before.items():
            assert all_after(recorder, seq) == expected, seq
    assert recorder.identity == identity
    seq = recorder._index.seq
    record(recorder)
    assert [step for step, _ in all_after(recorder, seq)] == [seq + 1]
    recorder.close()


def test_interrupting_ends_what_followers_follow(recorder: TinyRecorder) -> None:
    record(recorder)
    subscription = recorder.subscribe(after=0)
    assert follow(subscription, 1) == [(1, 1)]
    ends: list[object] = []
    with running(lambda: ends.append(subscription.changes(timeout=SECONDS * 2))):
        recorder.interrupt()
    assert ends == [None]
    assert recorder.subscribe().changes(timeout=SECONDS) is None


def test_followers_get_everything_once_while_others_record(
    recorder: TinyRecorder,
) -> None:
    followed: list[list[Step]] = []
    subscriptions = [recorder.subscribe(after=0) for _ in range(3)]

    def write() -> None:
        for _ in range(200):
            record(recorder)

    reads = [lambda one=one: followed.append(follow(one, 600)) for one in subscriptions]
    with running(*reads, write, write, write):
        pass
    assert followed == [[(n, n) for n in range(1, 601)]] * 3
