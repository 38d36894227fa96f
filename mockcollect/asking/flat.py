"""A line of a recording as the places it has; what is volatile is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from mockcollect.recording.paths import Path, read_path

VOLATILE = ("event_id", "eventId", "event_timestamp", "created", "test_code")
"""Other in each run by its nature: ids and times of an event, in all layouts."""

ABOUT = ("status", "verdict", "layout", "site_id", "source_key")
"""What is compared beside the event itself and its findings: `$status` and so on."""

_PLACES: tuple[Path, ...] = ((), ("context",), ("properties",))
_NO_NAME = "(no name)"


class Volatile:
    """The places that are not compared, with all below them.

    A path counts at the root of the event, in `context` and in `properties`; without a
    number it counts in all items of a list. Raises ValueError for one that is no path.
    """

    def __init__(self, paths: Iterable[str] = VOLATILE) -> None:
        read = [read_path(text) for text in paths]
        self._paths = frozenset((*place, *path) for place in _PLACES for path in read)

    def has(self, path: Path, keys: Path) -> bool:
        """Return whether a place is volatile; `keys` is its path without numbers."""
        return path in self._paths or keys in self._paths


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a recording: an event, or a request that brought none.

    `number` is its id, `order` its place in the recording. `places` has the JSON text
    of each value that is compared, by its path.
    """

    number: int
    order: int
    name: str
    places: Mapping[Path, str]

    @property
    def tokens(self) -> frozenset[tuple[Path, str]]:
        """The places with their texts, the same for entries that say the same."""
        return frozenset(self.places.items())


def read_entry(line: Mapping[str, Any], order: int, volatile: Volatile) -> Entry:
    """Return what a line of a recording says, whatever is or is not in it."""
    is_event = "event" in line
    number = line.get("id" if is_event else "request")
    about = {f"${key}": line[key] for key in ABOUT if line.get(key) is not None}
    about["$findings"] = _findings(line.get("findings"))
    parts: list[tuple[Path, Any]] = [((key,), one) for key, one in about.items() if one]
    parts += [((), line["event"])] if is_event else []
    return Entry(
        number if isinstance(number, int) else order + 1,
        order,
        _event_name(line) if is_event else _request_name(line),
        dict(_flat(parts, volatile)),
    )


def _event_name(line: Mapping[str, Any]) -> str:
    name = line.get("event_name")
    return name if isinstance(name, str) and name else _NO_NAME


def _request_name(line: Mapping[str, Any]) -> str:
    refusal = line.get("refusal")
    said = refusal.get("message") if isinstance(refusal, dict) else None
    place = f"{line.get('method', '')} {line.get('path', '')}".strip() or "request"
    return f"{place} without events" + (f" ({said})" if said else "")


def _findings(found: Any) -> dict[str, Any]:
    """Return the levels of findings by their codes and paths."""
    some = found if isinstance(found, list) else []
    return {
        f"{one.get('code')} {one.get('path', '')}".strip(): one.get("level")
        for one in some
        if isinstance(one, dict)
    }


def _flat(
    parts: list[tuple[Path, Any]], volatile: Volatile
) -> Iterator[tuple[Path, str]]:
    """Yield the places of some values in their order, however deep they are."""
    rest = [(path, path, value) for path, value in reversed(parts)]
    while rest:
        path, keys, value = rest.pop()
        if volatile.has(path, keys):
            continue
        if isinstance(value, dict) and value:
            for key in reversed(value):
                rest.append(((*path, key), (*keys, key), value[key]))
        elif isinstance(value, list) and value:
            for index in range(len(value) - 1, -1, -1):
                rest.append(((*path, index), keys, value[index]))
        else:
            yield path, _text(value)


def _text(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # no JSON: a number of more than 64 bits, half a surrogate pair
        return repr(value)
