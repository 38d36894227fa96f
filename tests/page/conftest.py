"""A real browser on a real server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from mockcollect import Server
from tests.page.visitor import CHROMIUM_FLAGS, Visitor
from tests.processes import Process

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


# Of this package and not of the session: while Playwright runs, no test of the same
# thread could run an event loop of its own.
@pytest.fixture(scope="package")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=CHROMIUM_FLAGS
        )
        yield browser
        browser.close()


class ThreadedProcess(Process):
    """A server in a thread of this process: it is there in no time."""

    def __init__(self, port: int) -> None:
        self.host = "127.0.0.1"
        self.port = port


@pytest.fixture
def server() -> Iterator[Process]:
    with Server() as running:
        yield ThreadedProcess(running.port)


@pytest.fixture
def visitor(browser: Browser, server: Process) -> Iterator[Visitor]:
    with Visitor.of(browser, server) as visitor:
        yield visitor
