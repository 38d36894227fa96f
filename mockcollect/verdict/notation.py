"""The short form of a plan: `revenue: number, required`, read and written.

A property is a type, and whether it is required:

    string | number | boolean | object | any
    list | list of TYPE | set | set of TYPE      a set holds no value twice
    … , required                                 or optional, which need not be said

or an object with `type` and `required`, an `enum`, and what JSON Schema has for one
value (`minimum`, `pattern` …); on a list these are asked of each value in it. Its name
is a path: `user.id`, `items[].product.price`; `\\.` is a dot in a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from mockcollect.errors import InvalidPlan
from mockcollect.verdict.planfile import Node
from mockcollect.verdict.schema import Schema
from mockcollect.verdict.suggestions import did_you_mean, shown
from mockcollect.verdict.words import kind as kind_of

Kind = Literal["string", "number", "boolean", "object", "any"]
Structure = Literal["single", "list", "set"]
KINDS: tuple[Kind, ...] = get_args(Kind)

MAX_SEGMENTS = 16

_KEYWORDS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
)
_KEYS = ("type", "required", "enum", "description", *_KEYWORDS)
_ELSEWHERE = {
    "str": "string",
    "text": "string",
    "date": "string",
    "datetime": "string",
    "int": "number",
    "integer": "number",
    "float": "number",
    "double": "number",
    "decimal": "number",
    "bool": "boolean",
    "array": "list",
    "dict": "object",
    "map": "object",
    "null": "any",
}
"""What other notations call the platform's types."""

_TYPE = re.compile(r"(?:(list|set)(?: of (\w+))?|(\w+))")
_SEGMENT = re.compile(r"((?:[^.\[\]\\]|\\[.\[\]\\])+)(\[\])?(\.|$)")


@dataclass(frozen=True, slots=True)
class PlannedProperty:
    """What a plan says of one property.

    `rest` is what it says in JSON Schema of each value, `schema` the same to check by.
    """

    kind: Kind = "any"
    structure: Structure = "single"
    required: bool = False
    enum: tuple[Any, ...] = ()
    rest: Mapping[str, Any] = field(default_factory=dict)
    schema: Schema | None = field(default=None, compare=False, repr=False)

    @property
    def type(self) -> str:
        """The type as the short form writes it."""
        if self.structure == "single":
            return self.kind
        return (
            self.structure if self.kind == "any" else f"{self.structure} of {self.kind}"
        )

    @property
    def short(self) -> str:
        """The type, and whether it is required, as the short form writes them."""
        return f"{self.type}, required" if self.required else self.type

    def to_data(self) -> str | dict[str, Any]:
        """Return the property as a plan's file has it."""
        if not self.enum and not self.rest:
            return self.short
        data: dict[str, Any] = {} if self.type == "any" else {"type": self.type}
        data.update({"required": True} if self.required else {})
        data.update({"enum": list(self.enum)} if self.enum else {})
        return data | dict(self.rest)


def read_property(node: Node, name: str) -> PlannedProperty:
    """Return what a node says of the property with a name.

    Raises InvalidPlan with the line.
    """
    if isinstance(node.value, dict):
        return _read_long(node, name)
    if isinstance(node.value, list):
        reason = (
            f"`{name}` should be a type, as in `{name}: number, required`, not a list"
        )
        raise InvalidPlan(reason, line=node.line)
    return _read_short(node.text, name, node.line)


def _read_short(text: str, name: str, line: int) -> PlannedProperty:
    words = [" ".join(word.lower().split()) for word in text.split(",")]
    flags = [word for word in words if word in ("required", "optional")]
    types = [word for word in words if word not in flags]
    if len(types) > 1 or len(flags) > 1 or "" in types:
        reason = (
            f"`{name}: {shown(text)}` should be one type, and `required` if it is, "
            f"as in `{name}: number, required`"
        )
        raise InvalidPlan(reason, line=line)
    kind, structure = _read_type(types[0], line) if types else ("any", "single")
    return PlannedProperty(kind, structure, "required" in flags)


