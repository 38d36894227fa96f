"""One property of the reference: what it may be, and what is wrong with a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mockcollect.verdict.formats import FORMATS
from mockcollect.verdict.verdict import Level
from mockcollect.verdict.words import described, listed, number_in
from mockcollect.verdict.words import kind as kind_of

_CLASSES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "amount": (int, float),
    "integer": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "string-or-array": (str, list),
}
_NAMES = {
    "string": "text",
    "number": "a number",
    "amount": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "string-or-array": "text or a list of texts",
}
_REMEDIES = {
    "string": "Send it as text, in quotes.",
    "number": "Send a JSON number, without quotes.",
    "amount": "Send a JSON number, without quotes.",
    "integer": "Send a whole JSON number, without quotes.",
    "boolean": "Send true or false, without quotes.",
    "object": "Send an object: {…}.",
    "array": "Send a list: […].",
    "string-or-array": "Send text, or a list of texts.",
}
_BOOLEAN_TEXTS = frozenset({"true", "false", "0", "1"})
_MAX_ENTRIES = 1_000  # of a list, that are looked at
_PHP_REMEDY = "PHP writes an empty array as []: cast it to an object, or leave it out."


class Fault(NamedTuple):
    """What is wrong with a value: a code, its weight, and a sentence without subject.

    `below` is the rest of the path where an entry of a list is meant.
    """

    code: str
    level: Level
    text: str
    remedy: str
    below: str = ""


@dataclass(frozen=True, slots=True)
class Property:
    """One property as the reference lists it.

    `values` are recommended only where `open`. A `conflict` between the vendor's pages
    makes notes of all faults. `required_if` and `required_unless` name the properties
    that decide; the former only of currencies, which have rules of their own. What is
    `private` is not shown in sentences.
    """

    name: str
    kind: str
    required: bool = False
    required_if: tuple[str, ...] = ()
    required_unless: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    open: bool = False
    format: str = ""
    nullable: bool = False
    may_be_empty: bool = False
    filled_by_browser: bool = False
    old_name_of: str = ""
    minimum: float | None = None
    maximum: float | None = None
    most: int | None = None
    of: str = ""
    ref: str = ""
    conflict: str = ""
    private: bool = False
    classes: frozenset[type] = field(init=False)
    plain: frozenset[type] = field(init=False)
    """The classes of values that need no second look."""
    accepts: Callable[[str], bool] | None = field(init=False)
    """What tells of a text that it is fine, without telling what is wrong with it."""

    def __post_init__(self) -> None:
        classes = frozenset(_CLASSES[self.kind])
        object.__setattr__(self, "classes", classes)
        object.__setattr__(self, "plain", classes - self._looked_into())
        object.__setattr__(self, "accepts", self._acceptance())

    @classmethod
    def of_data(cls, name: str, data: Any, *, private: bool = False) -> Property:
        """Return the property that an entry of the reference describes."""
        if isinstance(data, str):
            return cls(name, data, private=private)
        fields: dict[str, Any] = {
            "kind" if key == "type" else key: (
                tuple(value) if isinstance(value, list) else value
            )
            for key, value in data.items()
        }
        return cls(name=name, private=private, **fields)

    def _acceptance(self) -> Callable[[str], bool] | None:
        if str not in self.classes:
            return None
        if self.values:
            return frozenset(self.values).__contains__
        return FORMATS[self.format].holds if self.format in FORMATS else None

    def _looked_into(self) -> set[type]:
        looked: set[type] = set()
        if self.values or self.format in FORMATS:
            looked.add(str)
        if self.minimum is not None or self.maximum is not None:
            looked |= {int, float}
        if self.of or self.most is not None:
            looked.add(list)
        if self.kind == "integer":
            looked.add(float)
        return looked

    def faults(self, value: Any, *, texts: bool = False) -> Iterable[Fault]:
        """Return what is wrong with a value; `texts` where all values arrive as text.

        A value that is not empty has none if its class is `plain`, or `accepts` it.
        """
        if self.format == "iso4217":
            return ()  # the rules on currencies say it better
        found = self._faults(value, texts=texts)
        if found and self.conflict:
            return [fault._replace(level="note") for fault in found]
        return found

    def _faults(self, value: Any, *, texts: bool) -> Iterable[Fault]:
        if value is None:
            lacks = self.required and not self.nullable
            return self._lacking("null") if lacks else ()
        if value.__class__ not in self.classes:
            return self._wrong_type(value, texts=texts)
        if value == "":
            lacks = self.required and not self.may_be_empty
            return self._lacking("an empty text") if lacks else ()
        if isinstance(value, list):
            return self._wrong_entries(value)
        return self._wrong_value(value)

    def _lacking(self, seen: str) -> list[Fault]:
        text = f"is required; received {seen}"
        return [Fault("property.required", "warning", text, "Send a value for it.")]

    def _wrong_type(self, value: Any, *, texts: bool) -> Iterable[Fault]:
        if texts and isinstance(value, str):
            return self._as_text(value)
        if self.kind == "amount" or self.ref == "Item":
            return ()  # the rules on amounts and items say it better
        if value == [] and self.kind == "object":
            return [self._type_fault(value, level="note", remedy=_PHP_REMEDY)]
        return [self._type_fault(value)]

    def _type_fault(
        self, value: Any, *, level: Level = "warning", remedy: str = ""
    ) -> Fault:
        seen = kind_of(value) if self.private else described(value)
        text = f"should be {_NAMES[self.kind]}; received {seen}"
        return Fault("property.type", level, text, remedy or _REMEDIES[self.kind])

    def _as_text(self, value: str) -> Iterable[Fault]:
        """A pixel can only send text: what it spells is what counts."""
        if self.kind == "boolean":
            legible = value in _BOOLEAN_TEXTS
        else:
            legible = float in self.classes and number_in(value) is not None
        if legible:
            return [self._text_fault(value)]
        return () if self.kind == "amount" else [self._type_fault(value)]

    def _text_fault(self, value: str) -> Fault:
        text = f"is {_NAMES[self.kind]} that arrives as text: {described(value)}"
        remedy = "Nothing can be done in a pixel; a POST can send it as it is."
        return Fault("property.type", "note", text, remedy)

    def _wrong_entries(self, value: list[Any]) -> list[Fault]:
        found = []
        if self.most is not None and len(value) > self.most:
            text = f"should hold {self.most}; received {len(value)}"
            remedy = "Send the one that is meant."
            found.append(Fault("property.value", "note", text, remedy))
        if self.of == "string":
            found += [
                self._entry_fault(entry, index)
                for index, entry in enumerate(value[:_MAX_ENTRIES])
                if not isinstance(entry, str)
            ]
        return found

    def _entry_fault(self, entry: Any, index: int) -> Fault:
        seen = kind_of(entry) if self.private else described(entry)
        text = f"should be text; received {seen}"
        remedy = _REMEDIES["string"]
        return Fault("property.type", "warning", text, remedy, f"[{index}]")

    def _wrong_value(self, value: Any) -> Iterable[Fault]:
        if self.kind == "integer" and not _is_whole(value):
            return [self._type_fault(value)]
        if self.values and value not in self.values:
            return [self._value_fault(value)]
        if self.format in FORMATS and not FORMATS[self.format].holds(value):
            return [self._format_fault(value)]
        return () if self._is_within(value) else [self._range_fault(value)]

    def _value_fault(self, value: str) -> Fault:
        other = value.strip().lower().replace(" ", "_").replace("-", "_")
        names = {one.replace("-", "_"): one for one in self.values}
        listing = f"Use one of {listed(self.values)}."
        meant = f" Did you mean {names[other]}?" if other in names else ""
        advice = "is none of the recommended values" if self.open else "is not listed"
        return Fault(
            "property.value",
            "note" if self.open else "warning",
            f"{advice}: received {described(value)}",
            f"{listing}{meant}",
        )

    def _format_fault(self, value: str) -> Fault:
        form = FORMATS[self.format]
        seen = kind_of(value) if self.private else described(value)
        text = f"should be {form.name}; received {seen}"
        return Fault("property.value", form.level, text, form.remedy)

    def _is_within(self, value: Any) -> bool:
        if self.minimum is not None and value < self.minimum:
            return False
        return self.maximum is None or not value > self.maximum

    def _range_fault(self, value: Any) -> Fault:
        least, most = self.minimum, self.maximum
        span = f"{least} or more" if most is None else f"from {least} to {most}"
        return Fault(
            "property.value",
            "warning",
            f"should be {span}; received {described(value)}",
            f"Send a number that is {span}.",
        )


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) or value.is_integer()
