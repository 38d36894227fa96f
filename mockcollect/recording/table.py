"""TinyDB's table over lines: appends what changes, decodes what is read.

Only `_read_table` and `_update_table` differ from stock TinyDB, the two methods through
which all its operations go; `insert` and `insert_multiple` are shortcuts that leave the
rest of the table alone.
"""

from __future__ import annotations

import marshal
import threading
from collections.abc import (
    Callable,
    ItemsView,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
)
from typing import TYPE_CHECKING, Any, NamedTuple

from tinydb.queries import QueryLike
from tinydb.table import Document as TinyDocument
from tinydb.table import Table
from tinydb.utils import LRUCache

from mockcollect.recording.files import Locator
from mockcollect.recording.lines import DecodedLine, Document

if TYPE_CHECKING:
    from mockcollect.recording.storage import AppendStorage


def fingerprint(document: Mapping[str, Any] | None) -> bytes | None:
    """Return what differs when documents do: unlike `==`, 1 from 1.0 and from True.

    No depth of a document is too deep for it.
    """
    try:
        return None if document is None else marshal.dumps(dict(document), 2)
    except ValueError:  # it holds something that JSON does not have
        return None


def is_changed(document: Mapping[str, Any], before: bytes | None) -> bool:
    """Return whether a document differs from what had a fingerprint, if anything."""
    return before is None or fingerprint(document) != before


class Documents(Mapping[str, Document]):
    """A table's documents by their ids as text, as stock TinyDB's operations want them.

    Each one is decoded when it is asked for.
    """

    def __init__(self, storage: AppendStorage, name: str) -> None:
        self.name = name
        self._storage = storage

    def __getitem__(self, key: str) -> Document:
        document = self._storage.document(self.name, int(key))
        if document is None:
            raise KeyError(key)
        return document

    def __iter__(self) -> Iterator[str]:
        with self._storage.lock:
            return iter([str(key) for key in self._storage.tables.get(self.name, ())])

    def __len__(self) -> int:
        return len(self._storage.tables.get(self.name, ()))

    def items(self) -> ItemsView[str, Document]:
        """Return ids and documents, without those dropped while they are read."""
        return _Items(self)

    def is_same(self, other: object) -> bool:
        """Return whether something is a view of the same table."""
        return (
            isinstance(other, Documents)
            and other.name == self.name
            and other._storage is self._storage
        )

    def read(self) -> Iterator[tuple[str, Document]]:
        """Yield ids and documents; the events of one batch decode it once."""
        lines = self._storage.decoded_lines_of(self.name, map(int, self))
        for key, _, decoded in lines:
            yield str(key), decoded.document(self.name, key)


class _Items(ItemsView[str, Document]):
    _mapping: Documents

    def __iter__(self) -> Iterator[tuple[str, Document]]:
        return self._mapping.read()


class _Edit(MutableMapping[int, Document]):
    """What an updater sees: documents by number, with what it changes kept apart.

    It lives under the storage's lock.
    """

    def __init__(self, storage: AppendStorage, name: str) -> None:
        self._storage = storage
        self._name = name
        self._places = storage.tables.get(name, {})
        self._ids = dict.fromkeys(self._places)
        self._touched: dict[int, Document] = {}
        self._before: dict[int, bytes | None] = {}
        self._line: tuple[Locator, DecodedLine] | None = None

    def __getitem__(self, key: int) -> Document:
        if key not in self._ids:
            raise KeyError(key)
        if key not in self._touched:
            self._touched[key] = self._document(key)
            self._before[key] = fingerprint(self._touched[key])
        return self._touched[key]

    def __setitem__(self, key: int, document: Document) -> None:
        self._ids[key] = None
        self._touched[key] = document

    def __delitem__(self, key: int) -> None:
        del self._ids[key]
        self._touched.pop(key, None)

    def clear(self) -> None:
        self._ids.clear()
        self._touched.clear()

    def __contains__(self, key: object) -> bool:
        return key in self._ids

    def __iter__(self) -> Iterator[int]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def changed(self) -> dict[str, Document]:
        return {
            str(key): document
            for key, document in self._touched.items()
            if is_changed(document, self._before.get(key))
        }

    def gone(self) -> list[int]:
        return [key for key in self._places if key not in self._ids]

    def _document(self, key: int) -> Document:
        """Decode a document; the events of one batch decode it once."""
        place = self._places[key]
        if self._line is None or self._line[0] != place:
            self._line = place, DecodedLine(self._storage.raw_at(place))
        return self._line[1].document(self._name, key)


