from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.asking import failures, verdicts
from mockcollect.asking.describing import MOST_ROWS
from mockcollect.asking.matching import Expectation
from mockcollect.asking.sequence import follow, out_of_sequence
from mockcollect.recording.judging import Judging
from mockcollect.recording.records import RecordedEvent
from mockcollect.verdict.verdict import Verdict
from tests.asking.events import BROKEN, Arrivals, deep, json_values, keys
from tests.asking.kinds import ESCAPES, KINDS, RELAX_MARK, not_sent

MESSAGES = Path(__file__).parents[1] / "messages" / "failures"
MOST_LINES = 45
MOST_COLUMNS = 120


def file_of(kind: Callable[[], str]) -> Path:
    return MESSAGES / f"{kind.__name__.replace('_', '-')}.txt"


each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda one: one.__name__)


@each_kind
def test_a_failure_says_what_its_file_says(kind: Callable[[], str]) -> None:
    text, path = f"{kind()}\n", file_of(kind)
    if os.environ.get("UPDATE_MESSAGES"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@each_kind
def test_a_failure_stays_readable(kind: Callable[[], str]) -> None:
    lines = kind().split("\n")
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= MOST_COLUMNS
    assert all(line == line.rstrip() for line in lines)
    assert all(map(str.isprintable, lines))


def test_each_file_is_what_a_failure_says() -> None:
    assert set(MESSAGES.iterdir()) == {file_of(one) for one in KINDS}


names = st.sampled_from(["purchase", "puchase", "page_view", ESCAPES, ""])
events = st.lists(
    st.dictionaries(keys, json_values, max_size=4) | json_values, max_size=4
)


@given(name=names, asked=st.dictionaries(keys, json_values), events=events, named=names)
def test_nothing_that_arrives_can_break_a_failure(
    name: str, asked: dict[str, Any], events: list[Any], named: str
) -> None:
    arrivals = Arrivals().post(BROKEN)
    for one in events:
        arrivals.send({"event_name": named, **one} if isinstance(one, dict) else [one])
    expectation, scene = Expectation(name, asked), arrivals.scene()
    texts = [
        failures.not_sent(expectation, scene),
        failures.too_few(expectation, 9, arrivals.events[:1], scene),
        failures.too_many(expectation, 1, arrivals.events, scene),
        failures.unexpected(expectation, arrivals.events, scene),
        failures.not_nothing(scene),
        failures.not_refused("too large", scene),
        failures.seen(scene),
        verdicts.not_valid(arrivals.events, scene),
        verdicts.rejected_unseen(arrivals.events, scene, RELAX_MARK),
        out_of_sequence(follow([expectation], [], strict=False), scene),
    ]
    for text in texts:
        lines = text.split("\n")
        assert len(lines) <= MOST_LINES
        assert max(map(len, lines)) <= 2 * MOST_COLUMNS
        assert not any(unicodedata.category(one) == "Cc" for one in "".join(lines))


@pytest.mark.parametrize("levels", [500, 990])
def test_the_deepest_event_can_be_expected_and_shown(levels: int) -> None:
    arrivals = Arrivals().post(deep(levels))
    whole = arrivals.events[0].event.data
    assert Expectation("deep", whole).matches(arrivals.events[0].event)
    said = not_sent(Expectation("deep", {**whole, "b": whole["a"]}), arrivals)
    assert "received nothing there" in said


def test_of_a_test_that_sent_nothing_nothing_is_said() -> None:
    assert failures.seen(Arrivals().scene()) == ""


def test_without_a_url_it_is_not_said_where_mockcollect_listened() -> None:
    said = not_sent(Expectation("purchase"), Arrivals(), url="", artifact=None)
    assert said == "no `purchase` event in 2.0 s. No request arrived at all."


def test_without_variables_only_the_url_is_named() -> None:
    said = not_sent(Expectation("purchase"), Arrivals(), variables=())
    assert said.endswith("mockcollect listened on http://127.0.0.1:41873.")


def test_any_event_that_should_have_arrived_is_asked_for_without_a_name() -> None:
    head = "no event matched in 2.0 s. The closest differs in 1 of 1 property."
    for sent in ({"revenue": 2}, {"event_name": "purchase", "revenue": 2}):
        said = not_sent(Expectation(None, {"revenue": 1}), Arrivals().send(sent))
        assert said.split("\n")[0] == head


class Counting(Judging):
    """Notes which events it was asked about."""

    def __init__(self) -> None:
        super().__init__(lambda _behind, _most: iter(()))
        self.asked: set[int] = set()

    def verdict(self, recorded: RecordedEvent) -> Verdict:
        self.asked.add(recorded.id)
        return super().verdict(recorded)


def test_of_many_events_only_those_that_are_shown_are_judged() -> None:
    arrivals, judging = Arrivals(), Counting()
    for _ in range(3 * MOST_ROWS):
        arrivals.send(event_name="search")
    events = [replace(one, judging=judging) for one in arrivals.events]
    said = failures.seen(arrivals.scene(events=events))
    assert f"  … {2 * MOST_ROWS} earlier" in said
    assert judging.asked == {one.id for one in events[-MOST_ROWS:]}
