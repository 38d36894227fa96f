"""Assertions that were begun and prove nothing, or were asked of the wrong thing."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from mockcollect.errors import ServerClosed
from mockcollect.testing.inspector import Inspector
from mockcollect.testing.server import Server
from tests.testing.runs import Suite, block
from tests.testing.sending import send

NAMED = ["assert_sent", "assert_sent_once", "assert_not_sent", "wait_for", "sent"]


def call(inspector: Inspector, name: str, *args: Any, **kwargs: Any) -> Any:
    return getattr(inspector, name)(*args, **kwargs)


@pytest.mark.parametrize("name", NAMED)
def test_a_verb_without_the_events_name_says_how_it_is_written(
    inspector: Inspector, name: str
) -> None:
    said = f"{name} needs the event's name, first and without a keyword: "
    with pytest.raises(TypeError, match=re.escape(said)) as caught:
        call(inspector, name)
    assert str(caught.value).endswith(f"mockcollect.{name}('purchase').")


@pytest.mark.parametrize("name", NAMED)
def test_a_name_by_keyword_is_shown_without(inspector: Inspector, name: str) -> None:
    with pytest.raises(TypeError) as caught:
        call(inspector, name, event_name="refund")
    assert str(caught.value).endswith(f"mockcollect.{name}('refund').")


@pytest.mark.parametrize("wrong", [7, None, "", {"event_name": "purchase"}])
def test_a_name_that_is_none_is_refused(inspector: Inspector, wrong: Any) -> None:
    with pytest.raises(TypeError) as caught:
        call(inspector, "assert_sent", wrong)
    assert str(caught.value) == (
        f"assert_sent needs the event's name, a text, and got {wrong!r}. "
        "Write mockcollect.assert_sent('purchase')."
    )


def test_properties_without_a_keyword_say_how_they_are_written(
    inspector: Inspector,
) -> None:
    with pytest.raises(TypeError) as caught:
        call(inspector, "assert_sent", "refund", {"value": 1})
    assert str(caught.value) == (
        "assert_sent takes properties by keyword, and got {'value': 1} without one. "
        "Write mockcollect.assert_sent('refund', revenue=16.0), or ** before a dict."
    )


@pytest.mark.parametrize("name", NAMED)
def test_a_where_that_is_no_dict_is_refused(inspector: Inspector, name: str) -> None:
    with pytest.raises(TypeError, match=r"where is a dict of dotted paths.* got 'a'\."):
        call(inspector, name, "purchase", where="a")


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        (
            {"count": 0},
            "0 events are always there. That none is sent says "
            "mockcollect.assert_not_sent('purchase').",
        ),
        (
            {"at_least": 0},
            "0 events are always there. That none is sent says "
            "mockcollect.assert_not_sent('purchase').",
        ),
        (
            {"at_least": 3, "at_most": 2},
            "no number is at least 3 and at most 2.",
        ),
        (
            {"count": 2, "at_most": 3},
            "count is exact: leave at_least and at_most out.",
        ),
        (
            {"count": 2, "at_least": 2},
            "count is exact: leave at_least and at_most out.",
        ),
        ({"at_most": 0}, "no number is at least 1 and at most 0."),
    ],
)
def test_bounds_that_prove_nothing_are_refused(
    inspector: Inspector, bounds: dict[str, int], said: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        inspector.assert_sent("purchase", **bounds)  # type: ignore[arg-type]


def test_waiting_for_none_is_refused(inspector: Inspector) -> None:
    with pytest.raises(ValueError, match="0 events are always there"):
        inspector.wait_for("purchase", count=0)


def test_a_reason_that_there_is_not_names_those_there_are(inspector: Inspector) -> None:
    said = "the reasons are 'too large', 'invalid json', 'aborted'."
    with pytest.raises(ValueError, match=re.escape(said)):
        inspector.assert_refused(because="too big")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("steps", "kind", "said"),
    [
        ([7], TypeError, "a step is an event's name, or a dict with it and its"),
        ("purchase", TypeError, "mockcollect.assert_sequence(['purchase', …])."),
        ({"event_name": "a"}, TypeError, "assert_sequence([{'event_name': 'a'}, …])."),
        ([], ValueError, "That nothing is sent says mockcollect.assert_nothing_sent()"),
    ],
)
def test_steps_that_are_none_are_refused(
    inspector: Inspector, steps: Any, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=re.escape(said)):
        inspector.assert_sequence(steps)


def test_a_path_that_is_none_says_how_paths_are_written(inspector: Inspector) -> None:
    with pytest.raises(ValueError, match=re.escape("'page..url' is no path.")):
        inspector.assert_sent("purchase", where={"page..url": "x"})


def test_a_path_to_exclude_that_is_none_is_refused(
    inspector: Inspector, server: Server
) -> None:
    send(server.port, "purchase")
    with pytest.raises(ValueError, match="page"):
        inspector.to_snapshot(exclude=["page..url"])


@pytest.mark.parametrize(
    ("name", "args"),
    [
        *((name, ("purchase",)) for name in NAMED),
        ("assert_sequence", (["purchase"],)),
        ("assert_nothing_sent", ()),
        ("assert_all_valid", ()),
        ("assert_refused", ()),
        ("to_snapshot", ()),
    ],
)
def test_nothing_is_asked_of_a_closed_server(
    inspector: Inspector, server: Server, name: str, args: tuple[Any, ...]
) -> None:
    server.close()
    with pytest.raises(ServerClosed, match="so nothing can arrive any more"):
        call(inspector, name, *args)


@pytest.mark.parametrize("name", ["events", "refused", "db"])
def test_nothing_is_read_from_a_closed_server(
    inspector: Inspector, server: Server, name: str
) -> None:
    server.close()
    with pytest.raises(ServerClosed, match="Assert before it closes"):
        getattr(inspector, name)


# -- left unfinished


def test_a_verb_that_is_named_and_not_called_fails_the_test(suite: Suite) -> None:
    result = suite.run(
        """
        def test_it(mockcollect):

            mockcollect.assert_sent
            assert mockcollect.assert_sequence
            mockcollect.assert_nothing_sent
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    assert block(result, "ERROR at teardown of test_it") == (
        "line 3: assert_sent is named and not called, so it proves nothing. "
        "Write mockcollect.assert_sent('purchase').\n\n"
        "line 4: assert_sequence is named and not called, so it proves nothing. "
        "Write mockcollect.assert_sequence(['page_view', 'purchase']).\n\n"
        "line 5: assert_nothing_sent is named and not called, so it proves nothing. "
        "Write mockcollect.assert_nothing_sent().\n"
    )


