from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.errors import InvalidPlan
from mockcollect.verdict.plan import Plan, load_plan, parse_plan
from mockcollect.verdict.schema import Schema
from mockcollect.verdict.verdict import Finding
from mockcollect.verdict.view import View
from tests.verdict.planning import (
    event_of,
    pixel,
    plan,
    planned,
    purchase,
    said,
    subject,
)

SCHEMA = """
schema:
  type: object
  required: [page_type]
  properties:
    page_type: {enum: [home, cart]}
    page_number: {type: integer, minimum: 1}
    owner: {type: string, format: email}
    secret: false
  additionalProperties: false
"""


def with_schema(**actions: str) -> Plan:
    lines = "".join(f"  {key}: {action}\n" for key, action in actions.items())
    schema = SCHEMA.replace("\n", "\n    ")
    head = f"actions:\n{lines}" if lines else ""
    return plan(f"{head}events:\n  purchase:{schema}\n")


def one(found: list[Finding]) -> Finding:
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("planned_as", "data", "message"),
    [
        (
            "revenue: number",
            {"revenue": "16,00"},
            'revenue should be a number; received "16,00", text with a decimal comma',
        ),
        (
            "revenue: number",
            {"revenue": "16.00"},
            'revenue should be a number; received "16.00", text',
        ),
        (
            "revenue: number",
            {"revenue": True},
            "revenue should be a number; received true",
        ),
        (
            "id: string",
            {"id": 12345},
            "id should be text; received 12345, a number",
        ),
        ("id: string", {"id": ["1"]}, "id should be text; received a list"),
        (
            "new: boolean",
            {"new": 1},
            "new should be true or false; received 1, a number",
        ),
        (
            "cart: object",
            {"cart": []},
            "cart should be an object; received an empty list",
        ),
        ("tags: list", {"tags": "a"}, 'tags should be a list; received "a", text'),
        (
            "tags: list of string",
            {"tags": ["a", 1]},
            "tags[1] should be text; received 1, a number",
        ),
        (
            "tags: set of string",
            {"tags": ["a", "a"]},
            "tags should hold no value twice",
        ),
        (
            "revenue: number, required",
            {},
            "revenue is required; the event does not have it",
        ),
        ("revenue: required", {"revenue": None}, "revenue is required; received null"),
        (
            "user.id: string, required",
            {},
            "user.id is required; the event does not have it",
        ),
        (
            "items[].id: string, required",
            {"items": [{"id": "1"}, {}]},
            "items[1].id is required; the event does not have it",
        ),
        (
            "items[].product.price: number",
            {"items": [{"product": {"price": "3"}}]},
            'items[0].product.price should be a number; received "3", text',
        ),
        (
            "items[].id: string",
            {"items": ["sku"]},
            'items[0] should be an object; received "sku", text',
        ),
        (
            "currency: {enum: [EUR, USD]}",
            {"currency": "eur"},
            'currency should be EUR or USD; received "eur"',
        ),
        (
            "step: {enum: [1, 2, 3]}",
            {"step": True},
            "step should be one of 1, 2, 3; received true",
        ),
        (
            "revenue: {type: number, minimum: 0}",
            {"revenue": -1},
            "revenue should be at least 0; received -1",
        ),
        (
            "id: {pattern: '^[A-Z]+$'}",
            {"id": "a1"},
            'id should match the pattern `^[A-Z]+$`; received "a1"',
        ),
        (
            "prices: {type: list of number, maximum: 9}",
            {"prices": [1, 10]},
            "prices[1] should be at most 9; received 10",
        ),
        ("revenue: number", {"reveneu": 1}, "reveneu is not in the tracking plan"),
        (
            "items[].id: string",
            {"items": [{"di": "1"}]},
            "items[0].di is not in the tracking plan",
        ),
    ],
)
def test_a_breach_of_the_short_form_is_said_in_one_sentence(
    planned_as: str, data: dict[str, Any], message: str
) -> None:
    assert said(planned(planned_as), purchase(**data)) == [message]


