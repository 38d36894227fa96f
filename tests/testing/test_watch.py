from __future__ import annotations

import asyncio

from mockcollect.asking.matching import Expectation
from mockcollect.recording.interface import Place
from mockcollect.testing.inspector import Inspector
from mockcollect.testing.server import Server
from mockcollect.testing.view import View
from mockcollect.testing.watch import Watch, in_running_loop, settled, until
from tests.testing.sending import send


class RacingView(View):
    """A view in which an event comes just after its place was asked for."""

    port = 0

    def place(self) -> Place:
        place = super().place()
        send(self.port, "purchase")
        return place


def test_each_event_is_looked_at_once_however_it_comes(server: Server) -> None:
    view = RacingView(server.tests, "a test", start=server.recorder.place())
    view.port = server.port
    watch = Watch(view, Expectation("purchase"))
    assert [len(watch.look()) for _ in range(4)] == [0, 1, 2, 3]
    assert [one.id for one in watch.found] == [1, 2, 3]


def test_as_many_as_are_enough_are_found(inspector: Inspector, server: Server) -> None:
    send(server.port, "purchase", "page_view", "purchase", "purchase")
    watch = Watch(inspector.view, Expectation("purchase"), 2)
    assert [one.id for one in watch.look()] == [1, 3]


def test_looking_takes_place_once_even_without_time(server: Server) -> None:
    looks: list[int] = []

    def look() -> int:
        looks.append(1)
        return len(looks)

    seen, seconds = until(server.recorder, look, lambda _: False, timeout=0)
    assert (seen, seconds, looks) == (1, 0.0, [1])


def test_after_the_time_is_up_it_is_looked_once_more(server: Server) -> None:
    looks: list[int] = []
    _, seconds = until(
        server.recorder, lambda: looks.append(1), lambda _: False, timeout=0.05
    )
    assert (seconds, len(looks)) == (0.05, 2)


def test_quiet_is_over_at_once_where_none_is_asked(server: Server) -> None:
    assert settled(server.recorder, settle=0, most=30) == 0
    assert settled(server.recorder, settle=0.01, most=30) == 0.01


def test_a_running_loop_is_that_of_this_thread() -> None:
    async def ask() -> tuple[bool, bool]:
        return in_running_loop(), await asyncio.to_thread(in_running_loop)

    assert not in_running_loop()
    assert asyncio.run(ask()) == (True, False)
