"""Beside the libraries that patch HTTP clients: `responses`, `respx`, `pytest_httpx`.

Each lets through what is sent to mockcollect when it is told to, and mockcollect's own
needs go through none of what they patch.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import requests
import responses
import respx
from pytest_httpx import HTTPXMock

from mockcollect.testing.inspector import Inspector

ELSEWHERE = "https://shop.example.test/orders"
EVENT: Any = {"event_name": "purchase", "revenue": 16.0}

to_elsewhere_only = pytest.mark.httpx_mock(
    should_mock=lambda request: request.url.host != "127.0.0.1"
)


@pytest.fixture
def patched_requests() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def patched_httpx() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        yield router


def send_with_httpx(url: str) -> int:
    return httpx.post(url, json=EVENT).status_code


def send_with_httpx_asynchronously(url: str) -> int:
    async def send() -> int:
        async with httpx.AsyncClient() as client:
            return (await client.post(url, json=EVENT)).status_code

    return asyncio.run(send())


both_of_httpx = pytest.mark.parametrize(
    "send", [send_with_httpx, send_with_httpx_asynchronously]
)


def test_responses_lets_through_what_it_is_told_to(
    mockcollect: Inspector, patched_requests: responses.RequestsMock
) -> None:
    patched_requests.add_passthru(mockcollect.url)
    patched_requests.post(ELSEWHERE, json={"order": 1}, status=201)
    assert requests.post(ELSEWHERE, timeout=10).status_code == 201
    answer = requests.post(mockcollect.events_url(), json=EVENT, timeout=10)
    assert answer.status_code == 200
    mockcollect.assert_sent_once("purchase", revenue=16.0, settle=0.0)
    with pytest.raises(requests.ConnectionError, match="Connection refused by Resp"):
        requests.get("https://unknown.example.test/", timeout=10)


@both_of_httpx
def test_respx_lets_through_what_it_is_told_to(
    mockcollect: Inspector,
    patched_httpx: respx.MockRouter,
    send: Callable[[str], int],
) -> None:
    patched_httpx.route(url__startswith=mockcollect.url).pass_through()
    patched_httpx.post(ELSEWHERE).respond(201)
    assert send(ELSEWHERE) == 201
    assert send(mockcollect.events_url()) == 200
    mockcollect.assert_sent_once("purchase", revenue=16.0, settle=0.0)
    with pytest.raises(respx.models.AllMockedAssertionError):
        send("https://unknown.example.test/")


@both_of_httpx
@to_elsewhere_only
def test_pytest_httpx_lets_through_what_it_is_told_to(
    mockcollect: Inspector, httpx_mock: HTTPXMock, send: Callable[[str], int]
) -> None:
    httpx_mock.add_response(url=ELSEWHERE, status_code=201)
    assert send(ELSEWHERE) == 201
    assert send(mockcollect.events_url()) == 200
    mockcollect.assert_sent_once("purchase", revenue=16.0, settle=0.0)
    assert [str(one.url) for one in httpx_mock.get_requests()] == [ELSEWHERE]


@to_elsewhere_only
def test_all_of_them_at_once(
    mockcollect: Inspector,
    patched_requests: responses.RequestsMock,
    patched_httpx: respx.MockRouter,
    httpx_mock: HTTPXMock,
) -> None:
    patched_requests.add_passthru(mockcollect.url)
    patched_httpx.route(url__startswith=mockcollect.url).pass_through()
    httpx_mock.add_response(url=ELSEWHERE, status_code=201)
    assert send_with_httpx(ELSEWHERE) == 201
    assert send_with_httpx(mockcollect.events_url()) == 200
    assert requests.post(mockcollect.events_url(), json=EVENT, timeout=10).ok
    mockcollect.assert_sent("purchase", count=2, revenue=16.0)


def test_what_responses_answers_itself_never_arrives(
    mockcollect: Inspector, patched_requests: responses.RequestsMock
) -> None:
    patched_requests.post(mockcollect.events_url(), status=200)
    assert requests.post(mockcollect.events_url(), json=EVENT, timeout=10).ok
    mockcollect.assert_nothing_sent(settle=0.0)


def test_assertions_work_while_all_else_is_blocked(
    mockcollect: Inspector,
    patched_requests: responses.RequestsMock,
    patched_httpx: respx.MockRouter,
    httpx_mock: HTTPXMock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patched_requests.add_passthru(mockcollect.url)
    assert requests.post(mockcollect.events_url(), json=EVENT, timeout=10).ok
    with monkeypatch.context() as patched:
        patched.setattr(socket.socket, "connect", _no_connection)
        patched.setattr(socket, "create_connection", _no_connection)
        with pytest.raises(ConnectionError, match="is blocked"):
            socket.create_connection(("127.0.0.1", mockcollect.server.port))
        _make_all_assertions(mockcollect)
    assert httpx_mock.get_requests() == []
    assert not patched_httpx.calls
    assert not patched_requests.calls


def _no_connection(*_: Any, **__: Any) -> None:
    raise ConnectionError("all is blocked; that to mockcollect, too, is blocked")


def _make_all_assertions(mockcollect: Inspector) -> None:
    mockcollect.assert_sent("purchase", revenue=16.0)
    mockcollect.assert_sent_once("purchase", settle=0.0)
    mockcollect.assert_sequence(["purchase"], strict=True, settle=0.0)
    mockcollect.assert_not_sent("refund", settle=0.0)
    with pytest.raises(AssertionError, match="1 of 1 event is not valid"):
        mockcollect.assert_all_valid()
    assert mockcollect.wait_for("purchase").request.status == 200
    assert mockcollect.to_snapshot() == [EVENT]
    assert len(mockcollect.db.table("events")) >= 1
    with pytest.raises(AssertionError, match="no `refund` event"):
        mockcollect.assert_sent("refund", timeout=0.0)