@pytest.mark.parametrize(
    ("planned_as", "data"),
    [
        ("revenue: number", {"revenue": 16}),
        ("revenue: number", {"revenue": 16.5}),
        ("revenue: number", {}),
        ("revenue: number", {"revenue": None}),
        ("revenue: any", {"revenue": ["16"]}),
        ("tags: list", {"tags": [1, "a", None]}),
        ("tags: list of strings", {"tags": []}),
        ("tags: set of number", {"tags": [1, 2]}),
        ("tags: set", {"tags": [{"a": 1}, {"a": 2}]}),
        ("items[].id: string, required", {}),
        ("items[].id: string, required", {"items": []}),
        ("user.id: string", {"user": {"id": "1", "email": "a@example.com"}}),
        ("currency: {enum: [EUR, USD], required: true}", {"currency": "USD"}),
        ("step: {enum: [1, 2]}", {"step": 2.0}),
        ("id: string", {"id": "1", "context": {"page": {}}, "test_code": "x"}),
        (r"user\.email: string", {"user.email": "a@example.com"}),
    ],
)
def test_an_event_as_planned_has_no_finding(
    planned_as: str, data: dict[str, Any]
) -> None:
    assert said(planned(planned_as), purchase(**data)) == []


def test_what_is_required_below_an_object_that_is_listed_waits_for_the_object() -> None:
    listed = planned("cart: object", "cart.id: string, required")
    assert said(listed, purchase()) == []
    assert said(listed, purchase(cart={})) == [
        "cart.id is required; the event does not have it"
    ]


@pytest.mark.parametrize(
    ("data", "code", "path", "message"),
    [
        (
            {},
            "property.required",
            "page_type",
            "page_type is required; the event does not have it",
        ),
        (
            {"page_type": "hom"},
            "property.value",
            "page_type",
            'page_type should be home or cart; received "hom"',
        ),
        (
            {"page_type": "home", "page_number": "1"},
            "property.type",
            "page_number",
            'page_number should be a whole number; received "1", text',
        ),
        (
            {"page_type": "home", "page_number": 0},
            "property.value",
            "page_number",
            "page_number should be at least 1; received 0",
        ),
        (
            {"page_type": "home", "owner": "nobody"},
            "property.value",
            "owner",
            'owner should have the format `email`; received "nobody"',
        ),
        (
            {"page_type": "home", "secret": 1},
            "property.unknown",
            "secret",
            "secret is not in the tracking plan",
        ),
        (
            {"page_type": "home", "colour": 1},
            "property.unknown",
            "colour",
            "colour is not in the tracking plan",
        ),
    ],
)
def test_a_breach_of_a_json_schema_is_said_in_the_same_words(
    data: dict[str, Any], code: str, path: str, message: str
) -> None:
    finding = one(with_schema().check(subject(purchase(**data))))
    assert (finding.code, finding.path, finding.message) == (code, path, message)
    assert finding.source == f"tracking plan: purchase.{path}"


def test_what_the_platform_defines_is_never_unspecified() -> None:
    data = purchase(page_type="home", user={}, context={}, integrations={})
    assert said(with_schema(), data) == []


def test_a_finding_names_the_planned_property_and_a_remedy() -> None:
    data = purchase(items=[{"price": "3"}])
    finding = one(planned("items[].price: number").check(subject(data)))
    assert finding.code == "property.type"
    assert finding.path == "items[0].price"
    assert finding.sample == "3"
    assert finding.source == "tracking plan: purchase.items[].price"
    assert finding.remedy == (
        "Send a JSON number, without quotes. As it is, production leaves it out "
        "(unexpected value format: omit)."
    )


