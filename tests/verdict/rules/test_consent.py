from __future__ import annotations

from typing import Any

import pytest

from mockcollect.contract.event import Layout
from mockcollect.verdict.rules import LAYOUTS
from tests.verdict.judging import GONE, good, said, subject_of

CODES = ("consent.missing", "consent.type", "consent.empty")
LIST = "user.consent_categories"


def consent_of(layout: Layout, changes: dict[str, Any]) -> list[tuple[str, ...]]:
    subject = subject_of(good(layout, changes), layout)
    return [(code, *seen) for code in CODES for seen in said(code, subject)]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("value", [["1", "3"], [1, 3], ["10019"]])
def test_a_list_of_ids_passes(layout: Layout, value: list[Any]) -> None:
    at = "properties." if layout in ("1.0", "browser-v1") else ""
    assert consent_of(layout, {f"{at}{LIST}": value}) == []


@pytest.mark.parametrize(
    ("layout", "changes", "expected"),
    [
        ("server", {LIST: GONE}, ("missing", "warning", LIST, f"{LIST} is missing")),
        ("browser", {LIST: None}, ("missing", "warning", LIST, f"{LIST} is missing")),
        ("pixel", {"user": GONE}, ("missing", "warning", LIST, "user is missing")),
        ("server", {"user": GONE}, ("missing", "warning", LIST, "user is missing")),
        (
            "server",
            {"user": GONE, "consent_categories": [1]},
            (
                "missing",
                "warning",
                LIST,
                f"{LIST} is missing. Did you mean to send `consent_categories` inside "
                "`user`?",
            ),
        ),
        (
            "1.0",
            {"properties.user": GONE},
            (
                "missing",
                "warning",
                f"properties.{LIST}",
                f"properties.{LIST} is missing",
            ),
        ),
        (
            "mobile",
            {"user": "{waiting_for_consent}"},
            (
                "missing",
                "note",
                "user",
                "user is {waiting_for_consent}: the app had no consent yet",
            ),
        ),
        (
            "server",
            {LIST: "1,3"},
            ("type", "warning", LIST, f"{LIST} is a string, not an array"),
        ),
        (
            "pixel",
            {LIST: {"1": "3"}},
            ("type", "warning", LIST, f"{LIST} is an object, not an array"),
        ),
        (
            "server",
            {LIST: 1},
            ("type", "warning", LIST, f"{LIST} is a number, not an array"),
        ),
        (
            "server",
            {LIST: [1, True]},
            (
                "type",
                "warning",
                f"{LIST}[1]",
                f"{LIST}[1] is a boolean, not the id of a category",
            ),
        ),
        (
            "server",
            {LIST: ["1", 2, [3]]},
            (
                "type",
                "warning",
                f"{LIST}[2]",
                f"{LIST}[2] is an array, not the id of a category",
            ),
        ),
        (
            "server",
            {LIST: ["1", 3]},
            ("type", "note", LIST, f"{LIST} mixes numbers and strings"),
        ),
        (
            "browser",
            {LIST: []},
            ("empty", "note", LIST, f"{LIST} is empty: the user accepted no category"),
        ),
    ],
)
def test_a_faulty_list_is_found_once(
    layout: Layout, changes: dict[str, Any], expected: tuple[str, ...]
) -> None:
    code, *seen = expected
    assert consent_of(layout, changes) == [(f"consent.{code}", *seen)]
