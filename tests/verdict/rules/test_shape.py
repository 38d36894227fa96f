from __future__ import annotations

from typing import Any

import pytest

from mockcollect.contract.event import Layout
from mockcollect.verdict.rules import LAYOUTS, MAX_FINDINGS, all_rules
from tests.verdict.judging import GONE, findings, good, said, subject_of

OLD = ("1.0", "browser-v1")


def paths(code: str, layout: Layout, changes: dict[str, Any]) -> list[str]:
    subject = subject_of(good(layout, changes), layout)
    return [path for _level, path, _message in said(code, subject)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_only_the_old_layouts_are_old(layout: Layout) -> None:
    expected = ["properties"] if layout in OLD else []
    assert paths("layout.old", layout, {}) == expected


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "code", ["layout.misplaced", "key.numeric", "key.dotted", "key.null"]
)
def test_what_is_right_is_not_found(code: str, layout: Layout) -> None:
    assert paths(code, layout, {}) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"page": {"title": "Home"}}, ["page"]),
        ({"device": {"ip": "203.0.113.24"}}, ["device"]),
        ({"app": {"name": "demo"}}, ["app"]),
        ({"event_id": "e-1", "context.event_id": GONE}, ["event_id"]),
        ({"properties": {"user": {"id": "1"}}}, ["properties.user"]),
        ({"properties": {"search_term": "lamp"}}, ["properties"]),
        ({"page": 2, "device": "desktop", "app": "shop"}, []),
        ({"event_id": "concert-7"}, []),
        ({"properties": ["garden", "pool"]}, []),
        ({"page": {}, "context": GONE}, []),
    ],
)
def test_what_belongs_in_context_does_not_stand_beside_it(
    changes: dict[str, Any], expected: list[str]
) -> None:
    assert paths("layout.misplaced", "server", changes) == expected


@pytest.mark.parametrize("layout", OLD)
def test_in_old_layouts_the_root_is_the_place(layout: Layout) -> None:
    assert paths("layout.misplaced", layout, {"page": {}, "device": {}}) == []


@pytest.mark.parametrize(
    ("code", "key", "found"),
    [
        ("key.numeric", "0", True),
        ("key.numeric", "2024", True),
        ("key.numeric", "4k", False),
        ("key.numeric", "1.5", False),
        ("key.numeric", "٤", False),
        ("key.numeric", "", False),
    ],
)
@pytest.mark.parametrize(("layout", "at"), [("server", ""), ("1.0", "properties.")])
def test_a_key_is_a_name_and_no_number(
    code: str, key: str, found: bool, layout: Layout, at: str
) -> None:
    data = good(layout, {})
    (data["properties"] if at else data)[key] = 1
    seen = [path for _, path, _ in said(code, subject_of(data, layout))]
    assert seen == ([f"{at}{key}"] if found else [])


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("user.email", True),
        ("context.page.url", True),
        ("items[0].id", True),
        ("items.0.id", True),
        ("app.version", False),
        ("v1.2", False),
        (".", False),
    ],
)
def test_objects_are_not_flat_keys(key: str, found: bool) -> None:
    data = {**good("server"), key: "x"}
    seen = [path for _, path, _ in said("key.dotted", subject_of(data))]
    assert seen == ([key] if found else [])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"coupon": None}, ["coupon"]),
        ({"wheel": {"spokes": [1, None]}}, ["wheel.spokes[1]"]),
        ({"user.city": None}, ["user.city"]),
        ({"context.page.referrer": None}, ["context.page.referrer"]),
        ({"note": "null is a word"}, []),
        # What other rules say:
        ({"event_name": None}, []),
        ({"user": None}, []),
        ({"user.id": None}, []),
        ({"user.consent_categories": None}, []),
        ({"context.event_id": None}, []),
        ({"currency": None}, []),
        ({"search_term": None}, []),
        ({"event_name": "add_to_cart", "items": [{"id": None}]}, []),
        # What the reference allows:
        ({"event_name": "video_start", "total_length": None}, []),
    ],
)
def test_what_has_no_value_is_left_out(
    changes: dict[str, Any], expected: list[str]
) -> None:
    assert paths("key.null", "server", changes) == expected


@pytest.mark.parametrize("layout", ["browser", "mobile"])
def test_what_the_vendors_clients_write_is_not_blamed(layout: Layout) -> None:
    changes = {"context.device": {"lang": None}, "coupon": None}
    assert paths("key.null", layout, changes) == ["coupon"]


def nested(depth: int) -> Any:
    value: Any = None
    for _ in range(depth):
        value = {"a": value}
    return value


def test_nulls_beside_what_is_too_deep_to_be_written_are_found() -> None:
    changes = {"deep": nested(900), "less": nested(20), "flat": None}
    assert paths("key.null", "server", changes) == ["flat", "less" + ".a" * 20]


@pytest.mark.parametrize(
    ("code", "keys"),
    [
        ("key.numeric", [str(number) for number in range(2_000)]),
        ("key.dotted", [f"user.{number}" for number in range(1_000)]),
        ("key.null", [f"a{number}" for number in range(2_000)]),
    ],
)
def test_thousands_of_such_keys_give_twenty_findings(
    code: str, keys: list[str]
) -> None:
    subject = subject_of({**good("server"), **dict.fromkeys(keys)})
    assert len(said(code, subject)) == MAX_FINDINGS


@pytest.mark.parametrize(
    ("code", "changes", "message"),
    [
        ("key.null", {"coupon": None}, "coupon is null"),
        ("key.numeric", {"0": "x"}, 'a property is named "0", a number'),
        (
            "layout.misplaced",
            {"page": {}},
            "page stands beside context; it belongs in it",
        ),
    ],
)
def test_messages_say_what_was_seen(
    code: str, changes: dict[str, Any], message: str
) -> None:
    (one,) = findings(code, subject_of(good("server", changes)))
    assert one.message == message


@pytest.mark.parametrize(
    "code",
    ["property.required", "property.type", "property.value", "property.unknown"],
)
def test_the_reference_s_codes_are_listed_and_asked_of_nothing(code: str) -> None:
    assert all_rules()[code].title
    assert findings(code, subject_of(good("server", {"search_term": GONE}))) == []
