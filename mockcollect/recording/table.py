"""TinyDB's table over lines: appends what changes, decodes what is read.

Only `_read_table` and `_update_table` differ from stock TinyDB, the two methods through
which all its operations go; `insert` and `insert_multiple` are shortcuts that leave the
rest of the table alone.
"""

from __future__ import annotations

from collections.abc import (
    Callable,
    ItemsView,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
)
from typing import TYPE_CHECKING, Any

from tinydb.queries import QueryLike
from tinydb.table import Document as TinyDocument
from tinydb.table import Table

from mockcollect.recording.lines import DecodedLine, Document

if TYPE_CHECKING:
    from mockcollect.recording.storage import AppendStorage


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

    def read(self, keys: list[str]) -> Iterator[tuple[str, Document]]:
        """Yield ids and documents; the events of one batch decode it once."""
        place, decoded = None, None
        for key in keys:
            for document_id, locator, raw in self._storage.lines_of(
                self.name, [int(key)]
            ):
                if decoded is None or locator != place:
                    place, decoded = locator, DecodedLine(raw)
                yield key, decoded.document(self.name, document_id)


class _Items(ItemsView[str, Document]):
    _mapping: Documents

    def __iter__(self) -> Iterator[tuple[str, Document]]:
        return self._mapping.read(list(self._mapping))


class _Edit(MutableMapping[int, Document]):
    """What an updater sees: documents by number, with what it changes kept apart."""

    def __init__(self, storage: AppendStorage, name: str) -> None:
        self._storage = storage
        self._name = name
        self._ids = dict.fromkeys(storage.tables.get(name, ()))
        self._touched: dict[int, Document] = {}

    def __getitem__(self, key: int) -> Document:
        if key not in self._ids:
            raise KeyError(key)
        if key not in self._touched:
            document = self._storage.document(self._name, key)
            if document is None:
                raise KeyError(key)
            self._touched[key] = document
        return self._touched[key]

    def __setitem__(self, key: int, document: Document) -> None:
        self._ids[key] = None
        self._touched[key] = document

    def __delitem__(self, key: int) -> None:
        del self._ids[key]
        self._touched.pop(key, None)

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
            if self._storage.document(self._name, key) != document
        }

    def gone(self) -> list[int]:
        table = self._storage.tables.get(self._name, {})
        return [key for key in table if key not in self._ids]


class AppendTable(Table):
    """A TinyDB table whose changes are appended; behaves as TinyDB documents."""

    _storage: AppendStorage
    _next_id: int | None  # type: ignore[assignment]
    _cached_version = -1

    def search(self, cond: QueryLike) -> list[TinyDocument]:
        """Return the documents that match, afresh whenever anything was recorded."""
        if self._cached_version != self._storage.version:
            self._cached_version = self._storage.version
            self.clear_cache()
        return super().search(cond)

    def insert(self, document: Mapping[str, Any]) -> int:
        """Append a document and return its id; raises ValueError if it is taken."""
        return self.insert_multiple([document])[0]

    def insert_multiple(self, documents: Iterable[Mapping[str, Any]]) -> list[int]:
        """Append documents as one line and return their ids."""
        put: dict[str, Document] = {}
        with self._storage.lock:
            table = self._storage.tables.get(self.name, {})
            for document in documents:
                put[str(self._free_id(document, table, put))] = dict(document)
            if put:
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
            return self._get_next_id()
        if document.doc_id in table or str(document.doc_id) in put:
            raise ValueError(f"Document with ID {document.doc_id} already exists")
        self._next_id = None
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
