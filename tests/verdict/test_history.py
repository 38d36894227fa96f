from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.contract.event import Event, Layout
from mockcollect.contract.layouts import read_event
from mockcollect.contract.source import Source
from mockcollect.verdict.history import CONSTANT_AFTER, VOLATILE_AFTER, History
from mockcollect.verdict.rules import LAYOUTS
from mockcollect.verdict.verdict import Finding
from tests.verdict.judging import GONE, good

HERE = Source("29", "k")
ORDER = {"event_name": "purchase", "id": "T-1"}
ID, VISITOR = "context.event_id", "user.consistent_anonymous_id"


def event(
    changes: dict[str, Any] | None = None,
    layout: Layout = "server",
    source: Source = HERE,
) -> Event:
    return read_event(good(layout, changes), source, size=100, layout=layout)


def told(*events: Event, history: History | None = None) -> list[tuple[str, str]]:
    """Return codes and messages of what the last of some events is told."""
    history = history or History()
    found: tuple[Finding, ...] = ()
    for one in events:
        found = history.add(history.newest + 1, one)
    return [(one.code, one.message) for one in found]


def test_an_id_on_another_event_is_a_duplicate_and_names_it() -> None:
    assert told(event(), event({ID: "e-2"}), event({"search_term": "b"})) == [
        (
            "event_id.duplicate",
            "context.event_id is that of #1, which is another event",
        )
    ]


def test_the_same_event_twice_is_a_retry_and_names_the_latest_alike() -> None:
    assert told(event(), event()) == [
        (
            "event_id.duplicate",
            "context.event_id and all else are as in #1, so this is a retry",
        )
    ]
    ((_, message),) = told(event(), event({"a": 1}), event({"a": 1}))
    assert "#2" in message


def test_a_retry_is_known_whatever_the_order_of_its_keys() -> None:
    first = event()
    assert isinstance(first.data, dict)
    again = read_event(dict(reversed(first.data.items())), HERE, size=100)
    ((_, message),) = told(first, again)
    assert message.endswith("retry")


def test_an_id_on_three_different_events_is_constant() -> None:
    events = [event({"n": number}) for number in range(CONSTANT_AFTER + 2)]
    assert [code for code, _ in told(*events[:2])] == ["event_id.duplicate"]
    assert told(*events[:3]) == [
        (
            "event_id.constant",
            "context.event_id is the same on 3 different events, the first of them #1",
        )
    ]
    ((code, message),) = told(*events)
    assert code == "event_id.constant"
    assert "on 5 different events" in message


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (event(), event({ID: "e-2"})),
        (event({ID: GONE}), event({ID: GONE})),
        # Browser and server may tell a destination of the same event by one id.
        (event(), event(None, "mobile")),
        (event(), event({"a": 1}, source=Source("29", "other"))),
        (event(), event({"a": 1}, source=Source("30", "k"))),
    ],
)
def test_other_events_are_no_duplicates(first: Event, second: Event) -> None:
    assert told(first, second) == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_path_is_that_of_the_layout(layout: Layout) -> None:
    changes = {"context.event_id": "e-1"} if layout == "pixel" else {}
    history = History()
    history.add(1, event(changes, layout))
    (finding,) = history.add(2, event({**changes, "a": 1}, layout))
    paths = {"browser-v1": "eventId", "1.0": "event_id", "browser": "context.eventId"}
    assert finding.path == paths.get(layout, "context.event_id")


def test_a_purchase_seen_before_is_found() -> None:
    found = told(event({**ORDER, ID: "1"}), event({**ORDER, ID: "2"}))
    message = "id is that of #1, so the purchase counts twice"
    assert found == [("transaction.repeat", message)]


def test_a_purchase_in_an_old_layout_has_its_id_in_the_properties() -> None:
    order = {"event_name": "purchase", "properties.id": 7}
    first = event({**order, "event_id": "1"}, "1.0")
    ((code, message),) = told(first, event({**order, "event_id": "2"}, "1.0"))
    assert code == "transaction.repeat"
    assert message.startswith("properties.id is that of #1")


@pytest.mark.parametrize(
    "second",
    [
        {**ORDER, "id": "T-2"},
        {**ORDER, "status": "shipped"},
        {"event_name": "refund", "id": "T-1"},
        {**ORDER, "id": ""},
        {**ORDER, "id": None},
    ],
)
def test_other_purchases_are_none_seen_before(second: dict[str, Any]) -> None:
    assert told(event({**ORDER, ID: "1"}), event({**second, ID: "2"})) == []


def test_a_retry_is_no_second_purchase() -> None:
    ((code, _),) = told(event(ORDER), event(ORDER))
    assert code == "event_id.duplicate"


