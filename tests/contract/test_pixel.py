from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.contract.pixel import MAX_NESTING, decode_pixel


@pytest.mark.parametrize(
    ("query", "event"),
    [
        ("", {}),
        ("event_name=search", {"event_name": "search"}),
        ("a", {"a": ""}),
        ("a=", {"a": ""}),
        ("=a", {}),
        ("a=b=c", {"a": "b=c"}),
        ("a=1&a=2", {"a": "2"}),
        ("user[id]=1", {"user": {"id": "1"}}),
        ("user[id]=1&user[email]=e", {"user": {"id": "1", "email": "e"}}),
        ("user%5Bid%5D=1", {"user": {"id": "1"}}),
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a[0]=1&a[1]=2", {"a": ["1", "2"]}),
        ("a[1]=2&a[0]=1", {"a": {"1": "2", "0": "1"}}),
        ("a[0]=1&a[2]=3", {"a": {"0": "1", "2": "3"}}),
        ("a[5]=1&a[]=2", {"a": {"5": "1", "6": "2"}}),
        ("a[x]=1&a[]=2", {"a": {"x": "1", "0": "2"}}),
        ("a[]=1&a[x]=2", {"a": {"0": "1", "x": "2"}}),
        ("a[b][c][]=1&a[b][c][]=2", {"a": {"b": {"c": ["1", "2"]}}}),
        ("a[][b]=1&a[][b]=2", {"a": [{"b": "1"}, {"b": "2"}]}),
        ("i[0][p][c][]=r&i[1][p]=q", {"i": [{"p": {"c": ["r"]}}, {"p": "q"}]}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("a[b]=1&a=2", {"a": "2"}),
        ("a[b]=1&a[b][c]=2", {"a": {"b": {"c": "2"}}}),
        ("a[b=1", {"a[b": "1"}),
        ("[b]=1", {"[b]": "1"}),
        ("a]b=1", {"a]b": "1"}),
        ("a[b]c=1", {"a[b]c": "1"}),
        ("a.b=1", {"a.b": "1"}),
        ("a[" + "9" * 30 + "]=1&a[]=2", {"a": {"9" * 30: "1", "0": "2"}}),
        ("a[٣]=1", {"a": {"٣": "1"}}),
        ("tc_s=29&token=k&tc_skey=s&tc_firsttime=1&ts_override=1", {}),
        ("tc_do_not_track=true&force_rewrite_cookie=1", {}),
        ("a=%FF&b=%&c=%zz", {"a": "\ufffd", "b": "%", "c": "%zz"}),
        ("a=b+c%20d", {"a": "b c d"}),
    ],
)
def test_a_query_spells_an_event(query: str, event: dict[str, Any]) -> None:
    assert decode_pixel(query) == event


def nested_name(levels: int) -> str:
    return "a" + "[b]" * (levels - 1)


def test_a_name_nested_too_deep_is_kept_as_flat_text() -> None:
    name = nested_name(MAX_NESTING + 1)
    assert decode_pixel(f"{name}=1") == {name: "1"}
    assert decode_pixel(f"{nested_name(MAX_NESTING)}=1")["a"]["b"]


def test_many_empty_brackets_take_no_quadratic_time() -> None:
    assert decode_pixel("&".join(["a[]=1"] * 6_000))["a"] == ["1"] * 6_000


@given(query=st.text())
def test_no_query_can_raise(query: str) -> None:
    decode_pixel(query)


@given(query=st.lists(st.sampled_from([*"ab[]=&%0", "[]", "[0]", "a["])).map("".join))
def test_no_brackets_can_raise(query: str) -> None:
    decode_pixel(query)


names = st.text(st.sampled_from("abcdé _.%&=+"), min_size=1, max_size=5)
events = st.dictionaries(
    names,
    st.recursive(
        st.text(max_size=6),
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3)
            | st.dictionaries(names, inner, min_size=1, max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=4,
)


def spelled(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(name, value)]
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return [pair for key, item in items for pair in spelled(f"{name}[{key}]", item)]


@given(event=events)
def test_an_event_spelled_as_php_spells_it_is_read_back(event: dict[str, Any]) -> None:
    pairs = [pair for name, value in event.items() for pair in spelled(name, value)]
    assert decode_pixel(urlencode(pairs)) == event
    assert decode_pixel(urlencode(pairs, quote_via=quote, safe="[]")) == event
