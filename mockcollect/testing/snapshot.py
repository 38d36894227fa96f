"""Events as plain data that is the same from run to run, for snapshot libraries."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from mockcollect.recording.paths import Path, read_path

VOLATILE = (
    "event_id",
    "eventId",
    "event_timestamp",
    "created",
    "test_code",
)
"""Keys that differ from run to run, wherever they stand in an event."""


def snapshot(events: Iterable[Any], *, exclude: Iterable[str]) -> list[Any]:
    """Return events as plain data, without what is excluded.

    A dotted path names one place from the event's root; a lone key is left out wherever
    it stands. Raises ValueError for a path that is none.
    """
    paths = [read_path(text) for text in exclude]
    keys = {str(path[0]) for path in paths if len(path) == 1}
    places = [path for path in paths if len(path) > 1]
    return [_without(event, keys, places) for event in events]


def _without(event: Any, keys: set[str], places: Iterable[Path]) -> Any:
    event = deepcopy(event)
    _drop_keys(event, keys)
    for path in places:
        _drop_place(event, path)
    return event


def _drop_keys(event: Any, keys: set[str]) -> None:
    rest = [event]
    for value in rest:  # which grows on the way
        if isinstance(value, dict):
            for key in keys.intersection(value):
                del value[key]
            rest += value.values()
        elif isinstance(value, list):
            rest += value


def _drop_place(event: Any, path: Path) -> None:
    for step in path[:-1]:
        try:
            event = event[step]
        except (KeyError, IndexError, TypeError):
            return
    last = path[-1]
    if isinstance(event, dict) and isinstance(last, str):
        event.pop(last, None)
    elif isinstance(event, list) and isinstance(last, int) and last < len(event):
        del event[last]
