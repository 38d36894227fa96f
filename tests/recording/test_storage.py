from __future__ import annotations

import random
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tinydb import TinyDB, where

from mockcollect.errors import RecordingError, StorageDamaged, StorageError
from mockcollect.recording.lines import EVENTS, HEADER, REQUESTS
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.recording.storage import AppendStorage, AppendTinyDB
from tests.processes import wait_until
from tests.recording.helpers import (
    SECONDS,
    batch,
    deep_event,
    event,
    python,
    received,
    record,
    record_batch,
)

Contents = dict[str, dict[int, Any]]


def contents(db: TinyDB) -> Contents:
    return {
        name: {one.doc_id: dict(one) for one in db.table(name)} for name in db.tables()
    }


def contents_of(file: Path) -> Contents:
    with AppendTinyDB(file) as db:
        return contents(db)


def filled(file: Path, count: int = 3) -> Contents:
    """Make a file of a few requests, and return what is in it."""
    recorder = TinyRecorder(file)
    for n in range(count):
        record_batch(recorder, "view", "purchase", n=n)
    kept = contents(recorder.db)
    recorder.close()
    return kept


def test_each_insert_appends_one_line_and_reads_nothing(file: Path) -> None:
    with AppendTinyDB(file) as db:
        db.insert_multiple({"n": n} for n in range(3))
        size = file.stat().st_size
        db.insert({"n": 3})
        assert file.read_bytes()[size:] == b'{"put":{"_default":{"4":{"n":3}}}}\n'


def test_an_operation_that_changes_nothing_writes_nothing(file: Path) -> None:
    with AppendTinyDB(file) as db:
        db.insert({"n": 1})
        before = file.read_bytes()
        db.update({"n": 1})
        db.remove(where("n") == 2)
        db.insert_multiple([])
        db.storage.write(db.storage.read() or {})
        assert file.read_bytes() == before


def test_an_update_appends_only_what_changed(file: Path) -> None:
    with AppendTinyDB(file) as db:
        db.insert_multiple({"n": n} for n in range(100))
        size = file.stat().st_size
        db.update({"n": 0}, where("n") < 2)
        assert file.read_bytes()[size:] == b'{"put":{"_default":{"2":{"n":0}}}}\n'


def test_reading_an_empty_storage_gives_nothing() -> None:
    assert AppendStorage().read() is None


def test_what_one_storage_holds_can_be_written_into_another(file: Path) -> None:
    with AppendTinyDB(file) as one, AppendTinyDB() as other:
        one.insert({"a": 1})
        one.table("more").insert({"b": 2})
        other.insert({"old": 1})
        other.storage.write(one.storage.read() or {})
        assert contents(other) == contents(one)


@pytest.mark.parametrize(
    ("old", "new"), [(1, True), (1, 1.0), (0.0, -0.0), ([1], [True]), (1, 2)], ids=str
)
def test_a_value_of_another_type_is_a_change(old: Any, new: Any) -> None:
    with TinyDB(storage=AppendStorage) as stock, AppendTinyDB() as ours:
        for db in (stock, ours):
            db.insert({"a": old})
            db.update({"a": new})
            assert repr(db.all()[0]["a"]) == repr(new)


@pytest.mark.parametrize(
    "ask",
    [
        lambda db: db.insert({}),
        lambda db: db.all(),
        lambda db: db.update({"b": 1}),
        lambda db: db.table("other").insert({}),
    ],
    ids=["insert", "all", "update", "other table"],
)
@pytest.mark.parametrize("in_file", [False, True], ids=["memory", "file"])
def test_a_closed_storage_says_so(file: Path, ask: Any, in_file: bool) -> None:
    db = AppendTinyDB(file if in_file else None)
    db.insert({"a": 1})
    db.close()
    db.close()
    with pytest.raises(RecordingError, match="The recorder is closed"):
        ask(db)


def test_reopening_gives_the_same(file: Path) -> None:
    kept = filled(file)
    assert len(kept[EVENTS]) == 6
    assert contents_of(file) == kept
    assert contents_of(file) == kept


def test_the_last_line_may_be_cut_at_every_byte(file: Path, tmp_path: Path) -> None:
    filled(file, 2)
    before = contents_of(file)
    size = file.stat().st_size
    recorder = TinyRecorder(file)
    record_batch(recorder, "é", "last")
    recorder.close()
    whole = file.read_bytes()
    torn = tmp_path / "torn.db"
    for end in range(size, len(whole)):
        torn.write_bytes(whole[:end])
        with AppendTinyDB(torn) as db:
            assert db.storage.torn_bytes == end - size
            assert contents(db) == before
        assert torn.read_bytes() == whole[:size]


