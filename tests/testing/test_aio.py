"""The verbs that are awaited, in asyncio tests."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest

from mockcollect.testing.aio import AsyncInspector
from mockcollect.testing.inspector import Inspector
from mockcollect.testing.server import Server
from tests.testing.sending import SECONDS, send, send_refused

LONG = 30.0

pytestmark = pytest.mark.asyncio


async def sent(server: Server, *event_names: str, **properties: Any) -> None:
    """Send without blocking the loop, as an async client does."""
    await asyncio.to_thread(send, server.port, *event_names, **properties)


async def test_awaiting_leaves_the_loop_free_to_send(
    inspector: Inspector, server: Server
) -> None:
    start = time.monotonic()
    event, _ = await asyncio.gather(
        inspector.aio.assert_sent("purchase", timeout=LONG, revenue=16.0),
        sent(server, "purchase", revenue=16.0),
    )
    assert event == {"event_name": "purchase", "revenue": 16.0}
    assert time.monotonic() - start < LONG / 3


async def test_more_waits_than_the_loop_has_threads_leave_some_to_send(
    inspector: Inspector, server: Server
) -> None:
    names = [f"event_{number}" for number in range(64)]
    waits = [inspector.aio.wait_for(name, timeout=LONG) for name in names]
    start = time.monotonic()
    found, _ = await asyncio.gather(asyncio.gather(*waits), sent(server, *names))
    assert [one.event_name for one in found] == names
    assert time.monotonic() - start < LONG / 3


async def test_each_verb_that_waits_can_be_awaited(
    inspector: Inspector, server: Server
) -> None:
    aio = inspector.aio
    await aio.assert_nothing_sent()
    await sent(server, "page_view", "purchase")
    await aio.assert_sent_once("purchase")
    await aio.assert_not_sent("refund")
    assert len(await aio.assert_sequence(["page_view", "purchase"])) == 2
    await asyncio.to_thread(send_refused, server.port)
    assert (await aio.assert_refused(because="invalid json")).status == 400
    assert inspector.problems(file=__file__) == []


async def test_all_verbs_that_wait_are_there() -> None:
    waiting = {name for name in dir(Inspector) if name.startswith(("assert_", "wait_"))}
    there = {name for name in dir(AsyncInspector) if not name.startswith("_")}
    # That all is valid is known at once.
    assert waiting - there == {"assert_all_valid"}


async def test_a_failure_says_the_same_as_without_await(inspector: Inspector) -> None:
    with pytest.raises(AssertionError) as caught:
        await inspector.aio.assert_sent("purchase", timeout=0.1)
    said = str(caught.value)
    assert said.startswith("no `purchase` event in 0.1 s. No request arrived at all.")
    assert "mockcollect.aio" not in said


async def test_a_verb_that_waits_in_a_running_loop_says_what_to_write(
    inspector: Inspector, server: Server
) -> None:
    task = asyncio.create_task(sent(server, "purchase"))
    with pytest.raises(AssertionError) as caught:
        inspector.assert_sent("purchase")
    assert "await mockcollect.aio.assert_sent(…)" in str(caught.value)
    await task
    inspector.assert_sent("purchase")


async def test_a_name_that_is_missing_is_said_before_awaiting(
    inspector: Inspector,
) -> None:
    with pytest.raises(TypeError, match="assert_sent needs the event's name"):
        inspector.aio.assert_sent()  # type: ignore[call-arg]
    assert inspector.left == []


async def test_a_cancelled_wait_is_over_at_once(
    inspector: Inspector, server: Server
) -> None:
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(
            inspector.aio.assert_sent("purchase", timeout=LONG), timeout=0.1
        )
    await sent(server, "purchase")
    assert inspector.problems(file=__file__) == []


def run_in_a_new_loop(inspector: Inspector) -> None:
    async def gives_up() -> None:
        wait = asyncio.ensure_future(_awaited(inspector))
        await asyncio.sleep(0)
        wait.cancel()
        with pytest.raises(asyncio.CancelledError):
            await wait

    asyncio.run(gives_up())


async def _awaited(inspector: Inspector) -> None:
    await inspector.aio.assert_sent("purchase", timeout=LONG)


async def test_a_cancelled_wait_does_not_hold_up_the_end_of_its_loop(
    inspector: Inspector, server: Server
) -> None:
    start = time.monotonic()
    await asyncio.to_thread(run_in_a_new_loop, inspector)
    assert time.monotonic() - start < LONG / 3
    # What waited ends as well, and tells nobody of a loop that is gone.
    await sent(server, "purchase")
    waiting = [one for one in threading.enumerate() if "waiting" in one.name]
    for thread in waiting:
        await asyncio.to_thread(thread.join, SECONDS)
        assert not thread.is_alive()
