"""What holds of all rules: that each is listed, explained, and cannot raise."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockcollect.contract.event import CollectRequest, Event, Layout
from mockcollect.verdict.rules import (
    LAYOUTS,
    MAX_FINDINGS,
    Seen,
    all_rules,
    rule,
    rules_for,
)
from mockcollect.verdict.subject import Subject
from mockcollect.verdict.verdict import LEVELS
from tests.verdict.judging import GOOD, JSON, NOW, QUERY, good, subject_of

KEYS = sorted(
    {key for event in GOOD.values() for key in event}
    | {key for event in GOOD.values() for key in event.get("context", {})}
    | {"email", "email_md5", "phone_sha256", "phone", "birthdate", "country", "gender"}
    | {"consistent_anonymous_id", "consent_categories", "id", "test_code", "batch"}
)
TEXTS = ["", " ", "{", "0", "-1", "1764000000", "2025-11-24", "2025-99-99T", "a@b", "�"]

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, 1764000000, 10**15, 10**400, -(10**400)])
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(TEXTS),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner, max_size=8)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize("code", all_rules())
def test_each_rule_says_what_must_hold_how_to_mend_it_and_who_says_so(
    code: str,
) -> None:
    one = all_rules()[code]
    assert one.code == code
    assert code == code.lower()
    assert one.level in LEVELS
    assert one.title.endswith(".")
    assert one.remedy.endswith(".")
    assert one.source
    assert one.layouts <= set(LAYOUTS)


def test_rules_are_listed_by_their_codes() -> None:
    assert list(all_rules()) == sorted(all_rules())


def test_a_layout_is_asked_only_its_own_rules() -> None:
    codes = {one.code for one in rules_for("pixel")}
    assert "event_name.missing" in codes
    assert "consistent_anonymous_id.missing" not in codes


def test_a_code_stands_for_one_rule() -> None:
    register = rule("event_name.missing", "note", "A.", remedy="B.", source="C")
    with pytest.raises(ValueError, match=r"two rules have the code event_name\.miss"):
        register(lambda subject: ())


def test_a_rule_breaks_off_after_twenty_findings() -> None:
    data = good("server", {f"user.a{index}_md5": "x" for index in range(50)})
    found = all_rules()["hash.format"].findings(subject_of(data))
    assert len(found) == MAX_FINDINGS == 20


def test_what_was_seen_may_weigh_another_level_and_its_sample_is_cut() -> None:
    finding = all_rules()["email.shape"].finding(Seen("a", "b", "x" * 500, "error"))
    assert (finding.level, finding.path, len(finding.sample)) == ("error", "a", 100)


def subject(data: Any, layout: Layout, endpoint: str, body: bytes = b"") -> Subject:
    name = data.get("event_name") if isinstance(data, dict) else None
    event = Event(
        data, layout, name if isinstance(name, str) else None, "e", "1", "k", None, 10
    )
    request = CollectRequest("POST", "/events", QUERY, JSON, body, len(body))
    return Subject(event, request, endpoint=endpoint, received_at=NOW)


@settings(max_examples=300, deadline=None)
@given(values, st.sampled_from(LAYOUTS), st.sampled_from(["events", "batch", "pixel"]))
def test_no_rule_raises(data: Any, layout: Layout, endpoint: str) -> None:
    one = subject(data, layout, endpoint)
    for each in rules_for(layout):
        for finding in each.findings(one):
            assert finding.code == each.code
            assert finding.message


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_rule_raises_over_any_value_in_any_place(data: st.DataObject) -> None:
    layout = data.draw(st.sampled_from(LAYOUTS))
    event = good(layout)
    part = event
    while True:
        key = data.draw(st.sampled_from([*part, *KEYS]))
        if isinstance(part.get(key), dict) and data.draw(st.booleans()):
            part = part[key]
            continue
        part[key] = data.draw(values)
        break
    one = subject(event, layout, "events")
    assert all(
        finding.path is not None
        for r in rules_for(layout)
        for finding in r.findings(one)
    )


@given(st.binary())
def test_no_bytes_of_a_body_make_a_rule_raise(body: bytes) -> None:
    one = subject({}, "server", "batch", body)
    for each in rules_for("server"):
        each.findings(one)


def deep() -> Any:
    value: Any = "x"
    for level in range(990):
        value = {"user": value} if level % 2 else [value]
    return value


HOSTILE: dict[str, bytes] = {}


def hostile(name: str, body: bytes) -> None:
    assert len(body) <= 32 * 1024
    HOSTILE[name] = body


def with_user(value: bytes) -> bytes:
    keys = (
        "id",
        "email",
        "email_md5",
        "email_sha256",
        "phone",
        "phone_md5",
        "birthdate",
        "country",
        "gender",
        "consistent_anonymous_id",
    )
    share = value[: 31_000 // len(keys)].decode(errors="ignore").encode()
    user = b",".join(b'"%s":"%s"' % (key.encode(), share) for key in keys)
    return b'{"event_name":"a","user":{' + user + b"}}"


hostile("levels", b'{"event_name":"a","user":' + b"[" * 990 + b"]" * 990 + b"}")
hostile(
    "levels of objects",
    b'{"event_name":"a","user":' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}",
)
hostile("spaces", with_user(b" " * 4000))
hostile("at signs", with_user(b"@" * 4000))
hostile("a@", with_user(b"a@" * 2000))
hostile("digits", with_user(b"1" * 4000))
hostile("plus and digits", with_user(b"+" + b"1" * 4000))
hostile("braces", with_user(b"{" * 4000))
hostile("dots", with_user(b"1." * 2000))
hostile("dashes", with_user(b"1970-01-" * 500))
hostile("letters", with_user(b"A" * 4000))
hostile("beyond the plane", with_user("𝕏".encode() * 700))
hostile("zero width", with_user("\u200b\u202e".encode() * 600))
hostile(
    "a time of digits",
    b'{"event_name":"a","context":{"event_timestamp":"' + b"1" * 32_000 + b'"}}',
)
hostile(
    "a time of dates",
    b'{"event_name":"a","context":{"event_timestamp":"'
    + b"2025-11-24T" * 2900
    + b'"}}',
)
hostile(
    "a name of spaces",
    b'{"event_name":"' + b" " * 32_000 + b'"}',
)
hostile("a name", b'{"event_name":"' + b"purchase_" * 3_500 + b'"}')
hostile("keys", b"{" + b",".join(b'"%d":0' % number for number in range(3_500)) + b"}")
hostile(
    "keys of the user",
    b'{"event_name":"a","user":{'
    + b",".join(b'"%d_md5":0' % number for number in range(2_300))
    + b"}}",
)
hostile(
    "keys that stand twice",
    b"{" + b",".join(b'"%d":0' % (number // 2) for number in range(3_500)) + b"}",
)
hostile("one key", b"{" + b",".join([b'"a" :1'] * 4_600) + b"}")
hostile(
    "long numbers",
    b'{"event_name":"a","n":[' + b",".join([b"12345678901234567"] * 1_700) + b"]}",
)
hostile(
    "long numbers that hold",
    b'{"event_name":"a","n":[' + b",".join([b"12345678901234560"] * 1_700) + b"]}",
)
hostile("a long fraction", b'{"event_name":"a","n":0.' + b"1" * 32_000 + b"}")
hostile(
    "categories",
    b'{"event_name":"a","user":{"consent_categories":['
    + b",".join([b"1"] * 15_000)
    + b',"x",[]]}}',
)
hostile("commas", b'{"event_name":"a","n":[' + b"1," * 15_000 + b"1]}")
hostile("colons in text", b'{"event_name":"' + b":   " * 8_000 + b'"}')


@pytest.mark.parametrize("name", HOSTILE)
def test_no_rule_takes_long_over_a_hostile_event(name: str) -> None:
    body = HOSTILE[name]
    slow = {}
    for each in rules_for("server"):
        took = []
        for _ in range(3):
            # Another subject each time: what the first rule found is not kept.
            one = subject_of(body)
            start = time.perf_counter()
            each.findings(one)
            took.append(time.perf_counter() - start)
        if min(took) > 0.005:
            slow[each.code] = min(took)
    assert slow == {}


def test_an_event_of_ten_thousand_keys_is_no_trouble() -> None:
    data = {f"k{number}": number for number in range(10_000)}
    one = subject({**good("server"), **data, "user": data}, "server", "events")
    start = time.perf_counter()
    for each in rules_for("server"):
        each.findings(one)
    assert time.perf_counter() - start < 0.2


def test_a_thousand_levels_are_no_trouble() -> None:
    for layout in LAYOUTS:
        value = deep()
        one = subject({**good(layout), "user": value, "x": value}, layout, "events")
        for each in rules_for(layout):
            each.findings(one)