@pytest.mark.parametrize(
    "damage",
    [
        b"{",
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"put":[1]}',
        b'{"put":{"t":{"x":{}}}}',
        b'{"put":{"events":{"1":5}}}',
        b'{"drop":{"t":7}}',
        b'{"mark":{"seq":"x"}}',
        b'{"put":{"requests":{"9":{}}},"seq":-1}',
        b"\0" * 20,
    ],
    ids=repr,
)
def test_damage_in_the_middle_names_file_line_and_remedy_and_changes_nothing(
    file: Path, damage: bytes
) -> None:
    filled(file)
    lines = file.read_bytes().split(b"\n")
    lines[3] = damage
    damaged = b"\n".join(lines) + b"torn"
    file.write_bytes(damaged)
    for _ in range(2):  # and the file is not left locked
        with pytest.raises(StorageDamaged) as caught:
            TinyRecorder(file)
        assert f"{file} is damaged at line 4:" in str(caught.value)
        assert "Nothing was changed." in str(caught.value)
        assert f"head -n 3 {file} > {file}.saved" in str(caught.value)
        assert file.read_bytes() == damaged


def test_what_stands_before_the_damage_is_saved_as_the_message_says(
    file: Path, tmp_path: Path
) -> None:
    kept = filled(file)
    lines = file.read_bytes().splitlines(keepends=True)
    saved = tmp_path / "saved"
    saved.write_bytes(b"".join(lines[:4]))
    assert len(lines) == 5
    assert contents_of(saved)[REQUESTS] == {n: kept[REQUESTS][n] for n in (1, 2)}


def test_no_changed_byte_makes_opening_fail_in_any_other_way(
    file: Path, tmp_path: Path
) -> None:
    filled(file, 2)
    whole = file.read_bytes()
    copy = tmp_path / "copy.db"
    chance = random.Random(7)
    for _ in range(400):
        changed = bytearray(whole)
        changed[chance.randrange(len(whole))] = chance.randrange(256)
        copy.write_bytes(changed)
        try:
            with AppendTinyDB(copy):
                pass
        except StorageError:
            assert copy.read_bytes() == changed


def compacted(recorder: TinyRecorder) -> None:
    recorder._storage.marks.update(recorder._index.marks())
    recorder._storage.compact(recorder._index.seq_of())


def test_compaction_keeps_every_document_and_every_byte(file: Path) -> None:
    recorder = TinyRecorder(file)
    bodies = [b"\xff\0\n", event(), b'{"event_name":"odd"}\n\n', deep_event(), b"{"]
    for body in bodies:
        record(recorder, body)
    record_batch(recorder, *"abcdef")
    record(recorder, b'{"batch":[{},%s]}' % deep_event(), "/events/batch")
    recorder.db.table("mine").insert({"a": [1, None]})
    recorder.db.table("empty", persist_empty=True)
    events, requests = recorder.db.table(EVENTS), recorder.db.table(REQUESTS)
    events.update({"new": True}, where("event_name") == "purchase")
    events.remove(where("event_name").one_of(["b", "c"]))
    requests.update({"status": 299}, doc_ids=[2])
    requests.remove(doc_ids=[5])
    kept, ways = contents(recorder.db), list(recorder.matching())
    before = file.stat().st_size
    for _ in range(3):
        compacted(recorder)
        assert contents(recorder.db) == kept
        assert list(recorder.matching()) == ways
    assert file.stat().st_size < before
    assert [one.request.body for one in recorder.matching_requests()][:4] == bodies[:4]
    recorder.close()
    assert contents_of(file) == kept


def test_compaction_in_memory_keeps_everything_too() -> None:
    recorder = TinyRecorder()
    record_batch(recorder, *"abc")
    recorder.db.table(EVENTS).remove(where("event_name") == "b")
    kept = contents(recorder.db)
    compacted(recorder)
    assert contents(recorder.db) == kept


def test_a_line_read_before_a_compaction_is_not_taken_for_one_after_it(
    file: Path,
) -> None:
    recorder = TinyRecorder(file)
    for n in range(1000):
        record(recorder, event(n=n % 10))
    reading = recorder.matching()
    iterating = iter(recorder.db.table(EVENTS))
    seen = [next(reading).id, next(iterating).doc_id]
    recorder.db.table(EVENTS).remove(doc_ids=range(1, 500, 2))
    recorder.db.table(REQUESTS).remove(doc_ids=range(1, 500, 2))
    compacted(recorder)
    for found in reading:
        assert found.event.data["n"] == (found.id - 1) % 10
    for document in iterating:
        assert document["event"]["n"] == (document.doc_id - 1) % 10
    assert seen == [1, 1]
    recorder.close()


