"""All that can be set, in one place: flags, variables and options end here."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8787
DEFAULT_MAX_EVENTS = 10_000
"""How many events are kept in memory; with a file, all are."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one mockcollect listens, records and speaks.

    `port` 0 is any free port; `port_file` gets the number once it can record. `db` is
    the file to record in, `None` for memory. `max_events` is how many events are kept,
    0 for all, `None` for the default. `allow_host` and `allow_origin` name further
    hosts and origins that may read what was captured.
    """

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    port_file: str | None = None
    db: str | None = None
    max_events: int | None = None
    fsync: bool = False
    allow_host: tuple[str, ...] = ()
    allow_origin: tuple[str, ...] = ()
    quiet: bool = False
    json: bool = False
    open: bool = False

    @property
    def kept_events(self) -> int:
        """How many events are kept, 0 for all."""
        if self.max_events is not None:
            return self.max_events
        return 0 if self.db else DEFAULT_MAX_EVENTS
