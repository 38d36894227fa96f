"""Rules on who the user is: id, e-mail, phone, their hashes, and a few codes.

No message repeats a value: it is personal data. The sample beside it has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from hashlib import md5, sha256
from typing import Any

from mockcollect.verdict.rules import Seen, rule
from mockcollect.verdict.subject import Subject, json_type

_TABLE = "events reference, User"
_HASHING = "events reference, About Hashing"

_NOBODY = frozenset(
    {"undefined", "null", "none", "nan", "0", "anonymous", "[object object]"}
)
_HASHES: dict[str, tuple[str, int]] = {"_md5": ("MD5", 32), "_sha256": ("SHA-256", 64)}
_SUFFIXES = tuple(_HASHES)
_EMAIL_HASHES = ("email_md5", "email_sha256")

_HEX = re.compile(r"[0-9a-f]*")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_DIALLED = re.compile(r"[ .()/-]")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_COUNTRY = re.compile(r"[A-Z]{2,3}")
_LONGEST = 320  # RFC 3696: an e-mail address has no more characters

_WELL_FORMED = re.compile(r"[^\s@]+@[^\s@]+")


@rule(
    "user.id.type",
    "warning",
    "A user id is text.",
    remedy='Send the id between quotes: "12345", not 12345.',
    source=_TABLE,
)
def user_id_type(subject: Subject) -> tuple[Seen, ...]:
    """Find a user id of another type."""
    value = subject.user.get("id")
    if value is None or isinstance(value, str) or _is_zero(value):
        return ()
    path = f"{subject.user_at}id"
    return (Seen(path, f"{path} is {json_type(value)}, not a string", value),)


@rule(
    "user.id.placeholder",
    "warning",
    "A user id names somebody.",
    remedy="Leave user.id out while nobody is signed in.",
    source=_TABLE,
)
def user_id_placeholder(subject: Subject) -> tuple[Seen, ...]:
    """Find a user id that stands for nobody, and so makes one user of many."""
    if "id" not in subject.user:
        return ()
    path, value = f"{subject.user_at}id", subject.user["id"]
    if value is None:
        return (Seen(path, f"{path} is null"),)
    if _is_zero(value):
        return (Seen(path, f"{path} is 0, which names nobody", value),)
    if not is_nobody(value):
        return ()
    if not value.strip():
        return (Seen(path, f"{path} is empty", value),)
    return (Seen(path, f"{path} is a word that names nobody", value),)


@rule(
    "email.shape",
    "warning",
    "An e-mail is sent as it is hashed: without spaces, in small letters.",
    remedy="Trim the address and write it in small letters before you send or hash it.",
    source="Meta customer information page",
)
def email_shape(subject: Subject) -> tuple[Seen, ...]:
    """Find an e-mail that is none, or that another hash belongs to."""
    value = subject.user.get("email")
    if not isinstance(value, str) or not value or _looks_hashed(value):
        return ()
    path = f"{subject.user_at}email"
    if value != value.strip():
        return (Seen(path, f"{path} has spaces around it", value),)
    if len(value) > _LONGEST or not _WELL_FORMED.fullmatch(value):
        return (Seen(path, f"{path} is no e-mail address", value),)
    if value != value.lower():
        return (Seen(path, f"{path} has capital letters", value),)
    return ()


@rule(
    "email.hash_in_plain",
    "warning",
    "user.email is a plain address.",
    remedy="Send the hash as email_md5 or email_sha256.",
    source=_TABLE,
)
def email_hash_in_plain(subject: Subject) -> tuple[Seen, ...]:
    """Find a hash where the address belongs."""
    value = subject.user.get("email")
    if not isinstance(value, str) or not _looks_hashed(value):
        return ()
    path, kind = f"{subject.user_at}email", "md5" if len(value) == 32 else "sha256"
    message = f"{path} holds a hash of {len(value)} digits; its place is {path}_{kind}"
    return (Seen(path, message, value),)


@rule(
    "email.plain_in_hash",
    "warning",
    "A hashed e-mail is a hash.",
    remedy="Send the plain address as email, or its hash here.",
    source=_TABLE,
)
def email_plain_in_hash(subject: Subject) -> list[Seen]:
    """Find an address where a hash belongs."""
    return [
        Seen(
            f"{subject.user_at}{key}",
            f"{subject.user_at}{key} holds a plain address, not its hash",
            value,
        )
        for key in _EMAIL_HASHES
        if isinstance(value := subject.user.get(key), str) and "@" in value
    ]


@rule(
    "hash.format",
    "warning",
    "A hash is written in hexadecimal digits and small letters.",
    remedy="Send the hexadecimal digest: 32 characters of MD5, 64 of SHA-256.",
    source=_HASHING,
)
def hash_format(subject: Subject) -> list[Seen]:
    """Find hashes in capitals, in base64, or of another length."""
    return [
        Seen(f"{subject.user_at}{key}", f"{subject.user_at}{key} {fault}", value)
        for key, value in subject.user.items()
        if key.endswith(_SUFFIXES) and (fault := _fault_of_hash(key, value))
    ]


@rule(
    "hash.unnormalised",
    "warning",
    "A hash beside its plain value is the hash of the normalised value.",
    remedy=(
        "Hash the e-mail trimmed and in small letters, the phone number as in "
        "+33612345678; or send the plain value alone."
    ),
    source=_HASHING,
)
def hash_unnormalised(subject: Subject) -> list[Seen]:
    """Find a hash that is not that of the plain value beside it."""
    user = subject.user
    found: list[Seen] = []
    for key, normal in _NORMAL.items():
        if isinstance(plain := user.get(key), str) and plain:
            for suffix in _SUFFIXES:
                if f"{key}{suffix}" in user:
                    found += _other_hash(subject, key, suffix, normal(plain))
    return found


@rule(
    "phone.e164",
    "warning",
    "A phone number is in E.164 form, such as +33612345678.",
    remedy="Write a plus sign, the country's code and the number, digits only.",
    source=_TABLE,
)
def phone_e164(subject: Subject) -> tuple[Seen, ...]:
    """Find a phone number in another form."""
    value = subject.user.get("phone")
    if not isinstance(value, str) or not value or _E164.fullmatch(value):
        return ()
    path = f"{subject.user_at}phone"
    return (Seen(path, f"{path} is not in E.164 form, such as +33612345678", value),)


@rule(
    "birthdate.shape",
    "warning",
    "A date of birth is written YYYY-MM-DD.",
    remedy="Send the date as in 1970-01-31.",
    source=_TABLE,
)
def birthdate_shape(subject: Subject) -> tuple[Seen, ...]:
    """Find a date of birth in another form, or one that no calendar has."""
    value = subject.user.get("birthdate")
    if not isinstance(value, str) or not value or _is_day(value):
        return ()
    path = f"{subject.user_at}birthdate"
    return (Seen(path, f"{path} is no date in the form YYYY-MM-DD", value),)


@rule(
    "country.code",
    "warning",
    "A country is a code of ISO 3166-1, of two or three capital letters.",
    remedy="Send the code, such as FR or FRA.",
    source=_TABLE,
)
def country_code(subject: Subject) -> tuple[Seen, ...]:
    """Find a country that is written out, or in small letters."""
    value = subject.user.get("country")
    if not isinstance(value, str) or not value or _COUNTRY.fullmatch(value):
        return ()
    path = f"{subject.user_at}country"
    if _COUNTRY.fullmatch(value.upper()):
        return (Seen(path, f"{path} is a code in small letters", value),)
    return (Seen(path, f"{path} is no code of two or three capital letters", value),)


@rule(
    "gender.code",
    "warning",
    "A gender is f or m.",
    remedy="Send f or m, or leave gender out.",
    source=_TABLE,
)
def gender_code(subject: Subject) -> tuple[Seen, ...]:
    """Find another word for a gender."""
    value = subject.user.get("gender")
    if not isinstance(value, str) or value in ("", "f", "m"):
        return ()
    path = f"{subject.user_at}gender"
    return (Seen(path, f"{path} is neither f nor m", value),)


def is_nobody(value: Any) -> bool:
    """Return whether a user id stands for nobody, whatever its type."""
    if not isinstance(value, str):
        return value is None or _is_zero(value)
    if len(value) > _LONGEST:
        return False
    word = value.strip().lower()
    return not word or word in _NOBODY or (word[0] in "{$" and word[-1] == "}")


def _is_zero(value: Any) -> bool:
    return value == 0 and not isinstance(value, bool)


def _looks_hashed(value: str) -> bool:
    return len(value) in (32, 64) and _HEX.fullmatch(value.lower()) is not None


def _fault_of_hash(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        return ""
    if "@" in value and key in _EMAIL_HASHES:  # another rule says so
        return ""
    name, length = _HASHES["_md5" if key.endswith("_md5") else "_sha256"]
    if len(value) != length:
        return f"has {len(value):,} characters; {name} in hexadecimal has {length}"
    if _HEX.fullmatch(value):
        return ""
    if _HEX.fullmatch(value.lower()):
        return "has capital letters; the hash is in small ones"
    return "has characters that are no hexadecimal digits"


def _other_hash(
    subject: Subject, key: str, suffix: str, normal: str | None
) -> list[Seen]:
    path, value = f"{subject.user_at}{key}{suffix}", subject.user[f"{key}{suffix}"]
    if normal is None or not isinstance(value, str):
        return []
    name, length = _HASHES[suffix]
    if len(value) != length or not _HEX.fullmatch(value):
        return []
    digest = md5 if suffix == "_md5" else sha256
    text = normal.encode(errors="replace")
    if digest(text, usedforsecurity=False).hexdigest() == value:
        return []
    message = f"{path} is not the {name} of {subject.user_at}{key}, normalised"
    return [Seen(path, message, value)]


def _normal_email(value: str) -> str | None:
    return value.strip().lower()


def _normal_phone(value: str) -> str | None:
    """Return a number in E.164 form, or `None` where its country is not known."""
    if len(value) > _LONGEST:
        return None
    digits = _DIALLED.sub("", value)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    return digits if _E164.fullmatch(digits) else None


_NORMAL: dict[str, Callable[[str], str | None]] = {
    "email": _normal_email,
    "phone": _normal_phone,
}


def _is_day(value: str) -> bool:
    match = _DAY.fullmatch(value)
    if match is None:
        return False
    try:
        date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return False
    return True
