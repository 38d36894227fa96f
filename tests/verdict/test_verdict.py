from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.verdict.verdict import (
    LEVELS,
    PLATFORM_WORDS,
    RESERVED_WORDS,
    Finding,
    Level,
    Verdict,
    sample_of,
)


def finding(level: Level, code: str = "a.b") -> Finding:
    return Finding(code, level, "user.id", "user.id is odd", "x", "Mend it.", "a page")


@pytest.mark.parametrize(
    ("levels", "rejects", "name"),
    [
        ([], ["a.b"], "valid"),
        (["note"], [], "valid"),
        (["note", "warning"], [], "invalid-accepted"),
        (["error"], [], "invalid-accepted"),
        (["error"], ["other"], "invalid-accepted"),
        (["error"], ["other", "a.b"], "invalid-rejected"),
        (["note"], ["a.b"], "invalid-rejected"),
    ],
)
def test_the_worst_finding_decides(
    levels: list[Level], rejects: list[str], name: str
) -> None:
    verdict = Verdict.of(map(finding, levels), rejects=rejects)
    assert verdict.name == name


def test_findings_are_ordered_by_level_and_else_as_they_came() -> None:
    given_ = [
        finding("note", "1"),
        finding("error", "2"),
        finding("warning", "3"),
        finding("error", "4"),
    ]
    verdict = Verdict.of(given_, rejects=())
    assert [one.code for one in verdict.findings] == ["2", "4", "3", "1"]


def test_the_words_are_the_platforms_and_two_of_them_are_never_a_verdict() -> None:
    assert Verdict("invalid-accepted").words == "INVALID ACCEPTED"
    assert list(PLATFORM_WORDS.values()) == [
        "VALID",
        "INVALID ACCEPTED",
        "INVALID REJECTED",
    ]
    assert not set(RESERVED_WORDS) & set(PLATFORM_WORDS.values())


def test_a_verdict_is_written_with_its_findings() -> None:
    assert Verdict.of([finding("note")], rejects=()).to_dict() == {
        "verdict": "valid",
        "findings": [
            {
                "level": "note",
                "path": "user.id",
                "code": "a.b",
                "message": "user.id is odd",
                "sample": "x",
                "remedy": "Mend it.",
                "rule": "a page",
            }
        ],
    }


def test_levels_are_named_from_the_worst() -> None:
    assert LEVELS == ("error", "warning", "note")


@pytest.mark.parametrize(
    ("value", "sample"),
    [
        (None, None),
        (True, True),
        (12.5, 12.5),
        (12, 12),
        (2**64 - 1, 2**64 - 1),
        (2**64, "a number of more than 64 bits"),
        ("x" * 100, "x" * 100),
        ("x" * 101, "x" * 99 + "…"),
        ([1, {"a": "b"}], [1, {"a": "b"}]),
        ([0] * 1000, "an array of 1,000 values"),
        (["x" * 300], "an array of 1 values"),
        ({str(key): 0 for key in range(10_000)}, "an object of 10,000 keys"),
    ],
)
def test_a_sample_is_small(value: Any, sample: Any) -> None:
    assert sample_of(value) == sample


def test_a_sample_of_many_levels_is_described() -> None:
    deep: Any = []
    for _ in range(1000):
        deep = [deep]
    assert sample_of(deep) == "an array of 1 values"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_every_sample_is_json_of_a_few_hundred_bytes(value: Any) -> None:
    assert len(json.dumps(sample_of(value))) <= 1300  # 100 characters of 12 bytes