@pytest.mark.parametrize(
    ("actions", "data", "level", "rejects"),
    [
        ("", {}, "warning", False),
        ("missing required property: accept", {}, "warning", False),
        ("missing required property: reject", {}, "error", True),
        ("", {"id": 1}, "error", False),
        ("unexpected value format: omit", {"id": 1}, "error", False),
        ("unexpected value format: accept", {"id": 1}, "warning", False),
        ("unexpected value format: reject", {"id": 1}, "error", True),
        ("unexpected_value_format: reject", {"id": "c"}, "error", True),
        ("", {"id": "a", "x": 1}, "note", False),
        ("unspecified property: accept", {"id": "a", "x": 1}, "note", False),
        ("Unspecified-Property: warn", {"id": "a", "x": 1}, "warning", False),
        ("unspecified property: omit", {"id": "a", "x": 1}, "error", False),
        ("", {"event_name": "refund"}, "note", False),
        ("unspecified event: accept", {"event_name": "refund"}, "note", False),
        ("unspecified event: warn", {"event_name": "refund"}, "warning", False),
    ],
)
def test_an_action_decides_how_much_a_breach_weighs(
    actions: str, data: dict[str, Any], level: str, rejects: bool
) -> None:
    text = "events: {purchase: {id: {type: string, enum: [a, b], required: true}}}"
    judged = plan((f"actions: {{{actions}}}\n" if actions else "") + text)
    finding = one(judged.check(subject(purchase() | data)))
    assert (finding.level, judged.rejects(finding)) == (level, rejects)


def test_a_plan_rejects_for_no_finding_of_others() -> None:
    judged = plan("actions: {missing required property: reject}\nevents: {purchase: }")
    finding = Finding("property.required", "error", "id", "", source="events reference")
    assert not judged.rejects(finding)


def test_an_unknown_event_names_the_one_that_was_meant() -> None:
    finding = one(planned("id: string").check(subject({"event_name": "puchase"})))
    assert finding.code == "event.unknown"
    assert finding.path == "event_name"
    assert finding.message == "`puchase` is not in the tracking plan"
    assert finding.remedy == "Did you mean `purchase`?"


def test_an_unknown_property_names_the_one_that_was_meant() -> None:
    finding = one(
        planned("items[].quantity: number").check(
            subject(purchase(items=[{"quantitiy": 1}]))
        )
    )
    assert finding.remedy.startswith("Did you mean `quantity`?")


@pytest.mark.parametrize("data", [None, [], "purchase", {}, {"event_name": 1}])
def test_what_has_no_event_name_is_left_to_the_rules(data: Any) -> None:
    assert planned("id: string, required").check(subject(data)) == []


def test_what_is_no_object_has_no_properties_to_see() -> None:
    assert View(event_of([1])).data == {}


def test_a_plan_specifies_the_events_of_which_it_plans_properties() -> None:
    judged = plan("events: {purchase: {id: string}, logout: , search: {schema: {}}}")
    names = ("purchase", "search", "logout", "refund", None)
    assert [judged.specifies(name) for name in names] == [True, True, *[False] * 3]


def test_an_event_planned_by_its_name_may_have_any_property() -> None:
    judged = plan("actions: {unspecified property: omit}\nevents: {purchase: }")
    assert said(judged, purchase(anything=1)) == []


@pytest.mark.parametrize(
    ("data", "paths"),
    [
        (
            {
                "event": "purchase",
                "properties": {"id": 1, "user": {"id": 1}},
                "page": {},
            },
            ["properties.id", "properties.user.id", "page.title"],
        ),
        (
            {"event_name": "purchase", "properties": {"id": 1}, "user": {"id": 1}},
            ["properties.id", "page.title", "user.id"],
        ),
    ],
    ids=["browser-v1", "1.0"],
)
def test_a_path_is_where_the_layout_has_the_property(
    data: dict[str, Any], paths: list[str]
) -> None:
    judged = planned(
        "id: string", "user.id: string", "context.page.title: string, required"
    )
    found = judged.check(subject(data))
    assert [finding.path for finding in found] == paths


def test_an_unknown_event_of_the_first_browser_layout_is_named_where_it_stands() -> (
    None
):
    found = planned("id: string").check(subject({"event": "x", "properties": {}}))
    assert one(found).path == "event"


