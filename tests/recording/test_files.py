from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockcollect.errors import (
    RecordingError,
    StorageDamaged,
    StorageError,
    StorageLocked,
)
from mockcollect.recording import files
from mockcollect.recording.files import FileLines, MemoryLines
from mockcollect.recording.lines import HEADER
from tests.recording.helpers import SECONDS, python


def lines_in(path: Path) -> list[bytes]:
    """Return the lines behind the header, as another opening would read them."""
    lines = FileLines(path)
    try:
        return [line for _, line in lines.scan()]
    finally:
        lines.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True, timeout=SECONDS)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no file system of 64 KB can be mounted here: {error}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True, timeout=SECONDS)


def fill_up(lines: FileLines) -> tuple[int, str]:
    """Append until there is no room; return how many lines, and what was said."""
    for count in range(100):
        try:
            lines.append(b"x" * 2999 + b"\n")
        except RecordingError as error:
            return count, str(error)
    raise AssertionError("there is room for all")


def test_lines_in_memory_are_their_own_places() -> None:
    lines = MemoryLines()
    place = lines.append(b"{}\n")
    assert lines.read(place) == b"{}\n"
    assert list(lines.replace(iter([b"1\n", b"2\n"]))) == [b"1\n", b"2\n"]
    lines.close()


def test_a_new_file_begins_with_the_header_and_is_its_owners_alone(file: Path) -> None:
    old = os.umask(0)
    try:
        FileLines(file).close()
    finally:
        os.umask(old)
    assert file.read_bytes() == HEADER
    assert HEADER == b'{"mockcollect":"recording","format":1}\n'
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_appended_lines_are_read_back_from_their_places(file: Path) -> None:
    lines = FileLines(file)
    written = [b"%d%s\n" % (n, b"x" * (n * 100_000)) for n in range(15)]
    places = [lines.append(one) for one in written]
    assert [lines.read(place) for place in places] == written
    lines.close()
    again = FileLines(file)
    assert list(again.scan()) == [
        (place, one[:-1]) for place, one in zip(places, written, strict=True)
    ]
    assert again.torn_bytes == 0
    again.close()


def test_what_was_appended_is_on_its_way_before_the_call_returns(file: Path) -> None:
    lines = FileLines(file)
    lines.append(b"{}\n")
    assert file.read_bytes() == HEADER + b"{}\n"
    lines.close()


@pytest.mark.parametrize("cut", range(len(b'{"a": "\xc3\xa9"}\n')))
def test_a_torn_last_line_is_cut_and_counted(file: Path, cut: int) -> None:
    last = b'{"a": "\xc3\xa9"}\n'[:cut]
    file.write_bytes(HEADER + b"{}\n" + last)
    lines = FileLines(file)
    assert [line for _, line in lines.scan()] == [b"{}"]
    assert lines.torn_bytes == cut
    lines.append(b"[]\n")
    lines.close()
    assert file.read_bytes() == HEADER + b"{}\n[]\n"


@pytest.mark.parametrize("cut", range(len(HEADER)))
def test_a_header_that_was_not_finished_is_written_anew(file: Path, cut: int) -> None:
    file.write_bytes(HEADER[:cut])
    assert lines_in(file) == []
    assert file.read_bytes() == HEADER


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"_default": {"1": {"a": 1}}}', "is not a recording of mockcollect"),
        (b"\x89PNG\r\n\x1a\n" * 9, "is not a recording of mockcollect"),
        (b"\n" + HEADER, "is not a recording of mockcollect"),
        (HEADER.replace(b"1", b"2"), "was written by a newer mockcollect"),
        (HEADER.replace(b"1", b"12"), "was written by a newer mockcollect"),
    ],
    ids=["stock TinyDB", "picture", "line before", "next format", "far format"],
)
def test_a_file_that_is_not_ours_is_left_alone_with_advice(
    file: Path, content: bytes, said: str
) -> None:
    file.write_bytes(content)
    with pytest.raises(StorageDamaged, match=said) as caught:
        FileLines(file)
    assert str(file) in str(caught.value)
    assert "Nothing was changed." in str(caught.value)
    assert "--db" in str(caught.value)
    assert file.read_bytes() == content


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Is a directory"),
        ("no/such/folder.db", "No such file or directory"),
        ("pipe", "it is a device or a pipe"),
    ],
)
def test_what_cannot_be_a_file_to_record_in_is_said(
    tmp_path: Path, name: str, said: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StorageError, match=said) as caught:
        FileLines(tmp_path / name)
    assert "leave --db out" in str(caught.value)


def test_a_device_is_no_file_to_record_in() -> None:
    with pytest.raises(StorageError, match="it is a device or a pipe"):
        FileLines(os.devnull)


@pytest.mark.skipif(
    getattr(os, "geteuid", int)() == 0, reason="root may write everywhere"
)
def test_a_file_that_may_not_be_written_is_said(file: Path) -> None:
    file.touch(0o400)
    with pytest.raises(StorageError, match="Permission denied"):
        FileLines(file)


def test_a_second_writer_in_the_same_process_is_refused(file: Path) -> None:
    lines = FileLines(file)
    with pytest.raises(StorageLocked, match="by another mockcollect") as caught:
        FileLines(file)
    assert str(file) in str(caught.value)
    lines.append(b"{}\n")
    lines.close()
    assert lines_in(file) == [b"{}"]