def test_a_compaction_that_fails_is_no_harm_and_is_not_tried_at_each_change(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = TinyRecorder(file, max_events=10)
    tried = []

    def refuse(rewritten: object) -> None:
        tried.append(rewritten)
        raise RecordingError("The disk is full.")

    monkeypatch.setattr(recorder._storage._lines, "replace", refuse)
    for _ in range(1500):
        record(recorder)
    assert len(tried) == 2
    assert recorder.find().total == 10
    recorder.close()
    with AppendTinyDB(file) as db:
        assert len(db.table(EVENTS)) == 1500


COMPACT = """
import sys
from mockcollect.recording.recorder import TinyRecorder
recorder = TinyRecorder(sys.argv[1])
print("open", flush=True)
while True:
    recorder._storage.compact(lambda documents: documents[0][1])
"""


@pytest.mark.parametrize("delay", [0.0, 0.002, 0.007, 0.02])
def test_a_kill_while_compacting_leaves_the_old_file_or_the_new(
    file: Path, delay: float
) -> None:
    kept = filled(file, 300)
    with python(COMPACT, file) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        beside = file.with_name("events.db.compacting")
        wait_until(beside.exists, "compacting")
        with suppress(subprocess.TimeoutExpired):  # another moment each time
            process.wait(delay)
        process.kill()
        process.communicate(timeout=SECONDS)
    assert contents_of(file) == kept
    assert not beside.exists()


RECORD = """
import sys
from mockcollect.recording.recorder import TinyRecorder
from tests.recording.helpers import record_batch
recorder = TinyRecorder(sys.argv[1], max_events=int(sys.argv[2]))
while True:
    print(record_batch(recorder, *"abcde"), flush=True)
"""


@pytest.mark.parametrize("max_events", [0, 200], ids=["all", "retention"])
@pytest.mark.parametrize("lines", [1, 40, 1500])
def test_a_killed_process_loses_nothing_that_it_acknowledged(
    file: Path, lines: int, max_events: int
) -> None:
    with python(RECORD, file, max_events) as process:
        assert process.stdout is not None
        for _ in range(lines):
            process.stdout.readline()
        process.kill()
        rest = process.communicate(timeout=SECONDS)[0]
    acknowledged = lines + rest.count(b"\n")
    recorder = TinyRecorder(file, max_events=max_events)
    kept = list(recorder.matching_requests())
    assert kept[-1].id >= acknowledged
    assert [one.id for one in kept] == list(range(kept[0].id, kept[-1].id + 1))
    assert len(kept) == min(kept[-1].id, max_events // 5 or kept[-1].id)
    assert all(len(one.event_ids) == 5 for one in kept)
    assert recorder.counts()["dropped"] + recorder.find().total == kept[-1].id * 5
    recorder.close()


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["put", "drop"])), max_size=12
    )
)
def test_writing_whole_tables_leaves_exactly_these(
    steps: list[tuple[str, str]],
) -> None:
    storage, expected = AppendStorage(), dict[str, Any]()
    for n, (name, what) in enumerate(steps):
        if what == "put":
            expected[name] = {str(n): {"n": n}, **dict(expected.get(name, {}))}
        else:
            expected.pop(name, None)
        storage.write(expected)
        read = storage.read() or {}
        assert {name: dict(table) for name, table in read.items()} == expected


def test_a_copied_file_of_events_is_a_stock_tinydb_too(file: Path) -> None:
    kept = filled(file)
    copy = shutil.copy(file, file.with_name("copy.db"))
    with TinyDB(copy, storage=AppendStorage) as db:
        assert contents(db) == kept
        assert db.table(EVENTS).count(where("event_name") == "view") == 3
        db.table(EVENTS).update({"seen": True})
        assert all(one["seen"] for one in db.table(EVENTS))


def test_the_header_of_a_recording_is_its_first_line(file: Path) -> None:
    filled(file)
    assert file.read_bytes().startswith(HEADER)


def test_a_batch_is_one_line_with_its_events(file: Path) -> None:
    storage = AppendStorage(file)
    size = file.stat().st_size
    storage.close()
    recorder = TinyRecorder(file)
    record_batch(recorder, *"abc")
    lines = file.read_bytes()[size:].splitlines()
    recorder.close()
    assert len(lines) == 2  # the identity of the recording, and the batch
    request, _ = received(batch(*"abc"), "/events/batch")
    assert request.body.decode().replace('"', '\\"').encode() in lines[1]


def test_the_remedy_of_a_damaged_file_can_be_pasted(tmp_path: Path) -> None:
    file = tmp_path / "it's mine; really.db"
    file.write_bytes(HEADER + b"{}\n[\n{}\n")
    with pytest.raises(StorageDamaged) as caught:
        AppendStorage(file)
    command = str(caught.value).split("before it: ")[1].rpartition(", then")[0]
    subprocess.run(command, shell=True, check=True)
    assert Path(f"{file}.saved").read_bytes() == HEADER + b"{}\n"
