from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from mockcollect.errors import InvalidSettings
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.server.access import Access, host_name, is_loopback
from mockcollect.settings import Settings
from tests.server.conftest import client_of
from tests.server.helpers import EVENTS, collect, error_of, json_of

NOBODY = Access.allowing((), ())
SHOP = "https://shop.example"


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost:8787", "localhost"),
        ("localhost.", "localhost"),
        ("localhost.:8787", "localhost"),
        ("127.0.0.1:8787", "127.0.0.1"),
        ("[::1]", "::1"),
        ("[::1]:8787", "::1"),
        ("[FD00::A]:8787", "fd00::a"),
        ("collect_mock:8787", "collect_mock"),
        ("", ""),
        ("::1", ""),
        ("[::1", ""),
        ("[::1]x", ""),
        ("localhost:x", ""),
        ("localhost:", ""),
        ("localhost:123456", ""),
        ("evil@localhost", ""),
        ("localhost@evil.example", ""),
        ("localhost/evil.example", ""),
        ("localhost#.evil.example", ""),
        ("localhost?.evil.example", ""),
        ("localhost\\.evil.example", ""),
        ("localhost, evil.example", ""),
        (" localhost", ""),
        ("localhost..", "localhost."),
        ("ſ.localhost", ""),
    ],
)
def test_the_name_in_a_host_header(host: str, name: str) -> None:
    assert host_name(host) == name


