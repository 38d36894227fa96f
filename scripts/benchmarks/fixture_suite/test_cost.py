"""What is compared: the same tests with nothing, with ours, and with others.

Each test imports what it needs itself: collecting must not pay for the first use.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

TIMES = 200
EVENTS = 10_000
ASKED_EVERY = 100
Note = Callable[[str, float], None]

many_times = pytest.mark.parametrize("number", range(TIMES))


@many_times
def test_nothing(number: int) -> None: ...


@many_times
def test_idle_mockcollect(mockcollect: Any, number: int) -> None: ...


@many_times
def test_idle_httpserver(httpserver: Any, number: int) -> None: ...


@many_times
def test_idle_responses(number: int) -> None:
    import responses

    with responses.RequestsMock():
        pass


@many_times
def test_post_mockcollect(mockcollect: Any, number: int) -> None:
    post(mockcollect.server.port)


@many_times
def test_post_httpserver(httpserver: Any, number: int) -> None:
    httpserver.expect_request("/events").respond_with_data("")
    post(httpserver.port)


@many_times
def test_post_responses(number: int) -> None:
    import requests
    import responses

    from benchmarks.bodies import EVENT_TARGET, event_body

    url = f"http://collect.example.test{EVENT_TARGET}"
    with responses.RequestsMock() as mock:
        mock.post(url)
        assert requests.post(url, data=event_body(), timeout=10).status_code == 200


@pytest.mark.parametrize("number", range(2))
def test_assertion_some_of_the_name(mockcollect: Any, note: Note, number: int) -> None:
    names = ["purchase" if n % ASKED_EVERY == 0 else "page_view" for n in range(EVENTS)]
    record(mockcollect.server.recorder, names)
    started = time.perf_counter()
    mockcollect.assert_sent("purchase", count=EVENTS // ASKED_EVERY, currency="EUR")
    note("some", started)


@pytest.mark.parametrize("number", range(2))
def test_assertion_all_of_the_name(mockcollect: Any, note: Note, number: int) -> None:
    record(mockcollect.server.recorder, ["purchase"] * EVENTS)
    started = time.perf_counter()
    mockcollect.assert_sent("purchase", id=f"ORDER-{EVENTS - 1}")
    note("all", started)


def post(port: int) -> None:
    """Send one event over a connection of its own."""
    from http.client import HTTPConnection

    from benchmarks.bodies import EVENT_TARGET, event_body

    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Content-Type": "application/json"}
    connection.request("POST", EVENT_TARGET, event_body(), headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    assert response.status == 200


def record(recorder: Any, names: list[str]) -> None:
    """Record events that differ in name and id, a request each, as the server does."""
    import json

    from benchmarks.bodies import event_body
    from mockcollect.contract.event import CollectRequest
    from mockcollect.contract.wire import receive

    event = json.loads(event_body())
    for number, name in enumerate(names):
        sent = {**event, "event_name": name, "id": f"ORDER-{number}"}
        body = json.dumps(sent).encode()
        request = CollectRequest("POST", "/events", "", {}, body, len(body))
        answer = receive("POST", "/events", "", {}, body)
        recorder.record(request, answer, received_at=time.time_ns() // 1_000_000)
