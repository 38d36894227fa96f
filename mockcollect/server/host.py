"""Runs the application as a process of its own, on granian with one worker.

granian was chosen by measurement: in Python it is the fastest server with wheels for
all platforms that keeps connections alive and is not stopped by senders that are slow.
Each odd thing done here answers one of its habits, and each has a test.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from mockcollect.errors import MockcollectError
from mockcollect.server.ports import reserved_port
from mockcollect.server.probe import base_url, is_ready

if TYPE_CHECKING:
    from flask import Flask

    from mockcollect.recording.interface import Recorder, Subscription
    from mockcollect.settings import Settings

# By default 512 senders that are slow stop everybody else, and so do 1,100 connections
# that are kept open: threads are started as they are needed, for some 65 KB each.
CONNECTIONS = BLOCKING_THREADS = 16_384

STOP_SECONDS = 0.7
"""How long a stopping worker answers what is in flight: a body that never ends would
otherwise hold it for ever."""

KILL_SECONDS = 1
"""When a stopping worker is killed: one that has just begun may not have heard."""

READY_POLL_SECONDS = 0.005

_ENVIRON_HEADERS = ("HTTP_", "CONTENT_TYPE", "CONTENT_LENGTH")

Follow = Callable[["Subscription"], None]


@dataclass(frozen=True, slots=True)
class Started:
    """What there is to say once a server records."""

    url: str
    port: int
    settings: Settings
    torn_bytes: int


def run(
    settings: Settings, *, on_start: Callable[[Started], None], follow: Follow | None
) -> None:
    """Run the server until it is stopped by Ctrl-C, SIGTERM or a closed terminal.

    `on_start` is called once a request would be recorded. `follow` is called in a
    thread of the worker, with a subscription to all that is recorded; it must be
    picklable.

    Raises PortInUse, StorageError, or MockcollectError for what keeps it from starting.
    """
    with _stopped_by_signals(), reserved_port(settings) as (address, port):
        settings = replace(settings, port=port)
        from_worker, to_host = multiprocessing.Pipe(duplex=False)
        host = _Host(settings, port, from_worker, on_start)
        threading.Thread(target=host.announce, daemon=True).start()
        loader = partial(load_app, settings, to_host, follow)
        server = _granian(address, port)
        try:
            server.serve(target_loader=loader, wrap_loader=False)
        except SystemExit:  # all that granian says of a worker that ended by itself
            if not server.interrupt_signal:  # and of one that was told to, with us
                raise host.failure() from None
        host.raise_failure()


def load_app(settings: Settings, to_host: Connection, follow: Follow | None) -> Flask:
    """Return the application; runs in the worker, before it serves."""
    _hear_the_host_only()
    _forget_header_variables()
    _allow_connections()
    # Imported late: the host needs none of it, and starts the worker the sooner.
    from mockcollect.recording.recorder import TinyRecorder
    from mockcollect.server.app import create_app

    try:
        recorder = TinyRecorder(
            settings.db, max_events=settings.kept_events, fsync=settings.fsync
        )
        recorder.check()
        app = create_app(recorder, settings)
    except MockcollectError as error:
        to_host.send(error)
        raise SystemExit(2) from error
    _stop_with(recorder)
    if follow is not None:
        # Subscribed here, before anything is recorded, so that nothing is missed.
        subscription = recorder.subscribe()
        # No daemon: what was recorded last is still to be printed at the end.
        threading.Thread(target=follow, args=(subscription,)).start()
    to_host.send(recorder.torn_bytes)
    _look_for_cycles_seldom()
    return app


def _look_for_cycles_seldom() -> None:
    """Spare the garbage collector what stays, and looking at each batch several times.

    A batch is thousands of objects, none of them in a cycle; by default two thirds of
    its time would go into looking for cycles.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


