from __future__ import annotations

import pytest

from mockcollect.verdict.rules import all_rules
from tests.verdict.judging import JSON, good, said, subject_of

KEY = "7183b9d4-1031-11ee-be56-0242ac120002"
CODES = [
    "tc_s.missing",
    "tc_s.not_digits",
    "tc_s.placeholder",
    "token.missing",
    "token.placeholder",
]


def codes_on(query: str, headers: dict[str, str] | None = None) -> list[str]:
    subject = subject_of(good("server"), query=query, headers=headers)
    return [code for code in CODES if said(code, subject)]


@pytest.mark.parametrize(
    "query",
    [
        f"tc_s=29&token={KEY}",
        "tc_s=4231&token=k",
        "tc_s=1&tc_skey=abc",
        "tc_s=1&token=q83v%2B%2FAA%3D%3D",
        f"tc_firsttime=1&tc_s=29&token={KEY}",
    ],
)
def test_a_site_and_a_key_pass(query: str) -> None:
    assert codes_on(query) == []


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("", ["tc_s.missing", "token.missing"]),
        ("token=k", ["tc_s.missing"]),
        ("tc_s=29", ["token.missing"]),
        ("tc_s=29&token=", ["token.placeholder"]),
        ("tc_s=&token=k", ["tc_s.placeholder"]),
        ("tc_s={siteId}&token={sourceKey}", ["tc_s.placeholder", "token.placeholder"]),
        ("tc_s=%7BsiteId%7D&token=k", ["tc_s.placeholder"]),
        ("tc_s=${SITE}&token=${KEY}", ["tc_s.placeholder", "token.placeholder"]),
        ("tc_s=%23your_site_id%23&token=k", ["tc_s.placeholder"]),
        ("tc_s=<siteId>&token=<key>", ["tc_s.placeholder", "token.placeholder"]),
        ("tc_s=29&token=undefined", ["token.placeholder"]),
        ("tc_s=29&token=None", ["token.placeholder"]),
        ("tc_s=29&token=[object Object]", ["token.placeholder"]),
        ("tc_s=29&token=your-source-key", ["token.placeholder"]),
        ("tc_s=29&token=%25KEY%25", ["token.placeholder"]),
        ("tc_s=shop&token=k", ["tc_s.not_digits"]),
        ("tc_s=29%20&token=k", ["tc_s.not_digits"]),
        ("tc_s=%D9%A2%D9%A9&token=k", ["tc_s.not_digits"]),
    ],
)
def test_a_faulty_site_or_key_is_found_once(query: str, codes: list[str]) -> None:
    assert codes_on(query) == codes


def test_a_key_in_the_header_is_no_missing_key() -> None:
    assert codes_on("tc_s=29", {**JSON, "authorization": "Bearer k"}) == []


@pytest.mark.parametrize("code", CODES)
def test_these_are_errors_of_the_request_in_each_layout(code: str) -> None:
    rule = all_rules()[code]
    assert (rule.level, rule.scope, len(rule.layouts)) == ("error", "request", 6)


def test_a_pixel_without_a_key_is_found() -> None:
    subject = subject_of(good("pixel"), "pixel", query="tc_s=29")
    assert said("token.missing", subject) == [
        ("error", "", "token is missing from the URL")
    ]


def test_a_very_long_key_is_no_placeholder() -> None:
    assert codes_on(f"tc_s=29&token={'{' * 5000}") == []
