"""The vendor's standard events: known by name, and events checked against them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from mockcollect.verdict.properties import Fault, Property
from mockcollect.verdict.subject import Subject
from mockcollect.verdict.verdict import Finding, sample_of
from mockcollect.verdict.words import listed

MAX_FINDINGS = 20
"""More than so many findings on one event help nobody."""

_BROWSER: frozenset[str] = frozenset({"browser", "browser-v1"})
_OWN_CONTEXT: frozenset[str] = frozenset({"server", "pixel"})
"""The layouts whose context a person writes; elsewhere the vendor's client does."""

_JUDGED_BY_RULES = frozenset(
    {
        "id",
        "consistent_anonymous_id",
        "email",
        "email_md5",
        "email_sha256",
        "phone",
        "phone_md5",
        "phone_sha256",
        "gender",
        "birthdate",
        "country",
        "consent_categories",
        "event_id",
        "event_timestamp",
        "version",
    }
)
"""Properties of user and context that have rules of their own."""

_USER_SOURCE = "events reference, user"
_ITEM_SOURCE = "events reference, item"
_PRODUCT_SOURCE = "events reference, product"
_CONTEXT_SOURCE = "OpenAPI file"

_Table = Mapping[str, Property]


@dataclass(frozen=True, slots=True)
class StandardEvent:
    """One event of the reference: its properties, and which of them must be there.

    `one_of` are groups of properties of which one is enough.
    """

    name: str
    page: str
    properties: _Table
    required: frozenset[str]
    one_of: tuple[tuple[str, ...], ...]
    amounts: tuple[str, ...]
    """The names of the properties that hold money."""
    has_items: bool


class StandardEvents:
    """The reference's events, compiled once.

    The reference has the shape of `reference/standard_events.json`.
    """

    def __init__(self, reference: Mapping[str, Any]) -> None:
        types = {
            name: _table(one["properties"], private=name in ("User", "Device"))
            for name, one in reference["types"].items()
        }
        self.types: Mapping[str, _Table] = types
        self.events: Mapping[str, StandardEvent] = {
            name: _event(name, one, reference["shared"].get(one["page"], {}))
            for name, one in reference["events"].items()
        }
        self.other_names: Mapping[str, str] = reference["other_names"]
        self._user = _without_judged(types["User"])
        self._context = _without_judged(types["Context"])
        self._refs = {
            name: tuple((one.name, one.ref) for one in table.values() if one.ref)
            for name, table in types.items()
        }
        self._product_needs = tuple(
            name for name, one in types["Product"].items() if one.required
        )
        self._item = {
            name: one
            for name, one in types["Item"].items()
            if name not in ("id", "product", "quantity")
        }

    def names(self) -> tuple[str, ...]:
        """Return the names of all standard events."""
        return tuple(self.events)

    def event(self, name: str | None) -> StandardEvent | None:
        """Return the standard event of a name, `None` for a custom one."""
        return self.events.get(name) if name else None

    def check(self, subject: Subject) -> Iterable[Finding]:
        """Return what the reference finds wrong with an event, 20 findings at most.

        Only `property.required`, `property.type` and `property.value`: identity, time,
        consent, currency, amounts and the shape of `items` have their own rules.
        """
        found: list[Finding] = []
        event = self.event(subject.event.event_name)
        if event is not None:
            self._check_properties(subject, event, found)
        self._check_user(subject, found)
        if subject.layout in _OWN_CONTEXT:
            self._check_context(subject, found)
        return found[:MAX_FINDINGS]

    def _check_properties(
        self, subject: Subject, event: StandardEvent, found: list[Finding]
    ) -> None:
        properties, at = subject.properties, subject.at
        texts = subject.layout == "pixel"
        source = f"events reference, {event.name}"
        _find_missing(subject, event, source, found)
        _find_wrong(event.properties, properties, at, source, found, texts=texts)
        items = properties.get("items") if event.has_items else None
        if not isinstance(items, list):
            return
        for index, item in enumerate(items):
            if item and isinstance(item, dict) and len(found) < MAX_FINDINGS:
                self._check_item(item, f"{at}items[{index}].", found, texts=texts)

    def _check_item(
        self, item: dict[str, Any], at: str, found: list[Finding], *, texts: bool
    ) -> None:
        _find_wrong(self._item, item, at, _ITEM_SOURCE, found, texts=texts)
        product = item.get("product")
        if not isinstance(product, dict):
            return
        at = f"{at}product."
        for name in self._product_needs:
            if name not in product:
                text = "is required of a product"
                found.append(_required(f"{at}{name}", text, _PRODUCT_SOURCE))
        table = self.types["Product"]
        _find_wrong(table, product, at, _PRODUCT_SOURCE, found, texts=texts)

    def _check_user(self, subject: Subject, found: list[Finding]) -> None:
        if subject.user:
            texts = subject.layout == "pixel"
            at = subject.user_at
            _find_wrong(self._user, subject.user, at, _USER_SOURCE, found, texts=texts)
            return
        user = subject.data.get("user")
        if user is not None and not isinstance(user, dict) and not _waits(user):
            _find_wrong(_USER, {"user": user}, "", _USER_SOURCE, found)

    def _check_context(self, subject: Subject, found: list[Finding]) -> None:
        if not subject.context:
            _find_wrong(_CONTEXT, subject.data, "", _CONTEXT_SOURCE, found)
            return
        texts = subject.layout == "pixel"
        nodes = [("context.", "Context", subject.context)]
        while nodes:
            at, kind, values = nodes.pop()
            table = self._context if kind == "Context" else self.types[kind]
            _find_wrong(table, values, at, _CONTEXT_SOURCE, found, texts=texts)
            for name, below in self._refs[kind]:
                if name in values and values[name].__class__ is dict:
                    nodes.append((f"{at}{name}.", below, values[name]))


