"""The keys of a filter, each with its help, and what each asks of a record."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

from mockcollect.contract.event import FaultKind, Layout, RefusalReason
from mockcollect.recording.conditions import (
    Condition,
    EventTest,
    Key,
    RequestTest,
)
from mockcollect.recording.paths import (
    Path,
    holds_word,
    is_part_of_number,
    is_present,
    read_comparison,
    read_path,
    values_at,
    write_path,
)
from mockcollect.recording.records import RecordedEvent, RecordedRequest, iso_time
from mockcollect.recording.values import (
    read_bytes,
    read_count,
    read_one_of,
    read_pattern,
    read_status,
    read_time,
    write_bytes,
)
from mockcollect.recording.verdict_keys import VERDICT_KEYS

_REASONS: tuple[str, ...] = get_args(RefusalReason)
_LAYOUTS: tuple[str, ...] = get_args(Layout)
_FAULTS: tuple[str, ...] = get_args(FaultKind)


def word_condition(text: str) -> Condition:
    """Return the condition of a bare word: it is somewhere, in upper or lower case."""
    word = text.casefold()
    return Condition(text, _word_in_event(word), _word_in_request(word))


def path_condition(path: Path, sign: str, text: str) -> Condition:
    """Return the condition of a comparison; raise ValueError for a wrong number."""
    holds = read_comparison(sign, text)
    return Condition(text, lambda recorded: holds(values_at(recorded.event.data, path)))


def _read_event_name(text: str, _: datetime | None) -> Condition:
    holds = read_pattern(text)
    return Condition(
        text,
        lambda recorded: holds(recorded.event.event_name),
        event_name=None if "*" in text else text,
    )


def _read_test_code(text: str, _: datetime | None) -> Condition:
    return Condition(text, lambda recorded: recorded.event.test_code == text)


def _read_event_id(text: str, _: datetime | None) -> Condition:
    return Condition(text, lambda recorded: recorded.event.event_id == text)


def _read_layout(text: str, _: datetime | None) -> Condition:
    layout = read_one_of(_LAYOUTS, text.lower())
    return Condition(layout, lambda recorded: recorded.event.layout == layout)


def _read_has(text: str, _: datetime | None) -> Condition:
    path = read_path(text)
    return Condition(
        write_path(path),
        lambda recorded: is_present(values_at(recorded.event.data, path)),
    )


def _read_site(text: str, _: datetime | None) -> Condition:
    return Condition(
        text,
        lambda recorded: recorded.event.site_id == text,
        lambda recorded: recorded.site_id == text,
    )


def _read_source(text: str, _: datetime | None) -> Condition:
    return Condition(
        text,
        lambda recorded: (recorded.event.source_key or "").startswith(text),
        lambda recorded: (recorded.source_key or "").startswith(text),
    )


def _read_id(text: str, _: datetime | None) -> Condition:
    number = read_count(text)
    return Condition(
        str(number),
        lambda recorded: recorded.id == number,
        lambda recorded: recorded.id == number,
    )


def _read_request(text: str, _: datetime | None) -> Condition:
    number = read_count(text)
    return _of_request(str(number), lambda recorded: recorded.id == number)


def _read_status(text: str, _: datetime | None) -> Condition:
    status = read_status(text)
    return _of_request(text, lambda recorded: recorded.status == status)


def _read_url_path(text: str, _: datetime | None) -> Condition:
    holds = read_pattern(text)
    return _of_request(text, lambda recorded: holds(recorded.request.path))


def _read_method(text: str, _: datetime | None) -> Condition:
    method = text.upper()
    return _of_request(method, lambda recorded: recorded.request.method == method)


def _read_refused(text: str, _: datetime | None) -> Condition:
    wanted = text.lower().replace("-", " ")
    if read_one_of(("yes", "no", *_REASONS), wanted) in _REASONS:
        return _of_request(
            wanted.replace(" ", "-"),
            lambda recorded: _reason(recorded) == wanted,
        )
    refused = wanted == "yes"
    return _of_request(
        wanted, lambda recorded: (recorded.refusal is not None) == refused
    )


def _read_fault(text: str, _: datetime | None) -> Condition:
    wanted = read_one_of(("yes", "no", *_FAULTS), text.lower())
    if wanted in _FAULTS:
        return _of_request(wanted, lambda recorded: _fault(recorded) == wanted)
    faulted = wanted == "yes"
    return _of_request(wanted, lambda recorded: (recorded.fault is not None) == faulted)


def _read_after(text: str, now: datetime | None) -> Condition:
    moment = read_time(text, now)
    return _of_request(
        iso_time(moment), lambda recorded: recorded.received_at >= moment
    )


def _read_before(text: str, now: datetime | None) -> Condition:
    moment = read_time(text, now)
    return _of_request(iso_time(moment), lambda recorded: recorded.received_at < moment)


def _read_larger(text: str, _: datetime | None) -> Condition:
    size = read_bytes(text)
    return Condition(
        write_bytes(size),
        lambda recorded: recorded.event.size > size,
        lambda recorded: _size(recorded) > size,
    )


def _read_smaller(text: str, _: datetime | None) -> Condition:
    size = read_bytes(text)
    return Condition(
        write_bytes(size),
        lambda recorded: recorded.event.size < size,
        lambda recorded: _size(recorded) < size,
    )


_TIME = "a time of today as in `{0}:10:42`, or a date as in `{0}:2026-11-23T10:42:07Z`"
_BYTES = "a number of bytes as in `{0}:500` or `{0}:10kb`"

KEYS: dict[str, Key] = {
    key.name: key
    for key in (
        Key(
            "event",
            "The event's name; * stands for any text.",
            'a name, as in `event:purchase` or `event:"add to*"`',
            _read_event_name,
        ),
        Key(
            "status",
            "The status that was answered.",
            "a status, as in `status:400`",
            _read_status,
        ),
        Key("site", "The site id.", "a site id, as in `site:29`", _read_site),
        Key(
            "source",
            "The source key, or how it begins.",
            "the beginning of a source key, as in `source:7183`",
            _read_source,
        ),
        Key("test", "The test code.", "a test code, as in `test:abc`", _read_test_code),
        Key(
            "layout",
            f"The payload layout: {', '.join(_LAYOUTS)}.",
            f"one of {', '.join(_LAYOUTS)}, as in `layout:browser`",
            _read_layout,
            _LAYOUTS,
        ),
        Key(
            "id",
            "The number the event was recorded with; without events, the request's.",
            "a number, as in `id:8`",
            _read_id,
        ),
        Key(
            "request",
            "The number of the request that brought the event.",
            "a number, as in `request:6`",
            _read_request,
        ),
        Key(
            "event_id",
            "The event id that the client sent.",
            "an event id, as in `event_id:202210310000000000`",
            _read_event_id,
        ),
        Key(
            "path",
            "The path of the URL; * stands for any text.",
            "a path, as in `path:/events/batch`",
            _read_url_path,
        ),
        Key(
            "method",
            "The HTTP method.",
            "a method, as in `method:POST`",
            _read_method,
        ),
        Key(
            "refused",
            f"Why the request was refused: {', '.join(_REASONS)}; or yes, or no.",
            f"yes, no, or one of {', '.join(_REASONS)}, as in `refused:too-large`",
            _read_refused,
            ("yes", "no", *_REASONS),
        ),
        Key(
            "fault",
            f"What a fault did to the answer: {', '.join(_FAULTS)}; or yes, or no.",
            f"yes, no, or one of {', '.join(_FAULTS)}, as in `fault:status`",
            _read_fault,
            ("yes", "no", *_FAULTS),
        ),
        Key(
            "has",
            "A path of the event where something stands that is not null.",
            "a path, as in `has:user.email`",
            _read_has,
        ),
        *VERDICT_KEYS,
        Key(
            "after",
            "Received at this time or later.",
            _TIME.format("after"),
            _read_after,
        ),
        Key(
            "before",
            "Received before this time.",
            _TIME.format("before"),
            _read_before,
        ),
        Key(
            "larger",
            "More bytes than this.",
            _BYTES.format("larger"),
            _read_larger,
        ),
        Key(
            "smaller",
            "Fewer bytes than this.",
            _BYTES.format("smaller"),
            _read_smaller,
        ),
    )
}
"""The keys that may stand before a colon, by name. A new key is one more entry."""


def _of_request(value: str, holds: RequestTest) -> Condition:
    return Condition(value, lambda recorded: holds(recorded.request), holds)


def _word_in_event(word: str) -> EventTest:
    needle = word.encode(errors="surrogatepass")
    conclusive = not is_part_of_number(word)

    def holds(recorded: RecordedEvent) -> bool:
        event, request = recorded.event, recorded.request.request
        named = (event.event_name, event.event_id, event.test_code)
        if _in_any(word, *named, event.site_id, event.source_key, request.path):
            return True
        body = request.body
        # Most events do not hold the word, and a look at the body often proves it: if
        # it is the event and nothing else, and spells nothing in another way.
        if conclusive and event.size == len(body) and event.layout != "pixel":
            plain = body.isascii() and b"\\" not in body
            if plain and needle not in body.lower():
                return False
        return holds_word(event.data, word)

    return holds


def _word_in_request(word: str) -> RequestTest:
    def holds(recorded: RecordedRequest) -> bool:
        request = recorded.request
        named = (recorded.site_id, recorded.source_key, request.target)
        return (
            _in_any(word, *named)
            or word in request.body.decode(errors="replace").casefold()
        )

    return holds


def _in_any(word: str, *texts: str | None) -> bool:
    return any(text is not None and word in text.casefold() for text in texts)


def _reason(recorded: RecordedRequest) -> str | None:
    return recorded.refusal.reason if recorded.refusal else None


def _fault(recorded: RecordedRequest) -> str | None:
    return recorded.fault.kind if recorded.fault else None


def _size(recorded: RecordedRequest) -> int:
    return max(recorded.request.size, len(recorded.request.body))
