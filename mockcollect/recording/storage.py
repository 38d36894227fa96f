"""TinyDB on an append-only sequence of lines: an insert costs the same, always.

Stock TinyDB rewrites all its data on each insert. Here every change appends one line,
and only the place of each document's line is kept in memory: documents are decoded when
somebody reads them.
"""

from __future__ import annotations

import shlex
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from tinydb import TinyDB
from tinydb.storages import Storage

from mockcollect.errors import RecordingError, StorageDamaged
from mockcollect.recording.files import FileLines, Lines, Locator, MemoryLines
from mockcollect.recording.lines import DecodedLine, Document, Line, encode_line
from mockcollect.recording.table import AppendTable, Documents, fingerprint, is_changed

Places = list[tuple[str, int]]
"""Documents that one line holds: table and id of each."""

Observer = Callable[["AppendStorage", Line, Places], None]
"""Is told of a line once it is applied, and which documents it replaced."""

_NOT_OURS = (ValueError, KeyError, TypeError, AttributeError, OverflowError)
_COMPACT_FROM = 1_000  # fewer dead documents than this are not worth a rewrite
_CHUNK = 128
"""Lines fetched under the lock at once: the lock is held shortly, and not too often."""


class AppendStorage(Storage):
    """A TinyDB storage that appends: in a file, or in memory without a path.

    `observe` is told each line that is read on opening, and each one that TinyDB's own
    operations append, under the lock. `lock` guards all that this object does.
    `torn_bytes` counts what was cut from the end of the file on opening. `version`
    grows with each change.

    Raises StorageError when the file cannot be opened, StorageLocked when another
    process writes to it, StorageDamaged when it is not ours or was damaged.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        fsync: bool = False,
        observe: Observer | None = None,
        lock: threading.RLock | None = None,
    ) -> None:
        super().__init__()
        self.lock = lock or threading.RLock()
        self.tables: dict[str, dict[int, Locator]] = {}
        self.version = 0
        self.marks: dict[str, int] = {}
        self.torn_bytes = 0
        self._dead = 0
        self._closed = False
        self._observe = observe or _nobody
        self._lines: Lines = MemoryLines()
        if path is not None:
            self._lines = self._load(FileLines(path, fsync=fsync))

    # -- what TinyDB asks of a storage

    def read(self) -> dict[str, Any] | None:
        """Return all tables, as mappings that decode a document when asked for it."""
        with self.lock:
            return {name: Documents(self, name) for name in self.tables} or None

    def write(self, data: Mapping[str, Mapping[Any, Any]]) -> None:
        """Make the tables equal to `data`, by appending what differs."""
        with self.lock:
            line: Line = {"put": {}, "drop": {}}
            for name in self.tables:
                if name not in data:
                    line["drop"][name] = None
            for name, documents in data.items():
                self._difference(line, name, documents)
            self.change(put=line["put"], drop=line["drop"])

    def close(self) -> None:
        """Close the file; what is asked afterwards raises RecordingError."""
        with self.lock:
            self._closed = True
            self._lines.close()

    # -- what the table and the recorder use

    def change(
        self,
        *,
        put: Mapping[str, Mapping[str, Any]] | None = None,
        drop: Mapping[str, list[int] | None] | None = None,
        mark: Mapping[str, int] | None = None,
    ) -> None:
        """Append one line of changes and apply it; without changes write nothing."""
        given = {"put": put, "drop": drop, "mark": mark}
        line = {key: value for key, value in given.items() if value}
        if not line:
            return
        self.add(encode_line(line))

    def add(self, raw: bytes) -> None:
        """Append an encoded line and apply it."""
        with self.lock:
            line = orjson.loads(raw)
            self._observe(self, line, self._apply(line, self.append(raw)))

    def check(self) -> None:
        """Raise RecordingError if a line could not be appended now."""
        self._check_open()
        self._lines.check()

    def append(self, raw: bytes) -> Locator:
        """Append an encoded line without applying it, and return its place."""
        self._check_open()
        return self._lines.append(raw)

    def place(self, locator: Locator, ids: Mapping[str, Iterable[int]]) -> Places:
        """Say that documents of these ids stand in the line at a place.

        Return those that stood elsewhere before.
        """
        self.version += 1
        replaced: Places = []
        for name, document_ids in ids.items():
            table = self.tables.setdefault(name, {})
            for document_id in document_ids:
                if document_id in table:
                    replaced.append((name, document_id))
                table[document_id] = locator
        self._dead += len(replaced)
        return replaced

    def forget(self, ids: Mapping[str, Iterable[int]]) -> None:
        """Take documents out of the tables, without writing that down."""
        self.version += 1
        for name, document_ids in ids.items():
            table = self.tables.get(name, {})
            for document_id in document_ids:
                if table.pop(document_id, None) is not None:
                    self._dead += 1

    def raw(self, table: str, document_id: int) -> bytes | None:
        """Return the line that holds a document, or `None` if there is no such."""
        with self.lock:
            locator = self.tables.get(table, {}).get(document_id)
            return None if locator is None else self.raw_at(locator)

    def raw_at(self, locator: Locator) -> bytes:
        """Return the line at a place."""
        self._check_open()
        return self._lines.read(locator)

    def lines_of(
        self, table: str, ids: Iterable[int]
    ) -> list[tuple[int, Locator, bytes]]:
        """Return id, place and line of those documents that are there.

        Documents of one line that follow each other share what is read. A place is good
        until the next compaction only.
        """
        found: list[tuple[int, Locator, bytes]] = []
        with self.lock:
            places = self.tables.get(table, {})
            for document_id in ids:
                locator = places.get(document_id)
                if locator is None:
                    continue
                same = found and found[-1][1] == locator
                raw = found[-1][2] if same else self.raw_at(locator)
                found.append((document_id, locator, raw))
        return found

    def decoded_lines_of(
        self, table: str, ids: Iterable[int]
    ) -> Iterator[tuple[int, Locator, DecodedLine]]:
        """Yield what `lines_of` returns, decoded outside the lock, each line once."""
        last, decoded = b"", None
        ids = iter(ids)
        while chunk := list(islice(ids, _CHUNK)):
            for one, place, raw in self.lines_of(table, chunk):
                # Not the places: a compaction may put another line in the same one.
                if decoded is None or raw != last:
                    last, decoded = raw, DecodedLine(raw)
                yield one, place, decoded

    def document(self, table: str, document_id: int) -> Document | None:
        """Return a document, decoded, or `None` if there is no such."""
        raw = self.raw(table, document_id)
        return None if raw is None else DecodedLine(raw).document(table, document_id)

    # -- keeping the file small

    def wants_compaction(self) -> bool:
        """Return whether a file holds more dead documents than living ones."""
        if not isinstance(self._lines, FileLines):
            return False
        alive = sum(map(len, self.tables.values()))
        return self._dead > alive + _COMPACT_FROM

    def compact(self, seq_of: Callable[[Places], int]) -> None:
        """Rewrite the lines with the living documents only.

        `seq_of` gives the `seq` of the line that will hold some documents. Raises
        RecordingError, and leaves all as it was, if the file cannot be rewritten.
        """
        with self.lock:
            self._dead = 0  # also if it fails: not to try again at each change
            places: dict[Locator, Places] = {}
            for name, table in self.tables.items():
                for document_id, locator in table.items():
                    places.setdefault(locator, []).append((name, document_id))
            if isinstance(self._lines, FileLines):
                places = {locator: places[locator] for locator in sorted(places)}
            rewritten = self._lines.replace(self._rewritten(places, seq_of))
            next(rewritten)  # the marks stand first
            for locator, documents in zip(rewritten, places.values(), strict=True):
                for name, document_id in documents:
                    self.tables[name][document_id] = locator

    def _rewritten(
        self, places: dict[Locator, Places], seq_of: Callable[[Places], int]
    ) -> Iterator[bytes]:
        empty: Line = {name: {} for name in self.tables}
        yield encode_line({"put": empty, "mark": self.marks})
        for locator, documents in places.items():
            line = DecodedLine(self._lines.read(locator))
            yield line.part(documents, seq=seq_of(documents))

    def _check_open(self) -> None:
        if self._closed:
            raise RecordingError("The recorder is closed.")

    # -- reading and applying lines

    def _load(self, lines: FileLines) -> FileLines:
        try:
            for number, (locator, raw) in enumerate(lines.scan(), start=2):
                self._apply_raw(lines.path, number, raw, locator)
        except BaseException:
            lines.close()
            raise
        self.torn_bytes = lines.torn_bytes
        return lines

    def _apply_raw(self, path: Path, number: int, raw: bytes, locator: Locator) -> None:
        try:
            line = orjson.loads(raw)
            self._observe(self, line, self._apply(line, locator))
        except _NOT_OURS as error:
            raise StorageDamaged(
                f"{path} is damaged at line {number}: {error}. Nothing was changed. "
                f"To save what stands before it: {_save_command(path, number - 1)}, "
                "then open that with --db."
            ) from error

    def _apply(self, line: Line, locator: Locator) -> Places:
        put = line.get("put", {})
        replaced = self.place(
            locator,
            {name: [int(key) for key in documents] for name, documents in put.items()},
        )
        for name, ids in line.get("drop", {}).items():
            if ids is None:
                self.version += 1
                self._dead += len(self.tables.pop(name, {}))
            else:
                self.forget({name: ids})
        self.marks.update(line.get("mark", {}))
        return replaced

    def _difference(self, line: Line, name: str, documents: Mapping[Any, Any]) -> None:
        now = Documents(self, name)
        if now.is_same(documents):
            return
        put = {
            str(key): dict(document)
            for key, document in documents.items()
            if is_changed(document, fingerprint(now.get(str(key))))
        }
        kept = {str(key) for key in documents}
        gone = [int(key) for key in now if key not in kept]
        if put or name not in self.tables:
            line["put"][name] = put
        if gone:
            line["drop"][name] = gone


class AppendTinyDB(TinyDB):
    """TinyDB whose tables append; takes what AppendStorage takes."""

    table_class = AppendTable
    default_storage_class = AppendStorage  # type: ignore[assignment]
    _storage: AppendStorage

    @property
    def storage(self) -> AppendStorage:
        """The storage of all tables."""
        return self._storage


def _save_command(path: Path, lines: int) -> str:
    source, target = shlex.quote(str(path)), shlex.quote(f"{path}.saved")
    return f"head -n {lines} {source} > {target}"


def _nobody(storage: AppendStorage, line: Line, replaced: Places) -> None:
    """Watch nothing."""
