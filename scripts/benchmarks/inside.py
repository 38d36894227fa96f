"""Run with the Python that has mockcollect: what can be measured in process only.

fill FILE COUNT BODY_FILE QUERY   record that many events, one request each
open FILE                         print the seconds that opening takes
import                            print the seconds that `import mockcollect` takes
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path


def fill(file: str, count: str, body_file: str, query: str) -> None:
    """Record events as the collect path does."""
    from mockcollect.contract.event import CollectRequest
    from mockcollect.contract.wire import receive
    from mockcollect.recording.recorder import TinyRecorder

    body = Path(body_file).read_bytes()
    headers = {"content-type": "application/json", "host": "127.0.0.1"}
    recorder = TinyRecorder(file)
    for _ in range(int(count)):
        answer = receive("POST", "/events", query, headers, body)
        request = CollectRequest("POST", "/events", query, headers, body, len(body))
        recorder.record(request, answer, received_at=time.time_ns() // 1_000_000)
    recorder.close()


def open_file(file: str) -> None:
    """Open a recording, with all imports done before."""
    from mockcollect.recording.recorder import TinyRecorder

    started = time.perf_counter()
    recorder = TinyRecorder(file)
    print(time.perf_counter() - started)
    recorder.close()


def import_package() -> None:
    """Import the package, as a user's test does."""
    started = time.perf_counter()
    import mockcollect

    print(time.perf_counter() - started)
    assert mockcollect.__version__


WORK: dict[str, Callable[..., None]] = {
    "fill": fill,
    "open": open_file,
    "import": import_package,
}

if __name__ == "__main__":
    WORK[sys.argv[1]](*sys.argv[2:])
