from __future__ import annotations

import re
import time
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.asking.flat import VOLATILE
from mockcollect.asking.traffic import compare
from mockcollect.recording.records import event_json, request_json
from tests.asking.events import Arrivals, deep, json_values

MESSAGES = Path(__file__).parents[1] / "messages" / "traffic"
GOLDEN = re.compile(
    r"--- before\n(?P<before>.*?)--- after\n(?P<after>.*?)--- says\n(?P<says>.*)\n",
    re.DOTALL,
)


def recorded(bodies: str) -> list[dict[str, Any]]:
    """Return the lines of a recording in which some requests arrived."""
    arrivals = Arrivals()
    for body in bodies.splitlines():
        arrivals.post(body.encode())
    events = [orjson.loads(event_json(one)) for one in arrivals.events]
    return events + [orjson.loads(request_json(one)) for one in arrivals.requests]


def line(number: int, name: str = "a", **fields: Any) -> dict[str, Any]:
    return {"id": number, "event_name": name, "event": {"event_name": name, **fields}}


@pytest.mark.parametrize("name", sorted(path.stem for path in MESSAGES.iterdir()))
def test_a_comparison_reads_as_what_a_release_changed(name: str) -> None:
    golden = GOLDEN.fullmatch((MESSAGES / f"{name}.txt").read_bytes().decode())
    assert golden is not None
    found = compare(recorded(golden["before"]), recorded(golden["after"]))
    assert "\n".join(found.lines()) == golden["says"]


def test_two_runs_of_the_same_do_not_differ() -> None:
    before = [line(1, event_id="1", context={"event_timestamp": 1}), line(2, "b")]
    after = [line(7, "b"), line(8, event_id="9", context={"event_timestamp": 5})]
    found = compare(before, after)
    assert found.is_same
    assert found.lines() == ["2 events before, 2 after: no difference"]


@pytest.mark.parametrize(
    ("volatile", "is_same"),
    [
        ((), False),
        (("page.id",), True),
        (("context.page",), True),
        (("page.url",), False),
        (("items.id", "context.page.id"), True),
        (("items[0].id", "context.page.id"), True),
        (("items[1].id", "page.id"), True),
    ],
)
def test_what_is_volatile_is_set_aside(
    volatile: tuple[str, ...], is_same: bool
) -> None:
    before = [line(1, context={"page": {"id": 1, "url": "/"}})]
    after = [line(1, context={"page": {"id": 2, "url": "/"}})]
    if "items" in str(volatile):
        position = 1 if "[1]" in str(volatile) else 0
        items: list[dict[str, int]] = [{"id": 1}, {"id": 1}]
        before[0]["event"]["items"] = items
        after[0]["event"]["items"] = [
            {"id": 2 if one == position else 1} for one in range(2)
        ]
    assert compare(before, after, volatile=volatile).is_same is is_same


def test_a_path_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"items\["):
        compare([], [], volatile=["items["])


def test_what_is_known_of_an_event_is_compared_and_can_be_set_aside() -> None:
    before, after = [line(1) | {"verdict": "valid"}], [line(1) | {"verdict": "x"}]
    (name,) = compare(before, after).names
    assert [one.path for one in name.changes] == ["$verdict"]
    assert compare(before, after, volatile=[*VOLATILE, "$verdict"]).is_same


def test_the_most_similar_events_are_paired_whatever_their_order() -> None:
    before = [line(n, user=f"u{n}", page="/", n=1) for n in range(20)]
    after = [line(n, user=f"u{n}", page="/", n=2) for n in range(20)]
    Random(1).shuffle(after)
    (name,) = compare(before, after).names
    assert all(one == other for one, other in name.changed)
    assert len(name.changed) == 20


def test_where_nothing_tells_events_apart_they_are_paired_in_order() -> None:
    before, after = [line(1, x=1), line(2, x=2)], [line(3, x=3), line(4, x=4)]
    (name,) = compare(before, after).names
    assert name.changed == ((1, 3), (2, 4))


def test_of_more_events_than_before_the_least_similar_is_added() -> None:
    before = [line(1, x=1, y=1), line(2, x=2, y=2)]
    after = [line(3, x=9, y=9), line(4, x=1, y=5), line(5, x=2, y=5)]
    (name,) = compare(before, after).names
    assert (name.changed, name.added, name.gone) == (((1, 4), (2, 5)), (3,), ())


