"""The events of failed tests, kept as files of JSON lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from mockcollect.recording.records import event_json, request_json

if TYPE_CHECKING:
    from mockcollect.recording.records import RecordedEvent, RecordedRequest

LONGEST_NAME = 120  # Windows takes 260 characters of a whole path

_UNSAFE = re.compile(r"[^\w.\-\[\]]+")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


class Artifacts:
    """The folder that holds one file a failed test.

    A file is named as its test, with the module where several tests have one name.
    """

    def __init__(self, folder: Path, tests: Iterable[tuple[str, str]]) -> None:
        self._folder = folder
        self._alike = Counter(name for name, _ in tests)
        self._stale = (
            {one.name for one in folder.iterdir()} if folder.is_dir() else set()
        )

    def path(self, name: str, nodeid: str) -> Path:
        """Return where the events of a test would be kept."""
        text = name if self._alike[name] < 2 else nodeid
        return self._folder / f"{_file_name(text)}.jsonl"

    def forget(self, path: Path) -> None:
        """Take away what an earlier run has left for a test."""
        if path.name in self._stale:
            path.unlink(missing_ok=True)

    def write(
        self,
        path: Path,
        events: Iterable[RecordedEvent],
        requests: Iterable[RecordedRequest],
    ) -> None:
        """Write the events of a test, and its requests without events, in order."""
        lines = [(one.request.received_at, one.id, event_json(one)) for one in events]
        lines += [(one.received_at, 0, request_json(one)) for one in requests]
        self._folder.mkdir(parents=True, exist_ok=True)
        ignore = self._folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("# Made by mockcollect: events of failed tests.\n*\n")
        path.write_bytes(b"".join(line + b"\n" for *_, line in sorted(lines)))


def _file_name(text: str) -> str:
    name = _UNSAFE.sub("-", text).strip("-.")
    if len(name) > LONGEST_NAME or _RESERVED.match(name):
        digest = blake2b(text.encode(), digest_size=4).hexdigest()
        name = f"{name[:LONGEST_NAME]}-{digest}"
    return name