@pytest.mark.parametrize(
    ("data", "missing"),
    [
        ({"context": {"eventId": "1", "version": 2}, "user": {}}, []),
        ({"context": {"app": {}}, "user": "{waiting_for_consent}"}, []),
        (
            {"context": {}, "user": {"id": "1"}},
            ["context.event_id", "user.consistent_anonymous_id"],
        ),
    ],
    ids=["browser", "mobile", "server"],
)
def test_nobody_is_scolded_for_what_the_platform_fills_in(
    data: dict[str, Any], missing: list[str]
) -> None:
    judged = planned(
        "user.consistent_anonymous_id: string, required",
        "context.event_id: string, required",
    )
    found = judged.check(subject(purchase(**data)))
    assert [finding.path for finding in found] == missing


def test_numbers_and_booleans_of_a_pixel_are_judged_by_their_text() -> None:
    judged = planned(
        "revenue: {type: number, minimum: 10}", "new: boolean", "items[].qty: number"
    )
    good = pixel("event_name=purchase&revenue=16.5&new=true&items[0][qty]=2")
    assert [finding.level for finding in judged.check(good)] == ["note"] * 3
    bad = judged.check(pixel("event_name=purchase&revenue=16,5&new=maybe"))
    assert [finding.level for finding in bad] == ["error", "error"]
    low = judged.check(pixel("event_name=purchase&revenue=9"))
    assert [finding.code for finding in low] == ["property.type", "property.value"]


def test_a_pixel_is_judged_by_a_json_schema_as_well() -> None:
    schema = (
        "events: {purchase: {schema: {properties: "
        "{n: {type: integer, minimum: 1}, b: {type: boolean}, c: {enum: [1, 2]}}}}}"
    )
    judged = plan(schema)
    good = judged.check(pixel("event_name=purchase&n=1&b=true&c=2"))
    assert [finding.level for finding in good] == ["note"] * 3
    low = judged.check(pixel("event_name=purchase&n=0"))
    assert [finding.level for finding in low] == ["note", "error"]
    assert [one.level for one in judged.check(pixel("event_name=purchase&n=x"))] == [
        "error"
    ]


def test_a_choice_of_numbers_is_read_from_a_pixel_too() -> None:
    judged = planned("step: {enum: [1, 2]}", "new: {enum: [true]}")
    assert judged.check(pixel("event_name=purchase&step=2&new=true")) == []
    wrong = judged.check(pixel("event_name=purchase&step=3&new=false"))
    assert [finding.code for finding in wrong] == ["property.value"] * 2


def test_below_lists_a_pixel_is_judged_by_a_json_schema_as_well() -> None:
    judged = plan(
        "events: {purchase: {schema: {required: [id], properties: "
        "{items: {items: {properties: {qty: {type: number}, name: {maxLength: 1}}}}}}}}"
    )
    sent = "event_name=purchase&items[0][qty]=2&items[1][qty]=x&items[1][name]=ab"
    found = judged.check(pixel(sent))
    assert {(one.path, one.level) for one in found} == {
        ("items[0].qty", "note"),
        ("items[1].qty", "error"),
        ("items[1].name", "error"),
        ("id", "warning"),
    }


def test_a_pixel_of_more_values_than_can_be_read_is_not_judged_by_a_schema() -> None:
    judged = plan("events: {purchase: {schema: {properties: {n: {type: number}}}}}")
    many = "&".join(f"tags[]={number}" for number in range(400))
    assert judged.check(pixel(f"event_name=purchase&n=1&{many}")) == []


def test_a_list_is_of_objects_once_their_properties_are_planned() -> None:
    judged = planned("items: list, required", "items[].id: string")
    assert said(judged, purchase(items=[1])) == [
        "items[0] should be an object; received 1, a number"
    ]


