from __future__ import annotations

import json

import pytest

from mockcollect.verdict.coverage import MAX_UNPLANNED, Coverage

PLANNED = ("purchase", "refund", "sign_up")


@pytest.mark.parametrize(
    ("planned", "names", "lines"),
    [
        (
            PLANNED,
            ["purchase", "purchase"],
            ["Tracking plan: 1 of 3 events seen; never sent: refund, sign_up"],
        ),
        (PLANNED, PLANNED, ["Tracking plan: 3 of 3 events seen"]),
        (
            PLANNED[:1],
            ["b", "a", "b", None],
            [
                "Tracking plan: 0 of 1 event seen; never sent: purchase",
                "Not in the tracking plan: b, a",
            ],
        ),
        (
            tuple(f"e{number}" for number in range(13)),
            [],
            [
                "Tracking plan: 0 of 13 events seen; never sent: "
                "e0, e1, e2, e3, e4, e5, e6, e7, e8, e9 and 3 more"
            ],
        ),
        ((), ["a"], []),
    ],
)
def test_coverage_is_said_in_a_line(
    planned: tuple[str, ...], names: list[str | None], lines: list[str]
) -> None:
    assert Coverage.of(planned, names).lines() == lines


def test_coverages_of_workers_merge_as_json() -> None:
    workers = [
        Coverage.of(PLANNED, ["purchase"]),
        Coverage.of(PLANNED, ["refund", "x"]),
    ]
    total = Coverage()
    for worker in workers:
        total = total.merge(Coverage.of_dict(json.loads(json.dumps(worker.to_dict()))))
    assert total == Coverage.of(PLANNED, ["purchase", "refund", "x"])
    assert total.covered == ("purchase", "refund")
    assert workers[0].seen == {"purchase": 1}


def test_plans_of_several_workers_count_together() -> None:
    merged = Coverage.of(("a", "b"), ["a"]).merge(Coverage.of(("b", "c"), ["c", "c"]))
    assert merged.planned == ("a", "b", "c")
    assert merged.never_sent == ("b",)
    assert merged.seen == {"a": 1, "c": 2}


def test_names_that_no_plan_has_are_bounded() -> None:
    coverage = Coverage.of(PLANNED, map(str, range(5_000)))
    coverage.add("purchase")
    coverage.add("0")
    assert len(coverage.seen) <= MAX_UNPLANNED + len(PLANNED) + 1
    assert coverage.covered == ("purchase",)
    assert coverage.seen["0"] == 2


def test_names_are_shown_harmless() -> None:
    assert Coverage.of(("a",), ["a", "\x1b[31m"]).lines()[1].isprintable()
