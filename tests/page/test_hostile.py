"""What is captured is hostile, and so may be other websites."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.page.sending import SEARCH, purchase
from tests.page.visitor import NARROW, Visitor

MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>&lt;b&gt;"
NESTED = b'{"event_name":"deep","a":%s1%s}' % (b"[" * 900, b"]" * 900)

MANY_KEYS = json.dumps(
    {f"{number:03x}": 1 for number in range(3_600)}, separators=(",", ":")
).encode()
"""As many as fit into the largest event, nearly."""

HOSTILE: dict[str, Any] = {
    "markup": {
        "event_name": MARKUP,
        MARKUP: MARKUP,
        "revenue": MARKUP,
        "user": {"id": MARKUP},
        "test_code": MARKUP,
        "__proto__": {"polluted": True},
        "constructor": 1,
    },
    "many keys": MANY_KEYS,
    "right to left": {
        "event_name": "\u202egnihtyna\u202c مرحبا",
        "\u202ekey": "\u2066x\u200b" * 50,
    },
    "long words": {"event_name": "w" * 9_000, "k" * 9_000: "v" * 9_000},
    "no object": [1, None, "text"],
    "control characters": {"event_name": "a\u0000b\u001b[31mred", "x": "\r\n\t"},
    "deep": NESTED,
}


def is_whole(visitor: Visitor) -> None:
    """Assert that nothing ran, nothing overflows, and little was drawn."""
    page = visitor.page
    assert page.locator("script").count() == 1
    assert page.locator("#main img").count() == 0
    assert visitor.script("document.documentElement.scrollWidth - innerWidth") <= 0
    assert visitor.script("document.body.scrollHeight - innerHeight") <= 0
    assert visitor.script("document.querySelectorAll('*').length") < 2_000
    assert visitor.script("({}).polluted") is None
    assert not visitor.errors, visitor.errors


@pytest.mark.parametrize("size", [None, NARROW], ids=["wide", "phone"])
def test_hostile_events_neither_run_nor_break_the_layout(
    visitor: Visitor, size: dict[str, int] | None
) -> None:
    if size:
        visitor.page.set_viewport_size({"width": 375, "height": 740})
    for event in HOSTILE.values():
        assert visitor.server.post(event) == 200
    visitor.visit()
    visitor.sees_rows(len(HOSTILE))
    is_whole(visitor)
    for number in range(1, len(HOSTILE) + 1):
        for tab in ("", "&tab=verdict", "&tab=request"):
            visitor.script(
                "(url) => { history.pushState(null, '', url);"
                " dispatchEvent(new PopStateEvent('popstate')); }",
                f"/?id={number}{tab}",
            )
            visitor.detail.get_by_text(f"#{number}", exact=True).wait_for()
            is_whole(visitor)
    visitor.script("history.replaceState(null, '', '/?id=1&with=4')")
    visitor.page.reload()
    visitor.sees("Compare")
    is_whole(visitor)


def test_a_batch_of_500_kb_opens_and_scrolls(visitor: Visitor) -> None:
    events = [purchase(number) for number in range(1_050)]
    body = json.dumps({"batch": events}).encode()
    assert 480_000 < len(body) < 512_000
    assert visitor.server.post(body, "/events/batch") == 200
    visitor.visit()
    visitor.sees_row("batch of 1050").click()
    visitor.sees_row(re.compile("purchase .*1 of 1050"))
    is_whole(visitor)
    visitor.tab("Request").click()
    visitor.sees("Source key")
    is_whole(visitor)
    visitor.page.get_by_role("tree").evaluate("(one) => { one.scrollTop = 1e9; }")
    visitor.sees_row(re.compile("1050 of 1050")).click()
    visitor.detail.get_by_text("#1050", exact=True).wait_for()
    is_whole(visitor)


def test_what_is_not_text_is_shown_as_bytes(visitor: Visitor) -> None:
    visitor.server.post(b"\xff\xfe\x00<script>alert(1)</script>")
    visitor.visit("?request=1")
    visitor.sees("28 bytes that are no UTF-8 text")
    visitor.sees("ff fe 00 3c")
    is_whole(visitor)


ATTACK = """
async (home) => {
  const attempt = async (path, options) => {
    try {
      const answer = await fetch(home + path, options);
      return answer.ok ? await answer.text() : answer.status;
    } catch { return "blocked"; }
  };
  const frame = document.createElement("iframe");
  frame.src = home;
  document.body.append(frame);
  await new Promise((resolve) => { frame.onload = frame.onerror = resolve; });
  let framed;
  try { framed = frame.contentDocument?.title ?? "hidden"; }
  catch { framed = "hidden"; }
  const heard = await new Promise((resolve) => {
    const source = new EventSource(home + "/_inspect/stream");
    source.onopen = () => resolve("open");
    source.onerror = () => resolve("blocked");
  });
  return {
    read: await attempt("/_inspect/events"),
    stream: heard,
    framed,
    module: await import(home + "/_inspect/page/api.mjs").then(() => "ran", () => "no"),
    cleared: await attempt("/_inspect/events", { method: "DELETE" }),
    undone: await attempt("/_inspect/undo", { method: "POST", body: "{}" }),
    blind: await attempt("/_inspect/undo", {
      method: "POST", mode: "no-cors", body: '{"undo":"x"}',
    }),
  };
}
"""


class _Website(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title><p>hello")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def website() -> Iterator[int]:
    """Serve a page at another port, and return the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Website)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def test_another_website_can_neither_read_nor_change_anything(
    visitor: Visitor, website: int
) -> None:
    visitor.server.post(SEARCH)
    visitor.page.goto(f"http://evil.test:{website}/")
    got = visitor.script(ATTACK, visitor.server.url)
    assert got == {
        "read": "blocked",
        "stream": "blocked",
        "framed": "hidden",
        "module": "no",
        "cleared": "blocked",
        "undone": "blocked",
        "blind": 0 if got["blind"] == 0 else "blocked",
    }
    assert len(visitor.server.events()) == 1


def test_a_page_of_another_local_port_can_change_nothing(
    visitor: Visitor, website: int
) -> None:
    visitor.server.post(SEARCH)
    visitor.page.goto(f"http://localhost:{website}/")
    got = visitor.script(ATTACK, visitor.server.url)
    assert (got["cleared"], got["undone"]) == ("blocked", 403)
    assert got["framed"] == "hidden"
    assert len(visitor.server.events()) == 1


def test_a_rebound_host_name_shows_nothing(visitor: Visitor) -> None:
    visitor.server.post(SEARCH)
    answer = visitor.page.goto(f"http://evil.test:{visitor.server.port}/")
    assert answer is not None
    assert answer.status == 403
    assert "--allow-host" in answer.text()
