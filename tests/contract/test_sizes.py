from __future__ import annotations

import time

import orjson
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.contract import jsontext
from mockcollect.contract.event import Refusal
from mockcollect.contract.refusal import explain
from mockcollect.contract.sizes import LONGEST_KEY, large_members, sized_paths
from tests.contract.test_jsontext import texts


@given(texts, st.integers(1, 12), st.integers(1, 4))
def test_large_members_are_those_of_all_that_are_large(
    text: str, least: int, max_depth: int
) -> None:
    members = jsontext.members(text, max_depth=max_depth)
    sized = [
        (key, depth, len(text[start:end].encode()))
        for key, depth, start, end in members
    ]
    assert list(large_members(text.encode(), least=least, max_depth=max_depth)) == [
        one for one in sized if one[2] >= least
    ]


def test_a_path_leads_to_each_large_part() -> None:
    text = b'{"a": [1, {"b" : "xxxxxxxx"}], "small": 1, "c": "yyyyyyyyyy"}'
    found = sized_paths(text, least=10, max_depth=6)
    assert found == [("a", 23), ("a[1]", 18), ("a[1].b", 10), ("c", 12)]


def test_a_very_long_key_is_cut() -> None:
    text = orjson.dumps({"k" * 5_000: "x" * 5_000})
    [(path, size)] = sized_paths(text, least=100, max_depth=6)
    assert (len(path), path[-1], size) == (LONGEST_KEY, "…", 5_002)


def test_a_large_body_of_small_values_is_explained_soon() -> None:
    body = orjson.dumps({"items": [{"id": n, "name": "a,b"} for n in range(30_000)]})
    refusal = Refusal("too large", "body", len(body), 32_768)
    began = time.perf_counter()
    explanation = explain(refusal, body, {})
    assert time.perf_counter() - began < 1  # some 0.1 s on an idle machine
    assert [field.path for field in explanation.fields] == ["items"]


def test_text_without_a_sign_at_its_end_is_read_once() -> None:
    for text in (b'{"a":1}' + b" " * 500_000, b'"' + b"x,[" * 200_000 + b'"'):
        began = time.perf_counter()
        assert sized_paths(text, least=100, max_depth=6) == []
        assert time.perf_counter() - began < 1
