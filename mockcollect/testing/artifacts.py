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
    from mockcollect.recording.records import RecordedRequest
    from mockcollect.testing.view import View

LONGEST_NAME = 120
"""In bytes: Linux takes 255 of a name, Windows 260 characters of a whole path."""

_UNSAFE = re.compile(r"[^\w.\-\[\]]+")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


class Artifacts:
    """The folder that holds one file a failed test.

    A file is named as its test, with the module where several tests have one name.
    """

    def __init__(self, folder: Path, tests: Iterable[tuple[str, str]]) -> None:
        self._folder = folder
        # Some file systems take two names that differ in capitals only for one.
        self._alike = Counter(_file_name(name).casefold() for name, _ in tests)
        self._stale = (
            {one.name for one in folder.iterdir()} if folder.is_dir() else set()
        )

    def path(self, name: str, nodeid: str) -> Path:
        """Return where the events of a test would be kept."""
        file = _file_name(name)
        if self._alike[file.casefold()] > 1:
            file = _file_name(nodeid)
        return self._folder / f"{file}.jsonl"

    def forget(self, path: Path) -> None:
        """Take away what an earlier run has left for a test."""
        if path.name in self._stale:
            path.unlink(missing_ok=True)

    def write(self, path: Path, view: View) -> None:
        """Write the events of a test, and its requests without events, in order.

        Raises OSError.
        """
        events, requests = view.events(), view.requests()
        lines = [(_arrival(one.request), one.id, event_json(one)) for one in events]
        lines += [(_arrival(one), 0, request_json(one)) for one in requests]
        self._make_folder()
        path.write_bytes(b"".join(line + b"\n" for *_, line in sorted(lines)))

    def _make_folder(self) -> None:
        if self._folder.is_dir():  # perhaps not ours alone, so git may want it
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        ignore = self._folder / ".gitignore"
        ignore.write_text("# Made by mockcollect: events of failed tests.\n*\n")


def _arrival(request: RecordedRequest) -> tuple[int, int]:
    return request.received_at, request.id


def _file_name(text: str) -> str:
    name = _UNSAFE.sub("-", text).strip("-.")
    raw = name.encode()
    if len(raw) > LONGEST_NAME or _RESERVED.match(name):
        digest = blake2b(text.encode(errors="replace"), digest_size=4).hexdigest()
        name = f"{raw[:LONGEST_NAME].decode(errors='ignore')}-{digest}"
    return name
