"""The HTTP clients that Python programs use, with what each sends by itself."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import urllib3

from tests.processes import SITE, Process
from tests.rawhttp import sized_event

# An asynchronous client may leave its socket to be closed after its loop has ended,
# which Python says of it now and then: it is the client's, and no fault of what is
# tested.
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)

Send = Callable[[str, bytes, dict[str, str]], int]
EVENT: Any = {"event_name": "purchase", "revenue": 16.0, "note": "é"}
TEXT = json.dumps(EVENT).encode()
JSON = {"Content-Type": "application/json"}


def with_requests(url: str, body: bytes, headers: dict[str, str]) -> int:
    return requests.post(url, data=body, headers=headers, timeout=10).status_code


def with_httpx(url: str, body: bytes, headers: dict[str, str]) -> int:
    with httpx.Client(trust_env=False, timeout=10) as client:
        return client.post(url, content=body, headers=headers).status_code


def with_async_httpx(url: str, body: bytes, headers: dict[str, str]) -> int:
    async def send() -> int:
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            return (await client.post(url, content=body, headers=headers)).status_code

    return asyncio.run(send())


def with_aiohttp(url: str, body: bytes, headers: dict[str, str]) -> int:
    # It warns of large bytes, and takes a file for them.
    data = io.BytesIO(body) if len(body) > 1 << 20 else body

    async def send() -> int:
        timeout = aiohttp.ClientTimeout(10)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(url, data=data, headers=headers) as response,
        ):
            return response.status

    return asyncio.run(send())


def with_urllib3(url: str, body: bytes, headers: dict[str, str]) -> int:
    with urllib3.PoolManager(timeout=10) as pool:
        return pool.request("POST", url, body=body, headers=headers).status


def with_urllib_request(url: str, body: bytes, headers: dict[str, str]) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, body, headers)
    try:
        with opener.open(request, timeout=10) as response:
            status: int = response.status
            return status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


CLIENTS = {
    "requests": with_requests,
    "httpx": with_httpx,
    "httpx async": with_async_httpx,
    "aiohttp": with_aiohttp,
    "urllib3": with_urllib3,
    "urllib.request": with_urllib_request,
}
OWN_TYPE = {
    "requests": None,
    "httpx": None,
    "httpx async": None,
    "aiohttp": "application/octet-stream",
    "urllib3": None,
    "urllib.request": "application/x-www-form-urlencoded",
}


@pytest.fixture(params=CLIENTS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def send(name: str) -> Send:
    return CLIENTS[name]


def url_of(server: Process, path: str = "/events") -> str:
    return f"{server.url}{path}?{SITE}"


def test_an_event_is_recorded_as_it_was_sent(server: Process, send: Send) -> None:
    assert send(url_of(server), TEXT, JSON) == 200
    (event,) = server.events()
    assert event["event"] == EVENT
    assert event["site_id"] == "29"
    request = server.inspect(f"/requests/{event['request']['id']}")
    assert request["body"].encode() == TEXT
    assert request["headers"]["content-type"] == "application/json"


def test_whatever_type_the_client_says_the_bytes_count(
    server: Process, name: str, send: Send
) -> None:
    assert send(url_of(server), TEXT, {}) == 200
    (event,) = server.events()
    assert event["event"] == EVENT
    request = server.inspect(f"/requests/{event['request']['id']}")
    assert request["headers"].get("content-type") == OWN_TYPE[name]


def test_a_batch_is_its_events(server: Process, send: Send) -> None:
    batch = {"batch": [EVENT, {"event_name": "refund"}]}
    assert (
        send(url_of(server, "/events/batch"), json.dumps(batch).encode(), JSON) == 200
    )
    assert [event["event"] for event in server.events()] == batch["batch"]


@pytest.mark.parametrize(("size", "status"), [(32_768, 200), (32_769, 400)])
def test_the_limit_of_an_event(
    server: Process, send: Send, size: int, status: int
) -> None:
    assert send(url_of(server), sized_event(size), JSON) == status
    assert [event["size"] for event in server.events()] == [size] * (status == 200)


def test_a_large_body_is_a_400_and_no_broken_pipe(server: Process, send: Send) -> None:
    assert send(url_of(server), b"x" * 5_000_000, JSON) == 400
    assert server.events() == []


def test_gzip_is_not_unpacked(server: Process, send: Send) -> None:
    headers = {**JSON, "Content-Encoding": "gzip"}
    assert send(url_of(server), gzip.compress(TEXT), headers) == 400
    refused = server.requests()[-1]
    assert refused["refusal"]["reason"] == "invalid json"
    assert "gzip" in json.dumps(refused["refusal"])


def test_the_clients_own_json(server: Process) -> None:
    url = url_of(server)

    async def asynchronously() -> list[int]:
        async with httpx.AsyncClient(trust_env=False) as client:
            first = (await client.post(url, json=EVENT)).status_code
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, json=EVENT) as response,
        ):
            return [first, response.status]

    statuses = [
        requests.post(url, json=EVENT, timeout=10).status_code,
        httpx.post(url, json=EVENT, trust_env=False).status_code,
        *asyncio.run(asynchronously()),
    ]
    with urllib3.PoolManager() as pool:
        statuses.append(pool.request("POST", url, json=EVENT).status)
    assert statuses == [200] * 5
    recorded: list[Any] = server.events()
    assert [event["event"] for event in recorded] == [EVENT] * 5


def test_a_connection_that_is_kept_is_used_again(server: Process) -> None:
    with requests.Session() as session:
        session.trust_env = False
        for number in range(50):
            event = {"event_name": f"event-{number}"}
            assert session.post(url_of(server), json=event, timeout=10).ok
    names = [event["event_name"] for event in server.events()]
    assert names == [f"event-{number}" for number in range(50)]
