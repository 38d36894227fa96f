from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockcollect.contract.diagnosis import find_fault, line_and_column
from mockcollect.contract.guesses import MAX_SHOWN
from mockcollect.contract.wire import MAX_DEPTH, parse_json
from tests.contract.test_wire import fragments, json_texts

ALPHABET = "{}[]:,\"\\/ \n\t0123456789.eE+-truefalsnNI_x'#\u00a0é\0"


@given(text=fragments | json_texts | st.text(ALPHABET, max_size=20) | st.text())
@example(text=r'"\\ud800"')
@example(text=r'"\\\ud800"')
@example(text=r'"\ud800\udc00\udc00"')
@example(text=r'{"\ud800":1}')
@example(text="1" + "0" * 308)
@example(text="1" + "0" * 309)
@example(text="0x1F")
@example(text="[" * MAX_DEPTH + "]" * MAX_DEPTH)
@example(text="[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
@example(text="\ufeff{}")
def test_a_fault_is_found_exactly_where_the_parser_refuses(text: str) -> None:
    fault = find_fault(text, max_depth=MAX_DEPTH)
    assert (fault is None) == is_accepted(text)
    assert fault is None or 0 <= fault.position <= len(text)


@given(text=json_texts, data=st.data())
def test_a_valid_text_cut_or_disturbed_is_judged_as_the_parser_does(
    text: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(text)))
    put_in = data.draw(st.sampled_from(["", *ALPHABET]))
    left_out = data.draw(st.integers(0, 2))
    text = text[:at] + put_in + text[at + left_out :]
    assert (find_fault(text, max_depth=MAX_DEPTH) is None) == is_accepted(text)


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 100_000, '"' + "x" * 500_000, "9" * 500_000 + "x"],
    ids=["lists", "objects", "text", "digits"],
)
def test_a_long_or_deep_text_breaks_nothing(text: str) -> None:
    assert find_fault(text, max_depth=MAX_DEPTH) is not None


def test_the_depth_that_is_told_counts() -> None:
    assert find_fault("[[1]]", max_depth=2) is None
    fault = find_fault("[[[1]]]", max_depth=2)
    assert fault is not None
    assert (fault.position, fault.problem) == (2, "more than 2 levels deep")


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ('{"a":1 "b":2}', 7),
        ('{"a":1,}', 6),
        ("[1,2", 4),
        ('{"a":[1}', 7),
        ('{"a":"x', 5),
        ('{"a":"x\n"}', 7),
        ('{"a":tru}', 5),
        ('{"a":1}}', 7),
        ("{} {}", 3),
        ("   ", 0),
        ('{"a":1.}', 5),
        ('["\\q"]', 2),
        (r'["ab\ud800"]', 4),
    ],
)
def test_the_first_fault_is_the_one_that_is_shown(text: str, position: int) -> None:
    fault = find_fault(text, max_depth=MAX_DEPTH)
    assert fault is not None
    assert fault.position == position


def test_a_long_value_is_cut_in_a_guess() -> None:
    fault = find_fault('{"a":"' + "x" * 500 + '" "b":1}', max_depth=MAX_DEPTH)
    assert fault is not None
    assert fault.guess is not None
    assert "…" in fault.guess
    assert len(fault.guess) < MAX_SHOWN + 30


@pytest.mark.parametrize(
    ("position", "place"), [(0, (1, 1)), (1, (1, 2)), (2, (1, 3)), (3, (2, 1))]
)
def test_lines_and_columns_count_from_one(
    position: int, place: tuple[int, int]
) -> None:
    assert line_and_column("ab\nc", position) == place


def is_accepted(text: str) -> bool:
    try:
        parse_json(text.encode(errors="surrogatepass"))
    except ValueError:
        return False
    return True
