"""Where lines are kept: an append-only file with one writer, or memory."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol

from mockcollect.errors import (
    RecordingError,
    StorageDamaged,
    StorageError,
    StorageLocked,
)
from mockcollect.recording.lines import HEADER

Locator = int | bytes
"""Where a line is: a file's offset and length in one number, or the line itself."""

_LENGTH_BITS = 32
_CHUNK = 1 << 20
TRIAL_BYTES = 1 << 16
"""What must fit to say that there is room: an event of full size, and more."""

_O_BINARY = getattr(os, "O_BINARY", 0)  # only Windows has it, and needs it


class Lines(Protocol):
    """A growing sequence of lines."""

    def append(self, raw: bytes) -> Locator:
        """Keep a line and return where; raises RecordingError if that is impossible."""

    def read(self, locator: Locator) -> bytes:
        """Return a line that was appended."""

    def replace(self, rewritten: Iterator[bytes]) -> Iterator[Locator]:
        """Put other lines in place of all, and return where each one is."""

    def check(self) -> None:
        """Raise RecordingError if a line could not be appended now."""

    def close(self) -> None:
        """Give back what is held."""


class MemoryLines:
    """Lines in memory: each one is its own locator."""

    def append(self, raw: bytes) -> Locator:
        """Return the line itself, which is all that keeps it."""
        return raw

    def read(self, locator: Locator) -> bytes:
        """Return the line."""
        assert isinstance(locator, bytes)
        return locator

    def replace(self, rewritten: Iterator[bytes]) -> Iterator[Locator]:
        """Return the lines themselves."""
        return iter(list(rewritten))

    def check(self) -> None:
        """There is room."""

    def close(self) -> None:
        """Nothing is held."""