def test_hostile_names_and_values_are_shown_harmless() -> None:
    data = purchase(**{"\x1b[31m": 1, "id": "\u202e" + "x" * 9_000})
    messages = said(planned("id: number"), data)
    assert all(message.isprintable() and len(message) < 300 for message in messages)
    assert len(messages) == 2


PURCHASE = "events: {purchase: {id: 'string, required'}}"


LONG_LISTS = """
events:
  purchase:
    schema:
      properties:
        items: {maxItems: 1000, minItems: 11, items: {properties: {id: {type: string}}}}
"""


@pytest.mark.parametrize(
    ("wrong_at", "messages"),
    [
        (3, ["items[3].id should be text; received 1, a number"]),
        (500, ["the event does not hold the plan's JSON Schema"]),
        (None, []),
    ],
)
def test_of_a_large_event_the_first_entries_are_told(
    wrong_at: int | None, messages: list[str]
) -> None:
    items: list[dict[str, Any]] = [{"id": "a"} for _ in range(600)]
    if wrong_at is not None:
        items[wrong_at]["id"] = 1
    assert said(plan(LONG_LISTS), purchase(items=items)) == messages


def test_an_event_that_is_nested_too_deep_for_the_schema_is_still_found_wrong() -> None:
    deep: Any = "x"
    for _ in range(600):
        deep = {"a": deep}
    judged = plan("events: {purchase: {schema: {properties: {a: {type: string}}}}}")
    message = "the event does not hold the plan's JSON Schema"
    assert said(judged, purchase(a=deep)) == [message]


def test_what_is_no_json_holds_every_schema() -> None:
    assert Schema({"required": ["a"]}).holds({1: 2})


SECOND = """
events:
  purchase:
    schema:
      properties:
        id: {type: [string, "null"], not: {const: x}, maxLength: 3}
        kind: {anyOf: [{type: string}, {type: number}]}
        state: {const: paid}
      minProperties: 2
"""


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"id": 1}, "id should be null or text; received 1, a number"),
        ({"id": "x"}, 'id does not hold the schema\'s `not`; received "x"'),
        ({"id": "xyzz"}, 'id should have at most 3 characters; received "xyzz"'),
        (
            {"kind": []},
            "kind does not hold the schema's `anyOf`; received an empty list",
        ),
        ({"state": "new"}, 'state should be `paid`; received "new"'),
        ({}, "the event should have at least 2 properties; received an object"),
    ],
)
def test_each_keyword_of_a_json_schema_has_its_words(
    data: dict[str, Any], message: str
) -> None:
    assert said(plan(SECOND), purchase(**data)) == [message]


def test_the_version_is_that_of_what_a_plan_says() -> None:
    short = plan(PURCHASE)
    long = plan("events:\n  purchase:\n    id: {type: string, required: true} # same")
    assert short.version == long.version
    assert {short, long} == {short}
    assert short != plan("events: {purchase: {id: string}}")
    warned = plan("actions: {unspecified event: warn}\n" + PURCHASE)
    assert short.version != warned.version


FULL = """
actions: {unspecified event: warn}
sources:
  - {site: 29, key: 0123, label: "a: b", environment: staging, active: false}
events:
  purchase:
    revenue: number, required
    currency: {type: string, enum: [EUR, "NO", "1e5", "true"], required: true}
    items[].id: string
    id: {pattern: '^\\d+: "x"$'}
    "404": set of string
  "null":
  page_view: {schema: {$ref: "#/$defs/a", $defs: {a: {type: object}}}}
"""


def test_a_plan_is_shown_as_a_plan_that_says_the_same() -> None:
    shown = plan(FULL)
    assert plan(shown.text()) == shown
    data = shown.to_dict()
    assert data.pop("name") == "tracking_plan.yml"
    assert data.pop("version") == shown.version
    assert parse_plan(json.dumps(data), name="plan.json") == shown


