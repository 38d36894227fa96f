from __future__ import annotations

import gzip
import re
from importlib.resources import files

import pytest
from flask.testing import FlaskClient

from mockcollect.recording.query import KEYS
from mockcollect.server.pages import MEDIA_TYPES, POLICY
from tests.server.helpers import error_of, json_of

FOLDER = files("mockcollect.server").joinpath("page")
NAMES = sorted(one.name for one in FOLDER.iterdir())
MODULES = [name for name in NAMES if name.endswith(".mjs")]
MAX_SENT = 120 * 1024


def test_the_home_is_the_inspector_page(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert answer.data == FOLDER.joinpath("index.html").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_each_file_is_served_as_what_it_is(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/_inspect/page/{name}")
    assert answer.status_code == 200
    assert answer.mimetype == MEDIA_TYPES[name[name.rfind(".") :]]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.data == FOLDER.joinpath(name).read_bytes()


def test_what_is_sent_stays_small(client: FlaskClient) -> None:
    sent = 0
    for name in NAMES:
        headers = {"Accept-Encoding": "gzip"}
        answer = client.get(f"/_inspect/page/{name}", headers=headers)
        assert answer.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(answer.data) == FOLDER.joinpath(name).read_bytes()
        sent += len(answer.data)
    assert sent < MAX_SENT


@pytest.mark.parametrize("path", ["/", "/_inspect/page/main.mjs"])
def test_nothing_but_our_own_files_may_run(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert "'unsafe" not in POLICY
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("name", ["nothing.mjs", "..%2fapp.py", "%2e%2e/app.py", ""])
def test_nothing_else_is_served(client: FlaskClient, name: str) -> None:
    error_of(client.get(f"/_inspect/page/{name}"), 404, "not-found")


@pytest.mark.parametrize("name", MODULES)
def test_each_module_is_small_and_takes_captured_text_as_text(name: str) -> None:
    text = FOLDER.joinpath(name).read_text("utf-8")
    assert len(text.splitlines()) <= 250
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|\beval\(", text
    )


def test_the_page_asks_no_other_host() -> None:
    for name in NAMES:
        text = FOLDER.joinpath(name).read_text("utf-8")
        for url in re.findall(r"https?://[^\s\"'`]+", text):
            assert url.startswith(("http://www.w3.org/", "https://shop.com/")), url


def test_the_filter_grammar_is_given_as_data(client: FlaskClient) -> None:
    answer = json_of(client.get("/_inspect/filters"))
    assert [key["name"] for key in answer["keys"]] == list(KEYS)
    assert answer["keys"][0]["help"] == KEYS["event"].help
    assert "=" in answer["comparisons"]
