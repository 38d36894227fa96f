"""What deserves a word although production answers 200: facts of the request itself.

A remark never changes a status, and is made only when somebody looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mockcollect.contract import jsontext
from mockcollect.contract.event import CollectRequest, Event
from mockcollect.contract.source import OWN_PARAMETERS, bearer_token, parameters
from mockcollect.contract.wire import parse_json

GREY_EVENT_BYTES = 32_000  # the page writes 32KB: 1000 or 1024 is not known
GREY_BATCH_BYTES = 500_000  # the page writes 500KB

_FROM_VENDOR_CLIENTS = frozenset({"browser-v1", "browser", "mobile", "pixel"})
"""Layouts whose senders are the vendor's own: none of them sends application/json."""


class Remark(NamedTuple):
    """One remark: a stable code, and a sentence with what was seen."""

    code: str
    message: str


def find_remarks(
    request: CollectRequest, endpoint: str | None, events: Sequence[Event]
) -> tuple[Remark, ...]:
    """Return the remarks on a request that was answered 200 by a collect endpoint."""
    if endpoint not in {"events", "batch", "pixel"}:
        return ()
    remarks = _on_site_and_key(request)
    if endpoint != "pixel":
        remarks += [
            *_on_extras(request),
            *_on_content_type(request, events),
            *_on_size(request, endpoint, events),
            *_on_keys(request),
        ]
    if endpoint == "batch":
        remarks += _on_batch(request)
    return tuple(remarks)


def _on_site_and_key(request: CollectRequest) -> list[Remark]:
    given = parameters(request.query)
    remarks = []
    for name in ("tc_s", "token"):
        values = [value for key, value in given if key == name]
        if len(values) > 1:
            remarks.append(
                Remark(
                    f"{name}.repeated",
                    f"{name} is given {len(values)} times; "
                    f"the first, {values[0]}, counts",
                )
            )
    return remarks + _on_key(dict(reversed(given)), request)


def _on_key(given: dict[str, str], request: CollectRequest) -> list[Remark]:
    bearer = bearer_token(request.headers.get("authorization", ""))
    token, alias = given.get("token"), given.get("tc_skey")
    if not token and alias:
        return [
            Remark("token.alias", "the source key came as tc_skey; the page says token")
        ]
    if bearer and not token:
        return [
            Remark(
                "token.header_only",
                "the source key came in Authorization only; "
                "the page wants token in the URL",
            )
        ]
    if bearer and bearer != token:
        return [
            Remark(
                "token.differs",
                "token and Authorization name different source keys; token counts",
            )
        ]
    return []


def _on_extras(request: CollectRequest) -> list[Remark]:
    extras = [
        name for name, _ in parameters(request.query) if name not in OWN_PARAMETERS
    ]
    if not extras:
        return []
    names = ", ".join(dict.fromkeys(extras))
    return [Remark("query.extra", f"not read from the query of a POST: {names}")]


def _on_content_type(request: CollectRequest, events: Sequence[Event]) -> list[Remark]:
    content_type = request.headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/json":
        return []
    if any(event.layout in _FROM_VENDOR_CLIENTS for event in events):
        return []
    seen = content_type or "none"
    return [
        Remark(
            "content_type",
            f"Content-Type is {seen}; the page requires application/json",
        )
    ]


def _on_size(
    request: CollectRequest, endpoint: str, events: Sequence[Event]
) -> list[Remark]:
    if endpoint == "events":
        return _grey("size.single", "the body", request.size, GREY_EVENT_BYTES)
    remarks = _grey("size.batch", "the batch", request.size, GREY_BATCH_BYTES)
    for event in events:
        name = f"event {event.index} of the batch"
        remarks += _grey("size.batch_event", name, event.size, GREY_EVENT_BYTES)
    return remarks


def _grey(code: str, what: str, size: int, limit: int) -> list[Remark]:
    if size <= limit:
        return []
    message = f"{what} has {size:,} bytes: too large if production's KB is 1000 bytes"
    return [Remark(code, message)]


def _on_keys(request: CollectRequest) -> list[Remark]:
    keys = jsontext.repeated_keys(request.body.decode(errors="replace"))
    return [
        Remark(
            "json.duplicate_keys",
            f"{key} stands twice in one object; the last one counts",
        )
        for key in keys
    ]


def _on_batch(request: CollectRequest) -> list[Remark]:
    data = parse_json(request.body)
    batch = data.get("batch") if isinstance(data, dict) else None
    if not isinstance(batch, list):
        return []
    remarks = [] if batch else [Remark("batch.empty", "the batch holds no event")]
    if others := ", ".join(key for key in data if key != "batch"):
        message = f"beside batch, where the page names nothing else: {others}"
        remarks.append(Remark("batch.context_shared", message))
    return remarks
