"""The README's test suite runs: its tests pass, and fail as the README shows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mockcollect.verdict.plan import load_plan
from tests.readme import pattern_of, snippets

CONFTEST = """
import json
import os
import threading
import urllib.request

import pytest


class Shop:
    \"\"\"Stands for the reader's own code.\"\"\"

    revenue = {revenue}

    def __init__(self, url):
        self.url = url

    def checkout(self, user, total):
        person = {{"id": user}} if user else {{}}
        page = {{"url": "https://shop.example/checkout"}}
        purchase = {{
            "event_name": "purchase",
            "revenue": self.revenue,
            "currency": "EUR",
            "user": person,
            "context": {{"page": page}},
        }}
        self.post("/events", {{"event_name": "page_view"}})
        batch = [purchase, {{"event_name": "generate_lead"}}]
        self.post("/events/batch", {{"batch": batch}})

    def checkout_later(self, user, total):
        threading.Thread(target=self.checkout, args=(user, total)).start()

    def post(self, path, data):
        request = urllib.request.Request(
            f"{{self.url}}{{path}}?tc_s=29&token=k",
            json.dumps(data).encode(),
            {{"Content-Type": "application/json"}},
        )
        urllib.request.urlopen(request).close()


@pytest.fixture
def shop(mockcollect):
    return Shop(os.environ["COLLECT_URL"])


@pytest.fixture(autouse=True)
def shop_of_unittest(request):
    request.module.Shop = Shop
"""


def suite(folder: Path, *, revenue: str) -> Path:
    """Write the README's test suite, with a shop that sends a revenue."""
    for snippet in snippets("python", "ini", "yaml"):
        named = re.match(r"# (\S+)\n", snippet.text)
        assert named, f"README:{snippet.line} does not say which file it is"
        file = folder / named[1]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(snippet.text)
    (folder / "conftest.py").write_text(CONFTEST.format(revenue=revenue))
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=60
    )


def test_the_tests_of_the_readme_pass(tmp_path: Path) -> None:
    ran = run(suite(tmp_path, revenue="16.0"))
    assert ran.returncode == 0, ran.stdout
    assert "4 passed" in ran.stdout


def test_the_plan_of_the_readme_is_a_plan(tmp_path: Path) -> None:
    plan = load_plan(suite(tmp_path, revenue="0") / "tracking_plan.yml")
    assert plan.event_names == ("purchase", "page_view", "logout")


def test_a_test_of_the_readme_fails_as_it_is_shown(tmp_path: Path) -> None:
    ran = run(suite(tmp_path, revenue="'16,00'"), "test_checkout.py")
    assert ran.returncode == pytest.ExitCode.TESTS_FAILED
    (shown,) = snippets("pytest")
    assert re.search(pattern_of(shown.text), ran.stdout, re.DOTALL), ran.stdout
    kept = tmp_path / ".mockcollect" / "test_checkout_sends_purchase.jsonl"
    assert kept.read_text().count("\n") == 3
