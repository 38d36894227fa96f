"""The description of the inspection API says what it does, and nothing else."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from importlib.resources import files
from typing import Any
from unittest.mock import patch

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import TestResponse

from mockcollect.contract.event import FaultKind, RefusalReason
from mockcollect.contract.wire import MAX_EVENT_BYTES
from mockcollect.errors import RecordingError
from mockcollect.recording.export import EXPORTS
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.server import events_api
from mockcollect.server import parameters as api_parameters
from mockcollect.server.checks_api import FORMATS
from mockcollect.server.validating import PATHS
from mockcollect.verdict.sources import ENVIRONMENTS
from mockcollect.verdict.verdict import LEVELS, PLATFORM_WORDS
from tests.server.helpers import (
    BATCH,
    EVENTS,
    NESTED,
    SOURCE,
    collect_refused,
    json_of,
    messages,
)

TEXT = files("mockcollect.server").joinpath("openapi.json").read_text("utf-8")
DOCUMENT = json.loads(TEXT)
OPERATIONS = {
    (method.upper(), path): operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
TOO_MUCH = b" " * ((1 << 20) + 1)
EVIL = {"Host": "evil.example"}


def resolved(value: Any) -> Any:
    """Return what a reference of the document stands for."""
    while "$ref" in value:
        found: Any = DOCUMENT
        for step in value["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        value = found
    return value


def closed(schema: Any) -> Any:
    """Return a schema that refuses what it does not describe."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = closed_inside(schema)
    describes = {"properties", "allOf", "$ref"} & set(schema)
    if describes and "additionalProperties" not in schema:
        inner["unevaluatedProperties"] = False
    return inner