class _Host:
    """The main process's view of its worker."""

    def __init__(
        self,
        settings: Settings,
        port: int,
        from_worker: Connection,
        on_start: Callable[[Started], None],
    ) -> None:
        self._settings = settings
        self._port = port
        self._from_worker = from_worker
        self._on_start = on_start
        self._failure: MockcollectError | None = None
        self._told = threading.Event()

    def announce(self) -> None:
        """Wait for the worker, then until it answers, and say so."""
        try:
            said = self._from_worker.recv()
        except (EOFError, OSError):  # all of it is ending
            return
        if isinstance(said, MockcollectError):
            self._failure = said
            self._told.set()
            return
        self._told.set()
        host, port = self._settings.host, self._port
        while not is_ready(host, port):
            time.sleep(READY_POLL_SECONDS)
        started = Started(base_url(host, port), port, self._settings, said)
        try:
            self._on_start(started)
        except MockcollectError as error:
            self._failure = error
            _stop_main_thread()

    def raise_failure(self) -> None:
        """Raise why the server was stopped, if it was not from outside."""
        if self._failure is not None:
            raise self._failure

    def failure(self) -> MockcollectError:
        """Return why the worker could not start."""
        self._told.wait(STOP_SECONDS)
        return self._failure or MockcollectError(
            "The server stopped by itself; what it printed above says why."
        )


def _granian(address: str, port: int) -> Any:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces

    server = Granian(
        "mockcollect",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        workers_kill_timeout=KILL_SECONDS,
        backpressure=CONNECTIONS,
        blocking_threads=BLOCKING_THREADS,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    )
    server.on_startup(_stop_on_hangup)
    return server


def _stop_on_hangup() -> None:
    """Stop as the terminal closes, where granian would start another worker."""
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.getsignal(signal.SIGTERM))


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Turn Ctrl-C into SIGTERM to this process, and SIGTERM into a quiet end.

    A terminal sends Ctrl-C to the worker too, where it would break into its start.
    """
    signal.signal(signal.SIGTERM, _leave)  # until granian's handler is there
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_hear_the_host_only)
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    if multiprocessing.get_start_method() != "fork":
        # Started with the first spawned process, it would unblock the signal again.
        resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    threading.Thread(target=_pass_on_interrupts, daemon=True).start()
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _pass_on_interrupts() -> None:
    while True:
        signal.sigwait({signal.SIGINT})
        _stop_main_thread()


def _stop_main_thread() -> None:
    """Send SIGTERM to the thread that waits for it: in another it may wake nobody."""
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGTERM)
    else:
        signal.raise_signal(signal.SIGTERM)


def _leave(number: int, frame: object) -> None:
    os._exit(0)


def _hear_the_host_only() -> None:
    """Leave it to the main process to say when to stop.

    A worker that was forked has the handlers of the main process, which in it do
    nothing: a SIGTERM before granian's own handlers are there would go unheard.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _forget_header_variables() -> None:
    """Take out of the environment what would be a header of each request.

    granian puts the whole environment into each request's, where `HTTP_PROXY`, with its
    password, would be a header of the request, and recorded.
    """
    for name in [name for name in os.environ if name.startswith(_ENVIRON_HEADERS)]:
        del os.environ[name]


def _allow_connections() -> None:
    """Raise the soft limit of open files, often 1,024, to what connections need."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 2 * CONNECTIONS if hard == resource.RLIM_INFINITY else hard
    wanted = min(2 * CONNECTIONS, most)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # some systems take less than they say
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _stop_with(recorder: Recorder) -> None:
    """End this worker in time, and never outlive the main process.

    granian waits for each open stream, waiting request and half-sent body: streams and
    waits are woken as a signal arrives, and what is left after a while is let go. A
    main process that is killed cannot tell its worker, which would keep port and file.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    threading.Thread(
        target=_end_on_signal, args=(reader, writer, recorder), daemon=True
    ).start()
    threading.Thread(
        target=_end_with_main_thread, args=(recorder,), daemon=True
    ).start()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(
            target=_end_with_parent, args=(parent.sentinel,), daemon=True
        ).start()


def _end_on_signal(
    reader: socket.socket, writer: socket.socket, recorder: Recorder
) -> None:
    with writer:  # kept open, for as long as signals are written to it
        while reader.recv(1)[0] not in (signal.SIGINT, signal.SIGTERM):
            continue
        recorder.interrupt()
        time.sleep(STOP_SECONDS)
        os._exit(0)


def _end_with_main_thread(recorder: Recorder) -> None:
    threading.main_thread().join()
    recorder.interrupt()


def _end_with_parent(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(0)