@cache
def standard_events() -> StandardEvents:
    """Return the standard events of the vendor's reference, read at the first call."""
    text = files("mockcollect.verdict.reference").joinpath("standard_events.json")
    return StandardEvents(json.loads(text.read_bytes()))


_USER = {"user": Property("user", "object", ref="User", private=True)}
_CONTEXT = {"context": Property("context", "object", ref="Context")}


def _waits(user: Any) -> bool:
    """Tell whether the Android SDK holds the event back until there is consent."""
    return isinstance(user, str) and user.startswith("{waiting_for_consent")


def _find_missing(
    subject: Subject, event: StandardEvent, source: str, found: list[Finding]
) -> None:
    properties, at = subject.properties, subject.at
    if not event.required <= properties.keys():
        for name, one in event.properties.items():
            if one.required and name not in properties and not _fills(subject, one):
                old = _old_name(event, properties, name)
                text = f"is required for {event.name}{old}"
                note = bool(one.conflict)
                found.append(_required(f"{at}{name}", text, source, note=note))
    for group in event.one_of:
        if properties.keys().isdisjoint(group):
            text = f"or {listed(group[1:])} is required for {event.name}"
            found.append(_required(f"{at}{group[0]}", text, source))


def _fills(subject: Subject, one: Property) -> bool:
    """Tell whether the vendor's client or another rule sees to a missing property."""
    if one.name == "currency":
        return True
    return one.filled_by_browser and subject.layout in _BROWSER


def _old_name(event: StandardEvent, properties: Mapping[str, Any], name: str) -> str:
    for one in event.properties.values():
        if one.old_name_of == name and one.name in properties:
            return f", and {one.name} is its old name"
    return ""


def _required(path: str, text: str, source: str, *, note: bool = False) -> Finding:
    return Finding(
        "property.required",
        "note" if note else "warning",
        path,
        f"{path} {text}; it is missing",
        None,
        f"Send {path}.",
        source,
    )


def _find_wrong(
    table: _Table,
    values: dict[str, Any],
    at: str,
    source: str,
    found: list[Finding],
    *,
    texts: bool = False,
) -> None:
    for name, value in values.items():
        if name in table:
            one = table[name]
            if value and (value.__class__ in one.plain or _is_fine(one, value)):
                continue
            for fault in one.faults(value, texts=texts):
                found.append(_finding(fault, f"{at}{name}{fault.below}", value, source))


def _is_fine(one: Property, value: Any) -> bool:
    return value.__class__ is str and one.accepts is not None and one.accepts(value)


def _finding(fault: Fault, path: str, value: Any, source: str) -> Finding:
    message = f"{path} {fault.text}"
    sample = sample_of(value)
    return Finding(fault.code, fault.level, path, message, sample, fault.remedy, source)


def _event(
    name: str, data: Mapping[str, Any], shared: Mapping[str, Any]
) -> StandardEvent:
    properties = _table({**shared, **data["properties"]})
    required = frozenset(key for key, one in properties.items() if one.required)
    groups = {
        tuple(sorted({key, *one.required_unless}))
        for key, one in properties.items()
        if one.required_unless
    }
    return StandardEvent(
        name,
        data["page"],
        properties,
        required,
        tuple(sorted(groups)),
        tuple(key for key, one in properties.items() if one.kind == "amount"),
        "items" in properties,
    )


def _table(data: Mapping[str, Any], *, private: bool = False) -> dict[str, Property]:
    return {
        name: Property.of_data(name, one, private=private) for name, one in data.items()
    }


def _without_judged(table: _Table) -> dict[str, Property]:
    return {name: one for name, one in table.items() if name not in _JUDGED_BY_RULES}
