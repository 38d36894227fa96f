"""A tracking plan: what a team says its events should be, and what breaks it.

```yaml
actions:                      # what production does; these are the defaults
  missing required property: accept   # or reject
  unexpected value format: omit       # or accept, reject
  unspecified event: accept           # or warn
  unspecified property: accept        # or omit, warn
sources:
  - {site: 29, key: 7183b9d4, label: web shop, environment: production, active: true}
events:
  purchase:
    revenue: number, required
    currency: {enum: [EUR, USD], required: true}
    user.id: string, required
    items: list of object
    items[].id: string, required
  page_view:
    schema: {required: [page_type]}   # JSON Schema
  logout:                             # known by its name, its properties not planned
```

`notation` tells of the short form. A JSON Schema says itself, by
`additionalProperties`, whether other properties are unspecified; in the short form all
are that the plan does not list, beside those that the platform defines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from mockcollect.errors import InvalidPlan
from mockcollect.verdict.actions import SITUATION_OF, Actions, read_actions
from mockcollect.verdict.breach import NOT_PLANNED, Breach
from mockcollect.verdict.notation import (
    PlannedProperty,
    read_path,
    read_property,
    refuse_unknown_keys,
)
from mockcollect.verdict.planfile import Node, read
from mockcollect.verdict.plantext import plan_text
from mockcollect.verdict.schema import Schema
from mockcollect.verdict.shape import Shape, build_shape, find_breaches
from mockcollect.verdict.sources import Sources, read_sources
from mockcollect.verdict.subject import Subject
from mockcollect.verdict.suggestions import did_you_mean, shown
from mockcollect.verdict.verdict import Finding, sample_of
from mockcollect.verdict.view import PLATFORM_PROPERTIES, View, name_path

SOURCE = "tracking plan: "
"""What the source of each of a plan's findings begins with."""

_SUGGESTED = 2
"""For so many unknown properties of an event the one that was meant is looked for."""


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """What a plan says of one event: properties by their paths, or a JSON Schema."""

    name: str
    properties: Mapping[str, PlannedProperty] = field(default_factory=dict)
    shape: Shape | None = field(default=None, compare=False, repr=False)
    schema: Schema | None = field(default=None, compare=False, repr=False)

    @property
    def is_specified(self) -> bool:
        """Whether anything is said of its properties."""
        return self.shape is not None or self.schema is not None

    def breaches(self, view: View) -> list[Breach]:
        """Return how an event of this name is not as planned."""
        if self.shape is not None:
            return find_breaches(self.shape, view)
        if self.schema is None:
            return []
        found = self.schema.breaches(view.data, texts=view.is_pixel)
        return [one for one in found if not _is_the_platforms(one, view)]

    def to_data(self) -> dict[str, Any]:
        """Return the event as a plan's file has it."""
        if self.schema is not None:
            return {"schema": self.schema.source}
        return {path: one.to_data() for path, one in self.properties.items()}


def _is_the_platforms(breach: Breach, view: View) -> bool:
    if breach.code == "property.unknown":
        return breach.path in PLATFORM_PROPERTIES
    return breach.code != "property.value" and view.is_filled_in(breach.path)


