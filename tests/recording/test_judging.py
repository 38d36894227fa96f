"""The verdicts on what was recorded: remembered, forgotten, bounded, in any order."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from tinydb import where

from mockcollect.recording import judging
from mockcollect.recording.query import parse_query
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.recording.records import RecordedEvent, event_json
from mockcollect.verdict.judge import Judge
from mockcollect.verdict.plan import Plan, parse_plan
from mockcollect.verdict.sources import Sources, parse_source
from mockcollect.verdict.verdict import Verdict
from tests.processes import wait_until
from tests.recording.helpers import (
    RECEIVED_AT,
    SECONDS,
    deep_event,
    ids,
    record,
    running,
)
from tests.verdict.judging import GONE, good

VALID = {"context.event_timestamp": RECEIVED_AT}
INVALID = parse_query("verdict:invalid")


def plan(text: str = "events: {search: {search_term: 'number, required'}}") -> Plan:
    return parse_plan(text, name="plan.yml")


def sent(number: int = 1, /, **changes: Any) -> bytes:
    """Return a valid event of its own id, with changes at dotted paths."""
    own = {"context.event_id": f"e-{number}"}
    return orjson.dumps(good("server", {**VALID, **own, **changes}))


def verdict(recorder: TinyRecorder, event_id: int) -> Verdict:
    found = recorder.get(event_id)
    assert found is not None
    return found.verdict


def codes(recorder: TinyRecorder, event_id: int) -> list[str]:
    return [one.code for one in verdict(recorder, event_id).findings]


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """The numbers of the events that a judge was asked about, as it happens."""
    asked: list[int | None] = []
    judge = Judge.judge

    def counting(self: Judge, *args: Any, **options: Any) -> Verdict:
        asked.append(options["event_id"])
        return judge(self, *args, **options)

    monkeypatch.setattr(Judge, "judge", counting)
    return asked


# -- once, and when somebody looks


def test_nothing_is_judged_while_it_is_recorded(
    recorder: TinyRecorder, judged: list[int]
) -> None:
    record(recorder, sent())
    ids(recorder, "event:search")
    recorder.counts()
    assert judged == []


def test_recording_loads_no_rules() -> None:
    from tests.recording.helpers import python

    code = (
        "import sys; from tests.recording.helpers import record; "
        "from mockcollect.recording.recorder import TinyRecorder; "
        "recorder = TinyRecorder(); record(recorder); "
        "assert 'mockcollect.verdict.rules' not in sys.modules; "
        "recorder.get(1).verdict; assert 'mockcollect.verdict.rules' in sys.modules"
    )
    process = python(code)
    _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, said.decode()


def test_an_event_is_judged_once_however_often_it_is_looked_at(
    recorder: TinyRecorder, judged: list[int]
) -> None:
    record(recorder, sent(1))
    record(recorder, sent(2, search_term=GONE))
    for _ in range(3):
        assert ids(recorder, "verdict:valid") == [1]
        assert ids(recorder, "level:warning") == [2]
        assert verdict(recorder, 2).name == "invalid-accepted"
    assert judged == [1, 2]


def test_verdicts_are_remembered_in_bounded_number(
    recorder: TinyRecorder, judged: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "REMEMBERED_VERDICTS", 3)
    for number in range(1, 6):
        record(recorder, sent(number))
        verdict(recorder, number)
    del judged[:]
    for number in (5, 4, 3, 1):
        verdict(recorder, number)
    assert judged == [1]


# -- forgotten when something changed


def test_all_are_judged_anew_by_another_plan_or_other_sources(
    recorder: TinyRecorder,
) -> None:
    record(recorder, sent())
    held = recorder.get(1)
    assert held is not None
    assert held.verdict.name == "valid"
    recorder.judge_by(plan=plan(), sources=None)
    assert codes(recorder, 1) == ["property.type"]
    assert held.verdict == verdict(recorder, 1)
    recorder.judge_by(plan=None, sources=Sources([parse_source("29:other")]))
    assert codes(recorder, 1) == ["token.unknown"]
    assert recorder.plan is None
    recorder.judge_by(plan=None, sources=None)
    assert codes(recorder, 1) == []


def test_searches_that_are_remembered_are_forgotten_with_the_plan(
    recorder: TinyRecorder,
) -> None:
    record(recorder, sent())
    assert ids(recorder, "verdict:invalid") == []
    recorder.judge_by(plan=plan(), sources=None)
    assert ids(recorder, "verdict:invalid") == [1]
    assert [one.id for one in recorder.matching_requests(INVALID)] == [1]
    recorder.judge_by(plan=None, sources=None)
    assert ids(recorder, "verdict:invalid") == []
    assert list(recorder.matching_requests(INVALID)) == []


def test_an_event_that_was_changed_through_the_tinydb_is_judged_anew(
    recorder: TinyRecorder,
) -> None:
    record(recorder, sent())
    held = recorder.get(1)
    assert held is not None
    assert held.verdict.name == "valid"
    event = {**held.event.data, "search_term": 5}
    recorder.db.table("events").update({"event": event}, where("event_id") == "e-1")
    # As it was read, not as it is now; and no matter who asks first.
    assert held.verdict.name == "valid"
    assert codes(recorder, 1) == ["property.type"]
    assert held.verdict.name == "valid"
    assert ids(recorder, "verdict:invalid") == [1]


@pytest.mark.parametrize(
    "change",
    [
        {"layout": "odd"},
        {"event_name": 5},
        {"event_id": {}},
        {"source_key": []},
        {"site_id": 7},
        {"size": "large"},
        {"of": None},
        {"event": None},
    ],
    ids=str,
)
def test_whatever_is_written_into_the_tinydb_is_judged_and_shown(
    recorder: TinyRecorder, change: dict[str, Any]
) -> None:
    record(recorder, sent())
    recorder.db.table("events").update(change)
    recorder.judge_by(plan=plan(), sources=Sources([parse_source("29:k")]))
    found = recorder.get(1)
    assert found is not None
    assert orjson.loads(event_json(found))["verdict"] == found.verdict.name


def test_what_is_cleared_says_nothing_of_what_comes(recorder: TinyRecorder) -> None:
    record(recorder, sent(1))
    assert codes(recorder, 1) == []
    token = recorder.clear().token
    record(recorder, sent(1, search_term="other"))
    assert codes(recorder, 2) == []
    recorder.restore(token)
    assert codes(recorder, 2) == ["event_id.duplicate"]


def test_an_event_that_somebody_holds_keeps_its_verdict_when_it_is_cleared(
    recorder: TinyRecorder,
) -> None:
    record(recorder, sent(search_term=GONE))
    held = recorder.get(1)
    assert held is not None
    recorder.clear()
    assert held.verdict.name == "invalid-accepted"


# -- what other events say


def test_a_finding_names_the_other_event(recorder: TinyRecorder) -> None:
    record(recorder, sent(1))
    record(recorder, sent(1, search_term="other"))
    [finding] = verdict(recorder, 2).findings
    assert finding.code == "event_id.duplicate"
    assert "#1" in finding.message


def test_a_file_that_is_opened_again_tells_of_other_events(file: Path) -> None:
    with_events = TinyRecorder(file)
    record(with_events, sent(1))
    record(with_events, sent(1, search_term="other"))
    with_events.close()
    opened = TinyRecorder(file)
    assert "event_id.duplicate" in codes(opened, 2)
    record(opened, sent(1, search_term="third"))
    assert "event_id.constant" in codes(opened, 3)
    opened.close()


def _three_with_one_id(recorder: TinyRecorder) -> None:
    for number in range(1, 31):
        shared = "shared" if number in (4, 17, 30) else f"e-{number}"
        text = f"term {number}"
        record(recorder, sent(number, search_term=text, **{"context.event_id": shared}))


@pytest.mark.parametrize(
    "order",
    [range(1, 31), range(30, 0, -1), [17, 30, 4], [30], [1, 30, 17]],
    ids=["forth", "back", "middle", "last", "mixed"],
)
def test_the_order_of_asking_changes_no_verdict(
    recorder: TinyRecorder, order: list[int]
) -> None:
    _three_with_one_id(recorder)
    for number in order:
        verdict(recorder, number)
    assert [number for number in range(1, 31) if codes(recorder, number)] == [17, 30]
    assert codes(recorder, 17) == ["event_id.duplicate"]
    assert codes(recorder, 30) == ["event_id.constant"]


def test_only_so_many_events_before_one_are_read(
    recorder: TinyRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "LEARNT_BEHIND", 10)
    _three_with_one_id(recorder)
    assert codes(recorder, 30) == []
    # By itself, as events behind it were asked for first: documented.
    assert codes(recorder, 17) == []


# -- filters, waits and threads


def test_a_wait_for_a_verdict_ends_when_one_comes(recorder: TinyRecorder) -> None:
    record(recorder, sent(1))
    results: list[bool] = []

    def wait() -> None:
        results.append(recorder.wait(INVALID, since=0, count=1, timeout=SECONDS))

    with running(wait):
        wait_until(lambda: recorder._announcer._waiters != [], "it waits")
        record(recorder, sent(2))
        record(recorder, sent(3, search_term=GONE))
    assert results == [True]


def test_a_wait_for_a_verdict_ends_with_another_plan(recorder: TinyRecorder) -> None:
    record(recorder, sent())
    results: list[bool] = []

    def wait() -> None:
        results.append(recorder.wait(INVALID, since=0, count=1, timeout=SECONDS))

    with running(wait):
        wait_until(lambda: recorder._announcer._waiters != [], "it waits")
        recorder.judge_by(plan=plan(), sources=None)
    assert results == [True]


def test_who_follows_is_told_of_another_plan(recorder: TinyRecorder) -> None:
    record(recorder, sent())
    subscription = recorder.subscribe()
    recorder.judge_by(plan=plan(), sources=None)
    changes = subscription.changes(timeout=SECONDS)
    assert changes is not None
    assert [one.request for one in changes] == [None]
    subscription.close()


def test_a_file_keeps_its_order_of_recording_over_a_change_of_plan(file: Path) -> None:
    first = TinyRecorder(file)
    record(first, sent(1))
    first.judge_by(plan=plan(), sources=None)
    record(first, sent(2))
    place = first.place()
    first.close()
    again = TinyRecorder(file)
    assert again.place() == place
    record(again, sent(3))
    assert [one.id for one in again.events_behind(place)] == [3]
    subscription = again.subscribe(after=place.seq)
    assert [one.seq for one in subscription.changes(timeout=0) or ()] == [place.seq + 1]
    again.close()


def test_a_plan_is_used_even_if_nothing_can_be_written(recorder: TinyRecorder) -> None:
    recorder.close()
    recorder.judge_by(plan=plan(), sources=None)
    assert recorder.plan is not None


def test_many_threads_ask_and_change_at_once(recorder: TinyRecorder) -> None:
    seen: list[str] = []

    def write() -> None:
        for number in range(200):
            record(recorder, sent(number, search_term=GONE))

    def look() -> None:
        for _ in range(20):
            seen.extend(one.verdict.name for one in recorder.matching())
            ids(recorder, "verdict:invalid")

    def change() -> None:
        for number in range(30):
            recorder.judge_by(plan=plan() if number % 2 else None, sources=None)

    def clear() -> None:
        for _ in range(10):
            token = recorder.clear(INVALID).token
            recorder.restore(token)

    def follow() -> None:
        subscription = recorder.subscribe(after=0)
        for _ in range(20):
            for one in subscription.changes(timeout=0.01) or ():
                seen.extend(event.verdict.name for event in one.events)
        subscription.close()

    with running(write, write, look, look, change, clear, follow):
        pass
    assert set(seen) <= {"invalid-accepted"}
    assert ids(recorder, "verdict:invalid") == ids(recorder)


def test_deep_events_are_judged_and_written() -> None:
    recorder = TinyRecorder()
    record(recorder, deep_event())
    found = recorder.get(1)
    assert found is not None
    shown = orjson.loads(event_json(found))
    assert shown["verdict"] == "invalid-rejected"
    assert shown["findings"] == [one.to_dict() for one in found.verdict.findings]


def test_an_event_made_by_hand_is_not_judged(recorder: TinyRecorder) -> None:
    record(recorder, sent(search_term=GONE))
    kept = recorder.get(1)
    assert kept is not None
    assert RecordedEvent(1, kept.event, kept.request).verdict == Verdict("valid")


def test_many_gaps_and_changes_do_not_make_judging_slow(recorder: TinyRecorder) -> None:
    for number in range(1, 3_001):
        record(recorder, sent(number))
    recorder.db.table("events").remove(doc_ids=[*range(2, 3_000, 2)])
    reading = recorder.matching()
    held = [next(reading)]
    recorder.db.table("events").remove(doc_ids=[3_000])
    held += reading
    started = time.thread_time()
    assert {one.verdict.name for one in held} == {"valid"}
    assert time.thread_time() - started < 1.5


def test_a_read_that_takes_long_is_judged_as_it_goes_on(recorder: TinyRecorder) -> None:
    for number in range(1, 4):
        record(recorder, sent(number))
    reading: Iterator[RecordedEvent] = recorder.matching()
    first = next(reading)
    recorder.db.table("events").update({"test_code": "x"}, where("event_id") == "e-3")
    assert first.verdict.name == "valid"
    assert [one.verdict.name for one in reading] == ["valid", "valid"]
