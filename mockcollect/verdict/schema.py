"""JSON Schema: compiled from a plan, asked of an event, its errors in our words.

The validator is the one in Rust. Its engine for `pattern` takes time that grows with
the text only, and so knows no look-around; it fetches nothing from anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

import jsonschema_rs
from jsonschema_rs import ValidationError

from mockcollect.errors import InvalidPlan
from mockcollect.verdict.breach import MAX_BREACHES, NOT_PLANNED, Breach, Code
from mockcollect.verdict.planfile import Node
from mockcollect.verdict.suggestions import choices, did_you_mean, shown
from mockcollect.verdict.words import described, kind, listed, number_in, quoted

MAX_PATTERN_BYTES = 4 * 1024 * 1024
"""A larger compiled `pattern` takes milliseconds to begin with."""

MANY_VALUES = 300
"""Errors are told all at once: of a larger event, only lists' first values are read."""

_HEAD = 10
_COUNTING = frozenset({"minItems", "contains", "uniqueItems"})
"""Keywords that a shortened list may breach where the whole does not."""

_SHOULD: dict[str, str] = {
    "minimum": "be at least {}",
    "maximum": "be at most {}",
    "exclusiveMinimum": "be more than {}",
    "exclusiveMaximum": "be less than {}",
    "multipleOf": "be a multiple of {}",
    "minLength": "have at least {} characters",
    "maxLength": "have at most {} characters",
    "pattern": "match the pattern {}",
    "format": "have the format {}",
    "minItems": "have at least {} values",
    "maxItems": "have at most {} values",
    "minProperties": "have at least {} properties",
    "maxProperties": "have at most {} properties",
    "const": "be {}",
}
_ARTICLES = {
    "string": "text",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "integer": "a whole number",
    "null": "null",
}
_TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
_FORMATS = (
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uri-template",
    "uuid",
    "regex",
    "json-pointer",
)
_REMOTE = re.compile(r"^Resource '([^']+)' is not present")
_INDEX = re.compile(r"\[\d+\]", re.ASCII)
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_PIXEL_REMEDY = "Nothing can be done in a pixel; a POST can send it as it is."
_CLOSED = frozenset({"additionalProperties", "unevaluatedProperties"})


class Schema:
    """A JSON Schema that events, or their values, are asked to hold."""

    __slots__ = ("_validator", "source")

    def __init__(self, source: dict[str, Any] | bool) -> None:
        self.source = source
        self._validator = jsonschema_rs.validator_for(
            source,
            pattern_options=jsonschema_rs.RegexOptions(size_limit=MAX_PATTERN_BYTES),
            validate_formats=True,
            ignore_unknown_formats=False,
            offline=True,
        )

    @classmethod
    def read(cls, node: Node, source: Any) -> Schema:
        """Return the schema that stands in a node.

        Raises InvalidPlan with the line of what makes it invalid.
        """
        try:
            return cls(source)
        except ValidationError as error:
            raise _invalid(error, node) from None
        except ValueError as error:
            raise InvalidPlan(
                f"no valid JSON Schema: {error}", line=node.line
            ) from None

    def holds(self, value: Any) -> bool:
        """Return whether a value holds the schema: what it cannot read does."""
        try:
            return bool(self._validator.is_valid(value))
        except (ValueError, RecursionError):
            return True

    def breaches(self, value: Any, *, texts: bool = False) -> list[Breach]:
        """Return how a value breaches the schema, at most `MAX_BREACHES` times.

        `texts` where all of it arrived as text: what a text spells is what counts.
        """
        if self.holds(value):
            return []
        remarks: list[Breach] = []
        if texts:
            if not _is_small(value):  # what is not read would be told as wrong
                return []
            value, remarks = self._read_texts(value)
        return [*remarks, *self._breaches(value)][:MAX_BREACHES]

    def _breaches(self, value: Any) -> list[Breach]:
        if self.holds(value):
            return []
        small = _is_small(value)
        found = [
            breach
            for error in self._errors(value if small else _shortened(value))
            if small or error.kind.name not in _COUNTING
            for breach in _breaches(error)
        ]
        return found or [_TOO_LARGE_TO_SAY]

    def _errors(self, value: Any) -> list[ValidationError]:
        if not _is_small(value):
            return []
        try:
            return list(self._validator.iter_errors(value))
        except (ValueError, RecursionError):  # nested deeper than it can tell of
            return []

    def _read_texts(self, value: Any) -> tuple[Any, list[Breach]]:
        """Return a value with the texts read that should be something else."""
        read = deepcopy(value)
        remarks = []
        for error in self._errors(value):
            spelled = _spelled(error)
            if spelled is not None and error.instance_path:
                _put(read, error.instance_path, spelled)
                path = path_text(error.instance_path)
                remarks.append(as_text(path, str(error.instance)))
        return read, remarks


def _spelled(error: ValidationError) -> float | bool | None:
    """Return the number or boolean that a text spells where one should be."""
    text, asked = error.instance, error.kind.value
    if not isinstance(text, str):
        return None
    keyword = error.kind.name
    if keyword == "type":
        number = "number" in asked or "integer" in asked
        return read_text(text, "number" if number else asked[0])
    if keyword not in ("enum", "const"):
        return None
    found = number_in(text)
    return found if found in (asked if keyword == "enum" else [asked]) else None


def read_text(text: Any, of: str) -> float | bool | None:
    """Return what a text of a pixel spells, `None` if it is nothing of a kind."""
    if not isinstance(text, str):
        return None
    if of == "boolean":
        return _BOOLEANS.get(text)
    return number_in(text) if of == "number" else None


