from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.contract import jsontext
from mockcollect.contract.jsontext import Member

values = st.recursive(
    st.none() | st.integers() | st.text('ab"\\[]{},: é', max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text('ab"\\[{é', max_size=3), inner, max_size=4)
    ),
    max_leaves=15,
)
texts = st.builds(
    lambda value, indent, ascii_only: json.dumps(
        value, indent=indent, ensure_ascii=ascii_only
    ),
    values,
    st.none() | st.just(2),
    st.booleans(),
)


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("1", 0),
        ("{}", 1),
        ('{"a":[{}]}', 3),
        ("[[],[[]]]", 3),
        ('{"a":"[[[["}', 1),
        (r'{"a":"\"[[["}', 1),
        ("[" * 5_000 + "]" * 5_000, 5_000),
    ],
    ids=["scalar", "object", "mixed", "lists", "in a text", "behind a quote", "deep"],
)
def test_depth_counts_open_containers(text: str, depth: int) -> None:
    assert jsontext.depth(text) == depth


@given(text=texts)
def test_depth_is_that_of_the_value(text: str) -> None:
    assert jsontext.depth(text) == depth_of(json.loads(text))


def test_members_come_inner_ones_first_with_their_extent() -> None:
    text = '{"a": [1, {"b": "x"}], "c\\n": true}'
    found = list(jsontext.members(text, max_depth=9))
    assert [(key, depth, text[start:end]) for key, depth, start, end in found] == [
        (0, 2, "1"),
        ("b", 3, '"x"'),
        (1, 2, '{"b": "x"}'),
        ("a", 1, '[1, {"b": "x"}]'),
        ("c\\n", 1, "true"),
    ]


def test_members_below_the_depth_are_left_out() -> None:
    text = '{"a":{"b":{"c":1}}}'
    found = list(jsontext.members(text, max_depth=1))
    assert found == [Member("a", 1, 5, 18)]


@pytest.mark.parametrize("text", ["1", '"x"', "null", "{}", "[]", " [ ] "])
def test_what_holds_nothing_has_no_members(text: str) -> None:
    assert list(jsontext.members(text, max_depth=9)) == []


@given(text=texts)
def test_each_member_is_the_value_at_its_key(text: str) -> None:
    value = json.loads(text)
    for key, level, start, end in jsontext.members(text, max_depth=1):
        assert level == 1
        assert json.loads(text[start:end]) == value[jsontext.unescaped(key)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"batch":[1,"é",{"a":2}]}', ["1", '"é"', '{"a":2}']),
        ('{"batch":[]}', []),
        ('{"other":[1]}', []),
        ('{"other":[1],"batch":[2],"more":[3]}', ["2"]),
        ('{"batch":[1],"batch":[2,3]}', ["2", "3"]),
        ('{"b\\u0061tch":[1]}', ["1"]),
        ('{"a":{"batch":[1]},"batch":[2]}', ["2"]),
        ('{"batch":[ [1, 2] , {} ]}', ["[1, 2]", "{}"]),
    ],
)
def test_the_items_of_an_array_are_found(text: str, found: list[str]) -> None:
    extents = jsontext.items(text, "batch")
    assert [text[start:end] for start, end in extents] == found


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('{"a":1,"a":2}', ["a"]),
        ('{"a":1,"a":2,"a":3,"b":1,"b":2}', ["a", "b"]),
        ('{"a":{"id":1},"b":{"id":1}}', []),
        ('{"a":{"id":1,"id":2}}', ["id"]),
        ('[{"a":1},{"a":1}]', []),
        ('{"a":"a","b":"a"}', []),
        ('{"a":["a","a"]}', []),
        ('{"a":{"a":{"a":1}}}', []),
        ('{"a":{},"a":1}', ["a"]),
        (r'{"a":1,"\u0061":2}', ["a"]),
        ("[]", []),
        ("1", []),
        ('"a"', []),
    ],
)
def test_repeated_keys_are_those_of_one_object(text: str, keys: list[str]) -> None:
    assert jsontext.repeated_keys(text) == keys


@given(text=texts)
def test_what_was_written_from_a_value_repeats_no_key(text: str) -> None:
    assert jsontext.repeated_keys(text) == []


@pytest.mark.parametrize(
    ("key", "expected"), [("a", "a"), (r"\u0061\n", "a\n"), (3, 3), ("", "")]
)
def test_a_key_is_unescaped(key: str | int, expected: str | int) -> None:
    assert jsontext.unescaped(key) == expected


def depth_of(value: Any) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return 0
    return 1 + max(map(depth_of, value), default=0)
