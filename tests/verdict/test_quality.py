from __future__ import annotations

import pytest

from mockcollect.verdict.quality import Quality, weather
from mockcollect.verdict.verdict import Finding, Verdict

NOTE = Finding("timestamp.far", "note", "", "")


@pytest.mark.parametrize(
    ("percentage", "word"),
    [
        (100, "sunny"),
        (99.99, "cloudy"),
        (95, "cloudy"),
        (94.99, "rainy"),
        (90, "rainy"),
        (89.99, "stormy"),
        (0, "stormy"),
    ],
)
def test_the_weather_is_the_platforms_word(percentage: float, word: str) -> None:
    assert weather(percentage) == word


@pytest.mark.parametrize(
    ("valid", "events", "percentage", "word"),
    [
        (1, 1, 100.0, "sunny"),
        (999_999, 1_000_000, 99.99, "cloudy"),
        (2, 3, 66.66, "stormy"),
        (0, 5, 0.0, "stormy"),
        (0, 0, None, None),
    ],
)
def test_one_invalid_event_among_many_is_no_sunshine(
    valid: int, events: int, percentage: float | None, word: str | None
) -> None:
    assert Quality(events, valid).to_dict() == {
        "events": events,
        "valid": valid,
        "percentage": percentage,
        "weather": word,
    }


def test_only_what_is_invalid_makes_quality_worse() -> None:
    quality = Quality()
    for verdict in (
        Verdict("valid"),
        Verdict("valid", (NOTE,)),
        Verdict("invalid-accepted"),
        Verdict("invalid-rejected"),
    ):
        quality.add(verdict)
    assert (quality.events, quality.valid) == (4, 2)
