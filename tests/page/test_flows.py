"""What people come to the page for, from beginning to end."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mockcollect import Server
from tests.page.conftest import ThreadedProcess
from tests.page.sending import BROKEN_BATCH, SEARCH, purchase
from tests.page.visitor import Visitor
from tests.processes import mockcollect
from tests.recording.helpers import record

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAINTED = (
    "() => new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(f)))"
)
"""Waits until the list has answered a scroll: it is laid out once a frame."""


def run_in_shell(command: str) -> None:
    subprocess.run(["bash", "-c", command], check=True, timeout=10, capture_output=True)


def test_the_first_five_minutes_of_a_newcomer(visitor: Visitor) -> None:
    visitor.visit()
    visitor.sees("Waiting for the first event")
    visitor.button("Copy: From a terminal").click()
    visitor.sees("Copied")
    run_in_shell(visitor.clipboard())
    row = visitor.sees_row(re.compile("search 200 sent valid"))
    row.click()
    visitor.detail.get_by_role("heading", name="search").wait_for()
    visitor.sees("t-shirts")
    visitor.tab("Verdict").click()
    visitor.sees("Production answers 200 and takes this event")
    visitor.tab("Response").click()
    visitor.sees("X-Mockcollect-Request: 1")
    # The event that is answered 200 and means nothing.
    visitor.server.post({"event": "purchase"})
    visitor.sees_row(re.compile(r"\(no name\) 200 sent invalid, rejected")).click()
    visitor.sees("event_name is missing. Did you mean")


def test_debugging_a_refused_batch(visitor: Visitor) -> None:
    visitor.server.post(SEARCH)
    visitor.server.post(BROKEN_BATCH, "/events/batch")
    visitor.visit()
    visitor.button(re.compile("400 refused")).click()
    row = visitor.sees_row("/events/batch 400 sent not JSON")
    visitor.sees_rows(1)
    row.click()
    visitor.sees("Line 26, column 13: expected a comma")
    visitor.sees("at the end of line 25")
    curl = visitor.copies("curl")
    run_in_shell(curl)
    visitor.sees_rows(2, "not JSON")
    bodies = [
        visitor.server.inspect(f"/requests/{number}")["body"] for number in (2, 3)
    ]
    assert bodies == [BROKEN_BATCH.decode()] * 2


def test_finding_the_one_bad_purchase_among_500(visitor: Visitor) -> None:
    events = [purchase(number) for number in range(500)]
    events[321]["revenue"] = "16,00"
    for start in range(0, 500, 50):
        batch = {"batch": events[start : start + 50]}
        assert visitor.server.post(batch, "/events/batch") == 200
    visitor.visit()
    visitor.sees_rows(10, "batch of 50")
    visitor.filter("event:purchase finding:amount.locale")
    row = visitor.sees_row("purchase")
    visitor.sees("1 of 500")
    visitor.sees_rows(1)
    row.click()
    marked = visitor.detail.get_by_role("img", name=re.compile("revenue should be"))
    marked.wait_for()
    assertion = visitor.copies("pytest assertion")
    assert 'revenue="16,00"' in assertion
    visitor.copies("Link to this event")
    link = visitor.clipboard()
    assert "q=event:purchase" in link
    visitor.page.goto(link)
    visitor.sees("revenue should be a number")
    visitor.press("]")
    visitor.detail.get_by_text("#323", exact=True).wait_for()


def test_comparing_two_events(visitor: Visitor) -> None:
    visitor.server.post(purchase(1))
    visitor.server.post(purchase(2, revenue="16,00", coupon="SPRING"))
    visitor.visit()
    visitor.sees_rows(2)
    visitor.press("j", "d", "j", "d")
    table = visitor.detail.get_by_role("table")
    changed = table.get_by_role("row", name=re.compile("^differs revenue"))
    changed.wait_for()
    assert changed.get_by_role("cell").all_inner_texts() == ['"16,00"', "16.5"]
    coupon = table.get_by_role("row", name=re.compile("coupon"))
    assert coupon.get_by_role("cell").all_inner_texts() == ['"SPRING"', "nothing"]
    assert table.get_by_role("row", name=re.compile("currency")).count() == 0
    visitor.page.get_by_label("show equal fields").check()
    assert table.get_by_role("row", name=re.compile("same currency")).count() == 1
    assert "with=" in visitor.page.url
    visitor.press("Escape")
    visitor.tab("Event").wait_for()


def test_by_keyboard_only(visitor: Visitor) -> None:
    for number in range(3):
        visitor.server.post(purchase(number))
    batch = {"batch": [purchase(10), SEARCH, purchase(12)]}
    visitor.server.post(batch, "/events/batch")
    visitor.visit()
    visitor.sees_rows(4)
    visitor.press("?")
    keys = visitor.page.get_by_role("dialog", name="Keys")
    keys.wait_for()
    visitor.press("Escape")
    keys.wait_for(state="hidden")
    visitor.press("j", "ArrowRight")
    visitor.sees_rows(7)
    visitor.press("j", "j", "Enter")
    visitor.detail.get_by_role("heading", name="search").wait_for()
    visitor.press("]")
    visitor.detail.get_by_text("#6", exact=True).wait_for()
    visitor.press("2")
    visitor.sees("Production answers 200")
    visitor.press("3")
    visitor.sees("Source key")
    visitor.press("c")
    visitor.sees("Copied the curl command")
    assert visitor.clipboard().startswith("curl ")
    visitor.press("Escape", "/")
    visitor.page.keyboard.type("ev")
    visitor.press("ArrowDown", "Enter")
    visitor.page.keyboard.type("sea")
    visitor.press("ArrowDown", "Enter")
    visitor.sees("1 of 6")
    assert visitor.filter_box.input_value().strip() == "event:search"
    visitor.press("Escape", "Escape")
    visitor.press("k")
    focused = visitor.page.locator(":focus")
    assert focused.get_attribute("role") == "treeitem"


def test_clearing_with_a_filter_and_taking_it_back(visitor: Visitor) -> None:
    visitor.server.post(SEARCH)
    for number in range(3):
        visitor.server.post(purchase(number))
    visitor.visit()
    visitor.sees_rows(4)
    visitor.filter("event:purchase")
    visitor.sees_rows(3)
    visitor.page.locator("body").click(position={"x": 5, "y": 5})
    visitor.press("Shift+X")
    visitor.sees("3 events cleared")
    visitor.sees("No event matches")
    assert [one["event_name"] for one in visitor.server.events()] == ["search"]
    visitor.button("Undo").click()
    visitor.sees_rows(3)
    assert len(visitor.server.events()) == 4


def test_the_url_is_the_state_and_back_and_forward_work(visitor: Visitor) -> None:
    visitor.server.post(SEARCH)
    visitor.server.post(purchase())
    visitor.visit()
    visitor.filter("event:purchase")
    visitor.sees_rows(1)
    visitor.sees_row("purchase").click()
    visitor.tab("Verdict").click()
    address = visitor.page.url
    assert re.search(r"\?q=event:purchase&id=2&tab=verdict$", address)
    visitor.page.go_back()
    visitor.sees("Quality")
    visitor.page.go_back()
    visitor.sees_rows(2)
    assert visitor.filter_box.input_value() == ""
    visitor.page.go_forward()
    visitor.page.go_forward()
    visitor.page.wait_for_url(address)
    visitor.sees_rows(1)
    visitor.sees("Production answers 200")


def test_a_mistake_in_the_filter_is_shown_in_place(visitor: Visitor) -> None:
    visitor.server.post(SEARCH)
    visitor.visit()
    visitor.filter("site:29 evnt:search")
    alert = visitor.page.get_by_role("alert")
    alert.get_by_text("Unknown filter key `evnt`. Did you mean `event`?").wait_for()
    pointed = alert.locator("pre").inner_text().split("\n")
    assert pointed == ["site:29 evnt:search", "        ^"]
    visitor.filter("site:29 event:search")
    alert.wait_for(state="hidden")
    visitor.sees_rows(1)


def test_the_list_stands_still_while_somebody_reads(visitor: Visitor) -> None:
    for number in range(60):
        visitor.server.post(purchase(number))
    visitor.visit()
    visitor.sees_row("purchase")
    tree = visitor.page.get_by_role("tree")
    tree.evaluate("(one) => { one.scrollTop = 460; }")
    visitor.page.evaluate(PAINTED)
    names = visitor.row(re.compile("purchase")).all_inner_texts()
    for number in range(3):
        visitor.server.post({**SEARCH, "search_term": str(number)})
    visitor.button("↑ 3 new").wait_for()
    assert visitor.row("search").count() == 0
    assert visitor.row(re.compile("purchase")).all_inner_texts() == names
    visitor.button("↑ 3 new").click()
    visitor.sees_rows(3, "search")
    visitor.press("p")
    visitor.sees_state("paused")
    visitor.server.post(SEARCH)
    visitor.button("↑ 1 new").wait_for()
    visitor.press("p")
    visitor.sees_rows(4, "search")


@pytest.mark.parametrize("keeps", [True, False], ids=["with a file", "in memory"])
def test_a_restart_of_the_server_loses_and_doubles_nothing(
    visitor: Visitor, tmp_path: Path, keeps: bool
) -> None:
    options = ("--db", str(tmp_path / "events.db")) if keeps else ()
    with mockcollect(*options) as first:
        port = first.port
        visitor.server = first
        first.post(purchase(1))
        visitor.visit()
        first.post(purchase(2))
        visitor.sees_rows(2)
        first.stop()
    visitor.sees("Reconnecting. Last event")
    visitor.sees_rows(2)
    with mockcollect(*options, port=port) as second:
        second.post(SEARCH)
        visitor.sees_state("live")
        visitor.sees_row("search")
        second.post(SEARCH)
        visitor.sees_rows(2, "search")
        visitor.sees_rows(2 if keeps else 0, "purchase")


def test_a_server_that_stays_away_is_said_with_what_to_do(
    visitor: Visitor,
) -> None:
    with mockcollect() as server:
        visitor.server = server
        server.post(SEARCH)
        visitor.visit()
        visitor.sees_row("search")
        visitor.page.clock.install()
        server.stop()
        visitor.sees("Reconnecting. Last event")
        visitor.page.clock.fast_forward("00:10")
        visitor.sees("mockcollect is not running")
        visitor.sees(f"mockcollect --port {server.port}")
        visitor.sees_row("search")


def test_a_rate_that_the_vendor_asks_to_be_told_of_is_said(browser: Browser) -> None:
    with (
        Server() as running,
        Visitor.of(browser, ThreadedProcess(running.port)) as visitor,
    ):
        visitor.visit()
        for _ in range(501):
            record(running.recorder)
        visitor.sees("501 in one second")
        visitor.sees("Above 500 requests a second")


def test_pins_show_what_somebody_looks_for(visitor: Visitor) -> None:
    visitor.server.post(purchase(1, coupon="SPRING"))
    visitor.visit()
    visitor.sees_row("purchase").click()
    visitor.button("coupon").click()
    visitor.page.get_by_role("menuitem", name="Pin to the list").click()
    visitor.page.get_by_role("tree").get_by_text("SPRING").wait_for()
    assert "pin=" in visitor.page.url
    visitor.button("coupon").click()
    visitor.page.get_by_role("menuitem", name="Filter by this").click()
    visitor.page.wait_for_url(re.compile("q=coupon"))
    visitor.sees_rows(1)


def test_digits_and_order_are_shown_as_they_were_sent(visitor: Visitor) -> None:
    body = b'{"event_name":"odd","b":9007199254740993,"2":0,"1":1e2}'
    visitor.server.post(body)
    visitor.visit("?id=1")
    visitor.sees("9007199254740993")
    copied = visitor.copies("Event JSON")
    assert list(json.loads(copied)) == ["event_name", "b", "2", "1"]
    assert "9007199254740993" in copied
    visitor.tab("Request").click()
    visitor.sees(body.decode())