def test_a_plan_shows_its_events_and_actions() -> None:
    data = planned("revenue: number, required", "items: list").to_dict()
    assert data["events"] == {
        "purchase": {"revenue": "number, required", "items": "list"}
    }
    assert data["actions"] == {
        "missing required property": "accept",
        "unexpected value format": "omit",
        "unspecified event": "accept",
        "unspecified property": "accept",
    }


def test_a_plan_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "plan.yml"
    file.write_text("\ufeffevents:\r\n  purchase:\r\n    id: string\r\n", "utf-8")
    assert load_plan(file).event_names == ("purchase",)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidPlan, match=r"plan\.yml: no such file or directory"):
        load_plan(tmp_path / "plan.yml")


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "plan.yml"
    file.write_bytes(b"events:\n  caf\xe9:\n")
    with pytest.raises(InvalidPlan, match="line 2: not UTF-8: byte E9") as caught:
        load_plan(file)
    assert (caught.value.name, caught.value.line) == (str(file), 2)


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
NAMES = ["items", "id", "user", "context", "tags", "revenue", "currency", "page_type"]
events = st.dictionaries(st.sampled_from(NAMES) | st.text(), trees)
EVERYTHING = """
events:
  purchase:
    items[].id: {type: string, pattern: "^a", required: true}
    items[].product.price: number
    tags: set of string
    revenue: {type: number, minimum: 0, required: true}
    currency: {enum: [EUR, 1, true]}
    user.id: string, required
    context.page.url: {type: string, format: uri}
"""


@pytest.mark.parametrize(
    "judged", [plan(EVERYTHING), with_schema()], ids=["short form", "JSON Schema"]
)
@given(data=trees)
def test_no_json_makes_a_plan_raise(judged: Plan, data: Any) -> None:
    json.dumps([one.to_dict() for one in judged.check(subject(data))])


@pytest.mark.parametrize(
    "judged", [plan(EVERYTHING), with_schema()], ids=["short form", "JSON Schema"]
)
@given(data=events, nested=st.booleans())
def test_no_purchase_makes_a_plan_raise(
    judged: Plan, data: dict[str, Any], nested: bool
) -> None:
    event = {"event_name": "purchase", **data}
    if nested:
        event = {"event": "purchase", "properties": data, "page": 1, "user": 2}
    json.dumps([one.to_dict() for one in judged.check(subject(event))])


def deep(levels: int, key: str) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = {key: value}
    return value


LISTS = "{items: {type: array, items: {type: object, required: [a, b, c]}}}"
HOSTILE: dict[str, Any] = {
    "many keys": {f"k{number}": 1 for number in range(3_000)},
    "names near to others": {f"curency{number:x}" * 4: 1 for number in range(800)},
    "many empty entries": {"items": [{} for _ in range(10_000)]},
    "many numbers": {"tags": [1] * 15_000},
    "many different texts": {"tags": [f"{number:x}" for number in range(4_000)]},
    "deep objects": {"items": [deep(990, "product")], "user": deep(990, "id")},
    "one long text": {"currency": "a" * 32_000, "items": [{"id": "a" * 30_000}]},
    "wide letters": {"id": "é" * 16_000},
    "deep root": deep(990, "items"),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize(
    "judged",
    [
        plan(EVERYTHING),
        with_schema(),
        plan(f"events: {{purchase: {{schema: {{properties: {LISTS}}}}}}}"),
        plan("events: {purchase: {schema: {properties: {id: {pattern: ^(\\w+)+$}}}}}"),
        plan(f"events: {{purchase: {{schema: {{anyOf: [{{properties: {LISTS}}}]}}}}}}"),
    ],
    ids=["short form", "JSON Schema", "lists", "pattern", "alternatives"],
)
def test_no_hostile_event_takes_long(judged: Plan, data: dict[str, Any]) -> None:
    judged_event = subject(purchase(**data))
    times = []
    for _ in range(5):
        start = time.perf_counter()
        found = judged.check(judged_event)
        times.append(time.perf_counter() - start)
    assert len(found) <= 20
    assert min(times) < 0.005