def visits(count: int, **changes: Any) -> list[Event]:
    return [
        event({ID: f"e-{number}", VISITOR: f"v-{number}", **changes})
        for number in range(count)
    ]


def test_a_visitor_id_that_never_repeats_is_found_from_the_twentieth_event_on() -> None:
    assert told(*visits(VOLATILE_AFTER - 1)) == []
    message = f"{VISITOR} was another one on each of this user's {{}} events"
    for count in (VOLATILE_AFTER, 50):
        expected = [("anonymous_id.volatile", message.format(count))]
        assert told(*visits(count)) == expected


def test_a_visitor_id_that_returns_once_is_stable() -> None:
    returning = event({ID: "again", VISITOR: "v-3"})
    assert told(*visits(10), returning, *visits(60)[20:]) == []


def test_a_retry_makes_no_visitor_id_stable() -> None:
    first = visits(1)
    ((code, _),) = told(*first, *first, *visits(VOLATILE_AFTER)[1:])
    assert code == "anonymous_id.volatile"


@pytest.mark.parametrize(
    "changes",
    [
        {"user.id": GONE},
        {"user.id": "anonymous"},
        {"user.id": ""},
        {"user.id": {}},
    ],
)
def test_events_of_nobody_are_not_those_of_one_user(changes: dict[str, Any]) -> None:
    events = [
        event({ID: f"e-{number}", VISITOR: f"v-{number}", **changes})
        for number in range(30)
    ]
    assert told(*events) == []


def test_many_users_with_a_visitor_id_each_are_no_trouble() -> None:
    events = [
        event({ID: f"e-{n}", VISITOR: f"v-{n}", "user.id": f"u-{n}"}) for n in range(60)
    ]
    assert told(*events) == []


def test_what_was_found_is_found_again_whatever_came_later() -> None:
    history = History()
    events = [event({"n": number}) for number in range(4)]
    first = [history.add(number, one) for number, one in enumerate(events, 1)]
    assert [history.findings(number) for number in (1, 2, 3, 4)] == first
    assert [history.add(number, events[0]) for number in (1, 2, 3, 4)] == first
    assert history.newest == 4


def test_an_event_that_was_never_added_has_no_findings() -> None:
    history = History()
    history.add(5, event())
    assert history.findings(3) == history.findings(7) == ()
    assert history.add(3, event({"a": 1})) == ()
    assert history.newest == 5


def test_the_same_events_fed_to_a_new_history_are_told_the_same() -> None:
    events = [*visits(25), *visits(3), event(ORDER), event({**ORDER, ID: "2"})]
    one, other = History(), History()
    for number, each in enumerate(events, 1):
        one.add(number, each)
    for number, each in enumerate(events, 1):
        other.add(number, each)
    numbers = range(1, len(events) + 1)
    assert any(one.findings(number) for number in numbers)
    assert [one.findings(n) for n in numbers] == [other.findings(n) for n in numbers]


def test_the_oldest_is_forgotten_first() -> None:
    history = History(capacity=3)
    for number in range(1, 5):
        history.add(number, event({ID: f"e-{number}"}))
    assert history.add(5, event({ID: "e-1", "a": 1})) == ()
    assert history.add(6, event({ID: "e-4", "a": 1})) != ()


def test_it_does_not_grow_beyond_its_capacity() -> None:
    history = History(capacity=5)
    for number in range(1, 60):
        for changes in ({**ORDER, "id": f"T-{number}"}, {"a": 1}):
            one = {ID: f"e-{number}", "user.id": f"u-{number}", **changes}
            history.add(history.newest + 1, event(one))
    kept = (history._ids, history._orders, history._users, history._findings)
    assert [len(one) for one in kept] == [5, 5, 5, 5]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=5,
)
changes_of_events = st.dictionaries(
    st.sampled_from(["event_name", "id", "status", ID, VISITOR, "user.id", "user"]),
    values | st.just("purchase"),
)


@given(st.lists(changes_of_events, max_size=4), st.sampled_from(LAYOUTS))
def test_nothing_makes_it_raise(events: list[dict[str, Any]], layout: Layout) -> None:
    history = History()
    for changes in [*events, *events]:
        nested = {key: value for key, value in changes.items() if "." in key}
        data = {
            **good(layout, nested),
            **{k: changes[k] for k in changes if "." not in k},
        }
        for one in (data, list(data), None):
            number = history.newest + 1
            history.add(number, read_event(one, HERE, size=1, layout=layout))


def test_an_event_of_a_thousand_levels_can_be_remembered() -> None:
    value: Any = 1
    for _ in range(1000):
        value = [value]
    ((code, _),) = told(event({"deep": value}), event({"deep": value}))
    assert code == "event_id.duplicate"
