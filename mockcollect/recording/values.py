"""The values that may stand after a key: read from a filter's text, written back.

Each reader raises ValueError for a text that it cannot read. Also here: what a message
says of such a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from difflib import get_close_matches

TextTest = Callable[[str | None], bool]

_UNITS = {"": 1, "b": 1, "kb": 1024, "mb": 1024 * 1024}
_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)(b|kb|mb|)", re.ASCII)
_COUNT = re.compile(r"\d{1,15}", re.ASCII)
_STATUS = re.compile(r"[1-5]\d\d", re.ASCII)
_CLOCK = r"(?P<clock>\d?\d:\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?)?"
_MOMENT = re.compile(
    rf"(?:(?P<date>\d{{4}}-\d\d-\d\d)[T ])?{_CLOCK}(?P<zone>Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SHOWN_LENGTH = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_LAST = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone.utc)


def shown(text: str) -> str:
    """Return a text as a message quotes it: not all of it if it is long."""
    return (
        f"`{text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 1] + '…'}`"
    )


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return the known word that was most likely meant, if any is near."""
    return next(iter(get_close_matches(word, known, n=1, cutoff=cutoff)), None)


def read_pattern(text: str) -> TextTest:
    """Return the test of a text in which `*` stands for any text."""
    if "*" not in text:
        return lambda value: value == text
    first, *middle, last = text.split("*")

    def matches(value: str | None) -> bool:
        # Not a regular expression: many `*` would make it backtrack without end.
        if value is None or not value.startswith(first) or not value.endswith(last):
            return False
        start, end = len(first), len(value) - len(last)
        for part in middle:
            found = value.find(part, start, end)
            if found < 0:
                return False
            start = found + len(part)
        return start <= end

    return matches


def read_one_of(words: tuple[str, ...], text: str) -> str:
    """Return the text if it is one of some words."""
    if text not in words:
        raise ValueError(text)
    return text


def read_count(text: str) -> int:
    """Return a whole number."""
    return int(_matched(_COUNT, text)[0])


def read_status(text: str) -> int:
    """Return an HTTP status."""
    return int(_matched(_STATUS, text)[0])


def read_bytes(text: str) -> int:
    """Return the bytes of a size such as `500`, `1.5kb` or `2mb`."""
    match = _matched(_SIZE, text.lower())
    return round(float(match[1]) * _UNITS[match[2]])


def write_bytes(size: int) -> str:
    """Return the text of a size, in the largest unit that is exact."""
    for unit in ("mb", "kb"):
        if size and size % _UNITS[unit] == 0:
            return f"{size // _UNITS[unit]}{unit}"
    return str(size)


def read_time(text: str, now: datetime | None) -> int:
    """Return a time in milliseconds since 1970; of today if it has no date."""
    moment = _moment(text.upper(), now)
    if not _EPOCH <= moment <= _LAST:
        raise ValueError(text)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _moment(text: str, now: datetime | None) -> datetime:
    if _DATE.fullmatch(text):
        return _local(datetime.fromisoformat(text), now)
    match = _matched(_MOMENT, text)
    if match["zone"] and not match["date"]:
        raise ValueError(text)
    date = match["date"] or (now or datetime.now()).date().isoformat()
    clock = f"{match['clock']:0>5}:{match['second'] or '00'}"
    fraction = f"{match['fraction'] or '':0<6}"[:6]  # Python 3.10 reads 3 or 6 digits
    zone = (match["zone"] or "").replace("Z", "+00:00")
    moment = datetime.fromisoformat(f"{date}T{clock}.{fraction}{zone}")
    return moment if zone else _local(moment, now)


def _local(moment: datetime, now: datetime | None) -> datetime:
    if now is not None and now.tzinfo is not None:
        return moment.replace(tzinfo=now.tzinfo)
    try:
        return moment.astimezone()
    except (OverflowError, OSError) as error:  # years that the system cannot convert
        raise ValueError(str(moment)) from error


def _matched(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    match = pattern.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return match
