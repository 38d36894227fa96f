from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.errors import InvalidPlan
from mockcollect.verdict import planfile
from mockcollect.verdict.plan import parse_plan
from mockcollect.verdict.planfile import read
from mockcollect.verdict.plantext import flow
from tests.verdict.test_plan import trees

MESSAGES = Path(__file__).parents[1] / "messages" / "plans"
GOLDEN = re.compile(
    r"--- file (?P<name>[^\n]+)\n(?P<text>.*)\n--- says\n(?P<says>.*)\n", re.DOTALL
)


@pytest.mark.parametrize("name", sorted(path.stem for path in MESSAGES.iterdir()))
@pytest.mark.parametrize("loader", ["in C", "in Python"])
def test_a_broken_plan_is_refused_with_file_line_and_reason(
    name: str, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if loader == "in Python":
        monkeypatch.setattr(planfile, "_LOADER", yaml.SafeLoader)
    golden = GOLDEN.fullmatch((MESSAGES / f"{name}.txt").read_bytes().decode())
    assert golden is not None
    with pytest.raises(InvalidPlan) as caught:
        parse_plan(golden["text"], name=golden["name"])
    assert str(caught.value) == golden["says"]
    assert caught.value.name == golden["name"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", {"a": 1}),
        ("a: -1.5e3", {"a": -1500.0}),
        ("a: 1e5", {"a": 1e5}),
        (
            "a: true\nb: False\nc: null\nd: ~\ne:",
            dict.fromkeys("cde") | {"a": True, "b": False},
        ),
        ("a: 'true'\nb: \"1\"\nc: !!str 1", {"a": "true", "b": "1", "c": "1"}),
        ("a: 1.2.3", {"a": "1.2.3"}),
        ("a: y\nb: n", {"a": "y", "b": "n"}),
        ("404: a\nNO: b\n2026-11-23: c", {"404": "a", "NO": "b", "2026-11-23": "c"}),
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        (
            "a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}",
            {"a": {"b": 1, "c": 2}, "d": {"b": 3, "c": 2}},
        ),
        ("a: &x {b: 1}\ne: {<<: [*x, *x]}", {"a": {"b": 1}, "e": {"b": 1}}),
        ("a: |\n  b\n  c\n", {"a": "b\nc\n"}),
        ('{"a": "\\ud83d\\ude00\\/"}', {"a": "\U0001f600/"}),
        ('{\t"a":\t[1,2.5,"x",null,true]}', {"a": [1, 2.5, "x", None, True]}),
    ],
)
def test_a_text_is_read_as_what_it_says(text: str, value: Any) -> None:
    assert read(text, name="plan").data() == value


@pytest.mark.parametrize(
    "word",
    [
        "NO",
        "no",
        "On",
        "off",
        "yes",
        "2026-11-23",
        "2026-11-23T10:00:00Z",
        "0123",
        "0x1F",
        "1_000",
        "12:30:45",
        ".5",
        "+1",
        ".inf",
        "-.NaN",
        "1.",
    ],
)
def test_a_word_that_yaml_may_turn_into_something_else_is_asked_for(word: str) -> None:
    root = read(f"a:\n  - {word}", name="plan.yml")
    with pytest.raises(InvalidPlan, match=re.escape(f'"{word}" in quotes')) as caught:
        root.data()
    assert caught.value.line == 2
    assert read(f'a:\n  - "{word}"', name="plan.yml").data() == {"a": [word]}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[" * 100_000, "plan.yml"),
        ("{a: " * 100_000, "plan.yml"),
        ("- " * 100_000, "plan.yml"),
        ("[" * 900 + "]" * 900, "plan.json"),
        ('{"a":' * 900 + "1" + "}" * 900, "plan.json"),
    ],
    ids=["flow lists", "flow objects", "lists", "JSON lists", "JSON objects"],
)
def test_depth_is_bounded(text: str, name: str) -> None:
    with pytest.raises(InvalidPlan, match="nested deeper than 64 levels"):
        read(text, name=name)


def test_json_in_a_file_named_as_yaml_is_read_as_yaml() -> None:
    assert read("{a: b}", name="plan.yaml").data() == {"a": "b"}


def test_lines_are_those_of_the_keys() -> None:
    for text, name in (
        ("a:\n  b: 1\n  c: 2", "p.yml"),
        ('{"a":\n{"b":1,\n"c":2}}', "p.json"),
    ):
        root = read(text, name=name)
        assert root.keys == {"a": 1}
        assert root.value["a"].keys == {"b": 2, "c": 3}


@given(value=trees)
def test_json_is_read_as_json_and_written_as_yaml(value: Any) -> None:
    text = json.dumps({"value": value})
    expected = read(text, name="plan.json").data()
    if "e+" not in text:  # beyond an integer of 64 bits, orjson reads a double
        assert (
            read("value: " + flow(expected["value"]), name="p.yml").data() == expected
        )


def name_of_refusal(text: str | bytes, name: str) -> str | None:
    try:
        parse_plan(text, name=name)
    except InvalidPlan as error:
        return error.name
    return None


@pytest.mark.parametrize("name", ["plan.yml", "plan.json", "the body"])
@given(text=st.text() | st.binary())
def test_no_text_does_anything_but_being_read_or_refused(
    name: str, text: str | bytes
) -> None:
    assert name_of_refusal(text, name) == name


words = st.sampled_from(
    [
        "events:",
        "purchase:",
        ":",
        "-",
        "&a",
        "*a",
        "<<",
        "id:",
        "string",
        "required",
        "schema:",
        "type",
        "items[]",
        *list("\n\n\n {}[],#\"'"),
    ]
)


@given(text=st.lists(words, max_size=30).map("".join))
def test_no_text_like_a_plan_does_anything_else(text: str) -> None:
    assert name_of_refusal("events:\n  a: 1\n" + text, "plan.yml") == "plan.yml"
    name_of_refusal(text, "plan.yml")
