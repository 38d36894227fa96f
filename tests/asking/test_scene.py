from __future__ import annotations

import pytest

from mockcollect.asking.scene import Scene, Stray, text
from tests.asking.events import BROKEN, URL, Arrivals, arrived


@pytest.mark.parametrize(
    ("seconds", "waited"),
    [(0.0, "0.0 s"), (0.04, "0.0 s"), (2, "2.0 s"), (90, "90.0 s")],
)
def test_times_are_in_seconds(seconds: float, waited: str) -> None:
    assert Scene(seconds=seconds).waited == waited
    assert Scene(seconds=seconds).watched == (
        f"watched for {waited} after the last request"
    )


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ((), f"mockcollect listened on {URL}."),
        (("A_URL",), f"mockcollect listened on {URL} (A_URL was set to it)."),
        (
            ("A_URL", "B_URL"),
            f"mockcollect listened on {URL} (A_URL and B_URL were set to it).",
        ),
        (
            ("A_URL", "B_URL", "C_URL"),
            f"mockcollect listened on {URL} (A_URL, B_URL and C_URL were set to it).",
        ),
    ],
)
def test_it_is_told_where_mockcollect_listened(
    variables: tuple[str, ...], told: str
) -> None:
    assert Scene(url=URL, variables=variables).where()[0] == told


def test_without_a_url_nothing_is_told_of_it() -> None:
    assert Scene().where() == []


@pytest.mark.parametrize(
    ("arrivals", "head"),
    [
        (Arrivals().send({}), "Received in this test, 1 event:"),
        (Arrivals().send({}).send({}), "Received in this test, 2 events:"),
        (Arrivals().post(BROKEN), "Received in this test, 1 request without events:"),
        (
            Arrivals().send({}).post(BROKEN).post(BROKEN),
            "Received in this test, 1 event and 2 requests without events:",
        ),
    ],
)
def test_what_was_received_is_counted(arrivals: Arrivals, head: str) -> None:
    assert arrivals.scene().received()[0] == head


def test_an_empty_scene_says_so_and_names_no_file() -> None:
    scene = Arrivals().scene()
    assert scene.is_empty
    assert scene.received() == ["No request arrived at all.", *scene.where()]
    assert scene.look() == []


def test_where_only_others_sent_it_is_not_said_that_nothing_arrived() -> None:
    scene = Scene(strays=[Stray(arrived({}), "sent late")])
    assert scene.nothing() == "Nothing arrived that counts for this test."


def test_strays_are_listed_by_reason() -> None:
    strays = [
        Stray(one, f"of test_{place % 5}")
        for place, one in enumerate(Arrivals().batch(*[{}] * 21).events)
    ]
    lines = Scene(strays=strays).not_counted()
    heads = [line for line in lines if not line.startswith("  ")]
    assert heads == [
        "Not counted, of test_0:",
        "Not counted, of test_1:",
        "Not counted, of test_2:",
        "Not counted either: 8 more events.",
    ]
    assert lines[1] == "  … 2 earlier"


def test_events_that_stand_there_already_are_not_listed_again() -> None:
    arrivals = Arrivals().send({}).send({})
    scene = arrivals.scene()
    assert "Received in this test" not in scene.whole(["a"], listed=scene.events)
    assert "Received in this test" in scene.whole(["a"], listed=scene.events[:1])
    with_refused = arrivals.post(BROKEN).scene()
    assert "(no event)" in with_refused.whole(["a"], listed=with_refused.events)


def test_parts_stand_apart_and_empty_ones_leave_no_gap() -> None:
    assert text(["a", "b"], [], ["c"]) == "a\nb\n\nc"