def test_an_assertion_that_is_not_awaited_fails_the_test_once(suite: Suite) -> None:
    result = suite.run(
        """
        import asyncio
        import gc

        def test_it(mockcollect):
            async def forgets():
                mockcollect.aio.assert_sent("purchase")

            asyncio.run(forgets())
            gc.collect()
        """,
        "-W",
        "error",
    )
    result.assert_outcomes(passed=1, errors=1)
    assert block(result, "ERROR at teardown of test_it") == (
        "line 6: aio.assert_sent is not awaited, so it proves nothing. "
        "Write await mockcollect.aio.assert_sent('purchase').\n"
    )
    assert "never awaited" not in result.stdout.str() + result.stderr.str()


def test_what_is_called_or_awaited_later_is_not_left(inspector: Inspector) -> None:
    named = inspector.assert_not_sent
    assert len(inspector.left) == 1
    named("purchase")
    named("purchase")
    assert inspector.left == []


def test_a_verb_named_in_another_file_is_left_alone(inspector: Inspector) -> None:
    named = inspector.assert_sent
    assert inspector.problems(file="another.py") == []
    (problem,) = inspector.problems(file=__file__)
    assert "assert_sent is named and not called" in problem
    assert repr(named) == "<mockcollect.assert_sent, not called>"


def test_a_failed_call_is_not_left(inspector: Inspector) -> None:
    with pytest.raises(AssertionError):
        inspector.assert_sent("purchase", timeout=0)
    with pytest.raises(TypeError):
        call(inspector, "assert_sent")
    assert inspector.left == []


def test_what_is_named_shows_how_it_is_called(inspector: Inspector) -> None:
    named = inspector.wait_for
    assert list(inspect.signature(named).parameters) == [
        *("event_name", "count", "timeout", "where", "properties"),
    ]
    assert named.__doc__ == Inspector.wait_for.__doc__
    assert str(named.__doc__).startswith("Wait until `count` events match")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("assert_send", " Did you mean assert_sent?"), ("zzz", "")],
)
def test_a_mistyped_verb_is_told_the_nearest(
    inspector: Inspector, name: str, hint: str
) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(inspector, name)
    assert str(caught.value) == f"mockcollect has no {name}.{hint}"
