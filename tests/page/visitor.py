"""Somebody who uses the inspector page: by roles, names and keys, as people do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

    from tests.processes import Process

Theme = Literal["light", "dark"]

# No sandbox, as in a container; and nothing that Chromium would look up by itself.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-precise-memory-info",
    # A website somewhere, as far as the browser can tell.
    "--host-resolver-rules=MAP *.test 127.0.0.1",
]
SECONDS = 10_000
WIDE = {"width": 1440, "height": 860}
NARROW = {"width": 375, "height": 740}


class Visitor:
    """A browser window at the inspector page of one server."""

    def __init__(self, context: BrowserContext, server: Process) -> None:
        self.server = server
        self.context = context
        self.page = self._tab()

    @classmethod
    @contextmanager
    def of(
        cls,
        browser: Browser,
        server: Process,
        *,
        theme: Theme = "light",
        size: dict[str, int] = WIDE,
    ) -> Iterator[Visitor]:
        """Open a window of its own; the end fails if the page had any error."""
        context = browser.new_context(
            color_scheme=theme,
            viewport={"width": size["width"], "height": size["height"]},
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(SECONDS)
        visitor = cls(context, server)
        try:
            yield visitor
            assert not visitor.errors, visitor.errors
        finally:
            context.close()

    def _tab(self) -> Page:
        self.errors: list[str] = []
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: self.errors.append(dialog.message))
        return page

    def visit(self, query: str = "") -> None:
        """Open the page, and wait until it is live."""
        self.page.goto(f"{self.server.url}/{query}")
        self.sees_state("live")

    def sees_state(self, words: str) -> None:
        """Wait until the header says this of the connection."""
        self.page.get_by_text(words, exact=True).first.wait_for()

    def row(self, name: str | re.Pattern[str]) -> Locator:
        """Return the rows whose name for a screen reader has this text."""
        return self.page.get_by_role("treeitem", name=name)

    def sees_row(self, name: str | re.Pattern[str]) -> Locator:
        """Wait until there is such a row, and return it."""
        row = self.row(name).first
        row.wait_for()
        return row

    def sees_rows(self, count: int, name: str | re.Pattern[str] = "") -> None:
        """Wait until exactly so many rows are shown."""
        self.page.wait_for_function(
            "([name, count]) => [...document.querySelectorAll('[role=treeitem]')]"
            ".filter((one) => one.textContent.includes(name)).length === count",
            arg=[name, count],
        )

    def sees(self, text: str | re.Pattern[str]) -> Locator:
        """Wait until a text is shown, and return where."""
        found = self.page.get_by_text(text).filter(visible=True).first
        found.wait_for()
        return found

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """Return a button by its name."""
        return self.page.get_by_role("button", name=name)

    def tab(self, name: str) -> Locator:
        """Return a tab of the detail by its name."""
        return self.page.get_by_role("tab", name=re.compile(f"^{name}"))

    @property
    def detail(self) -> Locator:
        """The right side."""
        return self.page.get_by_role("region", name="Detail")

    @property
    def filter_box(self) -> Locator:
        """Where filters are typed."""
        return self.page.get_by_role("combobox", name="Filter")

    def filter(self, text: str) -> None:
        """Type a filter and press Enter."""
        self.filter_box.fill(text)
        self.filter_box.press("Enter")

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def copies(self, item: str) -> str:
        """Copy something by the menu, and return what the clipboard has."""
        self.button("Copy ▾").click()
        self.page.get_by_role("menuitem", name=item).click()
        self.sees("Copied")
        return self.clipboard()

    def clipboard(self) -> str:
        """Return the text that was copied last."""
        text: str = self.page.evaluate("navigator.clipboard.readText()")
        return text

    def script(self, text: str, argument: Any = None) -> Any:
        """Run a script in the page."""
        return self.page.evaluate(text, argument)
