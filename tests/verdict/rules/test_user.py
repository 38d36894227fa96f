from __future__ import annotations

from hashlib import md5, sha256
from typing import Any

import pytest

from mockcollect.contract.event import Layout
from mockcollect.verdict.rules import LAYOUTS
from tests.verdict.judging import findings, good, said, subject_of

CODES = (
    "user.id.type",
    "user.id.placeholder",
    "email.shape",
    "email.hash_in_plain",
    "email.plain_in_hash",
    "hash.format",
    "hash.unnormalised",
    "phone.e164",
    "birthdate.shape",
    "country.code",
    "gender.code",
)
EMAIL, PHONE = "john.doe@example.com", "+33612345678"
MD5 = "8eb1b522f60d11fa897de1dc6351b7e8"
SHA256 = "836f82db99121b3481011f16b49dfa5fbc714a0d1b1b9f784a1ebbbf5b39577f"
PHONE_SHA256 = "42d573cfc315801d4cd8eddd5416b416a0bf298b9b9e12d6b07442c91db42bd8"


def with_user(user: dict[str, Any], layout: Layout = "server") -> dict[str, Any]:
    at = "properties.user" if layout in ("1.0", "browser-v1") else "user"
    return good(layout, {f"{at}.{key}": value for key, value in user.items()})


def codes_on(user: dict[str, Any], layout: Layout = "server") -> list[str]:
    subject = subject_of(with_user(user, layout), layout)
    return [code for code in CODES if said(code, subject)]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "user",
    [
        {},
        {"id": "0012"},
        {"email": EMAIL},
        {"email": "a+b@sub.example.museum"},
        {"email": EMAIL, "email_md5": MD5, "email_sha256": SHA256},
        {"phone": PHONE, "phone_sha256": PHONE_SHA256},
        {"email": "", "phone": "", "birthdate": "", "country": "", "gender": ""},
        {"email": None, "email_md5": None, "phone": None, "gender": None},
        {"birthdate": "1970-01-31", "country": "FRA", "gender": "f"},
        {"birthdate": "2000-02-29", "country": "FR", "gender": "m"},
        {"firstname_md5": MD5, "email_sha256": ""},
        {"city": "Paris", "status": "New"},
    ],
)
def test_a_user_as_the_table_has_it_passes(
    user: dict[str, Any], layout: Layout
) -> None:
    assert codes_on(user, layout) == []


@pytest.mark.parametrize(
    ("user", "codes"),
    [
        ({"id": 20417}, ["user.id.type"]),
        ({"id": 1.5}, ["user.id.type"]),
        ({"id": True}, ["user.id.type"]),
        ({"id": False}, ["user.id.type"]),
        ({"id": {"crm": "1"}}, ["user.id.type"]),
        ({"id": None}, ["user.id.placeholder"]),
        ({"id": ""}, ["user.id.placeholder"]),
        ({"id": "  "}, ["user.id.placeholder"]),
        ({"id": 0}, ["user.id.placeholder"]),
        ({"id": "0"}, ["user.id.placeholder"]),
        ({"id": "undefined"}, ["user.id.placeholder"]),
        ({"id": "Null"}, ["user.id.placeholder"]),
        ({"id": "anonymous"}, ["user.id.placeholder"]),
        ({"id": "{{user_id}}"}, ["user.id.placeholder"]),
        ({"id": "${user.id}"}, ["user.id.placeholder"]),
        ({"email": f" {EMAIL}"}, ["email.shape"]),
        ({"email": "John.Doe@example.com"}, ["email.shape"]),
        ({"email": "john.doe"}, ["email.shape"]),
        ({"email": "a@b@c"}, ["email.shape"]),
        ({"email": "john doe@example.com"}, ["email.shape"]),
        ({"email": "a@" * 200}, ["email.shape"]),
        ({"email": MD5}, ["email.hash_in_plain"]),
        ({"email": SHA256.upper()}, ["email.hash_in_plain"]),
        ({"email_sha256": EMAIL}, ["email.plain_in_hash"]),
        ({"email_md5": EMAIL}, ["email.plain_in_hash"]),
        ({"email_sha256": SHA256.upper()}, ["hash.format"]),
        ({"email_sha256": MD5}, ["hash.format"]),
        ({"email_md5": SHA256}, ["hash.format"]),
        ({"phone_md5": "jrG1IvYNEfqJfeHcY1G36A=="}, ["hash.format"]),
        ({"lastname_sha256": "z" * 64}, ["hash.format"]),
        ({"phone_sha256": PHONE}, ["hash.format"]),
        ({"email": EMAIL, "email_md5": "0" * 32}, ["hash.unnormalised"]),
        (
            {
                "email": "John.Doe@example.com",
                "email_sha256": sha256(b"John.Doe@example.com").hexdigest(),
            },
            ["email.shape", "hash.unnormalised"],
        ),
        ({"email": "JOHN.DOE@example.com", "email_md5": MD5}, ["email.shape"]),
        (
            {"phone": PHONE, "phone_md5": md5(b"33612345678").hexdigest()},
            ["hash.unnormalised"],
        ),
        ({"phone": "+33 6 12 34 56 78", "phone_sha256": PHONE_SHA256}, ["phone.e164"]),
        ({"phone": "0033612345678", "phone_sha256": PHONE_SHA256}, ["phone.e164"]),
        ({"phone": "0612345678", "phone_sha256": "0" * 64}, ["phone.e164"]),
        ({"phone": "+0612345678"}, ["phone.e164"]),
        ({"birthdate": "31/01/1970"}, ["birthdate.shape"]),
        ({"birthdate": "1970-02-30"}, ["birthdate.shape"]),
        ({"birthdate": "0000-01-01"}, ["birthdate.shape"]),
        ({"birthdate": "1970-01-01T00:00:00Z"}, ["birthdate.shape"]),
        ({"country": "France"}, ["country.code"]),
        ({"country": "fr"}, ["country.code"]),
        ({"country": "F"}, ["country.code"]),
        ({"gender": "male"}, ["gender.code"]),
        ({"gender": "F"}, ["gender.code"]),
    ],
)
def test_a_faulty_user_is_found_by_its_rule(
    user: dict[str, Any], codes: list[str]
) -> None:
    assert codes_on(user) == codes


@pytest.mark.parametrize(
    ("layout", "path"),
    [
        ("server", "user.id"),
        ("browser", "user.id"),
        ("mobile", "user.id"),
        ("pixel", "user.id"),
        ("1.0", "properties.user.id"),
        ("browser-v1", "properties.user.id"),
    ],
)
def test_the_path_is_the_layouts(layout: Layout, path: str) -> None:
    subject = subject_of(with_user({"id": ""}, layout), layout)
    assert said("user.id.placeholder", subject) == [
        ("warning", path, f"{path} is empty")
    ]


def test_no_message_repeats_personal_data() -> None:
    user = {
        "id": "anonymous",
        "email": "John.Doe@Example.com",
        "phone": "0612345678",
        "birthdate": "31/01/1970",
        "country": "france",
        "gender": "male",
        "email_md5": "John.Doe@Example.com",
        "email_sha256": "0" * 64,
    }
    subject = subject_of(with_user(user))
    found = [one for code in CODES for one in findings(code, subject)]
    assert len(found) == 8
    for one in found:
        assert one.sample in user.values()
        assert str(one.sample) not in one.message.replace("example.com", "")
