"""What a terminal hides of a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.cli.masking import KEYS, masked_excerpt, masked_message, masked_text
from mockcollect.verdict.privacy import masked
from mockcollect.verdict.verdict import Finding, sample_of
from mockcollect.verdict.words import described


@pytest.mark.parametrize("key", KEYS)
def test_the_keys_are_those_that_are_personal(key: str) -> None:
    path = f"context.device.{key}" if key == "ip" else f"user.{key}"
    assert masked("Something", path) != "Something"


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("user.email", "jane@example.com", '"j…@example.com", text'),
        ("user.firstname", "Jane " * 30, '"J…", text'),
        ("user.phone", 33612345678, "…, a number"),
        ("user.zipcode", True, "true"),
        ("user.email", ["jane@example.com"], "a list"),
        ("user.email", None, "null"),
        ("user.email", "", "an empty text"),
        ("properties.user.lastname", "Doe", '"D…", text'),
        ("context.device.ip", "203.0.113.24", '"203.0.113.0", text'),
        ("contact", "jane@example.com", '"j…@example.com", text'),
        ("search_term", "desk lamp", '"desk lamp", text'),
        ("revenue", "16,00", '"16,00", text with a decimal comma'),
    ],
)
def test_a_message_keeps_the_kind_and_hides_the_value(
    path: str, value: object, expected: str
) -> None:
    message = f"{path} should be something; received {described(value)}"
    finding = Finding("property.type", "error", path, message, sample_of(value))
    assert masked_message(finding).endswith(f"received {expected}")


def test_each_address_in_a_text_is_cut() -> None:
    text = "from jane@example.com to john.doe@mail.example.org, at 5@"
    assert masked_text(text) == "from j…@example.com to j…@mail.example.org, at 5@"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"firstname": "Jane"}', '{"firstname": "J………"}'),
        ('{"zipcode":59330}', '{"zipcode":5…………}'),
        ('{"name": "Jane"}', '{"name": "Jane"}'),
        ('…tname": "Jane", "id": 5', '…tname": "J………", "id": 5'),
        ('…": "Jane", "id": 5', '…": "J………", "id": 5'),
        ('… "Jane", "id": 5', '… "J………", "id": 5'),
        ('…ne", "id": 5', '…n…", "id": 5'),
        ('{"phone": "06123…', '{"phone": "0……………'),
        ('{"city": null}', '{"city": n………}'),
    ],
)
def test_an_excerpt_is_masked_letter_by_letter(line: str, expected: str) -> None:
    assert masked_excerpt([line]) == [expected]


@given(st.lists(st.text(alphabet='{}[]":, …@.aemil1\n', max_size=60), max_size=4))
def test_an_excerpt_keeps_its_places(lines: list[str]) -> None:
    assert [len(line) for line in masked_excerpt(lines)] == [len(one) for one in lines]