def closed_inside(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema of which all but itself is closed, so that it can be extended."""
    if "properties" in schema:
        properties = {key: closed(one) for key, one in schema["properties"].items()}
        return {**schema, "properties": properties}
    return {
        key: list(map(closed_inside, one)) if key == "allOf" else closed(one)
        for key, one in schema.items()
    }


CLOSED_SCHEMAS = {
    name: closed_inside(schema)
    for name, schema in DOCUMENT["components"]["schemas"].items()
}


def validator(schema: Any) -> Draft202012Validator:
    return Draft202012Validator(
        {**closed(schema), "components": {"schemas": CLOSED_SCHEMAS}},
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def check_schema(value: Any, schema: Any) -> None:
    """Check that a value is what a schema describes, with nothing beside it."""
    validator(schema).validate(value)


# -- the document


def test_the_document_is_valid_openapi() -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_every_schema_is_valid_json_schema() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_the_document_is_written_for_people_to_read() -> None:
    assert json.dumps(DOCUMENT, indent=2, ensure_ascii=False) + "\n" == TEXT
    for text in _texts(DOCUMENT):
        assert text[0].isupper() or text.startswith(tuple(EXPORTS)), text
    for operation in OPERATIONS.values():
        assert not operation["summary"].endswith(".")
        assert len(operation["summary"]) <= 60


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key in ("description", "summary") and isinstance(one, str):
                yield one
            else:
                yield from _texts(one)


def test_everything_has_a_description() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert "description" in schema, name
        for key, one in schema.get("properties", {}).items():
            assert set(one) & {"description", "const", "$ref"}, (name, key)
    for parameter in DOCUMENT["components"]["parameters"].values():
        assert "description" in parameter


def test_it_is_served_with_the_address_that_was_asked(client: FlaskClient) -> None:
    answer = client.get("/_inspect/openapi.json", headers={"Host": "[::1]:8787"})
    served = json_of(answer)
    assert served == DOCUMENT | {"servers": [{"url": "http://[::1]:8787"}]}


def test_it_describes_each_route_and_no_other(client: FlaskClient) -> None:
    routes = {
        (method, re.sub("<int:[a-z_]+>", "{id}", rule.rule))
        for rule in client.application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
        if rule.rule.startswith("/_inspect")
        and not rule.rule.startswith("/_inspect/page/")
    }
    assert routes == set(OPERATIONS)


def test_everything_that_is_declared_is_used() -> None:
    used = set(re.findall(r'"#/components/(\w+/\w+)"', TEXT))
    declared = {
        f"{kind}/{name}" for kind in DOCUMENT["components"] for name in _named(kind)
    }
    assert used == declared


def _named(kind: str) -> list[str]:
    return list(DOCUMENT["components"][kind])


# -- its parameters


def parameters_of(operation: Any) -> list[Any]:
    return [resolved(one) for one in operation.get("parameters", [])]


QUERY_PARAMETERS = [
    (method, path, parameter)
    for (method, path), operation in OPERATIONS.items()
    for parameter in parameters_of(operation)
    if parameter["in"] == "query"
]
NAMES = [f"{method} {path} {one['name']}" for method, path, one in QUERY_PARAMETERS]


ANY_TEXT = ("tc_s", "token")
"""Parameters that take any text: what is wrong with it is a finding."""


def values_of(parameter: Any) -> list[Any]:
    schema = parameter["schema"]
    shown = [example["value"] for example in parameter.get("examples", {}).values()]
    bounds = [schema[key] for key in ("minimum", "maximum", "default") if key in schema]
    return [*shown, *schema.get("enum", []), *bounds]


@pytest.mark.parametrize(("method", "path", "parameter"), QUERY_PARAMETERS, ids=NAMES)
def test_each_parameter_is_taken_with_its_bounds_default_and_examples(
    client: FlaskClient, full: None, method: str, path: str, parameter: Any
) -> None:
    assert values_of(parameter)
    for value in values_of(parameter):
        query = {parameter["name"]: value}
        if parameter["name"] == "count":
            query["wait"] = 0
        with patch.object(TinyRecorder, "wait", return_value=True):
            answer = client.open(path, method=method, query_string=query)
        assert answer.status_code in (200, 404), answer.text
        answer.close()


@pytest.mark.parametrize(
    ("method", "path", "parameter"),
    [one for one in QUERY_PARAMETERS if one[2]["name"] not in ANY_TEXT],
    ids=[one for one in NAMES if one.split()[-1] not in ANY_TEXT],
)
def test_each_parameter_refuses_what_is_below_its_bounds_or_not_listed(
    client: FlaskClient, method: str, path: str, parameter: Any
) -> None:
    schema = parameter["schema"]
    wrong = schema["minimum"] - 1 if "minimum" in schema else '"'
    answer = client.open(path, method=method, query_string={parameter["name"]: wrong})
    assert answer.status_code == 400
    assert json_of(answer)["error"]["parameter"] == parameter["name"]


@pytest.mark.parametrize(("method", "path", "parameter"), QUERY_PARAMETERS, ids=NAMES)
def test_each_default_is_what_counts_without_the_parameter(
    client: FlaskClient, full: None, method: str, path: str, parameter: Any
) -> None:
    default = parameter["schema"].get("default")
    if default is None or path == "/_inspect/stream" or method == "DELETE":
        return
    also = {"wait": 0} if parameter["name"] == "count" else {}
    without = client.get(path, query_string=also)
    given = client.get(path, query_string={**also, parameter["name"]: default})
    assert given.data == without.data


def test_the_bounds_are_those_of_the_code() -> None:
    declared = DOCUMENT["components"]["parameters"]
    assert declared["limit"]["schema"]["maximum"] == api_parameters.MAX_LIMIT
    assert declared["limit"]["schema"]["default"] == api_parameters.DEFAULT_LIMIT
    assert declared["count"]["schema"]["maximum"] == api_parameters.MAX_LIMIT
    assert declared["wait"]["schema"]["maximum"] == events_api.MAX_WAIT_SECONDS
    body = DOCUMENT["components"]["schemas"]["Expectations"]["properties"]
    assert body["wait"]["maximum"] == events_api.MAX_WAIT_SECONDS
    assert declared["endpoint"]["schema"]["enum"] == list(PATHS)
    assert declared["format"]["schema"]["enum"] == list(EXPORTS)


def test_the_words_are_those_of_the_code() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    reasons = schemas["Refusal"]["properties"]["reason"]["enum"]
    assert reasons == list(RefusalReason.__args__)  # type: ignore[attr-defined]
    formats = schemas["Expectations"]["properties"]["format"]["enum"]
    assert formats == list(FORMATS)
    verdicts = schemas["Event"]["properties"]["verdict"]["enum"]
    assert verdicts == list(PLATFORM_WORDS)
    for name in ("Fault", "FaultRule"):
        kinds = schemas[name]["properties"]["kind"]["enum"]
        assert kinds == list(FaultKind.__args__)  # type: ignore[attr-defined]
    assert schemas["Request"]["properties"]["verdict"]["enum"] == [*verdicts, None]
    assert schemas["Finding"]["properties"]["level"]["enum"] == list(LEVELS)
    environments = schemas["Source"]["properties"]["environment"]["enum"]
    assert environments == list(ENVIRONMENTS)


# -- its answers


@pytest.fixture
def full(client: FlaskClient) -> None:
    """Record at least one of everything that an answer can show."""
    event = {
        "event_name": "purchase",
        "test_code": "abc",
        "context": {"event_id": "1", "event_timestamp": 1_667_212_800_000},
    }
    client.post(EVENTS, json=event, headers={"X-Extra": "1"})
    client.post(BATCH, json={"batch": [{"event_name": "a"}, {}, 7, None]})
    client.post(EVENTS, data=NESTED[900])
    client.get(f"{EVENTS}&event_name=pixel")
    client.post(f"{EVENTS}&tc_s=30", data=b"{}", content_type="text/plain")
    collect_refused(client)
    collect_refused(client, b"")
    collect_refused(client, b"\xff")
    collect_refused(client, b'{"a":"%s"}' % (b"x" * MAX_EVENT_BYTES))
    client.post(BATCH, data=b'{"batch":[{"a":"%s"}]}' % (b"x" * MAX_EVENT_BYTES))
    client.get(f"/events?a={'x' * 40_000}")
    client.post(EVENTS, data=b"x" * ((1 << 20) + 9))
    client.post(EVENTS, data=b"{", headers={"Content-Length": "9"})
    client.post("/nowhere")
    client.options(EVENTS)
    client.get("/healthy")
    client.get("/get-cookie")
    client.put("/_inspect/faults", json=[{"q": "event:late", "delay": 0.001}])
    client.post(EVENTS, json={"event_name": "late"})
    client.delete("/_inspect/faults")


def _closed_stream(client: FlaskClient, query: str = "") -> TestResponse:
    answer = client.get(f"/_inspect/stream{query}", headers={"Last-Event-ID": "x"})
    if answer.status_code == 200:
        chunks = answer.iter_encoded()
        answer.response = [next(chunks), next(chunks), next(chunks)]
    return answer


def _undo(client: FlaskClient, **options: Any) -> TestResponse:
    return client.post("/_inspect/undo", **options)


def _deleted(client: FlaskClient) -> dict[str, str]:
    return {"undo": json_of(client.delete("/_inspect/events"))["undo"]}


def _judged(client: FlaskClient) -> FlaskClient:
    """Return the client after a plan and a source were given."""
    plan = (
        "actions: {unspecified event: warn}\n"
        "sources: ['29:of the plan:web shop:production']\n"
        "events:\n"
        "  purchase: {revenue: number}\n"
        "  search: {schema: {required: [term]}}\n"
    )
    assert client.put("/_inspect/sources", json=["29:given"]).status_code == 422
    given = [{"site": "29", "key": "given", "label": "app", "active": False}]
    assert client.put("/_inspect/sources", json=given).status_code == 200
    assert client.put("/_inspect/plan", data=plan).status_code == 200
    return client


FAULTS: list[dict[str, Any]] = [
    {"q": "event:a", "status": 503, "retry_after": 1, "next": 2, "delay": 0.1},
    {"timeout": True, "probability": 0.5, "seed": 7, "collected": True},
    {"reset": True},
    {"truncate": True},
    {"drip": 1.5},
]


def _faulty(client: FlaskClient) -> FlaskClient:
    """Return the client after fault rules were given."""
    assert client.put("/_inspect/faults", json=FAULTS).status_code == 200
    return client


def _newest_rule(client: FlaskClient) -> int:
    return int(json_of(client.get("/_inspect/faults"))["rules"][-1]["id"])


def _without_disk(client: FlaskClient, act: Callable[[], TestResponse]) -> TestResponse:
    error = RecordingError("The disk is full.")
    with (
        patch.object(TinyRecorder, "record", side_effect=error),
        patch.object(TinyRecorder, "check", side_effect=error),
        patch.object(TinyRecorder, "clear", side_effect=error),
        patch.object(TinyRecorder, "restore", side_effect=error),
    ):
        client.post(EVENTS, data=b"{}")
        return act()


Act = Callable[[FlaskClient], TestResponse]
ACTS: dict[tuple[str, str, int], list[Act]] = {
    ("GET", "/_inspect", 200): [lambda c: c.get("/_inspect")],
    ("GET", "/_inspect/ready", 200): [lambda c: c.get("/_inspect/ready")],
    ("GET", "/_inspect/ready", 503): [
        lambda c: _without_disk(c, lambda: c.get("/_inspect/ready"))
    ],
    ("GET", "/_inspect/openapi.json", 200): [lambda c: c.get("/_inspect/openapi.json")],
    ("GET", "/_inspect/filters", 200): [lambda c: c.get("/_inspect/filters")],
    ("GET", "/_inspect/events", 200): [
        lambda c: c.get("/_inspect/events"),
        lambda c: c.get("/_inspect/events?limit=1"),
        lambda c: c.get("/_inspect/events?limit=0"),
    ],
    ("GET", "/_inspect/events", 400): [
        lambda c: c.get("/_inspect/events?limt=1"),
        lambda c: c.get("/_inspect/events?limit=x"),
        lambda c: c.get("/_inspect/events?q=a&q=b"),
        lambda c: c.get("/_inspect/events?q=evnt:a"),
        lambda c: c.get("/_inspect/events?count=2"),
    ],
    ("DELETE", "/_inspect/events", 200): [lambda c: c.delete("/_inspect/events")],
    ("DELETE", "/_inspect/events", 400): [
        lambda c: c.delete("/_inspect/events", json={})
    ],
    ("DELETE", "/_inspect/events", 403): [
        lambda c: c.delete("/_inspect/events", headers={"Origin": "null"}),
        lambda c: c.delete("/_inspect/events", headers=EVIL),
    ],
    ("DELETE", "/_inspect/events", 413): [
        lambda c: c.delete("/_inspect/events", data=TOO_MUCH)
    ],
    ("DELETE", "/_inspect/events", 503): [
        lambda c: _without_disk(c, lambda: c.delete("/_inspect/events"))
    ],
    ("GET", "/_inspect/events/{id}", 200): [
        lambda c, n=n: c.get(f"/_inspect/events/{n}")  # type: ignore[misc]
        for n in range(1, 9)
    ],
    ("GET", "/_inspect/events/{id}", 404): [lambda c: c.get("/_inspect/events/99")],
    ("GET", "/_inspect/events/latest", 200): [
        lambda c: c.get("/_inspect/events/latest")
    ],
    ("GET", "/_inspect/events/latest", 404): [
        lambda c: c.get("/_inspect/events/latest?q=event:purchas"),
        lambda c: c.get("/_inspect/events/latest?q=nothing"),
    ],
    ("GET", "/_inspect/events/summary", 200): [
        lambda c: c.get("/_inspect/events/summary"),
        lambda c: c.get("/_inspect/events/summary?q=site:1"),
        lambda c: _judged(c).get("/_inspect/events/summary"),
    ],
    ("GET", "/_inspect/requests", 200): [
        lambda c: c.get("/_inspect/requests"),
        lambda c: c.get("/_inspect/requests?status=400"),
    ],
    ("GET", "/_inspect/requests/{id}", 200): [
        lambda c, n=n: c.get(f"/_inspect/requests/{n}")  # type: ignore[misc]
        for n in range(1, 18)
    ],
    ("GET", "/_inspect/requests/{id}", 404): [lambda c: c.get("/_inspect/requests/99")],
    ("GET", "/_inspect/requests/{id}/body", 200): [
        lambda c: c.get("/_inspect/requests/1/body")
    ],
    ("GET", "/_inspect/requests/{id}/body", 404): [
        lambda c: c.get("/_inspect/requests/99/body")
    ],
    ("GET", "/_inspect/plan", 200): [
        lambda c: c.get("/_inspect/plan"),
        lambda c: _judged(c).get("/_inspect/plan"),
    ],
    ("PUT", "/_inspect/plan", 200): [
        lambda c: c.put("/_inspect/plan", json={"events": {"a": {"b": "number"}}}),
        lambda c: c.put("/_inspect/plan"),
    ],
    ("PUT", "/_inspect/plan", 403): [
        lambda c: c.put("/_inspect/plan", headers={"Origin": "https://shop.example"})
    ],
    ("PUT", "/_inspect/plan", 413): [lambda c: c.put("/_inspect/plan", data=TOO_MUCH)],
    ("PUT", "/_inspect/plan", 422): [
        lambda c: c.put("/_inspect/plan", data="events:\n  a:\n    b: nmber\n"),
        lambda c: c.put("/_inspect/plan", data="[]"),
        lambda c: c.put("/_inspect/plan", data="{", content_type="application/json"),
        lambda c: _judged(c).put(
            "/_inspect/plan", json={"events": {"a": {}}, "sources": ["30:given"]}
        ),
    ],
    ("DELETE", "/_inspect/plan", 200): [
        lambda c: _judged(c).delete("/_inspect/plan"),
    ],
    ("DELETE", "/_inspect/plan", 400): [
        lambda c: c.delete("/_inspect/plan", data=b"events: {a: {}}")
    ],
    ("DELETE", "/_inspect/plan", 413): [
        lambda c: c.delete("/_inspect/plan", data=TOO_MUCH)
    ],
    ("GET", "/_inspect/sources", 200): [
        lambda c: c.get("/_inspect/sources"),
        lambda c: _judged(c).get("/_inspect/sources"),
    ],
    ("PUT", "/_inspect/sources", 200): [
        lambda c: c.put("/_inspect/sources", json=[{"site": 29, "key": "k"}]),
        lambda c: c.put("/_inspect/sources"),
    ],
    ("PUT", "/_inspect/sources", 413): [
        lambda c: c.put("/_inspect/sources", data=TOO_MUCH)
    ],
    ("PUT", "/_inspect/sources", 422): [
        lambda c: c.put("/_inspect/sources", data="[,]"),
        lambda c: c.put("/_inspect/sources", json=[{"site": 29}]),
    ],
    ("DELETE", "/_inspect/sources", 200): [
        lambda c: _judged(c).delete("/_inspect/sources"),
    ],
    ("DELETE", "/_inspect/sources", 400): [
        lambda c: c.delete("/_inspect/sources", data=b"[]")
    ],
    ("DELETE", "/_inspect/sources", 413): [
        lambda c: c.delete("/_inspect/sources", data=TOO_MUCH)
    ],
    ("POST", "/_inspect/validate", 200): [
        lambda c, body=body: c.post("/_inspect/validate", data=body)  # type: ignore[misc]
        for body in (
            b'{"event_name":"purchase","revenue":"16,00"}',
            b'{"batch":[{"event_name":"a"},7,null,{}]}',
            b'{"batch":[]}',
            b"",
            b"{oops",
            b'{"a":"%s"}' % (b"x" * MAX_EVENT_BYTES),
            NESTED[900],
        )
    ],
    ("POST", "/_inspect/validate", 403): [
        lambda c: c.post("/_inspect/validate", headers={"Origin": "https://a.example"})
    ],
    ("POST", "/_inspect/validate", 413): [
        lambda c: c.post("/_inspect/validate", data=TOO_MUCH)
    ],
    ("POST", "/_inspect/check", 200): [
        lambda c: c.post("/_inspect/check", json={"expect": ["event:purchase"]}),
        lambda c: _judged(c).post("/_inspect/check", data="never: [event:b]\nwait: 0"),
        *(
            lambda c, form=form: c.post(
                "/_inspect/check", json={"expect": ["event:purchase"], "format": form}
            )
            for form in FORMATS
        ),
    ],
    ("POST", "/_inspect/check", 400): [
        lambda c: c.post("/_inspect/check", json={"expect": ["evnt:a"]}),
        lambda c: c.post("/_inspect/check", json={"coverage": "80%"}),
        lambda c: c.post("/_inspect/check", json={"expect": ["a"], "wait": "2"}),
    ],
    ("POST", "/_inspect/check", 413): [
        lambda c: c.post("/_inspect/check", data=TOO_MUCH)
    ],
    ("POST", "/_inspect/check", 422): [
        lambda c: c.post(
            "/_inspect/check",
            json={"expect": ["event:purchas", "event:a count=3"], "all_valid": True},
        ),
    ],
    ("GET", "/_inspect/faults", 200): [
        lambda c: c.get("/_inspect/faults"),
        lambda c: _faulty(c).get("/_inspect/faults"),
    ],
    ("PUT", "/_inspect/faults", 200): [
        lambda c: c.put("/_inspect/faults", json=FAULTS),
        lambda c: c.put("/_inspect/faults"),
    ],
    ("PUT", "/_inspect/faults", 413): [
        lambda c: c.put("/_inspect/faults", data=TOO_MUCH)
    ],
    ("PUT", "/_inspect/faults", 422): [
        lambda c: c.put("/_inspect/faults", data="[,]"),
        lambda c: c.put("/_inspect/faults", json=[{"stauts": 503}]),
        lambda c: c.put("/_inspect/faults", json=[{"reset": True, "status": 503}]),
    ],
    ("DELETE", "/_inspect/faults", 200): [
        lambda c: _faulty(c).delete(f"/_inspect/faults?id={_newest_rule(c)}"),
        lambda c: _faulty(c).delete("/_inspect/faults"),
    ],
    ("DELETE", "/_inspect/faults", 400): [
        lambda c: c.delete("/_inspect/faults", data=b"[]")
    ],
    ("DELETE", "/_inspect/faults", 404): [lambda c: c.delete("/_inspect/faults?id=1")],
    ("DELETE", "/_inspect/faults", 413): [
        lambda c: c.delete("/_inspect/faults", data=TOO_MUCH)
    ],
    ("GET", "/_inspect/stream", 200): [_closed_stream],
    ("GET", "/_inspect/stream", 400): [lambda c: _closed_stream(c, "?q=evnt:a")],
    ("GET", "/_inspect/export", 200): [
        lambda c, name=name: c.get(f"/_inspect/export?format={name}")  # type: ignore[misc]
        for name in EXPORTS
    ],
    ("POST", "/_inspect/undo", 200): [lambda c: _undo(c, json=_deleted(c))],
    ("POST", "/_inspect/undo", 400): [lambda c: _undo(c, data=b"{")],
    ("POST", "/_inspect/undo", 403): [
        lambda c: _undo(c, headers={"Origin": "https://shop.example"})
    ],
    ("POST", "/_inspect/undo", 404): [lambda c: _undo(c, json={"undo": "x"})],
    ("POST", "/_inspect/undo", 413): [lambda c: _undo(c, data=TOO_MUCH)],
    ("POST", "/_inspect/undo", 503): [
        lambda c: _without_disk(c, lambda: _undo(c, json=_deleted_before(c)))
    ],
}


def _deleted_before(client: FlaskClient) -> dict[str, str]:
    return {"undo": "0" * 16}


def _everywhere(status: int, act: Callable[[str, str], Act]) -> None:
    """Add what is answered alike by all operations, where nothing better is there."""
    for method, path in OPERATIONS:
        asked = path.replace("{id}", "1")
        ACTS.setdefault((method, path, status), [act(method, asked)])


_everywhere(400, lambda method, path: lambda c: c.open(f"{path}?x=1", method=method))
_everywhere(
    403, lambda method, path: lambda c: c.open(path, method=method, headers=EVIL)
)


def test_each_status_that_is_described_is_answered_and_no_other() -> None:
    described = {
        (method, path, int(status))
        for (method, path), operation in OPERATIONS.items()
        for status in operation["responses"]
    }
    assert set(ACTS) == described


@pytest.mark.parametrize(
    ("method", "path", "status"), ACTS, ids=[" ".join(map(str, one)) for one in ACTS]
)
def test_each_answer_is_what_is_described(
    client: FlaskClient, full: None, method: str, path: str, status: int
) -> None:
    described = resolved(OPERATIONS[method, path]["responses"][str(status)])
    for act in ACTS[method, path, status]:
        answer = act(client)
        assert answer.status_code == status, answer.text
        content = described["content"][answer.mimetype]
        for name in described.get("headers", ()):
            assert name in answer.headers
        if answer.mimetype == "application/json":
            check_schema(json_of(answer), content["schema"])


def test_an_error_that_is_no_operations_is_as_described_too(
    client: FlaskClient,
) -> None:
    schema = {"$ref": "#/components/schemas/Error"}
    check_schema(json_of(client.get("/_inspect/nowhere")), schema)
    check_schema(json_of(client.post("/_inspect/events")), schema)


def test_the_schemas_refuse_what_they_do_not_describe(
    client: FlaskClient, full: None
) -> None:
    page = json_of(client.get("/_inspect/requests"))
    refused = json_of(client.get("/_inspect/requests/10"))
    taken = json_of(client.get("/_inspect/requests/1"))
    for name, good, places in (
        ("RequestPage", page, ["", "requests.0", "requests.9.refusal"]),
        ("RequestWithEvents", refused, ["", "refusal", "refusal.fields.0"]),
        ("RequestWithEvents", taken, ["events.0", "events.0.findings.0"]),
    ):
        schema = validator({"$ref": f"#/components/schemas/{name}"})
        schema.validate(good)
        for place in places:
            more, less = deepcopy(good), deepcopy(good)
            _at(more, place)["more"] = 1
            key, _ = _at(less, place).popitem()
            assert not schema.is_valid(more), place
            assert not schema.is_valid(less), (place, key)


def _at(value: Any, place: str) -> Any:
    for step in filter(None, place.split(".")):
        value = value[int(step) if step.isdigit() else step]
    return value


def test_each_message_of_the_stream_is_what_is_described(
    client: FlaskClient, full: None
) -> None:
    schemas = {"event": "Event", "request": "Request"}
    told = list(messages(_closed_stream(client).data))
    assert {one.kind for one in told} == {"event", "request", "deleted"}
    text = OPERATIONS["GET", "/_inspect/stream"]["description"]
    for one in told:
        assert f"`{one.kind}`" in text
        if one.kind in schemas:
            check_schema(
                one.data, {"$ref": f"#/components/schemas/{schemas[one.kind]}"}
            )


def test_each_line_of_an_export_is_what_is_described(
    client: FlaskClient, full: None
) -> None:
    lines = client.get("/_inspect/export").data.splitlines()
    assert len(lines) == 9
    for line in lines:
        check_schema(json.loads(line), {"$ref": "#/components/schemas/Event"})
    rows = list(csv.reader(client.get("/_inspect/export?format=csv").text.splitlines()))
    assert len(rows) == 10


def test_every_code_of_an_error_is_described_and_answered(
    client: FlaskClient, full: None
) -> None:
    answers = [act(client) for acts in ACTS.values() for act in acts]
    answers += [client.get("/_inspect/nowhere"), client.post("/_inspect/events")]
    seen = {
        json_of(answer)["error"]["code"]
        for answer in answers
        # What does not hold is no error, and may be told as text or XML.
        if answer.status_code >= 400 and answer.request.path != "/_inspect/check"
    } | {json_of(client.post("/_inspect/check", data="x: 1"))["error"]["code"]}
    error = DOCUMENT["components"]["schemas"]["Error"]["properties"]["error"]
    assert sorted(seen) == error["properties"]["code"]["enum"]


def test_the_description_names_the_source_of_each_id() -> None:
    assert SOURCE.startswith("tc_s=")
    event = DOCUMENT["components"]["schemas"]["Event"]["properties"]
    assert "`tc_s`" in event["site_id"]["description"]
    assert "`token`" in event["source_key"]["description"]
