"""The formats of texts that are judged with the properties; others have own rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import NamedTuple

from mockcollect.verdict.verdict import Level

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S")
_DATE = re.compile(r"[0-9]{4}(?:-?[0-9]{2}(?:-?[0-9]{2}(?:[T ][0-9].*)?)?)?")
_TIME_ZONE = re.compile(r"[A-Za-z]+(?:[_/+-][A-Za-z0-9]+){0,6}")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_IPV4 = re.compile(rf"(?:{_OCTET}\.){{3}}{_OCTET}")
_MAX_ADDRESS = 64
_MAX_TIME_ZONE = 64


class Format(NamedTuple):
    """A format: its name in a sentence, what a breach weighs, and the test."""

    name: str
    level: Level
    remedy: str
    holds: Callable[[str], bool]


def is_address(text: str) -> bool:
    """Tell whether a text is one IP address, version 4 or 6."""
    if len(text) > _MAX_ADDRESS:
        return False
    return _IPV4.fullmatch(text) is not None or _is_other_address(text)


def _is_other_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_url(text: str) -> bool:
    return _URL.match(text) is not None


def _is_date(text: str) -> bool:
    return _DATE.fullmatch(text) is not None


def _is_time_zone(text: str) -> bool:
    return len(text) <= _MAX_TIME_ZONE and _TIME_ZONE.fullmatch(text) is not None


FORMATS: Mapping[str, Format] = {
    "uri": Format(
        "a whole URL", "note", "Send the URL with its scheme and host.", _is_url
    ),
    "iso8601": Format(
        "a date as ISO 8601 writes it",
        "warning",
        "Send YYYY-MM-DD, or a date with its time.",
        _is_date,
    ),
    "iana-tz": Format(
        "the name of a time zone",
        "note",
        "Send a name such as Europe/Paris.",
        _is_time_zone,
    ),
    "ip": Format(
        "one IP address",
        "warning",
        "Send the visitor's address alone, without port or proxies.",
        is_address,
    ),
}
"""By their names in the reference."""
