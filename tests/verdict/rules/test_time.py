from __future__ import annotations

from typing import Any

import pytest

from mockcollect.contract.event import Layout
from mockcollect.verdict.rules import LAYOUTS, all_rules
from tests.verdict.judging import GONE, NOW, QUERY, good, said, subject_of

CODES = [code for code in all_rules() if code.startswith("timestamp.")]
IN_CONTEXT = "context.event_timestamp"

DAY = 86_400_000


def what_time_rules_say(
    layout: Layout, changes: dict[str, Any], **options: Any
) -> list[tuple[str, str, str]]:
    subject = subject_of(good(layout, changes), layout, **options)
    return [
        (code, level, path)
        for code in CODES
        for level, path, _ in said(code, subject)
        if code != "timestamp.far"
    ]


def test_there_are_seven_rules_on_time() -> None:
    assert len(CODES) == 7


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("code", CODES)
def test_a_good_event_of_each_layout_passes(code: str, layout: Layout) -> None:
    assert said(code, subject_of(good(layout), layout)) == []


@pytest.mark.parametrize(
    ("layout", "changes"),
    [
        ("server", {IN_CONTEXT: NOW + 0.123}),
        ("mobile", {IN_CONTEXT: NOW, "event_timestamp": 5}),
        ("browser", {"context.created": GONE, IN_CONTEXT: NOW}),
        ("browser-v1", {"created": "2025-11-24T16:00:00.000Z"}),
        ("pixel", {"event_timestamp": NOW}),
    ],
)
def test_what_a_layout_may_do_passes(layout: Layout, changes: dict[str, Any]) -> None:
    assert what_time_rules_say(layout, changes) == []


@pytest.mark.parametrize(
    ("layout", "changes", "expected"),
    [
        ("server", {IN_CONTEXT: GONE}, ("missing", "error", IN_CONTEXT)),
        ("server", {IN_CONTEXT: ""}, ("missing", "error", IN_CONTEXT)),
        ("mobile", {IN_CONTEXT: None}, ("missing", "error", IN_CONTEXT)),
        ("browser", {"context.created": GONE}, ("missing", "error", "context.created")),
        ("1.0", {"event_timestamp": GONE}, ("missing", "error", "event_timestamp")),
        ("server", {IN_CONTEXT: 1764000000}, ("seconds", "error", IN_CONTEXT)),
        ("server", {IN_CONTEXT: 1764000000.5}, ("seconds", "error", IN_CONTEXT)),
        ("pixel", {IN_CONTEXT: "1764000000"}, ("seconds", "error", IN_CONTEXT)),
        ("1.0", {"event_timestamp": 1764000000}, ("seconds", "error", "event_timesta")),
        ("server", {IN_CONTEXT: NOW * 1000}, ("micros", "error", IN_CONTEXT)),
        ("mobile", {IN_CONTEXT: str(NOW * 10**6)}, ("micros", "error", IN_CONTEXT)),
        ("server", {IN_CONTEXT: 10**18 * 9}, ("micros", "error", IN_CONTEXT)),
        ("server", {IN_CONTEXT: "2025-11-24T16:00:00Z"}, ("iso", "error", IN_CONTEXT)),
        ("mobile", {IN_CONTEXT: "2025-11-24"}, ("iso", "error", IN_CONTEXT)),
        (
            "server",
            {IN_CONTEXT: "2025-11-24 16:00:00.123456+01:00"},
            ("iso", "error", IN_CONTEXT),
        ),
        ("server", {IN_CONTEXT: str(NOW)}, ("text", "note", IN_CONTEXT)),
        ("pixel", {IN_CONTEXT: str(NOW)}, ("text", "note", IN_CONTEXT)),
        ("server", {IN_CONTEXT: "yesterday"}, ("text", "error", IN_CONTEXT)),
        ("browser", {"context.created": "now"}, ("text", "error", "context.created")),
        ("server", {IN_CONTEXT: True}, ("text", "error", IN_CONTEXT)),
        ("server", {IN_CONTEXT: [NOW]}, ("text", "error", IN_CONTEXT)),
        (
            "server",
            {IN_CONTEXT: GONE, "event_timestamp": NOW},
            ("at_root", "warning", "event_timestamp"),
        ),
    ],
)
def test_a_faulty_time_is_found_once(
    layout: Layout, changes: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    ((code, level, path),) = what_time_rules_say(layout, changes)
    assert (code, level, path[:13]) == (
        f"timestamp.{expected[0]}",
        expected[1],
        expected[2][:13],
    )


def test_the_batch_example_of_the_page_has_its_time_at_the_root_and_in_text() -> None:
    changes = {IN_CONTEXT: GONE, "event_timestamp": str(NOW)}
    assert what_time_rules_say("server", changes) == [
        ("timestamp.at_root", "warning", "event_timestamp"),
        ("timestamp.text", "note", "event_timestamp"),
    ]


def test_the_words_on_digits_in_a_string_are_those_of_the_terminal() -> None:
    subject = subject_of(good("server", {IN_CONTEXT: str(NOW)}))
    ((_, _, message),) = said("timestamp.text", subject)
    assert message == (
        "context.event_timestamp is a string of digits; "
        "the specification file types it integer"
    )


def test_a_missing_time_names_the_key_that_was_meant() -> None:
    data = good("server", {IN_CONTEXT: GONE, "timestamp": NOW})
    ((_, _, message),) = said("timestamp.missing", subject_of(data))
    assert message == (
        "context.event_timestamp is missing. Did you mean to send `timestamp` as "
        "`context.event_timestamp`?"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({IN_CONTEXT: 1764000000}, "has 10 digits, so it is in seconds"),
        ({IN_CONTEXT: NOW * 1000}, "has 16 digits, so it is in microseconds"),
        ({IN_CONTEXT: NOW * 10**6}, "has 19 digits, so it is in nanoseconds"),
    ],
)
def test_a_unit_is_named(changes: dict[str, Any], message: str) -> None:
    subject = subject_of(good("server", changes))
    found = said("timestamp.seconds", subject) + said("timestamp.micros", subject)
    assert [text for _, _, text in found] == [f"{IN_CONTEXT} {message}"]


@pytest.mark.parametrize(
    ("received_at", "message"),
    [
        (NOW + 7 * DAY, None),
        (NOW - 3_600_000, None),
        (NOW + 8 * DAY, "8 days before"),
        (NOW + 1000 * DAY, "1,000 days before"),
        (NOW - 3_660_000, "61 minutes after"),
        (NOW - 3 * 3_600_000, "3 hours after"),
    ],
)
@pytest.mark.parametrize("layout", ["server", "mobile", "browser", "1.0"])
def test_a_time_that_is_far_is_a_note(
    layout: Layout, received_at: int, message: str | None
) -> None:
    subject = subject_of(good(layout), layout, received_at=received_at)
    found = said("timestamp.far", subject)
    if message is None:
        assert found == []
    else:
        ((level, path, text),) = found
        assert level == "note"
        assert text == f"{path} is {message} the event was received"


def test_a_time_in_seconds_is_not_also_far() -> None:
    assert said("timestamp.far", subject_of(good("server", {IN_CONTEXT: 10**9}))) == []


def test_an_override_in_the_query_moves_the_time() -> None:
    query = f"{QUERY}&ts_override={(NOW + 30 * DAY) // 1000}"
    subject = subject_of(good("server"), query=query, received_at=NOW + 30 * DAY)
    assert said("timestamp.far", subject) == []
