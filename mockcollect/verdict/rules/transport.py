"""Rules on how an event travelled: what `contract.remarks` says of its request."""

from __future__ import annotations

from collections.abc import Iterable

from mockcollect.verdict import facts
from mockcollect.verdict.rules import Check, Seen, elsewhere, rule
from mockcollect.verdict.subject import Subject
from mockcollect.verdict.verdict import Level

_PAGE_KEY = "API page, Parameters"
_PAGE_SIZE = "API page, Max Request Size"
_PAGE_ERRORS = "API page, Errors"
_SMALLER = "Send fewer properties, or fewer events at once."

_REMARKS: tuple[tuple[str, Level, str, str, str], ...] = (
    (
        "tc_s.repeated",
        "warning",
        "The URL names the site once.",
        "Give tc_s once.",
        _PAGE_KEY,
    ),
    (
        "token.repeated",
        "warning",
        "The URL names the source key once.",
        "Give token once.",
        _PAGE_KEY,
    ),
    (
        "token.alias",
        "note",
        "The source key is called token.",
        "Call it token.",
        _PAGE_KEY,
    ),
    (
        "token.header_only",
        "warning",
        "The source key stands in the URL.",
        "Add token=… to the URL: the header went out of the page in October 2023.",
        _PAGE_KEY,
    ),
    (
        "token.differs",
        "warning",
        "The URL and the Authorization header name the same source key.",
        "Send the key in the URL alone.",
        _PAGE_KEY,
    ),
    (
        "query.extra",
        "note",
        "A POST has its properties in the body.",
        "Move them into the event.",
        "API page, Payload",
    ),
    (
        "content_type",
        "note",
        "A server says that it sends JSON.",
        "Set the header Content-Type: application/json.",
        "API page, Headers",
    ),
    (
        "size.single",
        "note",
        "An event has 32KB at most.",
        _SMALLER,
        _PAGE_SIZE,
    ),
    (
        "size.batch",
        "note",
        "A batch has 500KB at most.",
        _SMALLER,
        _PAGE_SIZE,
    ),
    (
        "batch.empty",
        "note",
        "A batch holds events.",
        "Send no batch while there is nothing to send.",
        "API page, Batch",
    ),
)


def _remarked(code: str) -> Check:
    def check(subject: Subject) -> Iterable[Seen]:
        remarks = subject.facts.remarks
        if not remarks:
            return ()
        return [Seen("", one.message) for one in remarks if one.code == code]

    return check


for _code, _level, _title, _remedy, _source in _REMARKS:
    rule(_code, _level, _title, remedy=_remedy, source=_source, scope="request")(
        _remarked(_code)
    )


@rule(
    "size.batch_event",
    "note",
    "An event of a batch has 32KB at most.",
    remedy="Send fewer properties.",
    source=_PAGE_SIZE,
)
def size_batch_event(subject: Subject) -> list[Seen]:
    """Find an event of a batch that is too large if a KB is 1000 bytes."""
    if subject.endpoint != "batch":
        return []
    return [Seen("", one.message) for one in facts.on_event_size(subject.event)]


@rule(
    "json.duplicate_keys",
    "warning",
    "No key stands twice in one object.",
    remedy="Send each key once: which of two counts depends on the parser.",
    source="RFC 8259, section 4",
    scope="request",
)
def json_duplicate_keys(subject: Subject) -> Iterable[Seen]:
    """Find keys that the parser overwrote."""
    if subject.endpoint not in ("events", "batch"):
        return ()
    remarks = subject.facts.repeated(subject.event.data)
    return [Seen("", one.message) for one in remarks] if remarks else ()


@rule(
    "number.precision",
    "warning",
    "A number is no longer than a double holds.",
    remedy="Send long numbers, such as ids, as text.",
    source="RFC 8259, section 6",
)
def number_precision(subject: Subject) -> Iterable[Seen]:
    """Find numbers that most parsers read as another number."""
    lossy = subject.facts.lossy(subject.event.index)
    if not lossy:
        return ()
    return [
        Seen(one.path, f"{one.path} loses digits in most JSON parsers", one.text)
        for one in lossy
    ]


rule(
    "encoding.gzip",
    "error",
    "A body is sent as it is, not compressed.",
    remedy="Send the body without Content-Encoding: a compressed one is answered 400.",
    source=_PAGE_ERRORS,
    scope="request",
)(elsewhere)

rule(
    "json.nan",
    "error",
    "A number is one that JSON has: NaN and Infinity are not.",
    remedy="Send null, or leave the property out: such a body is answered 400.",
    source=_PAGE_ERRORS,
    scope="request",
)(elsewhere)