@pytest.mark.parametrize(
    ("name", "loopback"),
    [
        ("localhost", True),
        ("shop.localhost", True),
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("notlocalhost", False),
        ("0.0.0.0", False),
        ("192.168.1.5", False),
        ("2130706433", False),
        ("127.1", False),
        ("0x7f000001", False),
        ("fd00::a", False),
    ],
)
def test_which_names_can_only_mean_this_machine(name: str, loopback: bool) -> None:
    assert is_loopback(name) is loopback


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8787",
        "localhost.",
        "shop.localhost:8787",
        "127.0.0.1:1",
        "127.8.8.8",
        "[::1]",
        "[::1]:8787",
    ],
)
def test_a_loopback_host_is_answered(client: FlaskClient, host: str) -> None:
    for path in ("/", "/_inspect", "/_inspect/events"):
        assert client.get(path, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8787",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "collect.commander1.com",
        "192.168.1.5:8787",
        "0.0.0.0:8787",
        "[fd00::a]:8787",
        "localhost..",
        "evil@localhost",
        "localhost:x",
        "a b",
        "",
    ],
)
def test_a_host_that_may_be_rebound_gets_403_that_names_the_remedy(
    client: FlaskClient, host: str
) -> None:
    collect(client, "purchase")
    for path in ("/", "/_inspect", "/_inspect/events", "/_inspect/nowhere"):
        answer = client.get(path, headers={"Host": host})
        error = error_of(answer, 403, "forbidden")
        assert f"The Host of this request is {host or 'empty'}," in error["message"]
        name = host_name(host) or "NAME"
        assert error["message"].endswith(f"start with --allow-host {name}.")
        assert b"purchase" not in answer.data
    refused = client.delete("/_inspect/events", headers={"Host": host})
    assert refused.status_code == 403
    assert json_of(client.get("/_inspect"))["events"] == 1


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ("collect", "collect:8787"),
        ("Collect.Internal", "collect.internal"),
        ("collect.internal.", "COLLECT.INTERNAL.:8787"),
        ("collect_mock", "collect_mock:8787"),
        ("collect:8787", "collect"),
        ("192.168.1.5", "192.168.1.5:8787"),
        ("fd00::a", "[FD00::A]:8787"),
        ("[fd00::a]", "[fd00::a]"),
        ("fe80::1%eth0", "[fe80::1]:8787"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_host_that_is_named_is_answered(
    recorder: TinyRecorder, allowed: str, host: str
) -> None:
    client = client_of(recorder, Settings(allow_host=(allowed,)))
    answer = client.get("/_inspect", headers={"Host": host})
    assert answer.status_code == 200
    links = json_of(answer)["links"]
    assert links["events"] == f"http://{host}/_inspect/events"
    elsewhere = client.get("/_inspect", headers={"Host": f"x{host}"})
    assert elsewhere.status_code == 403


@pytest.mark.parametrize(
    ("given", "instead"),
    [
        ("http://collect", "--allow-host collect."),
        ("https://Shop.Example:8443/a?b", "--allow-host shop.example."),
        ("shop.example/a", "--allow-host shop.example."),
        ("//shop.example", "--allow-host shop.example."),
        ("a,b", "--allow-host NAME."),
        ("", "--allow-host NAME."),
        ("http://[::1", "--allow-host NAME."),
        ("*", "Name each host name: --allow-host may be repeated."),
        ("*.shop.example", "Name each host name: --allow-host may be repeated."),
    ],
)
def test_a_host_that_nobody_can_be_asked_by_is_refused(
    given: str, instead: str
) -> None:
    with pytest.raises(InvalidSettings) as caught:
        Access.allowing([given], ())
    assert str(caught.value).startswith(f"--allow-host {given} is no host name")
    assert str(caught.value).endswith(instead)


@pytest.mark.parametrize(
    ("given", "instead"),
    [
        ("shop.example", "--allow-origin https://shop.example."),
        ("//shop.example", "--allow-origin https://shop.example."),
        ("localhost:3000", "--allow-origin http://localhost:3000."),
        ("https://shop.example/a?b", "--allow-origin https://shop.example."),
        ("https://me@shop.example", "--allow-origin https://NAME."),
        ("https://shop.example:port", "--allow-origin https://NAME."),
        ("https://", "--allow-origin https://NAME."),
        ("http://[::1", "--allow-origin https://NAME."),
        ("file:///page.html", "--allow-origin https://NAME."),
        ("null", "--allow-origin https://NAME."),
        ("", "--allow-origin https://NAME."),
        ("*", "Name each origin: --allow-origin may be repeated."),
        ("https://*.shop.example", "Name each origin: --allow-origin may be repeated."),
    ],
)
def test_an_origin_that_no_browser_sends_is_refused(given: str, instead: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        Access.allowing((), [given])
    assert str(caught.value).startswith(f"--allow-origin {given} is no origin")
    assert str(caught.value).endswith(instead)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("https://shop.example:443/", "https://shop.example"),
        ("http://shop.example:80", "http://shop.example"),
        ("http://shop.example:8080", "http://shop.example:8080"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://[fd00::a]:3000", "http://[fd00::a]:3000"),
        ("chrome-extension://abcdef", "chrome-extension://abcdef"),
    ],
)
def test_an_origin_is_allowed_as_browsers_send_it(given: str, sent: str) -> None:
    assert Access.allowing((), [given]).may_read(sent)


@pytest.mark.parametrize(
    ("listens_on", "host", "status"),
    [
        ("192.168.1.5", "192.168.1.5:8787", 200),
        ("192.168.1.5", "localhost:8787", 200),
        ("fd00::a", "[fd00::a]:8787", 200),
        ("0.0.0.0", "192.168.1.5:8787", 403),
        ("0.0.0.0", "0.0.0.0:8787", 403),
        ("::", "[::]:8787", 403),
    ],
)
def test_the_address_that_it_was_told_to_listen_on_is_a_name_of_its_own(
    recorder: TinyRecorder, listens_on: str, host: str, status: int
) -> None:
    client = client_of(recorder, Settings(host=listens_on))
    assert client.get("/_inspect", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    "host", ["collect.commander1.com", "evil.example", "a b", "", "[::1"]
)
def test_the_collect_endpoints_answer_any_host(client: FlaskClient, host: str) -> None:
    answer = client.post(EVENTS, json={"event_name": "a"}, headers={"Host": host})
    assert answer.status_code == 200
    assert json_of(client.get("/_inspect"))["events"] == 1


@pytest.mark.parametrize(
    ("origin", "may_read"),
    [
        ("http://localhost:3000", True),
        ("http://127.0.0.1", True),
        ("https://[::1]:8443", True),
        ("http://shop.localhost", True),
        (SHOP, False),
        ("null", False),
        ("", False),
        ("http://localhost.evil.example", False),
        ("http://evil@localhost", False),
        ("http://[::1", False),
        ("localhost", False),
    ],
)
def test_pages_of_this_machine_may_read(
    client: FlaskClient, origin: str, may_read: bool
) -> None:
    answer = client.get("/_inspect/events", headers={"Origin": origin})
    assert answer.status_code == 200
    granted = origin if may_read else None
    assert answer.headers.get("Access-Control-Allow-Origin") == granted
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("allowed", [SHOP, f"{SHOP}/", "HTTPS://Shop.Example"])
def test_pages_of_an_origin_that_is_named_may_read_and_write(
    recorder: TinyRecorder, allowed: str
) -> None:
    client = client_of(recorder, Settings(allow_origin=(allowed,)))
    headers = {"Origin": SHOP}
    answer = client.get("/_inspect/events", headers=headers)
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    assert client.delete("/_inspect/events", headers=headers).status_code == 200
    others = {"Origin": "https://other.example"}
    answer = client.get("/_inspect/events", headers=others)
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert client.delete("/_inspect/events", headers=others).status_code == 403


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("localhost:8787", None, 200),
        ("localhost:8787", "http://localhost:8787", 200),
        ("LOCALHOST:8787", "http://localhost:8787", 200),
        ("localhost", "http://localhost", 200),
        ("[::1]:8787", "http://[::1]:8787", 200),
        ("localhost:8787", "http://localhost:3000", 403),
        ("localhost:8787", "http://127.0.0.1:8787", 403),
        ("localhost:8787", "http://evil.example:8787", 403),
        ("localhost:8787", "http://localhost:8787.evil.example", 403),
        ("localhost:8787", "null", 403),
        ("localhost:8787", "", 403),
    ],
)
def test_only_pages_of_the_same_origin_may_write(
    client: FlaskClient, host: str, origin: str | None, status: int
) -> None:
    collect(client, "purchase")
    headers = {"Host": host} | ({} if origin is None else {"Origin": origin})
    answer = client.delete("/_inspect/events", headers=headers)
    assert answer.status_code == status
    undo = client.post("/_inspect/undo", json={"undo": "x"}, headers=headers)
    assert undo.status_code == (404 if status == 200 else 403)
    assert json_of(client.get("/_inspect"))["events"] == (0 if status == 200 else 1)