class FileLines:
    """Lines at the end of a file that this process alone writes.

    Each append is one write to the operating system, so that a killed process loses
    nothing that was appended; with `fsync` it survives a power cut too.

    `torn_bytes` counts what was cut from the end on opening: the rest of a line whose
    write did not finish.
    """

    def __init__(self, path: str | Path, *, fsync: bool = False) -> None:
        self.path = Path(path)
        self.torn_bytes = 0
        self._fsync = fsync
        self._is_torn = False
        self._fd = _open(self.path)
        try:
            _lock(self._fd, self.path)
            self._end = os.fstat(self._fd).st_size
            self._check_header()
            self._beside().unlink(missing_ok=True)
        except BaseException:
            os.close(self._fd)
            raise

    def scan(self) -> Iterator[tuple[Locator, bytes]]:
        """Yield each line behind the header with its locator; cuts a torn last one."""
        offset, rest = len(HEADER), b""
        position = offset
        while chunk := self._pread(position, _CHUNK):
            position += len(chunk)
            rest += chunk
            lines = rest.split(b"\n")
            rest = lines.pop()
            for line in lines:
                length = len(line) + 1
                yield offset << _LENGTH_BITS | length, line
                offset += length
        if rest:
            self.torn_bytes = len(rest)
            self._cut(offset)

    def append(self, raw: bytes) -> Locator:
        """Write a line at the end of the file."""
        offset = self._end
        try:
            if self._is_torn:
                self._cut(offset)
            self._is_torn = True
            _write_all(self._fd, raw)
            if self._fsync:
                os.fsync(self._fd)
        except OSError as error:
            with suppress(OSError):  # the next append tries again
                self._cut(offset)
            raise self._unwritable(error) from error
        self._end = offset + len(raw)
        self._is_torn = False
        return offset << _LENGTH_BITS | len(raw)

    def read(self, locator: Locator) -> bytes:
        """Return the line at a place of the file."""
        assert isinstance(locator, int)
        return self._pread(locator >> _LENGTH_BITS, locator & ((1 << _LENGTH_BITS) - 1))

    def replace(self, rewritten: Iterator[bytes]) -> Iterator[Locator]:
        """Write beside the file, then rename: a kill leaves the old one or the new.

        Raises RecordingError, and keeps the old one, if that cannot be done.
        """
        beside = self._beside()
        try:
            locators, end = _write_new(beside, rewritten)
            self._take_over(beside)
        except BaseException as error:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise self._unwritable(error) from error
            raise
        self._end = end
        return iter(locators)

    def check(self) -> None:
        """Write as much as an event may take, and take it back.

        A kill in between leaves a torn last line, which is cut on opening.
        """
        end = self._end
        self.append(b" " * TRIAL_BYTES)
        self._cut(end)

    def close(self) -> None:
        """Close the file, which also gives its lock back."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _take_over(self, beside: Path) -> None:
        """Rename the new file over the old one without a moment in which it is free."""
        if sys.platform == "win32":  # which cannot rename onto an open file
            os.close(self._fd)
            try:
                os.replace(beside, self._target())
            finally:
                self._fd = _open(self.path)
                _lock(self._fd, self.path)
            return
        fd = _open(beside)
        try:
            _lock(fd, beside)
            os.replace(beside, self._target())
        except BaseException:
            os.close(fd)
            raise
        os.close(self._fd)
        self._fd = fd
        if self._fsync:
            _sync_folder(self._target().parent)

    def _target(self) -> Path:
        """Return the file itself where the path is a link to it."""
        return Path(os.path.realpath(self.path))

    def _beside(self) -> Path:
        target = self._target()
        return target.with_name(f"{target.name}.compacting")

    def _unwritable(self, error: OSError) -> RecordingError:
        reason = error.strerror or error
        return RecordingError(f"{self.path} cannot be written: {reason}.")

    def _check_header(self) -> None:
        head = self._pread(0, len(HEADER))
        if head == HEADER:
            return
        if HEADER.startswith(head):  # new, or killed while its header was written
            self._cut(0)
            self.append(HEADER)
            if self._fsync:
                _sync_folder(self._target().parent)
            return
        raise StorageDamaged(_not_ours(self.path, head))

    def _cut(self, end: int) -> None:
        os.ftruncate(self._fd, end)
        self._end = end
        self._is_torn = False

    if sys.platform == "win32":

        def _pread(self, offset: int, length: int) -> bytes:
            os.lseek(self._fd, offset, os.SEEK_SET)
            return os.read(self._fd, length)

    else:

        def _pread(self, offset: int, length: int) -> bytes:
            return os.pread(self._fd, length, offset)


def _open(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | _O_BINARY
    try:
        # Captured events hold personal data: only their owner may read them.
        fd = os.open(path, flags, 0o600)
    except OSError as error:
        raise _unusable(path, f"opened for writing: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise _unusable(path, "recorded in: it is a device or a pipe")
    return fd


def _unusable(path: Path, why: str) -> StorageError:
    return StorageError(
        f"{path} cannot be {why}. "
        "Name another file with --db, or leave --db out to record in memory."
    )


def _write_new(path: Path, lines: Iterator[bytes]) -> tuple[list[Locator], int]:
    """Write a file of these lines; return where each one is, and where they end."""
    locators: list[Locator] = []
    end = len(HEADER)
    with open(path, "xb", opener=partial(os.open, mode=0o600)) as out:
        out.write(HEADER)
        for raw in lines:
            out.write(raw)
            locators.append(end << _LENGTH_BITS | len(raw))
            end += len(raw)
        out.flush()
        os.fsync(out.fileno())
    return locators, end


def _write_all(fd: int, raw: bytes) -> None:
    written = os.write(fd, raw)
    while written < len(raw):
        written += os.write(fd, raw[written:])


def _not_ours(path: Path, head: bytes) -> str:
    if head.startswith(b'{"mockcollect":"recording","format":'):
        return (
            f"{path} was written by a newer mockcollect. Nothing was changed. "
            "Update mockcollect, or name another file with --db."
        )
    seen = head[:30].decode(errors="replace")
    return (
        f"{path} is not a recording of mockcollect: it begins with {seen!r}. "
        "Nothing was changed. Name another file with --db."
    )


def _lock(fd: int, path: Path) -> None:
    try:
        _try_lock(fd)
        # Who compacts puts another file in place: the lock may be the old one's.
        if os.path.samestat(os.fstat(fd), os.stat(path)):
            return
    except (BlockingIOError, PermissionError, FileNotFoundError):
        pass
    except OSError as error:
        raise _unusable(path, f"locked: {error.strerror}") from error
    raise StorageLocked(
        f"{path} is being written by another mockcollect. "
        "Stop that one, or name another file with --db."
    )


_try_lock: Callable[[int], None]

if sys.platform == "win32":
    import msvcrt

    def _try_lock(fd: int) -> None:
        # Windows refuses reads of a locked region: lock one byte far behind all data.
        os.lseek(fd, 1 << 40, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)

    def _sync_folder(folder: Path) -> None:
        """Do nothing: Windows cannot open a folder, and writes renames through."""

else:
    import fcntl

    def _try_lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _sync_folder(folder: Path) -> None:
        """Make new names in a folder survive a power cut, where the system can."""
        with suppress(OSError):
            fd = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)
