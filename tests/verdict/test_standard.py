from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from mockcollect.contract.event import Layout
from mockcollect.verdict.standard import MAX_FINDINGS, StandardEvents, standard_events
from tests.verdict.judging import GONE, good, pixel, subject_of

ITEM = {
    "id": "LAMP-1",
    "quantity": 2,
    "product": {"id": "7001", "name": "Desk lamp", "price": 39.5},
}
PROPERTIES: dict[str, dict[str, Any]] = {
    "purchase": {
        "event_name": "purchase",
        "id": "ord-1",
        "revenue": 79,
        "value": 94.8,
        "currency": "EUR",
        "type": "online",
        "payment_method": "card",
        "status": "in_progress",
        "items": [ITEM],
    },
    "video_start": {
        "event_name": "video_start",
        "video_session_id": "vs-1",
        "content_asset_id": "film-1",
        "cursor_position": 0,
        "total_length": 1800,
    },
    "video_volume": {
        "event_name": "video_volume",
        "video_session_id": "vs-1",
        "content_asset_id": "film-1",
        "cursor_position": 0,
        "total_length": 1800,
        "sound": 60,
    },
    "view_item": {
        "event_name": "view_item",
        "value": 39.5,
        "currency": "EUR",
        "items": [ITEM],
    },
    "page_view": {"event_name": "page_view", "page_type": "home"},
    "search": {"event_name": "search", "search_term": "lamp"},
    "select_item": {"event_name": "select_item", "items": [ITEM]},
}
Expected = list[tuple[str, str, str]]


def event(name: str, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    return good("server", {"search_term": GONE, **PROPERTIES[name], **(changes or {})})


def found(data: Any, layout: Layout | None = None) -> Expected:
    findings = standard_events().check(subject_of(data, layout))
    return [(one.code, one.level, one.path) for one in findings]


def messages(data: Any, layout: Layout | None = None) -> list[str]:
    return [one.message for one in standard_events().check(subject_of(data, layout))]


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_good_event_has_no_findings(name: str) -> None:
    assert found(event(name)) == []


@pytest.mark.parametrize("name", standard_events().names())
def test_each_required_property_of_each_event_is_missed(name: str) -> None:
    standard = standard_events().events[name]
    missed = {
        path for _code, _level, path in found({"event_name": name, "context": {}})
    }
    needed = standard.required | {group[0] for group in standard.one_of}
    assert missed == needed - {"currency"}  # which has a rule of its own


def test_all_events_of_the_reference_are_known() -> None:
    names = standard_events().names()
    assert len(names) == 51
    assert {"purchase", "view_promotion", "ad_view", "video_share"} <= set(names)


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        ("purchase", {"id": GONE}, [("property.required", "warning", "id")]),
        ("purchase", {"id": ""}, [("property.required", "warning", "id")]),
        ("purchase", {"id": None}, [("property.required", "warning", "id")]),
        ("purchase", {"id": 5521}, [("property.type", "warning", "id")]),
        ("purchase", {"coupon": 5}, [("property.type", "warning", "coupon")]),
        (
            "purchase",
            {"payment_method": "CreditCard"},
            [("property.value", "warning", "payment_method")],
        ),
        ("purchase", {"type": "kiosk"}, [("property.value", "note", "type")]),
        ("purchase", {"url": "/thanks"}, [("property.value", "note", "url")]),
        (
            "page_view",
            {"page_type": "lobby"},
            [("property.value", "note", "page_type")],
        ),
        (
            "search",
            {"search_term": 1984},
            [("property.type", "warning", "search_term")],
        ),
        ("view_item", {"value": GONE}, [("property.required", "warning", "revenue")]),
        (
            "video_start",
            {"cursor_position": 1.5},
            [("property.type", "warning", "cursor_position")],
        ),
        (
            "video_start",
            {"cursor_position": -1},
            [("property.value", "warning", "cursor_position")],
        ),
        (
            "video_start",
            {"livestream": "false"},
            [("property.type", "warning", "livestream")],
        ),
        (
            "video_start",
            {"content_asset_id": ["film-1", 2]},
            [("property.type", "warning", "content_asset_id[1]")],
        ),
        ("select_item", {"items": [ITEM, ITEM]}, [("property.value", "note", "items")]),
        (
            "search",
            {"user.zipcode": 75001},
            [("property.type", "warning", "user.zipcode")],
        ),
        ("search", {"user": "crm-1"}, [("property.type", "warning", "user")]),
        ("search", {"user": []}, [("property.type", "note", "user")]),
        ("search", {"context.page": []}, [("property.type", "note", "context.page")]),
        ("search", {"context": ["x"]}, [("property.type", "warning", "context")]),
        (
            "search",
            {"context.page": {"viewport": {"width": "320"}}},
            [("property.type", "warning", "context.page.viewport.width")],
        ),
        (
            "search",
            {"context.device": {"ip": "1.2.3.4, 10.0.0.1"}},
            [("property.value", "warning", "context.device.ip")],
        ),
        (
            "search",
            {"context.device": {"timezone": "+02:00"}},
            [("property.value", "note", "context.device.timezone")],
        ),
        (
            "purchase",
            {"items": [{**ITEM, "variant": 3}]},
            [("property.type", "warning", "items[0].variant")],
        ),
        (
            "purchase",
            {
                "items": [
                    ITEM,
                    {**ITEM, "product": {"id": "1", "name": 7, "colors": "red"}},
                ]
            },
            [
                ("property.required", "warning", "items[1].product.price"),
                ("property.type", "warning", "items[1].product.name"),
                ("property.type", "warning", "items[1].product.colors"),
            ],
        ),
    ],
)
def test_what_is_wrong_is_found_at_its_path(
    name: str, changes: dict[str, Any], expected: Expected
) -> None:
    assert found(event(name, changes)) == expected


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("purchase", {"shop_floor": 3, "anything": {"else": [None]}}),
        ("purchase", {"shipping_amount": 4, "type": "call"}),
        ("purchase", {"revenue": "16,00"}),  # amount.locale
        ("purchase", {"currency": "euro"}),  # currency.iso4217
        ("purchase", {"currency": GONE}),  # currency.missing
        ("purchase", {"items": "LAMP-1"}),  # items.shape
        ("view_item", {"revenue": 39.5, "value": GONE}),
        ("search", {"search_term": ""}),
        ("search", {"user.id": 12345}),  # user.id.type
        ("search", {"user.email": 1, "user.consent_categories": "1,3"}),
        ("search", {"context.event_timestamp": "1639044446636"}),
        ("search", {"user": "{waiting_for_consent}"}),
        ("search", {"context.page": {"referrer": "android-app://com.example"}}),
        ("search", {"context.device": {"ip": "2001:db8::1"}}),
        ("video_start", {"total_length": None}),
        ("video_start", {"cursor_position": 12.0}),
        ("video_start", {"content_asset_id": ["film-1", "film-2"]}),
    ],
)
def test_what_is_right_or_judged_by_rules_is_not_found(
    name: str, changes: dict[str, Any]
) -> None:
    assert found(event(name, changes)) == []