def test_the_comparison_is_json_too() -> None:
    found = compare([line(1, x=1), line(2, "b")], [line(3, x="1"), line(4, "c")])
    assert orjson.loads(orjson.dumps(found.to_dict())) == {
        "same": False,
        "names": [
            {
                "event_name": "a",
                "before": 1,
                "after": 1,
                "same": 0,
                "changed": [[1, 3]],
                "changes": [
                    {
                        "path": "x",
                        "before": "1",
                        "after": '"1"',
                        "events": [[1, 3]],
                        "various": False,
                        "volatile": False,
                    }
                ],
                "gone": [],
                "added": [],
            },
            {
                **{"event_name": "b", "before": 1, "after": 0, "same": 0},
                **{"changed": [], "changes": [], "gone": [2], "added": []},
            },
            {
                **{"event_name": "c", "before": 0, "after": 1, "same": 0},
                **{"changed": [], "changes": [], "gone": [], "added": [4]},
            },
        ],
    }


def test_of_very_many_differences_some_are_shown() -> None:
    before = [line(1, keys=dict.fromkeys(map(str, range(50)), 1))]
    before += [line(n, f"name{n}") for n in range(2, 202)]
    lines = compare(before, [line(1)]).lines()
    assert "  … and 20 more differences" in lines
    assert lines[-1] == "… and 101 more names with differences"


def test_values_that_no_json_writer_takes_are_compared() -> None:
    before = [line(1, a="\ud800", b=10**30, c=1, d=[])]
    after = [line(1, a="\udc00", b=10**31, c="\ud800", d={})]
    (name,) = compare(before, after).names
    assert [one.words().replace("  #1 → #1", "") for one in name.changes] == [
        "~ a  '\\ud800' → '\\udc00'",
        f"~ b  1{'0' * 30} → 1{'0' * 31}",
        "~ c  1 → '\\ud800'  (a number, now text)",
        "~ d  [] → {}  (an empty list, now an empty object)",
    ]


def test_a_name_that_is_the_same_has_nothing_to_say() -> None:
    (name,) = compare([line(1)], [line(2)]).names
    assert (name.is_same, name.lines()) == (True, [])


def test_deep_events_are_compared() -> None:
    before, after = ([line(1) | {"event": one}] for one in _deep_ones())
    found = compare(before, after)
    assert not found.is_same
    assert all(len(one) < 300 for one in found.lines())


def _deep_ones() -> tuple[Any, Any]:
    body = deep(900)
    return orjson.loads(body), orjson.loads(body.replace(b"1}", b"2}", 1))


lines = st.lists(
    st.dictionaries(
        st.sampled_from(
            [
                *("id", "request", "event", "event_name", "verdict", "status"),
                *("findings", "refusal", "path", "method"),
            ]
        ),
        json_values | st.sampled_from(["a", "b", "\x1b"]),
    ),
    max_size=5,
)


@given(lines, lines)
def test_no_lines_make_a_comparison_raise(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    found = compare(before, after)
    assert all(one.isprintable() for one in found.lines())
    assert orjson.dumps(found.to_dict())
    assert sum(one.before for one in found.names) == len(before)
    assert sum(one.after for one in found.names) == len(after)
    for one in found.names:
        assert one.same + len(one.changed) + len(one.gone) == one.before
        assert one.same + len(one.changed) + len(one.added) == one.after
    assert compare(before, before).is_same


@given(lines, st.randoms(use_true_random=False))
def test_the_order_of_events_is_no_difference(
    before: list[dict[str, Any]], random: Random
) -> None:
    after = list(before)
    random.shuffle(after)
    assert compare(before, after).is_same


def test_the_time_grows_with_the_number_of_events_and_not_its_square() -> None:
    def seconds(number: int) -> float:
        before = [_alike(n, version=1) for n in range(number)]
        after = [_alike(n, version=2) for n in range(number)]
        start = time.perf_counter()
        compare(before, after)
        return time.perf_counter() - start

    seconds(250)
    fewer = min(seconds(250) for _ in range(3))
    assert min(seconds(2_000) for _ in range(3)) < fewer * 24  # of its square: 64


def _alike(number: int, version: int) -> dict[str, Any]:
    shared = [(number + one) // 20 for one in range(8)]
    return line(number, version=version, shared=shared)
