"""The clients that programs use, seen by the fixture in the process that sends."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterator

import aiohttp
import httpx
import pytest
import requests
import urllib3

from mockcollect.testing.inspector import Inspector
from tests.clients.test_python import CLIENTS, JSON, TEXT, Send
from tests.processes import SECONDS, SITE

# As in tests/clients: an asynchronous client may leave its socket to be closed after
# its loop has ended.
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)

BURST = 30
NAMES = [f"step-{number}" for number in range(BURST)]


@pytest.fixture(params=CLIENTS)
def send(request: pytest.FixtureRequest) -> Send:
    return CLIENTS[request.param]


def events_url(path: str = "/events") -> str:
    """Return where a program sends to that was told of the server by its variable."""
    return f"{os.environ['MOCKCOLLECT_URL']}{path}?{SITE}"


def test_an_event_is_matched_as_it_was_sent(mockcollect: Inspector, send: Send) -> None:
    assert send(events_url(), TEXT, JSON) == 200
    event = mockcollect.assert_sent("purchase", revenue=16.0, note="é")
    assert event == json.loads(TEXT)
    assert event.request.body == TEXT
    assert mockcollect.events == [event]


def test_a_batch_is_its_events_in_order(mockcollect: Inspector, send: Send) -> None:
    names = ["page_view", "add_to_cart", "purchase"]
    batch = {"batch": [{"event_name": name} for name in names]}
    assert send(events_url("/events/batch"), json.dumps(batch).encode(), JSON) == 200
    found = mockcollect.assert_sequence(names, strict=True, settle=0.0)
    assert {event.request.id for event in found} == {mockcollect.events[0].request.id}


def test_a_refused_event_is_told_to_the_client_and_to_the_test(
    mockcollect: Inspector, send: Send
) -> None:
    assert send(events_url(), b'{"event_name": "purchase",}', JSON) == 400
    refused = mockcollect.assert_refused(because="invalid json")
    assert refused.body == b'{"event_name": "purchase",}'
    assert mockcollect.events == []


def test_a_body_that_is_too_large_reaches_the_test_from_each_client(
    mockcollect: Inspector, send: Send
) -> None:
    assert send(events_url(), b"x" * 2_000_000, JSON) == 400
    assert mockcollect.assert_refused(because="too large").status == 400


def in_a_requests_session() -> Iterator[int]:
    with requests.Session() as session:
        for name in NAMES:
            response = session.post(events_url(), json={"event_name": name}, timeout=10)
            yield response.status_code


def in_an_httpx_client() -> Iterator[int]:
    with httpx.Client(timeout=10) as client:
        for name in NAMES:
            yield client.post(events_url(), json={"event_name": name}).status_code


def in_a_urllib3_pool() -> Iterator[int]:
    with urllib3.PoolManager(timeout=10) as pool:
        for name in NAMES:
            yield pool.request("POST", events_url(), json={"event_name": name}).status


@pytest.mark.parametrize(
    "statuses", [in_a_requests_session, in_an_httpx_client, in_a_urllib3_pool]
)
def test_the_events_of_one_session_arrive_in_order(
    mockcollect: Inspector, statuses: Callable[[], Iterator[int]]
) -> None:
    assert list(statuses()) == [200] * BURST
    assert [event.event_name for event in mockcollect.events] == NAMES


async def with_httpx_at_once() -> list[int]:
    async with httpx.AsyncClient(timeout=10) as client:
        posts = (client.post(events_url(), json={"event_name": n}) for n in NAMES)
        return [one.status_code for one in await asyncio.gather(*posts)]


async def with_aiohttp_at_once() -> list[int]:
    async with aiohttp.ClientSession() as session:

        async def post(name: str) -> int:
            async with session.post(events_url(), json={"event_name": name}) as answer:
                return answer.status

        return await asyncio.gather(*map(post, NAMES))


@pytest.mark.asyncio
@pytest.mark.parametrize("send_all", [with_httpx_at_once, with_aiohttp_at_once])
async def test_an_async_client_sends_at_once_in_the_loop_that_awaits(
    mockcollect: Inspector, send_all: Callable[[], Awaitable[list[int]]]
) -> None:
    sending = asyncio.ensure_future(send_all())
    await mockcollect.aio.wait_for(NAMES[-1], timeout=SECONDS)
    assert await sending == [200] * BURST
    assert sorted(event["event_name"] for event in mockcollect.events) == sorted(NAMES)
