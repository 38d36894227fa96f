from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.asking.event_check import EventCheck
from mockcollect.asking.expectation_file import (
    KEYS,
    load_expectations,
    parse_expectations,
)
from mockcollect.asking.sequence_check import SequenceCheck
from mockcollect.asking.whole_checks import CoverageCheck, ValidCheck
from mockcollect.errors import InvalidExpectations, InvalidPlan
from tests.asking.events import arrived

MESSAGES = Path(__file__).parents[1] / "messages" / "expectations"
GOLDEN = re.compile(
    r"--- file (?P<name>[^\n]+)\n(?P<text>.*)\n--- says\n(?P<says>.*)\n", re.DOTALL
)

WHOLE = """\
all_valid: accepted
expect:
  - event:page_view count>=1
  - event: purchase
    properties: {revenue: 16.0, user: {id: "12345"}}
    where: {context.page.url: "https://shop.example/"}
    count: 1..3
  - {event: purch*, where: revenue>10, at_most: 2}
never:
  - verdict:invalid-rejected
  - where: user.id=1
sequence: [page_view, event:purchase revenue>0, {event: logout}]
coverage: 80%
"""


@pytest.mark.parametrize("name", sorted(path.stem for path in MESSAGES.iterdir()))
def test_a_broken_file_is_refused_with_file_line_and_reason(name: str) -> None:
    golden = GOLDEN.fullmatch((MESSAGES / f"{name}.txt").read_text())
    assert golden is not None
    with pytest.raises(InvalidExpectations) as caught:
        parse_expectations(golden["text"], name=golden["name"])
    assert str(caught.value) == golden["says"]


def test_a_file_is_read_in_its_order() -> None:
    checks = parse_expectations(WHOLE, name="expected.yml")
    assert [one.title for one in checks] == [
        "all_valid: accepted",
        "event:page_view count>=1",
        'event:purchase revenue=16.0 user={"id":"12345"} '
        'context.page.url="https://shop.example/" count=1..3',
        "event:purch* revenue>10 count=0..2",
        "never verdict:invalid-rejected",
        "never user.id=1",
        "sequence event:page_view, event:purchase revenue>0, event:logout",
        "coverage: 80%",
    ]


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("all_valid: true", ValidCheck("valid")),
        ("all_valid: accepted", ValidCheck("accepted")),
        ("coverage: 80%", CoverageCheck(80)),
        ("coverage: 66.6 %", CoverageCheck(66.6)),
        ("coverage: 100", CoverageCheck(100)),
        ("coverage: [a, b]", CoverageCheck(names=("a", "b"))),
        ('{"coverage": ["add to cart"]}', CoverageCheck(names=("add to cart",))),
    ],
)
def test_a_key_with_a_value_is_one_check(text: str, check: object) -> None:
    assert parse_expectations(text, name="expected") == (check,)


def test_what_need_not_be_valid_is_no_check() -> None:
    checks = parse_expectations("all_valid: false\nnever: [event:a]", name="x.yml")
    assert [one.title for one in checks] == ["never event:a"]


@pytest.mark.parametrize(
    ("expected", "event", "matches"),
    [
        ("{event: a}", {"event_name": "a"}, True),
        ("{event: a*}", {"event_name": "abc"}, True),
        ("{event: a}", {"event_name": "abc"}, False),
        ("{properties: {n: 16.0}}", {"n": 16}, True),
        ("{properties: {n: 16.0}}", {"n": "16.0"}, False),
        ("{properties: {user: {id: 1}}}", {"user": {"id": 1, "x": 2}}, True),
        ("{properties: {n: null}}", {"n": None}, True),
        ("{properties: {n: null}}", {}, False),
        ("{where: {user.id: 1}}", {"user": {"id": 1}}, True),
        ("{where: {'items[1].id': B}}", {"items": [{"id": "A"}, {"id": "B"}]}, True),
        ("{where: n>10, properties: {m: 1}}", {"n": 11, "m": 1}, True),
        ("{where: n>10, properties: {m: 1}}", {"n": 9, "m": 1}, False),
        ("{where: -has:n, event: a}", {"event_name": "a"}, True),
    ],
)
def test_an_expectation_in_parts_matches_as_the_fixture_does(
    expected: str, event: dict[str, object], matches: bool
) -> None:
    (check,) = parse_expectations(f"expect: [{expected}]", name="x.yml")
    assert isinstance(check, EventCheck)
    assert check.wanted.matches(arrived(event)) is matches


def test_a_strict_sequence_is_an_object() -> None:
    text = "sequence: {steps: [a, {event: b}], strict: true}"
    (check,) = parse_expectations(text, name="x.yml")
    assert isinstance(check, SequenceCheck)
    assert check.title == "strict sequence event:a, event:b"


def test_keys_of_others_are_left_to_them() -> None:
    body = b'{"expect": ["event:a"], "wait": 2, "format": "json"}'
    checks = parse_expectations(body, name="body", others=("wait", "format"))
    assert len(checks) == 1
    with pytest.raises(InvalidExpectations, match="unknown key `wait`"):
        parse_expectations(body, name="body")


def test_a_file_is_loaded_and_named_in_its_errors(tmp_path: Path) -> None:
    path = tmp_path / "expected.yml"
    path.write_text("expect: [event:a]")
    assert len(load_expectations(path)) == 1
    path.write_bytes(b"expect:\n- event:caf\xe9")
    with pytest.raises(InvalidExpectations) as caught:
        load_expectations(path)
    assert (caught.value.name, caught.value.line) == (str(path), 2)
    assert "not UTF-8: byte E9" in caught.value.reason


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "none.yml"
    with pytest.raises(InvalidExpectations, match=r"none\.yml: no such file"):
        load_expectations(path)


def test_broken_expectations_are_no_broken_plan() -> None:
    assert not issubclass(InvalidExpectations, InvalidPlan)


def _flow(pairs: dict[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {one}" for key, one in pairs.items()) + "}"


_INNER_KEYS = (
    *("event", "count", "at_least", "at_most", "where", "properties"),
    *("steps", "strict", '"items["', "user.id"),
)
_VALUES = st.recursive(
    st.sampled_from(
        ["event:a", "a b", "count=1", "x>", "yes", "''", "~", "1", "80%", "-1", "true"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda some: f"[{', '.join(some)}]")
        | st.dictionaries(
            st.sampled_from(_INNER_KEYS),
            inner,
            max_size=3,
        ).map(_flow)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(KEYS), _VALUES, min_size=1))
def test_no_file_raises_anything_but_invalid_expectations(
    parts: dict[str, str],
) -> None:
    text = "\n".join(f"{key}: {value}" for key, value in parts.items())
    with suppress(InvalidExpectations):
        assert parse_expectations(text, name="x.yml")


@given(st.binary() | st.text())
def test_no_bytes_raise_anything_but_invalid_expectations(text: str | bytes) -> None:
    with suppress(InvalidExpectations):
        parse_expectations(text, name="x.yml")
