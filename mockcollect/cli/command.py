"""A command that is run with its own input and output, and with our signals."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from mockcollect.errors import MockcollectError

_PASSED_ON = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
_BY_TERMINAL = ("SIGINT", "SIGQUIT", "SIGHUP")


def run_command(words: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run a command to its end, and return its exit code: 128+n for a signal n.

    Signals are passed on to the command and all it started, as a terminal does it; in
    the foreground of a terminal they have them already. Raises MockcollectError for a
    command that cannot be started.
    """
    has_terminal = _is_in_foreground()
    waiting = _Signals(has_terminal=has_terminal)
    with waiting.caught():
        process = _start(words, {**os.environ, **variables}, alone=not has_terminal)
        waiting.pass_on_to(process)
        code = process.wait()
    return 128 - code if code < 0 else code


class _Signals:
    """Signals to this process, and the command that is to have them."""

    def __init__(self, *, has_terminal: bool) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._has_terminal = has_terminal
        self._early: list[int] = []

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Have the signals passed on while the block lasts."""
        numbers = [getattr(signal, n) for n in _PASSED_ON if hasattr(signal, n)]
        before = {number: signal.signal(number, self._on) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def pass_on_to(self, process: subprocess.Popen[bytes]) -> None:
        """Pass on to a process what comes, and what came before it was there."""
        self._process = process
        while self._early:
            self._pass_on(self._early.pop(0))

    def _on(self, number: int, frame: object) -> None:
        if self._process is None:
            self._early.append(number)
        else:
            self._pass_on(number)

    def _pass_on(self, number: int) -> None:
        assert self._process is not None
        if self._has_terminal and signal.Signals(number).name in _BY_TERMINAL:
            return
        if self._process.poll() is not None:
            return
        with suppress(OSError):
            if self._has_terminal or sys.platform == "win32":
                self._process.send_signal(number)
            else:
                os.killpg(self._process.pid, number)


def _start(
    words: Sequence[str], environment: Mapping[str, str], *, alone: bool
) -> subprocess.Popen[bytes]:
    program = words[0]
    if sys.platform == "win32":  # where `npm` is `npm.cmd`
        program = shutil.which(program) or program
    try:
        return subprocess.Popen(
            [program, *words[1:]], env=environment, start_new_session=alone
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise MockcollectError(f"{program} cannot be started: {reason}.") from error


def _is_in_foreground() -> bool:
    """Return whether a terminal sends its signals to this process."""
    if sys.platform == "win32":
        return True
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
