"""What faults kept from being collected counts for no check, unless it asks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockcollect.asking.checking import Arrived, check_all
from mockcollect.asking.expectation_file import parse_expectations
from mockcollect.contract.event import Fault
from mockcollect.recording.recorder import TinyRecorder
from tests.recording.helpers import RECEIVED_AT, event, received

START = TinyRecorder().place()


@pytest.fixture
def arrived() -> Arrived:
    """A purchase that met a 503, then was sent again, and then late."""
    recorder = TinyRecorder()
    request, answer = received(event(user={"id": "7"}))
    for status, fault in (
        (503, Fault("status", 1, 200)),
        (200, None),
        (200, Fault("delay", 2, 200, 1.0, collected=True)),
    ):
        one = replace(answer, status=status, fault=fault)
        recorder.record(request, one, received_at=RECEIVED_AT)
    return Arrived(
        tuple(recorder.events_behind(START)), tuple(recorder.eventless_behind(START))
    )


@pytest.mark.parametrize(
    ("expected", "holds"),
    [
        ("expect: [event:purchase count=2]", True),
        ("expect: [event:purchase count=3]", False),
        ("expect: [event:purchase status:503 count=1]", True),
        ("expect: ['fault:status count=1', 'fault:delay count=1']", True),
        ("expect: ['fault:yes count=2', 'fault:no count=1']", True),
        ("never: [event:purchase user.id=7 fault:reset]", True),
        ("sequence: [event:purchase, event:purchase]", True),
        ("sequence: [event:purchase, event:purchase, event:purchase]", False),
        ("coverage: [purchase]", True),
    ],
)
def test_what_counts(arrived: Arrived, expected: str, *, holds: bool) -> None:
    checks = parse_expectations(expected.encode(), name="expected.yml")
    assert all(one.holds for one in check_all(checks, arrived)) == holds


def test_what_is_set_aside_comes_back_in_its_place(arrived: Arrived) -> None:
    aside = arrived.collected()
    assert ([one.id for one in aside.events], aside.kept_away) == ([2, 3], 1)
    assert aside.collected() == aside
    assert [one.id for one in aside.whole().events] == [1, 2, 3]
    assert arrived.whole() is arrived


@pytest.mark.parametrize("expected", ["fault:status count=1", "status:503 count=1"])
def test_who_asks_for_faults_sees_what_is_set_aside(
    arrived: Arrived, expected: str
) -> None:
    checks = parse_expectations(f"expect: ['{expected}']".encode(), name="e.yml")
    assert all(one.holds for one in check_all(checks, arrived.collected()))


def test_a_check_that_fails_says_how_many_faults_kept_away(arrived: Arrived) -> None:
    (check,) = parse_expectations(b"expect: [event:purchase count=3]", name="e.yml")
    details = check.check(arrived).details
    assert "Not counted, kept away by faults: 1 event." in details