def _read_type(word: str, line: int) -> tuple[Kind, Structure]:
    match = _TYPE.fullmatch(word)
    structure = match[1] if match else None
    name = (match[2] or match[3] or "any") if match else word
    for kind in KINDS:
        if name in (kind, kind + "s") and (structure or name == kind):
            return kind, structure or "single"  # type: ignore[return-value]
    raise InvalidPlan(_unknown_type(name, structure), line=line)


def _unknown_type(name: str, structure: str | None) -> str:
    known = KINDS if structure else (*KINDS, "list", "set")
    meant = _ELSEWHERE.get(name, name)
    near = f"Did you mean `{meant}`?" if meant in known else did_you_mean(name, known)
    types = "string, number, boolean, object and any, and `list of` or `set of` one"
    return f"unknown type `{shown(name)}`. {near or f'There are {types}.'}"


def _read_long(node: Node, name: str) -> PlannedProperty:
    refuse_unknown_keys(node, _KEYS, f"what is said of `{name}`")
    values: dict[str, Node] = node.value
    kind, structure = _kind_of(node)
    rest = {key: values[key].data() for key in values if key in _KEYWORDS}
    enum = _read_enum(node, name)
    return PlannedProperty(
        kind,
        structure,
        _read_flag(values.get("required")),
        enum,
        rest,
        Schema.read(node, rest) if rest else None,
    )


def _kind_of(node: Node) -> tuple[Kind, Structure]:
    said = node.value.get("type")
    if said is None:
        return "any", "single"
    if not isinstance(said.value, str):
        reason = f"`type` should be one type, not {kind_of(said.value)}"
        raise InvalidPlan(reason, line=node.keys["type"])
    return _read_type(" ".join(said.text.lower().split()), said.line)


def _read_flag(node: Node | None) -> bool:
    value = node.data() if node else False
    if node and not isinstance(value, bool):
        reason = f"`required` should be true or false, not {kind_of(value)}"
        raise InvalidPlan(reason, line=node.line)
    return bool(value)


def _read_enum(node: Node, name: str) -> tuple[Any, ...]:
    said = node.value.get("enum")
    if said is None:
        return ()
    if not isinstance(said.value, list) or not said.value:
        reason = f"the `enum` of `{name}` should be a list of values, as in [EUR, USD]"
        raise InvalidPlan(reason, line=node.keys["enum"])
    for one in said.value:
        if isinstance(one.value, (dict, list)):
            raise InvalidPlan(
                "an `enum` lists texts, numbers, true, false", line=one.line
            )
    return tuple(said.data())


def refuse_unknown_keys(node: Node, known: tuple[str, ...], where: str) -> None:
    """Raise InvalidPlan for a key that is none of those known."""
    for key in node.value:
        if key not in known:
            near = did_you_mean(key, known) or f"It takes {', '.join(known)}."
            reason = f"unknown key `{shown(key)}` in {where}. {near}"
            raise InvalidPlan(reason, line=node.keys[key])


Path = tuple[tuple[str, bool], ...]
"""The names of a path, each with whether it holds a list: `items[]`."""


def read_path(text: str, line: int) -> Path:
    """Return the names of a path. Raises InvalidPlan for one that cannot be read."""
    found = list(_SEGMENT.finditer(text))
    if "".join(one[0] for one in found) != text or not found or found[-1][3]:
        reason = (
            f"`{shown(text)}` is no path of a property: write `name`, `user.id` or "
            "`items[].id`"
        )
        raise InvalidPlan(reason, line=line)
    if found[-1][2]:
        bare = text.removesuffix("[]")
        reason = f"`{shown(text)}`: write `{shown(bare)}: list of …`"
        raise InvalidPlan(reason, line=line)
    if len(found) > MAX_SEGMENTS:
        raise InvalidPlan(f"a path of more than {MAX_SEGMENTS} names", line=line)
    return tuple((re.sub(r"\\(.)", r"\1", one[1]), bool(one[2])) for one in found)


def write_name(name: str) -> str:
    """Return a name as a path has it."""
    return re.sub(r"([.\[\]\\])", r"\\\1", name)
