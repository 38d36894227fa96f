"""How fast the page is, measured in a browser: `python -m tests.page.speed`."""

from __future__ import annotations

import json
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mockcollect.recording.recorder import TinyRecorder
from tests.page.sending import purchase
from tests.page.visitor import CHROMIUM_FLAGS, Visitor
from tests.processes import SITE, Process, mockcollect
from tests.recording.helpers import record

WATCH = """
() => {
  const tasks = (window.watched = { longest: 0, frames: [], most: 0, paints: 0 });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      tasks.longest = Math.max(tasks.longest, one.duration);
    }
  }).observe({ type: "longtask" });
  let last = performance.now();
  const frame = (now) => {
    tasks.frames.push(now - last);
    last = now;
    tasks.most = Math.max(tasks.most, document.querySelectorAll("*").length);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}
"""
SCROLL = """
async ([steps, distance]) => {
  const list = document.getElementById("list");
  const frame = () => new Promise(requestAnimationFrame);
  for (let step = 0; step < steps; step += 1) {
    list.scrollTop += distance;
    await frame();
  }
}
"""
PAINT = """
() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime
"""


def body_of(number: int) -> bytes:
    """Return a purchase of usual size."""
    return json.dumps(purchase(number)).encode()


def record_many(path: Path, count: int) -> None:
    """Record so many events in a file."""
    recorder = TinyRecorder(path)
    for number in range(count):
        record(recorder, body_of(number), at=1_790_000_000_000 + number * 10)
    recorder.close()


def watch(visitor: Visitor) -> None:
    """Begin to measure tasks and frames."""
    visitor.script(WATCH)


def watched(visitor: Visitor) -> dict[str, float]:
    """Return the longest task, the frames' 95th percentile, and the most elements."""
    found: dict[str, Any] = visitor.script("window.watched")
    frames = sorted(found["frames"])
    return {
        "longest task, ms": round(found["longest"]),
        "95% of frames within, ms": round(frames[int(len(frames) * 0.95)]),
        "most elements": found["most"],
    }


def heap(visitor: Visitor) -> float:
    """Return the memory of the page's objects in MB, garbage collected."""
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("HeapProfiler.collectGarbage")
    used: int = session.send("Runtime.getHeapUsage")["usedSize"]
    return round(used / 1e6, 1)


def send_at_rate(server: Process, per_second: int, seconds: float) -> int:
    """Send events at a steady rate from this thread, and return how many."""
    connection = HTTPConnection(server.host, server.port, timeout=15)
    start, sent = time.monotonic(), 0
    while (now := time.monotonic() - start) < seconds:
        while sent < now * per_second:
            connection.request("POST", f"/events?{SITE}", body_of(sent))
            connection.getresponse().read()
            sent += 1
        time.sleep(0.005)
    connection.close()
    return sent


def first_paint(visitor: Visitor) -> float:
    """Open the page anew, and return when something was first painted, in ms."""
    visitor.visit()
    painted: float = visitor.script(PAINT)
    return round(painted)


def scroll(visitor: Visitor, *, steps: int, distance: int) -> dict[str, float]:
    """Scroll a list that is there, frame by frame, and return what was measured."""
    watch(visitor)
    visitor.script(SCROLL, [steps, distance])
    return watched(visitor)


def follow(visitor: Visitor, *, per_second: int, seconds: float) -> dict[str, float]:
    """Let events arrive while the page is open, and return what was measured."""
    half = seconds / 2
    watch(visitor)
    memory = []
    for _ in range(2):
        sender = threading.Thread(
            target=send_at_rate, args=(visitor.server, per_second, half)
        )
        sender.start()
        # The browser must be heard while it waits.
        visitor.page.wait_for_timeout(half * 1000)
        sender.join()
        memory.append(heap(visitor))
    return {**watched(visitor), "MB half-way": memory[0], "MB at the end": memory[1]}


def main() -> None:
    """Measure as much as the page promises, and print it."""
    from playwright.sync_api import sync_playwright

    with (
        TemporaryDirectory() as folder,
        sync_playwright() as running,
        running.chromium.launch(
            executable_path="/usr/bin/chromium", args=CHROMIUM_FLAGS
        ) as browser,
    ):
        path = Path(folder, "events.db")
        record_many(path, 50_000)
        with (
            mockcollect("--db", str(path)) as server,
            Visitor.of(browser, server) as visitor,
        ):
            visitor.visit()
            print("first paint, ms:", [first_paint(visitor) for _ in range(5)])
            visitor.sees_row("purchase")
            visitor.page.wait_for_timeout(3_000)
            print("50,000, slowly:", scroll(visitor, steps=300, distance=60))
            print("50,000, wildly:", scroll(visitor, steps=300, distance=4_000))
        with mockcollect() as server, Visitor.of(browser, server) as visitor:
            visitor.visit()
            print("500 a second:", follow(visitor, per_second=500, seconds=30))


if __name__ == "__main__":
    main()