def as_text(path: str, value: str) -> Breach:
    """Return the remark on a number or boolean of a pixel."""
    says = f"arrives as text, as all values of a pixel: {quoted(value)}"
    rule = _INDEX.sub("[]", path)
    return Breach("property.type", path, says, rule, value, _PIXEL_REMEDY, remark=True)


def _put(value: Any, path: list[str | int], new: Any) -> None:
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = new


_TOO_LARGE_TO_SAY = Breach(
    "property.value", "", "does not hold the plan's JSON Schema", ""
)


def _is_small(value: Any) -> bool:
    """Return whether a value holds few values, however deep they stand."""
    waiting, count = [value], 0
    while waiting and count <= MANY_VALUES:
        one = waiting.pop()
        inner = one.values() if isinstance(one, dict) else one
        if isinstance(one, (dict, list)):
            count += len(one)
            waiting.extend(inner)
    return count <= MANY_VALUES


def _shortened(value: Any, depth: int = 0) -> Any:
    """Return a copy with the first values of each list only."""
    if depth > _HEAD:
        return value
    if isinstance(value, dict):
        return {key: _shortened(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_shortened(one, depth + 1) for one in value[:_HEAD]]
    return value


def _breaches(error: ValidationError) -> Iterator[Breach]:
    keyword, path = error.kind.name, error.instance_path
    if keyword == "required":
        name = str(error.kind.value)
        yield _at(
            "property.required",
            [*path, name],
            "is required; the event does not have it",
            None,
            "Send it.",
        )
    elif keyword in _CLOSED:
        for name in list(error.kind.value)[:MAX_BREACHES]:
            yield _at("property.unknown", [*path, name], NOT_PLANNED, None, "")
    elif keyword == "falseSchema":
        yield _at("property.unknown", path, NOT_PLANNED, error.instance, "")
    else:
        says, remedy = _words(error, keyword)
        code: Code = "property.type" if keyword == "type" else "property.value"
        yield _at(code, path, says, error.instance, remedy)


def _at(code: Code, path: Iterable[Any], says: str, sample: Any, remedy: str) -> Breach:
    place = path_text(path)
    return Breach(code, place, says, _INDEX.sub("[]", place), sample, remedy)


def path_text(path: Iterable[Any]) -> str:
    """Return a path as findings write it: `items[0].quantity`."""
    text = ""
    for one in path:
        if isinstance(one, int):
            text += f"[{one}]"
        else:
            text += f".{one}" if text else str(one)
    return text


def _words(error: ValidationError, keyword: str) -> tuple[str, str]:
    value, asked = error.instance, error.kind.value
    if keyword == "type":
        wanted = listed([article(one) for one in asked])
        return f"should be {wanted}; received {described(value)}", f"Send {wanted}."
    if keyword == "enum":
        return wrong_choice(value, list(asked))
    if keyword in _SHOULD:
        shape = f"`{shown(asked)}`" if isinstance(asked, str) else choices([asked])
        should = _SHOULD[keyword].format(shape)
        return f"should {should}; received {brief(value)}", ""
    return f"does not hold the schema's `{keyword}`; received {brief(value)}", ""


def wrong_choice(value: Any, options: list[Any]) -> tuple[str, str]:
    """Return what to say of a value that is none of some, and how to mend it."""
    says = f"should be {choices(options)}; received {brief(value)}"
    texts = [one for one in options if isinstance(one, str)]
    near = did_you_mean(value, texts) if isinstance(value, str) else ""
    return says, near or "Send one of the plan's values."


def brief(value: Any) -> str:
    """Return a value without its type: a text in quotes, a number as it is."""
    if isinstance(value, str):
        return quoted(value)
    return kind(value) if isinstance(value, (list, dict)) else choices([value])


def article(name: str) -> str:
    """Return a type of JSON Schema as a sentence has it: `a number`, `text`."""
    return _ARTICLES.get(name, f"a {name}")


def _invalid(error: ValidationError, node: Node) -> InvalidPlan:
    place = path_text(error.instance_path)
    reason = _reason(error, place.rpartition(".")[2], str(error.instance))
    at = f", at `{shown(place)}`" if place else ""
    message = f"no valid JSON Schema{at}: {reason}"
    return InvalidPlan(message, line=_line_of(node, error.instance_path))


def _reason(error: ValidationError, keyword: str, said: str) -> str:
    if keyword == "pattern" and error.kind.name == "format":
        return (
            "no regular expression that can be used: look-around, references back and "
            "very large ones cannot"
        )
    if keyword == "type" and error.kind.name == "anyOf":
        return f"unknown type `{shown(said)}`. {did_you_mean(said, _TYPES)}".strip()
    if keyword == "format" and error.message.startswith("Unknown format"):
        return f"unknown format `{shown(said)}`. {did_you_mean(said, _FORMATS)}".strip()
    remote = _REMOTE.search(error.message)
    if remote:
        return f"`{shown(remote[1])}` is not in the plan, and nothing is fetched"
    return shown(error.message)


def _line_of(node: Node, path: Iterable[Any]) -> int:
    line = node.line
    for step in path:
        if isinstance(node.value, dict) and step in node.value:
            line = node.keys[step]
        elif not isinstance(node.value, list) or not isinstance(step, int):
            break
        node = node.value[step]
        line = node.line if isinstance(step, int) else line
    return line
