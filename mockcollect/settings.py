"""All that can be set, in one place: flags, variables and options end here."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8787
DEFAULT_TIMEOUT = 2.0
DEFAULT_SETTLE = 0.5
DEFAULT_ARTIFACTS = ".mockcollect"
URL_VARIABLE = "MOCKCOLLECT_URL"
"""What names the server to the code under test, and to commands that ask one."""

DEFAULT_MAX_EVENTS = 10_000
"""How many events are kept in memory; with a file, all are."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one mockcollect listens, records and speaks.

    `port` 0 is any free port, and so is `None` in tests; for the command it is 8787.
    `port_file` gets the number once it can record. `db` is
    the file to record in, `None` for memory. `max_events` is how many events are kept,
    0 for all, `None` for the default. `plan` is the file of a tracking plan, `sources`
    are known ones as SITE:KEY[:LABEL[:ENVIRONMENT[:inactive]]], and `test_run` says
    whether keys of production are out of place, or all others. `allow_host` and
    `allow_origin` name further hosts and origins that may read what was captured.

    For tests: `timeout` is how many seconds an assertion waits for an event, `settle`
    how long one watches that nothing comes. `env` are the variables that are set to the
    server's URL. Where not `strict`, refused requests fail no test. `artifacts` is the
    folder for the events of failed tests.
    """

    host: str = DEFAULT_HOST
    port: int | None = None
    port_file: str | None = None
    db: str | None = None
    max_events: int | None = None
    fsync: bool = False
    plan: str | None = None
    sources: tuple[str, ...] = ()
    test_run: bool | None = None
    allow_host: tuple[str, ...] = ()
    allow_origin: tuple[str, ...] = ()
    quiet: bool = False
    json: bool = False
    open: bool = False
    timeout: float = DEFAULT_TIMEOUT
    settle: float = DEFAULT_SETTLE
    env: tuple[str, ...] = (URL_VARIABLE,)
    strict: bool = True
    artifacts: str = DEFAULT_ARTIFACTS

    @property
    def kept_events(self) -> int:
        """How many events are kept, 0 for all."""
        if self.max_events is not None:
            return self.max_events
        return 0 if self.db else DEFAULT_MAX_EVENTS
