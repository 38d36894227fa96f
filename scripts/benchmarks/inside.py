"""Run with the Python that has mockcollect: what can be measured in process only.

fill FILE COUNT BODY_FILE QUERY   record that many events, one request each
open FILE                         print the seconds that opening takes
import                            print the seconds that `import mockcollect` takes
judge BODY_FILE QUERY COUNT       print the time of a verdict
collect BODY_FILE QUERY COUNT     print the time of an event with a plan, and without
stream BODY_FILE QUERY RATE SECONDS
                                  print what a stream of verdicts takes at a rate

The last three print JSON, and each event has an id of its own. Times of one event are
microseconds of the processor: others may use the machine too.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockcollect.contract.event import Answer, CollectRequest
    from mockcollect.recording.recorder import TinyRecorder
    from mockcollect.recording.records import RecordedEvent
    from mockcollect.verdict.judge import Judge
    from mockcollect.verdict.plan import Plan


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


def judge(body_file: str, query: str, count: str) -> None:
    """Judge events of one recording, as the one who looks does."""
    from mockcollect.verdict.judge import make_judge

    recorder = _recorder(None)
    for request, answer in _events(body_file, query, int(count)):
        recorder.record(request, answer, received_at=_now())
    first = next(recorder.matching())
    assert first.verdict  # which loads the rules
    times: list[float] = []
    for event in recorder.matching():
        started = time.thread_time()
        _ = event.verdict
        times.append((time.thread_time() - started) * 1e6)
    times = sorted(times[1:])
    judge = make_judge()
    alone = [_judged_alone(judge, one) for one in recorder.matching()]
    _print(judge=median(alone), verdict=median(times), judge_99=_near_worst(alone))


def _judged_alone(judge: Judge, recorded: RecordedEvent) -> float:
    """Return the microseconds to judge an event, without history and cache."""
    request = recorded.request
    started = time.thread_time()
    judge.judge(
        recorded.event,
        request.request,
        endpoint=request.endpoint,
        received_at=request.received_at,
    )
    return (time.thread_time() - started) * 1e6


def _near_worst(times: list[float]) -> float:
    return sorted(times)[len(times) * 99 // 100]


def collect(body_file: str, query: str, count: str) -> None:
    """Collect events in turns with a plan and without, while nobody looks."""
    from mockcollect.verdict.plan import parse_plan

    plan = parse_plan("events: {purchase: {revenue: number}}", name="plan.yml")
    recorders = {"without": _recorder(None), "with_plan": _recorder(plan)}
    times: dict[str, list[float]] = {name: [] for name in recorders}
    for request, _ in _events(body_file, query, int(count)):
        for name, recorder in recorders.items():
            started = time.thread_time()
            _collect(recorder, request)
            times[name].append((time.thread_time() - started) * 1e6)
    _print(**{name: median(one) for name, one in times.items()})


def stream(body_file: str, query: str, rate: str, seconds: str) -> None:
    """Follow a stream of all verdicts while events come at a rate."""
    from mockcollect.recording.query import parse_query
    from mockcollect.server.stream import Streams

    recorder = _recorder(None)
    per_second, count = int(rate), int(rate) * int(seconds)
    requests = [request for request, _ in _events(body_file, query, count)]
    chunks = Streams(recorder).follow(parse_query(""), "")
    next(chunks)
    sent: list[float] = []
    sender = threading.Thread(
        target=lambda: sent.append(_send(recorder, requests, per_second))
    )
    began, used = time.perf_counter(), time.process_time()
    sender.start()
    _read(chunks, count)
    read_at, used = time.perf_counter(), time.process_time() - used
    sender.join()
    _print(
        share=used / (count / per_second),
        behind=max(0.0, read_at - sent[0]),
        sent_rate=count / (sent[0] - began),
    )


def _send(
    recorder: TinyRecorder, requests: list[CollectRequest], per_second: int
) -> float:
    """Collect events at a rate, and return when the last one was recorded."""
    started = time.perf_counter()
    for number, request in enumerate(requests):
        ahead = started + number / per_second - time.perf_counter()
        if ahead > 0:
            time.sleep(ahead)
        _collect(recorder, request)
    return time.perf_counter()


def _read(chunks: Iterator[bytes], count: int) -> None:
    """Read a stream until so many events were told, each with its verdict."""
    told = 0
    for chunk in chunks:
        told += chunk.count(b'"verdict":')
        if told >= count:
            return


def _events(
    body_file: str, query: str, count: int
) -> Iterator[tuple[CollectRequest, Answer]]:
    from mockcollect.contract.event import CollectRequest
    from mockcollect.contract.wire import receive

    sent = json.loads(Path(body_file).read_bytes())
    headers = {"content-type": "application/json", "host": "127.0.0.1"}
    for number in range(count):
        sent["id"] = f"ORDER-{number}"
        sent["context"]["event_id"] = f"5f0c6a1e-7f2b-4c55-9a39-{number:012}"
        body = json.dumps(sent, separators=(",", ":")).encode()
        answer = receive("POST", "/events", query, headers, body)
        request = CollectRequest("POST", "/events", query, headers, body, len(body))
        yield request, answer


def _collect(recorder: TinyRecorder, request: CollectRequest) -> None:
    from mockcollect.contract.wire import receive

    answer = receive(
        request.method, request.path, request.query, request.headers, request.body
    )
    recorder.record(request, answer, received_at=_now())


def _recorder(plan: Plan | None) -> TinyRecorder:
    from mockcollect.recording.recorder import TinyRecorder

    recorder = TinyRecorder()
    if plan is not None:
        recorder.judge_by(plan=plan, sources=None)
    return recorder


def _now() -> int:
    return time.time_ns() // 1_000_000


def _print(**figures: Any) -> None:
    print(json.dumps(figures))


WORK: dict[str, Callable[..., None]] = {
    "fill": fill,
    "open": open_file,
    "import": import_package,
    "judge": judge,
    "collect": collect,
    "stream": stream,
}

if __name__ == "__main__":
    WORK[sys.argv[1]](*sys.argv[2:])