class Plan:
    """A tracking plan.

    `name` is its file's name, `sources` the known sources that stand in it, if any.
    `version` is the same for plans that say the same: use it as the key of caches.

    `Judge` asks `check` for findings, and `rejects` which of them refuse the event. For
    an event that the plan `specifies`, its findings come instead of those on the
    properties of the vendor's standard events; all other rules go on.
    """

    def __init__(
        self,
        name: str,
        events: Mapping[str, PlannedEvent],
        *,
        actions: Actions | None = None,
        sources: Sources | None = None,
    ) -> None:
        self.name = name
        self.events = dict(events)
        self.actions = actions or Actions()
        self.sources = sources

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plan) and other.version == self.version

    def __hash__(self) -> int:
        return hash(self.version)

    @property
    def event_names(self) -> tuple[str, ...]:
        """The names of the planned events, in the plan's order."""
        return tuple(self.events)

    @cached_property
    def version(self) -> str:
        """A short hash of all that the plan says."""
        said = orjson.dumps(self._data())
        return hashlib.sha256(said).hexdigest()[:16]

    def specifies(self, event_name: str | None) -> bool:
        """Return whether the plan says what the properties of an event should be."""
        planned = self.events.get(event_name) if event_name is not None else None
        return planned is not None and planned.is_specified

    def check(self, subject: Subject) -> list[Finding]:
        """Return what in an event is not as planned, at most some twenty findings.

        Nothing for what has no event name: a rule finds that.
        """
        event_name = subject.event.event_name
        if event_name is None:
            return []
        planned = self.events.get(event_name)
        if planned is None:
            return [self._unknown_event(event_name, subject)]
        view = View(subject.event)
        breaches = planned.breaches(view)
        return self._findings(planned, breaches, view) if breaches else []

    def rejects(self, finding: Finding) -> bool:
        """Return whether the plan's actions refuse an event for a finding.

        Only for the plan's own: the same code may come from the vendor's reference, and
        that refuses nothing. No note does.
        """
        if finding.level != "error" or not finding.source.startswith(SOURCE):
            return False
        return finding.code in self.rejecting

    @cached_property
    def rejecting(self) -> frozenset[str]:
        """The codes that refuse an event, in findings of this plan."""
        return frozenset(
            code for code in SITUATION_OF if self.actions.action(code) == "reject"
        )

    def _findings(
        self, planned: PlannedEvent, breaches: Iterable[Breach], view: View
    ) -> list[Finding]:
        found: list[Finding] = []
        unknown = 0
        for breach in breaches:
            unknown += breach.code == "property.unknown"
            near = _near(breach) if unknown <= _SUGGESTED else ""
            found.append(self._finding(planned, breach, view, near))
        return found

    def _finding(
        self, planned: PlannedEvent, breach: Breach, view: View, near: str
    ) -> Finding:
        path = view.path(breach.path)
        remedy = near or breach.remedy
        if not breach.remark:
            remedy = f"{remedy} {self.actions.outcome(breach.code)}".strip()
        return Finding(
            breach.code,
            "note" if breach.remark else self.actions.level(breach.code),
            path,
            f"{shown(path) or 'the event'} {breach.says}",
            sample_of(breach.sample),
            remedy,
            SOURCE + planned.name + (f".{breach.rule}" if breach.rule else ""),
        )

    def _unknown_event(self, event_name: str, subject: Subject) -> Finding:
        return Finding(
            "event.unknown",
            self.actions.level("event.unknown"),
            name_path(subject.layout),
            f"`{shown(event_name)}` {NOT_PLANNED}",
            sample_of(event_name),
            did_you_mean(event_name, self.events)
            or "Add it to the plan if it is meant.",
            f"{SOURCE}events",
        )

    def _data(self) -> dict[str, Any]:
        return {
            "actions": self.actions.to_dict(),
            "sources": self.sources.to_dict()["sources"] if self.sources else [],
            "events": {name: one.to_data() for name, one in self.events.items()},
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as JSON shows it: what a plan's file may hold, and more."""
        return {"name": self.name, "version": self.version, **self._data()}

    def text(self) -> str:
        """Return the plan as YAML, as it was understood."""
        return plan_text(self._data())


def _near(breach: Breach) -> str:
    if breach.code != "property.unknown":
        return ""
    name = breach.path.rpartition(".")[2]
    return did_you_mean(name, breach.known) or "Add it to the plan if it is meant."


def load_plan(path: str | Path) -> Plan:
    """Return the plan in a file. Raises InvalidPlan: its text names file and line."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise InvalidPlan(f"{reason[0].lower()}{reason[1:]}", name=str(path)) from None
    return parse_plan(content, name=str(path))


def parse_plan(text: str | bytes, *, name: str) -> Plan:
    """Return the plan in a text, YAML or JSON, from a file or a body with a name.

    Raises InvalidPlan: its text names the file and the line.
    """
    try:
        return _plan(read(_decoded(text), name=name), name)
    except InvalidPlan as error:
        raise error.named(name) from None


def _decoded(text: str | bytes) -> str:
    if isinstance(text, str):
        return text
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        reason = f"not UTF-8: byte {text[error.start]:02X} is none. Save it as UTF-8"
        raise InvalidPlan(reason, line=line) from None


def _plan(root: Node, name: str) -> Plan:
    if not isinstance(root.value, dict):
        reason = (
            "a plan is an object with `events`, and `actions` and `sources` if wanted"
        )
        raise InvalidPlan(reason, line=root.line)
    refuse_unknown_keys(root, ("actions", "sources", "events"), "the plan")
    parts = root.value
    return Plan(
        name,
        _events(parts.get("events"), root),
        actions=read_actions(parts.get("actions")),
        sources=read_sources(parts.get("sources")),
    )


def _events(node: Node | None, root: Node) -> dict[str, PlannedEvent]:
    if node is None:
        raise InvalidPlan("`events` is missing: it names the planned events")
    if not isinstance(node.value, dict) or not node.value:
        reason = "`events` should be an object, with the events' names as its keys"
        raise InvalidPlan(reason, line=root.keys["events"])
    return {
        name: _event(name, one, node.keys[name]) for name, one in node.value.items()
    }


def _event(name: str, node: Node, line: int) -> PlannedEvent:
    if not name:
        raise InvalidPlan("an event has an empty name", line=line)
    if node.value is None or node.value == {}:
        return PlannedEvent(name)
    if not isinstance(node.value, dict):
        reason = f"`{shown(name)}` should be an object of properties, or empty"
        raise InvalidPlan(reason, line=line)
    schema = node.value.get("schema")
    if schema is not None and isinstance(schema.value, (dict, bool)):
        return PlannedEvent(name, schema=_schema(name, node, schema))
    return _specified(name, node)


def _schema(name: str, node: Node, schema: Node) -> Schema:
    for key, line in node.keys.items():
        if key != "schema":
            reason = f"`{shown(name)}` has a `schema`: `{shown(key)}` belongs into that"
            raise InvalidPlan(reason, line=line)
    return Schema.read(schema, schema.data())


def _specified(name: str, node: Node) -> PlannedEvent:
    paths = {path: read_path(path, node.keys[path]) for path in node.value}
    properties = {path: read_property(one, path) for path, one in node.value.items()}
    shape = build_shape(
        {path: (paths[path], properties[path], node.keys[path]) for path in paths}
    )
    return PlannedEvent(name, properties, shape)
