from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

import fixtures
from mockcollect.verdict.privacy import has_consent, masked, personal_data
from tests.verdict.judging import good, subject_of

SEED = json.loads((Path(fixtures.__file__).parent / "seed/search.json").read_text())


def paths(data: Any) -> tuple[str, ...]:
    return personal_data(subject_of(data).event)


def test_the_pages_event_carries_an_email_and_an_address() -> None:
    assert paths(SEED) == ("user.email", "context.device.ip")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"event_name": "search", "user": {"id": "1", "city": ""}}, ()),
        ({"user": {"phone": "+33612345678"}}, ("user.phone",)),
        ({"user": {"firstname": "A"}}, ("user.firstname",)),
        ({"user": {"birthdate": "1990-01-01"}}, ("user.birthdate",)),
        ({"user": {"zipcode": 75001}}, ("user.zipcode",)),
        ({"user": {"email_sha256": "ab"}}, ("user.email_sha256",)),
        ({"properties": {"user": {"email": "a@b.c"}}}, ("properties.user.email",)),
        ({"device": {"ip": "203.0.113.24"}}, ("device.ip",)),
        ({"email": "a@b.c"}, ("email",)),
        ({"user.email": "a@b.c"}, ("user.email",)),
        ({"user": "a@b.c", "context": [1]}, ()),
        ([1], ()),
        ("a@b.c", ()),
        (None, ()),
    ],
)
def test_fields_that_carry_personal_data_are_named(
    data: Any, expected: tuple[str, ...]
) -> None:
    assert paths(data) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"user.consent_categories": [1]}, True),
        ({"user.consent_categories": []}, False),
        ({"user.consent_categories": None}, None),
        ({"user": {}}, None),
        ({"user": "{waiting_for_consent}"}, None),
    ],
)
def test_consent_is_there_refused_or_unknown(
    changes: dict[str, Any], expected: bool | None
) -> None:
    assert has_consent(subject_of(good("server", changes)).event) is expected


def test_consent_of_old_layouts_stands_in_their_properties() -> None:
    assert has_consent(subject_of(good("browser-v1")).event) is True


@pytest.mark.parametrize(
    ("value", "path", "expected"),
    [
        ("jane@example.com", "user.email", "j…@example.com"),
        ("jane", "properties.user.firstname", "j…"),
        ("203.0.113.24", "context.device.ip", "203.0.113.0"),
        ("2001:db8:1:2::3", "context.device.ip", "2001:db8:1::"),
        ("unknown", "context.device.ip", "…"),
        (75001, "user.zipcode", "…"),
        (["a@b.c"], "user.email", "…"),
        (None, "user.email", None),
        ("", "user.email", ""),
        ("lamp", "search_term", "lamp"),
        ("836f", "user.email_sha256", "836f"),
        ({"email": "a@b.c", "id": "1"}, "user", {"email": "a…@b.c", "id": "1"}),
    ],
)
def test_what_is_shown_is_masked(value: Any, path: str, expected: Any) -> None:
    assert masked(value, path) == expected


def test_a_whole_event_is_masked_and_not_changed() -> None:
    before = copy.deepcopy(SEED)
    shown = masked(SEED, "")
    assert before == SEED
    assert shown["user"]["email"] == "t…@domain.fr"
    assert shown["context"]["device"]["ip"] == "102.3.4.0"
    assert shown["context"]["page"] == SEED["context"]["page"]


@pytest.mark.parametrize("path", paths(SEED))
def test_every_path_that_is_named_is_masked(path: str) -> None:
    value: Any = SEED
    for key in path.split("."):
        value = value[key]
    assert masked(value, path) != value
