"""All that TinyDB documents, on the append-only table and on stock TinyDB alike."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tinydb import Query, TinyDB, where
from tinydb import operations as ops
from tinydb.storages import MemoryStorage
from tinydb.table import Document

from mockcollect.recording.lines import DecodedLine
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.recording.storage import AppendStorage, AppendTinyDB
from mockcollect.recording.table import AppendTable, fingerprint
from tests.recording.helpers import deep_event, record, record_batch, running

MAKERS: dict[str, Callable[[Path], TinyDB]] = {
    "stock TinyDB": lambda path: TinyDB(storage=MemoryStorage),
    "memory": lambda path: AppendTinyDB(),
    "file": AppendTinyDB,
    "stock table": lambda path: TinyDB(path, storage=AppendStorage),
}


@pytest.fixture(params=MAKERS)
def db(request: pytest.FixtureRequest, file: Path) -> Iterator[TinyDB]:
    made = MAKERS[request.param](file)
    made.drop_tables()
    made.insert_multiple({"int": 1, "char": c} for c in "abc")
    yield made
    made.close()


def contents(db: TinyDB) -> dict[str, list[tuple[int, str]]]:
    """Return all documents of all tables, such that 1, 1.0 and true are different."""
    return {
        name: [(one.doc_id, json.dumps(one)) for one in db.table(name)]
        for name in sorted(db.tables())
    }


def test_inserted_documents_have_ids_from_1(db: TinyDB) -> None:
    assert [one.doc_id for one in db] == [1, 2, 3]
    assert db.insert({"int": 2}) == 4
    assert db.insert_multiple([{"int": 3}, {"int": 4}]) == [5, 6]
    assert len(db) == 6


def test_a_document_is_inserted_with_the_id_it_names(db: TinyDB) -> None:
    assert db.insert(Document({"int": 2}, doc_id=40)) == 40
    assert db.insert({"int": 3}) == 41


def test_several_documents_are_inserted_with_ids_of_both_kinds(db: TinyDB) -> None:
    given = [{"n": 1}, Document({"n": 2}, doc_id=70), {"n": 3}]
    assert db.insert_multiple(given) == [4, 70, 5]
    assert [one["n"] for one in db.search(where("n").exists())] == [1, 2, 3]


@pytest.mark.parametrize(
    "insert",
    [
        lambda db: db.insert(Document({}, doc_id=2)),
        lambda db: db.insert_multiple([{}, Document({}, doc_id=2)]),
        lambda db: db.insert_multiple([Document({}, doc_id=9)] * 2),
        lambda db: db.insert({1, 2}),
        lambda db: db.insert_multiple([{}, 3]),
        lambda db: db.insert_multiple([{"a": 1}, "text"]),
    ],
    ids=["taken", "taken in several", "twice", "set", "number", "text"],
)
def test_what_cannot_be_inserted_raises_and_changes_nothing(
    db: TinyDB, insert: Callable[[TinyDB], object]
) -> None:
    before = contents(db)
    with pytest.raises(ValueError, match=r"already exists|not a Mapping"):
        insert(db)
    assert contents(db) == before


@pytest.mark.parametrize(
    ("update", "changed"),
    [
        (lambda db: db.update({"int": 5}), [1, 2, 3]),
        (lambda db: db.update({"int": 5}, where("char") == "b"), [2]),
        (lambda db: db.update({"int": 5}, doc_ids=[1, 3]), [1, 3]),
        (lambda db: db.update({"int": 5}, doc_ids=[1, 99]), [1]),
        (lambda db: db.update(ops.set("int", 5), where("char") == "c"), [3]),
        (lambda db: db.update(ops.increment("int"), doc_ids=[2]), [2]),
        (lambda db: db.update(ops.delete("int"), where("char") == "a"), [1]),
        (lambda db: db.update(lambda one: one.update(new=[1]), doc_ids=[3]), [3]),
        (lambda db: db.update({"int": True}, doc_ids=[1]), [1]),
        (lambda db: db.update({"int": 1.0}, doc_ids=[1]), [1]),
        (
            lambda db: db.update_multiple(
                [
                    ({"int": 7}, where("char") == "a"),
                    (ops.delete("char"), where("int") == 1),
                ]
            ),
            [1, 2, 3],
        ),
        (lambda db: db.upsert({"int": 5, "char": "a"}, where("char") == "a"), [1]),
        (lambda db: db.upsert({"int": 5, "char": "x"}, where("char") == "x"), [4]),
        (lambda db: db.upsert(Document({"int": 5}, doc_id=2)), [2]),
        (lambda db: db.upsert(Document({"int": 5}, doc_id=8)), [8]),
        (lambda db: db.remove(where("char") == "b"), [2]),
        (lambda db: db.remove(doc_ids=[3, 1]), [3, 1]),
        (lambda db: db.remove(doc_ids=[99]), []),
    ],
    ids=[
        *("update all", "update where", "update ids", "update missing id"),
        *("set", "increment", "delete", "callable", "to true", "to a float"),
        *("update multiple", "upsert old", "upsert new", "upsert id", "upsert new id"),
        *("remove where", "remove ids", "remove missing id"),
    ],
)
def test_changes_return_their_ids_and_leave_what_stock_tinydb_leaves(
    db: TinyDB, update: Callable[[TinyDB], list[int]], changed: list[int]
) -> None:
    stock = TinyDB(storage=MemoryStorage)
    stock.insert_multiple({"int": 1, "char": c} for c in "abc")
    assert sorted(update(db)) == sorted(changed)
    update(stock)
    assert contents(db) == contents(stock)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda db: db.upsert({"a": 1}), ValueError),
        (lambda db: db.remove(), RuntimeError),
        (lambda db: db.get(), RuntimeError),
        (lambda db: db.contains(), RuntimeError),
    ],
    ids=["upsert", "remove", "get", "contains"],
)
def test_a_call_that_says_too_little_raises_as_in_stock_tinydb(
    db: TinyDB, call: Callable[[TinyDB], object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        call(db)


def test_documents_are_found_by_query_and_by_id(db: TinyDB) -> None:
    assert [one.doc_id for one in db.search(where("char") == "b")] == [2]
    assert db.search(where("int") == 2) == []
    found = db.get(where("int") == 1)
    assert isinstance(found, Document)
    assert found.doc_id == 1
    assert db.get(doc_id=3) == {"int": 1, "char": "c"}
    assert db.get(doc_id=99) is None
    assert db.get(where("char") == "z") is None
    assert [one.doc_id for one in db.get(doc_ids=[1, 3, 99])] == [1, 3]
    assert db.contains(where("char") == "a")
    assert not db.contains(where("char") == "z")
    assert db.contains(doc_id=2)
    assert not db.contains(doc_id=99)
    assert db.count(where("int") == 1) == 3
    assert db.count(Query().char.matches("[ab]")) == 2
    assert [one["char"] for one in db.all()] == list("abc")


def test_a_changed_result_changes_nothing_that_is_kept(db: TinyDB) -> None:
    for one in db.all():
        one["int"] = 100
    assert db.count(where("int") == 1) == 3


def test_truncate_starts_at_1_again(db: TinyDB) -> None:
    db.truncate()
    assert len(db) == 0
    assert db.all() == []
    assert db.insert({}) == 1


def test_tables_are_apart_and_dropped_one_by_one_or_all(db: TinyDB) -> None:
    db.table("one").insert({"a": 1})
    db.table("two").insert({"a": 2})
    assert db.tables() == {"_default", "one", "two"}
    db.drop_table("one")
    db.drop_table("never there")
    assert db.tables() == {"_default", "two"}
    assert len(db.table("one")) == 0
    db.drop_tables()
    assert db.tables() == set()
    assert len(db) == 0
    assert db.insert({}) == 1


def test_a_table_exists_from_its_first_operation_or_at_once_if_asked(
    db: TinyDB,
) -> None:
    db.table("quiet")
    db.table("asked for", persist_empty=True)
    db.table("nothing inserted").insert_multiple([])
    db.table("nothing removed").remove(where("a") == 1)
    assert db.tables() - {"_default"} == {
        "asked for",
        "nothing inserted",
        "nothing removed",
    }


def test_the_query_cache_is_never_stale(db: TinyDB) -> None:
    query = where("int") == 1
    assert db.count(query) == 3
    db.insert({"int": 1})
    assert db.count(query) == 4
    db.update({"int": 2}, doc_ids=[1])
    assert db.count(query) == 3
    db.remove(doc_ids=[2])
    assert db.count(query) == 2
    db.truncate()
    assert db.search(query) == []


def test_a_query_that_cannot_be_cached_is_asked_each_time(db: TinyDB) -> None:
    wanted = ["a"]
    query = Query().char.test(lambda char: char in wanted)
    is_nocache = query & Query().fragment({"int": 1})
    lists = Query().char.test(lambda value, *lists: value in lists[0], wanted)
    assert db.count(query) == db.count(is_nocache) == db.count(lists) == 1


def test_a_database_is_a_context_manager_and_shows_itself(
    db: TinyDB, tmp_path: Path
) -> None:
    assert "total=3" in repr(db.table("_default"))
    assert "_default" in repr(db)
    with AppendTinyDB(tmp_path / "other.db") as other:
        assert other.insert({"a": 1}) == 1
    with AppendTinyDB(tmp_path / "other.db") as again:
        assert again.all() == [{"a": 1}]


def test_a_table_object_sees_what_another_one_inserted(file: Path) -> None:
    with AppendTinyDB(file) as db:
        other = AppendTable(db.storage, "_default")
        db.insert({"a": 1})
        assert other.count(where("a") == 1) == 1
        other.insert({"a": 1})
        assert db.count(where("a") == 1) == 2
        assert db.insert({"a": 1}) == 3


def test_documents_that_are_being_inserted_may_come_from_the_same_database() -> None:
    with AppendTinyDB() as db:
        db.insert_multiple({"n": n} for n in range(5))
        copies = db.table("copies")
        assert len(copies.insert_multiple(dict(one) for one in db)) == 5


def test_what_is_dropped_while_it_is_read_is_left_out() -> None:
    with AppendTinyDB() as db:
        db.insert_multiple({"n": n} for n in range(1000))
        reading = iter(db)
        assert next(reading).doc_id == 1
        db.truncate()
        assert len(list(reading)) < 1000


@pytest.mark.parametrize("value", [1 << 80, {1: 2}, object(), "\ud800"], ids=repr)
def test_what_json_cannot_hold_raises_and_changes_nothing(value: Any) -> None:
    with AppendTinyDB() as db:
        db.insert({"a": 1})
        before = contents(db)
        with pytest.raises(TypeError):
            db.insert({"a": value})
        with pytest.raises(TypeError):
            db.update({"a": value})
        assert contents(db) == before


def test_an_id_that_a_document_took_is_not_given_to_another() -> None:
    with AppendTinyDB() as db:
        db.insert({"n": 1})
        assert db.insert_multiple([Document({"n": 2}, doc_id=2), {"n": 3}]) == [2, 3]
        assert db.insert({"n": 4}) == 4
        assert [one["n"] for one in db] == [1, 2, 3, 4]


def test_a_search_in_several_threads_is_right_while_others_insert() -> None:
    with AppendTinyDB() as db:

        def insert() -> None:
            for _ in range(300):
                db.insert({"a": 1})

        def search() -> None:
            seen = 0
            while seen < 600:
                found = db.count(where("a") == 1)
                assert found >= seen
                seen = found

        with running(insert, insert, search, search):
            pass


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1}, {"a": 1}, True),
        ({"a": [1, "x", None]}, {"a": [1, "x", None]}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 1}, {"a": 1.0}, False),
        ({"a": 0.0}, {"a": -0.0}, False),
        ({"a": [1]}, {"a": [2]}, False),
    ],
    ids=str,
)
def test_a_fingerprint_differs_when_the_json_does(
    one: dict[str, Any], other: dict[str, Any], same: bool
) -> None:
    assert (fingerprint(one) == fingerprint(other)) == same


def test_deep_events_do_not_hinder_changes_of_others() -> None:
    recorder = TinyRecorder()
    record(recorder, deep_event())
    record(recorder)
    events = recorder.db.table("events")
    assert events.update({"seen": 1}, where("event_name") == "purchase") == [2]
    assert events.remove(where("event_name") == "deep") == [1]
    recorder.close()


def test_the_events_of_a_batch_are_decoded_once_to_be_read_or_changed(
    recorder: TinyRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mockcollect.recording import storage, table

    record_batch(recorder, *["view"] * 40)
    decoded: list[bytes] = []

    def count(raw: bytes) -> DecodedLine:
        decoded.append(raw)
        return DecodedLine(raw)

    for module in (storage, table):
        monkeypatch.setattr(module, "DecodedLine", count)
    events = recorder.db.table("events")
    assert len(events.all()) == 40
    assert events.count(where("event_name") == "view") == 40
    assert len(events.update({"seen": 1}, where("index") > 1)) == 38
    assert len(decoded) == 3


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([0.0, -0.0, 1.0, 2.5]),
    st.text("aé\n\0", max_size=2),
    st.lists(st.integers(0, 1), max_size=2),
)
documents = st.dictionaries(st.sampled_from("abc"), values, max_size=3)
tables = st.sampled_from(["_default", "events", "requests"])
some_ids = st.lists(st.integers(1, 9), max_size=3, unique=True)
conditions = st.one_of(
    st.builds(lambda key, value: where(key) == value, st.sampled_from("abc"), values),
    st.builds(lambda key: where(key).exists(), st.sampled_from("abc")),
    st.builds(lambda key: ~where(key).exists(), st.sampled_from("abc")),
)


class SameAsTinyDB(RuleBasedStateMachine):
    """Each operation is applied to stock TinyDB and to ours; nothing may differ."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.far = 1000
        self.stock = TinyDB(storage=MemoryStorage)
        self.open()
        self.memory = AppendTinyDB()

    def open(self) -> None:
        path = Path(self.folder.name)
        self.file = AppendTinyDB(path / "a.db")
        self.stock_table = TinyDB(path / "b.db", storage=AppendStorage)

    def each(self, operation: Callable[[TinyDB], Any]) -> None:
        results = []
        for db in (self.stock, self.memory, self.file, self.stock_table):
            try:
                results.append(operation(db))
            except ValueError as error:
                results.append(str(error))
        assert results[1:] == results[:-1]

    @rule(name=tables, document=documents)
    def insert(self, name: str, document: dict[str, Any]) -> None:
        self.each(lambda db: db.table(name).insert(document))

    @rule(name=tables, document=documents, doc_id=st.integers(1, 9))
    def insert_with_id(self, name: str, document: dict[str, Any], doc_id: int) -> None:
        self.each(lambda db: db.table(name).insert(Document(document, doc_id)))

    @rule(name=tables, several=st.lists(documents, max_size=3), far=st.booleans())
    def insert_multiple(
        self, name: str, several: list[dict[str, Any]], far: bool
    ) -> None:
        # Far away: stock TinyDB overwrites where its next id meets one that was named.
        self.far += 100
        named = [Document({"far": 1}, self.far)] if far else []
        self.each(lambda db: db.table(name).insert_multiple(several + named + several))

    @rule(name=tables, fields=documents, condition=st.none() | conditions)
    def update(self, name: str, fields: dict[str, Any], condition: Any) -> None:
        self.each(lambda db: db.table(name).update(fields, condition))

    @rule(name=tables, fields=documents, doc_ids=some_ids)
    def update_ids(self, name: str, fields: dict[str, Any], doc_ids: list[int]) -> None:
        self.each(lambda db: db.table(name).update(fields, doc_ids=doc_ids))

    @rule(name=tables, key=st.sampled_from("abc"), value=values)
    def update_callable(self, name: str, key: str, value: Any) -> None:
        exists = where(key).exists()
        self.each(lambda db: db.table(name).update(ops.delete(key), exists))
        self.each(lambda db: db.table(name).update(ops.set(key, value), ~exists))

    @rule(name=tables, updates=st.lists(st.tuples(documents, conditions), max_size=2))
    def update_multiple(self, name: str, updates: list[Any]) -> None:
        self.each(lambda db: db.table(name).update_multiple(updates))

    @rule(name=tables, document=documents, condition=conditions)
    def upsert(self, name: str, document: dict[str, Any], condition: Any) -> None:
        self.each(lambda db: db.table(name).upsert(document, condition))

    @rule(name=tables, document=documents, doc_id=st.integers(1, 9))
    def upsert_id(self, name: str, document: dict[str, Any], doc_id: int) -> None:
        self.each(lambda db: db.table(name).upsert(Document(document, doc_id)))

    @rule(name=tables, condition=conditions)
    def remove(self, name: str, condition: Any) -> None:
        self.each(lambda db: db.table(name).remove(condition))

    @rule(name=tables, doc_ids=some_ids)
    def remove_ids(self, name: str, doc_ids: list[int]) -> None:
        self.each(lambda db: db.table(name).remove(doc_ids=doc_ids))

    @rule(name=tables)
    def truncate(self, name: str) -> None:
        self.each(lambda db: db.table(name).truncate())

    @rule(name=tables)
    def drop_table(self, name: str) -> None:
        self.each(lambda db: db.drop_table(name))

    @rule()
    def drop_tables(self) -> None:
        self.each(lambda db: db.drop_tables())

    @rule(name=tables, condition=conditions)
    def search(self, name: str, condition: Any) -> None:
        self.each(
            lambda db: [
                (one.doc_id, json.dumps(one))
                for one in db.table(name).search(condition)
            ]
        )

    @rule()
    def reopen(self) -> None:
        self.file.close()
        self.stock_table.close()
        self.open()
        # What is open in memory forgets no more than its next ids.
        self.stock._tables.clear()
        self.memory._tables.clear()

    @invariant()
    def same(self) -> None:
        expected = contents(self.stock)
        assert contents(self.memory) == expected
        assert contents(self.file) == expected
        assert contents(self.stock_table) == expected

    def teardown(self) -> None:
        self.file.close()
        self.stock_table.close()
        self.folder.cleanup()


TestSameAsTinyDB = SameAsTinyDB.TestCase
TestSameAsTinyDB.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    suppress_health_check=[HealthCheck.too_slow],
)