class _Asked(NamedTuple):
    """A query as asked at one version: its answer holds while nothing changes."""

    query: QueryLike
    version: int

    def __call__(self, value: Mapping[Any, Any]) -> bool:
        return self.query(value)

    def is_cacheable(self) -> bool:
        return bool(getattr(self.query, "is_cacheable", lambda: True)())


class _Cache(LRUCache[Any, Any]):
    """TinyDB's cache for queries, for several threads."""

    def __init__(self, capacity: int | None = None) -> None:
        super().__init__(capacity)
        self._lock = threading.Lock()

    def get(self, key: Any, default: Any = None) -> Any:
        with self._lock:
            return super().get(key, default)

    def set(self, key: Any, value: Any) -> None:
        with self._lock:
            super().set(key, value)

    def clear(self) -> None:
        with self._lock:
            super().clear()


class AppendTable(Table):
    """A TinyDB table whose changes are appended; behaves as TinyDB documents."""

    query_cache_class = _Cache
    _storage: AppendStorage
    _next_id: int | None  # type: ignore[assignment]
    _cached_version = -1

    def search(self, cond: QueryLike) -> list[TinyDocument]:
        """Return the documents that match, afresh whenever anything was recorded."""
        version = self._storage.version
        if self._cached_version != version:  # what is in the cache is of no more use
            self._cached_version = version
            self.clear_cache()
        return super().search(_Asked(cond, version))

    def insert(self, document: Mapping[str, Any]) -> int:
        """Append a document and return its id; raises ValueError if it is taken."""
        if isinstance(document, self.document_class):
            self._next_id = None
        return self.insert_multiple([document])[0]

    def insert_multiple(self, documents: Iterable[Mapping[str, Any]]) -> list[int]:
        """Append documents as one line and return their ids."""
        documents = list(documents)  # making them may take another lock
        put: dict[str, Document] = {}
        with self._storage.lock:
            table = self._storage.tables.get(self.name)
            for document in documents:
                doc_id = self._free_id(document, table or {}, put)
                put[str(doc_id)] = dict(document)
            if put or table is None:
                self._storage.change(put={self.name: put})
        self.clear_cache()
        return [int(key) for key in put]

    def truncate(self) -> None:
        """Drop all documents; the next one gets the id 1, as in stock TinyDB."""
        with self._storage.lock:
            super().truncate()

    def _free_id(
        self,
        document: Mapping[str, Any],
        table: Mapping[int, object],
        put: Mapping[str, Document],
    ) -> int:
        if not isinstance(document, Mapping):
            raise ValueError("Document is not a Mapping")
        if not isinstance(document, self.document_class):
            while str(free := self._get_next_id()) in put:
                pass
            return free
        if document.doc_id in table or str(document.doc_id) in put:
            raise ValueError(f"Document with ID {document.doc_id} already exists")
        doc_id: int = document.doc_id
        return doc_id

    def _get_next_id(self) -> int:
        # Stock TinyDB would decode the table to find its highest id.
        table = self._storage.tables.get(self.name, {})
        next_id = self._next_id
        if next_id is None:
            next_id = max(table, default=0) + 1
        while next_id in table:  # the recorder has added documents meanwhile
            next_id += 1
        self._next_id = next_id + 1
        return next_id

    def _read_table(self) -> Documents:  # type: ignore[override]
        return Documents(self._storage, self.name)

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        with self._storage.lock:
            edit = _Edit(self._storage, self.name)
            updater(edit)
            changed = edit.changed()
            is_new = self.name not in self._storage.tables
            self._storage.change(
                put={self.name: changed} if changed or is_new else None,
                drop={self.name: gone} if (gone := edit.gone()) else None,
            )
        self.clear_cache()