HOLD = """
import sys
from mockcollect.recording.files import FileLines
lines = FileLines(sys.argv[1])
lines.append(b"{}\\n")
print("open", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("killed", [False, True], ids=["exit", "kill"])
def test_another_process_has_the_file_until_it_ends(file: Path, killed: bool) -> None:
    with python(HOLD, file) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        before = file.read_bytes()
        with pytest.raises(StorageLocked):
            FileLines(file)
        assert file.read_bytes() == before
        if killed:
            holder.kill()
        holder.communicate(timeout=SECONDS)
    assert lines_in(file) == [b"{}"]


def test_whoever_comes_while_the_file_is_replaced_is_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = FileLines(file)
    locked = files._try_lock

    def replace_then_lock(fd: int) -> None:
        monkeypatch.undo()
        list(lines.replace(iter([b"{}\n"])))
        locked(fd)

    monkeypatch.setattr(files, "_try_lock", replace_then_lock)
    with pytest.raises(StorageLocked):
        FileLines(file)
    lines.close()
    assert lines_in(file) == [b"{}"]


def test_a_file_system_without_locks_is_not_called_another_process(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(fd: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(files, "_try_lock", refuse)
    with pytest.raises(StorageError, match="cannot be locked: Operation not") as caught:
        FileLines(file)
    assert not isinstance(caught.value, StorageLocked)


def test_replacing_takes_the_new_lines_and_goes_on_behind_them(file: Path) -> None:
    lines = FileLines(file)
    lines.append(b"old\n")
    places = list(lines.replace(iter([b"1\n", b"22\n"])))
    assert [lines.read(place) for place in places] == [b"1\n", b"22\n"]
    assert lines.read(lines.append(b"333\n")) == b"333\n"
    with pytest.raises(StorageLocked):
        FileLines(file)
    lines.close()
    assert lines_in(file) == [b"1", b"22", b"333"]


def test_a_replaced_file_is_still_its_owners_alone(file: Path) -> None:
    old = os.umask(0)
    try:
        lines = FileLines(file)
        list(lines.replace(iter([b"{}\n"])))
    finally:
        os.umask(old)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lines.close()


def test_a_link_to_the_file_stays_a_link(tmp_path: Path, file: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(file)
    lines = FileLines(link)
    list(lines.replace(iter([b"{}\n"])))
    lines.close()
    assert link.is_symlink()
    assert lines_in(file) == [b"{}"]


def failing() -> Iterator[bytes]:
    yield b"{}\n"
    raise OSError(28, "No space left on device")


def test_a_replacement_that_fails_leaves_all_as_it_was(file: Path) -> None:
    lines = FileLines(file)
    place = lines.append(b"old\n")
    with pytest.raises(RecordingError, match="No space left on device"):
        lines.replace(failing())
    assert lines.read(place) == b"old\n"
    lines.append(b"new\n")
    lines.close()
    assert list(file.parent.iterdir()) == [file]
    assert lines_in(file) == [b"old", b"new"]


def test_a_rename_that_fails_leaves_all_as_it_was(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = FileLines(file)
    lines.append(b"old\n")

    def refuse(*paths: Path) -> None:
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(RecordingError, match="busy"):
        lines.replace(iter([b"new\n"]))
    lines.append(b"later\n")
    lines.close()
    assert list(file.parent.iterdir()) == [file]
    assert lines_in(file) == [b"old", b"later"]


def test_what_a_killed_replacement_left_is_removed_on_opening(file: Path) -> None:
    FileLines(file).close()
    beside = file.with_name("events.db.compacting")
    beside.write_bytes(b"half a line")
    FileLines(file).close()
    assert not beside.exists()


@pytest.mark.parametrize("fsync", [False, True])
def test_each_line_is_synced_if_asked_for(
    file: Path, fsync: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(sync(fd) or fd))
    lines = FileLines(file, fsync=fsync)
    synced.clear()
    for n in range(3):
        lines.append(b"{}\n")
        assert len(synced) == (n + 1) * fsync
    lines.close()


def test_a_write_in_pieces_is_finished(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    lines = FileLines(file)
    monkeypatch.setattr(os, "write", lambda fd, raw: write(fd, raw[:3]))
    place = lines.append(b"0123456789\n")
    assert lines.read(place) == b"0123456789\n"
    lines.close()


def test_a_full_disk_tears_nothing_and_recording_goes_on_after_room_is_made(
    small_disk: Path,
) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 20_000)
    file = small_disk / "events.db"
    lines = FileLines(file)
    count, said = fill_up(lines)
    assert said == f"{file} cannot be written: No space left on device."
    assert count > 5
    assert file.read_bytes().endswith(b"x\n")
    ballast.unlink()
    lines.append(b"after\n")
    lines.close()
    kept = lines_in(file)
    assert len(kept) == count + 1
    assert kept[-1] == b"after"


def test_a_file_at_its_limit_tears_nothing_and_grows_once_it_may(file: Path) -> None:
    resource = pytest.importorskip("resource")  # which Windows does not have
    limited = resource.getrlimit(resource.RLIMIT_FSIZE)
    lines = FileLines(file)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limited[1]))
    try:
        assert fill_up(lines) == (3, f"{file} cannot be written: File too large.")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limited)
    lines.append(b"after\n")
    lines.close()
    assert lines_in(file) == [b"x" * 2999] * 3 + [b"after"]


@pytest.mark.parametrize(
    "error", [OSError(5, "Input/output error"), KeyboardInterrupt()]
)
def test_half_a_line_that_could_not_be_cut_is_cut_before_the_next(
    file: Path, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = FileLines(file)
    write = os.write

    def tear(fd: int, raw: bytes) -> int:
        write(fd, raw[:3])
        raise error

    def refuse(fd: int, end: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "write", tear)
    monkeypatch.setattr(os, "ftruncate", refuse)
    with pytest.raises((RecordingError, KeyboardInterrupt)):
        lines.append(b"torn line\n")
    monkeypatch.undo()
    assert lines.read(lines.append(b"next\n")) == b"next\n"
    lines.close()
    assert lines_in(file) == [b"next"]
