"""Each state of the page, in both themes: looked at by axe, and kept as a picture."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mockcollect import Server, Settings
from tests.page import axe
from tests.page.conftest import ThreadedProcess
from tests.page.sending import BROKEN_BATCH, SEARCH, purchase
from tests.page.visitor import NARROW, Theme, Visitor
from tests.processes import Process

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES = Path(__file__).parents[2] / ".page-screenshots"

THEMES: dict[Theme, list[str]] = {"light": [], "dark": ["color-contrast"]}
"""The rules that axe is asked about: all in the first, then what colours change."""

State = Callable[[Visitor], None]


def fill(server: Process) -> None:
    """Send one of each kind."""
    for number in range(24):
        server.post({**SEARCH, "search_term": f"lamp {number}", "event_name": "search"})
    server.post(purchase(1))
    server.post(purchase(2, revenue="16,00", coupon="SPRING"))
    server.post({"event": "purchase"})
    server.post({**SEARCH, "test_code": "checkout-7"})
    server.post(BROKEN_BATCH, "/events/batch")
    server.post({"batch": [purchase(3), SEARCH, {"event_name": "x"}]}, "/events/batch")
    server.post(SEARCH, "/evnts")
    server.post(purchase(4, text="x" * 40_000))


def listed(visitor: Visitor) -> None:
    visitor.visit()
    visitor.sees_row("purchase")
    visitor.sees("Quality")


def event(visitor: Visitor) -> None:
    visitor.visit("?id=26")
    visitor.sees("revenue should be a number")


def verdict(visitor: Visitor) -> None:
    visitor.visit("?id=26&tab=verdict")
    visitor.sees("Production answers 200 and takes")


def request(visitor: Visitor) -> None:
    visitor.visit("?id=26&tab=request")
    visitor.sees("Source key")


def response(visitor: Visitor) -> None:
    visitor.visit("?id=26&tab=response")
    visitor.sees("X-Mockcollect-Request")


def batch(visitor: Visitor) -> None:
    visitor.visit("?id=30&tab=batch")
    visitor.sees("3 events in one request")
    visitor.sees_row(re.compile("search .*2 of 3"))


def refused(visitor: Visitor) -> None:
    visitor.visit("?request=29")
    visitor.sees("Line 26, column 13")


def too_large(visitor: Visitor) -> None:
    visitor.visit("?request=32")
    visitor.sees("Biggest fields")


def compare(visitor: Visitor) -> None:
    visitor.visit("?id=26&with=25")
    visitor.sees("Compare")


def no_match(visitor: Visitor) -> None:
    visitor.visit("?q=event:refund")
    visitor.sees("No event matches")


def mistake(visitor: Visitor) -> None:
    visitor.visit("?q=site:29 evnt:search")
    visitor.sees("Unknown filter key")


def suggestions(visitor: Visitor) -> None:
    listed(visitor)
    visitor.filter_box.click()
    visitor.page.keyboard.type("event:")
    visitor.page.get_by_role("option", name="event:search").wait_for()


def menu(visitor: Visitor) -> None:
    event(visitor)
    visitor.button("Copy ▾").click()


def held(visitor: Visitor) -> None:
    listed(visitor)
    visitor.button("Pause").click()
    for number in range(3):
        visitor.server.post(purchase(100 + number))
    visitor.button("↑ 3 new").wait_for()


def help_dialog(visitor: Visitor) -> None:
    listed(visitor)
    visitor.press("?")
    visitor.page.get_by_role("dialog", name="Keys").wait_for()


def undo(visitor: Visitor) -> None:
    visitor.visit("?q=event:purchase")
    visitor.sees_row("purchase")
    visitor.page.get_by_role("button", name="Clear", exact=True).click()
    visitor.sees("Undo")
    visitor.sees("No event matches")


STATES: dict[str, State] = {
    state.__name__.replace("_", "-"): state
    for state in (
        listed,
        event,
        verdict,
        request,
        response,
        batch,
        refused,
        too_large,
        compare,
        no_match,
        mistake,
        suggestions,
        menu,
        held,
        help_dialog,
        undo,
    )
}


@pytest.fixture(scope="module", autouse=True)
def _axe() -> None:
    if reason := axe.why_not_installed():
        pytest.skip(f"axe-core cannot be installed: {reason}")


@pytest.fixture(scope="module")
def filled() -> Iterator[int]:
    with Server() as server:
        fill(ThreadedProcess(server.port))
        yield server.port


@pytest.fixture(scope="module")
def looker(browser: Browser, filled: int) -> Iterator[Visitor]:
    with Visitor.of(browser, ThreadedProcess(filled)) as visitor:
        yield visitor


def look(visitor: Visitor, name: str) -> None:
    """Keep a picture of each theme, and ask axe of each."""
    PICTURES.mkdir(exist_ok=True)
    for theme, rules in THEMES.items():
        visitor.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        visitor.page.screenshot(path=PICTURES / f"{name}-{theme}.png")
        found = axe.violations(visitor, only=rules)
        assert found == [], (name, theme)


@pytest.mark.parametrize("name", STATES)
def test_each_state(looker: Visitor, name: str) -> None:
    STATES[name](looker)
    look(looker, name)
    if name == "undo":
        looker.button("Undo").click()
        looker.sees_row("purchase")


def test_before_anything_came(visitor: Visitor) -> None:
    visitor.visit()
    visitor.sees("Waiting for the first event")
    look(visitor, "first")


def test_what_was_dropped(browser: Browser) -> None:
    with Server(Settings(max_events=5)) as running:
        server = ThreadedProcess(running.port)
        for number in range(8):
            server.post(purchase(number))
        with Visitor.of(browser, server) as visitor:
            visitor.visit()
            visitor.sees("Older events were dropped (cap 5): 3 so far")
            look(visitor, "dropped")


def test_without_the_server(browser: Browser) -> None:
    with Server() as running:
        server = ThreadedProcess(running.port)
        server.post(SEARCH)
        with Visitor.of(browser, server) as visitor:
            visitor.visit()
            visitor.sees_row("search")
            visitor.page.clock.install()
            running.close()
            visitor.sees("Reconnecting")
            look(visitor, "reconnecting")
            visitor.page.clock.fast_forward("00:10")
            visitor.sees("mockcollect is not running")
            look(visitor, "gone")


@pytest.mark.parametrize("query", ["", "?id=26", "?request=29", "?id=26&with=25"])
def test_on_a_phone(browser: Browser, filled: int, query: str) -> None:
    with Visitor.of(browser, ThreadedProcess(filled), size=NARROW) as visitor:
        visitor.visit(query)
        shown = visitor.detail if query else visitor.row("purchase").first
        shown.wait_for()
        visitor.sees(re.compile("purchase|events/batch"))
        overflow = "document.documentElement.scrollWidth - innerWidth"
        assert visitor.script(overflow) <= 0
        name = re.sub(r"\W+", "-", query).strip("-") or "list"
        look(visitor, f"phone-{name}")


def test_the_switch_changes_the_theme_and_keeps_it(
    browser: Browser, filled: int
) -> None:
    with Visitor.of(browser, ThreadedProcess(filled)) as visitor:
        listed(visitor)
        ground = "getComputedStyle(document.body).backgroundColor"
        before = visitor.script(ground)
        visitor.button("Use the dark theme").click()
        assert visitor.script(ground) != before
        visitor.page.reload()
        visitor.button("Use the light theme").wait_for()
