from __future__ import annotations

from typing import Any

import pytest

from mockcollect.verdict.words import (
    described,
    is_written_for_readers,
    kind,
    listed,
    number_in,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("16,00", '"16,00", text with a decimal comma'),
        ("1 234,50", '"1 234,50", text with grouped digits'),
        ("1.234.567", '"1.234.567", text with grouped digits'),
        ("€16", '"€16", text with a currency'),
        ("16 EUR", '"16 EUR", text with a currency'),
        ("-$1,2", '"-$1,2", text with a currency'),
        ("100ABC", '"100ABC", text'),
        ("1,2,3", '"1,2,3", text'),
        ("16.00", '"16.00", text'),
        ("", "an empty text"),
        ("\x1b[31m", '"·[31m", text'),
        ("a" * 50, f'"{"a" * 39}…", text'),
        (16, "16, a number"),
        (16.5, "16.5, a number"),
        (10**50, "a number of many digits"),
        (float("nan"), "nan, a number"),
        (True, "true"),
        (False, "false"),
        (None, "null"),
        ([], "an empty list"),
        ([1], "a list"),
        ({}, "an empty object"),
        ({"a": 1}, "an object"),
    ],
)
def test_a_value_is_described_with_its_kind(value: Any, expected: str) -> None:
    assert described(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("secret", "text"), (5, "a number"), (True, "true"), (None, "null")],
)
def test_a_kind_does_not_show_the_value(value: Any, expected: str) -> None:
    assert kind(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.50", 12.5),
        ("-3", -3.0),
        ("1e3", 1000.0),
        ("12,50", None),
        ("nan", None),
        ("1_000", None),
        (" 12", None),
        ("１２", None),
        ("", None),
        ("1" * 41, None),
    ],
)
def test_a_number_is_read_as_json_writes_it(text: str, expected: float | None) -> None:
    assert number_in(text) == expected


@pytest.mark.parametrize("text", ["12.50", "free", "", "1e9", "2024-01-01", "EUR"])
def test_other_texts_are_not_written_for_readers(text: str) -> None:
    assert not is_written_for_readers(text)


@pytest.mark.parametrize(
    ("names", "expected"),
    [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")],
)
def test_names_are_listed_as_in_a_sentence(names: list[str], expected: str) -> None:
    assert listed(names) == expected