@pytest.mark.parametrize(
    ("name", "changes", "path"),
    [
        ("video_start", {"bitrate": "720"}, "bitrate"),
        ("video_start", {"sound": 120}, "sound"),
        ("video_volume", {"sound": GONE}, "sound"),
    ],
)
def test_where_the_pages_disagree_there_is_a_note_at_most(
    name: str, changes: dict[str, Any], path: str
) -> None:
    assert [(level, at) for _code, level, at in found(event(name, changes))] == [
        ("note", path)
    ]


def test_a_custom_event_may_have_any_properties() -> None:
    data = good("server", {"event_name": "wheel_spun", "items": 3, "value": "x"})
    assert found(data) == []


@pytest.mark.parametrize("layout", ["browser", "mobile"])
def test_the_context_that_a_client_writes_is_not_checked(layout: Layout) -> None:
    assert found(good(layout, {"context.device": {"lang": 3}}), layout) == []


def test_the_browser_fills_in_what_a_purchase_is() -> None:
    bare = {"search_term": GONE, **PROPERTIES["purchase"], "type": GONE, "status": GONE}
    assert found(good("browser", bare), "browser") == []
    assert [path for *_, path in found(good("server", bare))] == ["type", "status"]


@pytest.mark.parametrize("layout", ["1.0", "browser-v1"])
def test_old_layouts_have_their_properties_under_properties(layout: Layout) -> None:
    data = good(layout, {"properties.search_term": 5, "properties.user.city": 7})
    assert found(data, layout) == [
        ("property.type", "warning", "properties.search_term"),
        ("property.type", "warning", "properties.user.city"),
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"cursor_position": "12", "total_length": "1800"}, ["note", "note"]),
        ({"cursor_position": "12", "total_length": "long"}, ["note", "warning"]),
        (
            {"cursor_position": "0", "total_length": "1", "full_screen": "true"},
            ["note"] * 3,
        ),
    ],
)
def test_a_pixels_numbers_are_text_and_noted(
    changes: dict[str, Any], expected: list[str]
) -> None:
    data = {**PROPERTIES["video_start"], "user": {}, **changes}
    assert [one.level for one in standard_events().check(pixel(data))] == expected


def test_messages_say_what_was_seen() -> None:
    changes = {
        "id": 5521,
        "status": "In progress",
        "items": GONE,
        "user.zipcode": 75001,
    }
    assert messages(event("purchase", changes)) == [
        "items is required for purchase; it is missing",
        "id should be text; received 5521, a number",
        'status is not listed: received "In progress", text',
        # What may be about a person is not written into sentences.
        "user.zipcode should be text; received a number",
    ]


def test_a_message_names_the_other_property_that_would_do() -> None:
    assert messages(event("view_item", {"value": GONE})) == [
        "revenue or value is required for view_item; it is missing"
    ]


def test_the_old_name_of_a_property_is_pointed_out() -> None:
    data = event("page_view", {"page_type": GONE, "type": "home"})
    assert messages(data) == [
        "page_type is required for page_view, and type is its old name; it is missing"
    ]


def test_a_finding_says_how_to_mend_it_and_who_says_so() -> None:
    changes = {"payment_method": "Direct Debit"}
    (one,) = standard_events().check(subject_of(event("purchase", changes)))
    assert one.source == "events reference, purchase"
    assert one.remedy.startswith("Use one of by_invoice, ")
    assert one.remedy.endswith(" Did you mean direct_debit?")
    assert one.sample == "Direct Debit"


def test_hostile_lists_give_twenty_findings_at_most() -> None:
    data = event("video_start", {"content_asset_id": list(range(5000))})
    assert len(found(data)) == MAX_FINDINGS


def test_a_reference_of_ones_own_can_be_compiled() -> None:
    reference = {
        "types": {
            name: {"properties": {}} for name in ("User", "Item", "Product", "Context")
        },
        "shared": {},
        "other_names": {},
        "events": {
            "spin": {"page": "own", "properties": {"wheel": {"type": "string"}}}
        },
    }
    assert StandardEvents(reference).names() == ("spin",)


def test_importing_the_module_reads_nothing() -> None:
    program = (
        "from mockcollect.verdict import standard;"
        "print(standard.standard_events.cache_info().currsize)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout == "0\n"
