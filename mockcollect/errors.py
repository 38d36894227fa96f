"""The errors that mockcollect raises for its users to read."""

from __future__ import annotations


class MockcollectError(Exception):
    """The base of all errors of mockcollect: its text says what to do."""


class InvalidQuery(MockcollectError):
    """A filter text that cannot be read.

    `position` is where in the text it failed; `suggestion` is the nearest valid word.
    """

    def __init__(
        self, message: str, *, position: int = 0, suggestion: str | None = None
    ) -> None:
        super().__init__(message)
        self.position = position
        self.suggestion = suggestion


class RecordingError(MockcollectError):
    """What arrived cannot be recorded: the disk is full, or the recorder is closed."""


class StorageError(MockcollectError):
    """A file that cannot be used to record in."""


class StorageLocked(StorageError):
    """Another process writes to the same file."""


class StorageDamaged(StorageError):
    """A file that is not ours, or that was changed by something else."""


class PortInUse(MockcollectError):
    """Something else listens on the port that was asked for."""


class UndoExpired(MockcollectError):
    """An undo that is unknown, used already, or older than its time."""


class ServerClosed(MockcollectError):
    """A server that was closed, or never started, is asked for something."""


class NotRunning(MockcollectError):
    """No mockcollect answers where one was asked."""


class InvalidSettings(MockcollectError):
    """A setting with a value that it cannot take."""


class InvalidFile(MockcollectError):
    """A text file that cannot be used.

    `reason` says why; `name` is the file's name, `line` and `column` count from 1 and
    are `None` where the fault has no place.
    """

    def __init__(
        self,
        reason: str,
        *,
        name: str = "",
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        place = [name] if name else []
        place += [f"line {line}"] if line is not None else []
        place += [f"column {column}"] if column is not None else []
        super().__init__(f"{', '.join(place)}: {reason}" if place else reason)
        self.reason = reason
        self.name = name
        self.line = line
        self.column = column


class InvalidPlan(InvalidFile):
    """A tracking plan that cannot be used."""

    def named(self, name: str) -> InvalidPlan:
        """Return the same error with the file's name."""
        return InvalidPlan(self.reason, name=name, line=self.line, column=self.column)


class InvalidExpectations(InvalidFile):
    """Expectations that cannot be checked: a broken file, or a plan that is missing."""


class InvalidFault(MockcollectError):
    """A fault rule that cannot be used.

    `place` says which of several, as in `rules[1].status`; `suggestion` is the nearest
    valid word.
    """

    def __init__(
        self, message: str, *, place: str | None = None, suggestion: str | None = None
    ) -> None:
        super().__init__(message)
        self.place = place
        self.suggestion = suggestion


class InvalidSource(MockcollectError):
    """A known source that cannot be read, or that contradicts another."""
