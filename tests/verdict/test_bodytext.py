from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.contract import jsontext
from mockcollect.verdict.bodytext import MOST, Lossy, lossy_numbers, repeated_keys

# Few keys and few characters, so that keys collide and texts look like JSON.
texts = st.text(alphabet='ab":\\{},', max_size=4)
pairs = st.deferred(lambda: st.lists(st.tuples(texts, nodes), max_size=4))
nodes: st.SearchStrategy[Any] = st.deferred(
    lambda: texts | st.integers(0, 9) | st.lists(nodes, max_size=3) | pairs.map(Pairs)
)


class Pairs(list[tuple[str, Any]]):
    """An object as its text has it: a key may stand twice."""


def written(node: Any, separators: tuple[str, str], escaped: bool) -> str:
    comma, colon = separators
    if isinstance(node, Pairs):
        members = (
            written(key, separators, escaped)
            + colon
            + written(value, separators, escaped)
            for key, value in node
        )
        return "{" + comma.join(members) + "}"
    if isinstance(node, list):
        return "[" + comma.join(written(n, separators, escaped) for n in node) + "]"
    if isinstance(node, str) and escaped:
        return '"' + "".join(f"\\u{ord(character):04x}" for character in node) + '"'
    return json.dumps(node)


@given(
    pairs.map(Pairs),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,", " :"), (",\n", "\t:\n")]),
    st.booleans(),
)
def test_repeated_keys_are_those_that_the_slow_reading_finds(
    node: Pairs, separators: tuple[str, str], escaped: bool
) -> None:
    text = written(node, separators, escaped)
    found = repeated_keys(text.encode(), orjson.loads(text))
    assert set(found) == set(jsontext.repeated_keys(text))


def test_no_more_than_a_few_keys_and_numbers_are_named() -> None:
    body = b"{" + b",".join(b'"%d":1' % (n // 2) for n in range(200)) + b"}"
    assert len(repeated_keys(body, orjson.loads(body))) == MOST
    body = b"[" + b",".join([b"9007199254740993"] * 200) + b"]"
    assert len(lossy_numbers(body, is_batch=False)[0]) == MOST


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"a":9007199254740993'])
def test_what_is_no_json_has_nothing(body: bytes) -> None:
    assert repeated_keys(body, {"a": 1}) == []
    assert lossy_numbers(body, is_batch=False) == {}


def test_a_number_is_named_by_its_path() -> None:
    body = b'{"batch":[{},{"items":[{"n":-9007199254740993.0}]}]}'
    assert lossy_numbers(body, is_batch=True) == {
        0: [],
        1: [Lossy("items[0].n", "-9007199254740993.0")],
    }
