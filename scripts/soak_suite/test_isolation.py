"""Tests that count exactly while the late events of others arrive."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from senders import NAME, RANDOM, join, start

if TYPE_CHECKING:
    from senders import Late, Sender

    from mockcollect.testing.inspector import Inspector

Turn = Callable[["Inspector", "Sender", "Late"], None]


def with_test_code(mockcollect: Inspector, sender: Sender, late: Late) -> None:
    code = mockcollect.test_code
    late.in_a_later_test(sender.test, lambda: sender.deliver(code))
    sender.deliver()  # without the code it could be anybody's, and does not count
    count_exactly(mockcollect, sender, code)


def without_test_code(mockcollect: Inspector, sender: Sender, late: Late) -> None:
    count_exactly(mockcollect, sender)


def and_one_when_it_is_over(mockcollect: Inspector, sender: Sender, late: Late) -> None:
    late.before_the_next_test(sender.test, sender.deliver)
    count_exactly(mockcollect, sender)


def and_one_not_whole_yet(mockcollect: Inspector, sender: Sender, late: Late) -> None:
    # The events that follow take several round trips: the server has begun with this.
    late.during_the_next_test(sender.test, sender.begin())
    count_exactly(mockcollect, sender)


def count_exactly(
    mockcollect: Inspector, sender: Sender, code: str | None = None
) -> None:
    count = RANDOM.randint(1, 3)
    threads = [start(lambda: sender.deliver(code)) for _ in range(count)]
    mockcollect.assert_sent(NAME, count=count)
    join(threads)
    mockcollect.assert_sent(NAME, count=count, timeout=0.0)
    assert [event["test"] for event in mockcollect.events] == [sender.test] * count


TURNS: tuple[Turn, ...] = (
    with_test_code,
    and_one_not_whole_yet,
    without_test_code,
    with_test_code,
    and_one_when_it_is_over,
)


@pytest.mark.parametrize("number", range(200))
def test_only_its_own_events_count(
    mockcollect: Inspector, sender: Sender, late: Late, number: int
) -> None:
    TURNS[number % len(TURNS)](mockcollect, sender, late)