def test_a_page_that_may_not_write_is_told_why() -> None:
    assert NOBODY.refusal("DELETE", "localhost", SHOP) == (
        f"DELETE from the page {SHOP} is not allowed here. "
        f"If that page is yours, start with --allow-origin {SHOP}."
    )
    refusal = NOBODY.refusal("POST", "localhost", "null")
    assert refusal is not None
    assert "without an origin" in refusal
    assert "--allow-origin" not in refusal


@pytest.mark.parametrize(
    ("origin", "methods"),
    [
        ("http://localhost", "GET, HEAD, POST, PUT, DELETE"),
        ("http://localhost:3000", "GET, HEAD"),
        (SHOP, None),
        ("null", None),
    ],
)
def test_a_preflight_grants_what_the_page_may_do(
    client: FlaskClient, origin: str, methods: str | None
) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "DELETE"}
    for path in ("/_inspect", "/_inspect/events", "/_inspect/undo"):
        answer = client.options(path, headers=asked)
        assert (answer.status_code, answer.data) == (204, b"")
        assert answer.headers.get("Access-Control-Allow-Methods") == methods
        granted = answer.headers.get("Access-Control-Allow-Headers")
        assert granted == (methods and "content-type, last-event-id")
    assert client.get("/_inspect").json["requests"] == 0  # type: ignore[index]


def test_a_preflight_of_a_rebound_host_is_refused(client: FlaskClient) -> None:
    headers = {"Host": "evil.example", "Origin": "http://evil.example"}
    answer = client.options("/_inspect/events", headers=headers)
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("origin", [SHOP, "null", "http://localhost:3000"])
def test_the_collect_endpoints_grant_any_origin_with_credentials(
    client: FlaskClient, origin: str
) -> None:
    headers = {"Origin": origin}
    for answer, status in (
        (client.post(EVENTS, json={"event_name": "a"}, headers=headers), 200),
        (client.post(EVENTS, data=b"{", headers=headers), 400),
        (client.get(f"{EVENTS}&event_name=a", headers=headers), 200),
        (client.post("/nowhere", headers=headers), 404),
        (client.options(EVENTS, headers=headers), 200),
    ):
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert answer.headers["Vary"] == "Origin"


def test_a_preflight_of_the_collect_endpoints_grants_the_headers_it_asks_for(
    client: FlaskClient,
) -> None:
    asked = {
        "Origin": SHOP,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, x-mine",
    }
    answer = client.options(EVENTS, headers=asked)
    assert answer.headers["Access-Control-Allow-Headers"] == "content-type, x-mine"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
