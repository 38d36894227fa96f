"""A real mockcollect process on a free port: started, asked, read and stopped.

Every wait is bounded, and a process is ended by its own id.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, Any

SECONDS = 15.0
"""How long anything may take before a test gives up: far more than it needs."""

COMMAND = (sys.executable, "-m", "mockcollect")
SITE = "tc_s=29&token=7183b9d4-1031-11ee-be56-0242ac120002"


def wait_until(
    holds: Callable[[], Any], what: str, *, seconds: float = SECONDS
) -> None:
    """Wait until a condition holds, and fail with `what` if it does not."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.005)


def clean_environment(**variables: str) -> dict[str, str]:
    """Return the environment without what would change how mockcollect behaves."""
    own = ("MOCKCOLLECT_", "HTTP_", "NO_COLOR", "FORCE_COLOR", "PYTHONWARNINGS")
    kept = {name: v for name, v in os.environ.items() if not name.startswith(own)}
    return {**kept, "PYTHONIOENCODING": "utf-8", **variables}


class Output:
    """What a process writes on one stream, read as it comes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._content = b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __str__(self) -> str:
        return self._content.decode()

    def wait_for(self, text: str, *, seconds: float = SECONDS) -> str:
        """Wait until a text was written, and return all that was."""
        wait_until(
            lambda: text in str(self), f"no {text!r} was written", seconds=seconds
        )
        return str(self)

    def finish(self) -> None:
        """Read to the end, once the process has ended."""
        self._thread.join(SECONDS)
        self._stream.close()

    def _read(self) -> None:
        while chunk := os.read(self._stream.fileno(), 1 << 16):
            self._content += chunk


class Process:
    """A mockcollect that may have started, or ended."""

    def __init__(self, process: subprocess.Popen[bytes], port_file: Path) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self._port_file = port_file
        self.stdout = Output(process.stdout)
        self.stderr = Output(process.stderr)
        self.host = "127.0.0.1"
        self.port = 0

    @property
    def pid(self) -> int:
        """The main process."""
        return self._process.pid

    @property
    def worker(self) -> int:
        """The process that answers."""
        return int(self.inspect("")["pid"])

    @property
    def url(self) -> str:
        """Where it listens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def ended(self) -> bool:
        """Whether the main process has ended."""
        return self._process.poll() is not None

    def wait_until_ready(self) -> None:
        """Wait until it can record: until its port file is there."""
        wait_until(
            lambda: self._port_file.exists() or self.ended, "mockcollect did not start"
        )
        assert not self.ended, f"mockcollect ended: {self.finish()} {self.stderr}"
        self.port = int(self._port_file.read_text())

    def request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Send a request, and return status and body of the answer."""
        connection = HTTPConnection(self.host, self.port, timeout=SECONDS)
        try:
            connection.request(method, target, body, dict(headers or {}))
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def post(self, event: Any, path: str = "/events") -> int:
        """Send an event, or a body, to the site of the examples; return the status."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        status, _ = self.request("POST", f"{path}?{SITE}", body)
        return status

    def inspect(self, path: str) -> Any:
        """Return what the inspection API answers to a GET."""
        status, content = self.request("GET", f"/_inspect{path}")
        assert status == 200, content
        return json.loads(content)

    def events(self) -> list[Any]:
        """Return the events that were recorded, the oldest first."""
        found: list[Any] = self.inspect("/events?order=oldest&limit=10000")["events"]
        return found

    def requests(self) -> list[Any]:
        """Return the requests that were recorded, the oldest first."""
        found: list[Any] = self.inspect("/requests?order=oldest&limit=10000")[
            "requests"
        ]
        return found

    def wait_for_request(self, request_id: int | str) -> Any:
        """Wait until a request is recorded, and return it."""
        path = f"/_inspect/requests/{request_id}"
        wait_until(
            lambda: self.request("GET", path)[0] == 200,
            f"request {request_id} was not recorded",
        )
        return self.inspect(f"/requests/{request_id}")

    def send_signal(self, number: int) -> None:
        """Send a signal to the main process."""
        self._process.send_signal(number)

    def finish(self, *, seconds: float = SECONDS) -> int:
        """Wait for the end, and return the exit code."""
        code = self._process.wait(seconds)
        self.stdout.finish()
        self.stderr.finish()
        return code

    def stop(self, number: int = signal.SIGTERM, *, seconds: float = SECONDS) -> int:
        """Send a signal, wait for the end, and return the exit code."""
        self.send_signal(number)
        return self.finish(seconds=seconds)

    def kill(self) -> None:
        """End it at once, if it has not ended."""
        if not self.ended:
            self._process.kill()
            self._process.wait(SECONDS)
        # A worker that outlives it would hold the streams open: that is for a test of
        # its own to find, not for each one to wait for.
        for output in (self.stdout, self.stderr):
            output._thread.join(2)
            with suppress(OSError):
                output._stream.close()


@contextmanager
def launched(
    *arguments: str,
    command: Sequence[str] = COMMAND,
    port: int = 0,
    port_file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[Process]:
    """Start a mockcollect without waiting for it; it is killed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        file = port_file or Path(folder, "port")
        process = subprocess.Popen(
            [*command, "--port", str(port), "--port-file", str(file), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(**(environment or {})),
            cwd=cwd,
            start_new_session=True,
        )
        running = Process(process, file)
        try:
            yield running
        finally:
            running.kill()


@contextmanager
def mockcollect(
    *arguments: str,
    command: Sequence[str] = COMMAND,
    port: int = 0,
    port_file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[Process]:
    """Start a mockcollect that can record; it is killed at the end."""
    with launched(
        *arguments,
        command=command,
        port=port,
        port_file=port_file,
        environment=environment,
        cwd=cwd,
    ) as process:
        process.wait_until_ready()
        yield process


def run_command(
    *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself, and return what came of it."""
    return subprocess.run(
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=clean_environment(**(environment or {})),
        timeout=SECONDS,
        check=False,
    )
