"""What a clear takes out, and what is needed to bring it back."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mockcollect.recording.files import Locator
from mockcollect.recording.lines import EVENTS, REQUESTS
from mockcollect.recording.query import Query
from mockcollect.recording.records import RecordedRequest
from mockcollect.recording.storage import Places

Tables = Mapping[str, Mapping[int, Locator]]


def is_cleared(request: RecordedRequest, query: Query, gone: Collection[int]) -> bool:
    """Return whether a request goes: with the last of its events, or by itself."""
    if request.event_ids:
        return all(one in gone for one in request.event_ids)
    return query.clears_without_events(request)


def drops(
    tables: Tables, requests: list[int], events: list[int]
) -> dict[str, list[int] | None]:
    """Return what a line says to take these out; `None` stands for all.

    All is more than there is: the file may hold what retention has dropped.
    """
    asked = {REQUESTS: requests, EVENTS: events}
    if all(len(ids) == len(tables.get(name, ())) for name, ids in asked.items()):
        return {name: None for name in asked if name in tables}
    return {name: ids for name, ids in asked.items() if ids}


def places(
    tables: Tables, requests: list[int], events: list[int]
) -> dict[Locator, Places]:
    """Return where these stand, by their lines."""
    found: dict[Locator, Places] = {}
    for table, ids in ((REQUESTS, requests), (EVENTS, events)):
        where = tables.get(table, {})
        for one in ids:
            found.setdefault(where[one], []).append((table, one))
    return found
