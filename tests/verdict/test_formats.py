from __future__ import annotations

import pytest

from mockcollect.verdict.formats import FORMATS


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("uri", "https://shop.example.com/", True),
        ("uri", "android-app://com.example", True),
        ("uri", "/thanks", False),
        ("uri", "shop.example.com", False),
        ("iso8601", "2026-03-04", True),
        ("iso8601", "2026", True),
        ("iso8601", "20260304", True),
        ("iso8601", "2026-03-04T10:00:00.123Z", True),
        ("iso8601", "04/03/2026", False),
        ("iso8601", "March 4", False),
        ("iana-tz", "Europe/Paris", True),
        ("iana-tz", "America/Argentina/Buenos_Aires", True),
        ("iana-tz", "UTC", True),
        ("iana-tz", "+02:00", False),
        ("ip", "203.0.113.24", True),
        ("ip", "2001:db8::1", True),
        ("ip", "::ffff:203.0.113.24", True),
        ("ip", "203.0.113.256", False),
        ("ip", "203.0.113.24:443", False),
        ("ip", "203.0.113.24, 10.0.0.1", False),
        ("ip", "1" * 32_000, False),
    ],
)
def test_a_text_has_a_format_or_has_it_not(
    name: str, text: str, expected: bool
) -> None:
    assert FORMATS[name].holds(text) is expected
