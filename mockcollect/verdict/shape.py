"""The properties of one planned event, and what of an event does not fit them.

The time it takes depends on the event and not on the plan, and it stops at a number of
breaches: an event may be hostile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from mockcollect.errors import InvalidPlan
from mockcollect.verdict.breach import MAX_BREACHES, NOT_PLANNED, Breach
from mockcollect.verdict.notation import Path, PlannedProperty, Structure
from mockcollect.verdict.schema import Schema, article, as_text, read_text, wrong_choice
from mockcollect.verdict.suggestions import shown
from mockcollect.verdict.view import PLATFORM_PROPERTIES, View
from mockcollect.verdict.words import described

MAX_ENTRIES = 1_000
"""Of each list; an event of 32 KB that means well has far fewer."""

_OPEN = frozenset({"user", "context", "integrations"})
"""The platform defines what stands in these: a plan need not list it all."""

_CLASSES: dict[str, frozenset[type]] = {
    "string": frozenset({str}),
    "number": frozenset({int, float}),
    "boolean": frozenset({bool}),
    "object": frozenset({dict}),
    "any": frozenset({str, int, float, bool, dict, list, type(None)}),
}
_REMEDIES = {
    "string": "Send it as text, in quotes.",
    "number": "Send a JSON number, without quotes.",
    "boolean": "Send true or false, without quotes.",
    "object": "Send an object: {…}.",
    "list": "Send a list: […].",
}
_UNIQUE = Schema({"uniqueItems": True})


class Field:
    """A property with what is planned below it."""

    __slots__ = ("classes", "implied", "inner", "needed", "path", "plain", "planned")

    def __init__(self, path: str) -> None:
        self.path = path
        self.planned: PlannedProperty | None = None
        self.inner: Shape | None = None
        self.implied = False
        """Whether it is planned by what stands below it only."""
        self.needed = False
        self.classes = _CLASSES["any"]
        self.plain: frozenset[type] = frozenset()
        """Values of these classes need no second look."""

    @property
    def many(self) -> bool:
        """Whether a list is planned."""
        return self.planned is not None and self.planned.structure != "single"

    def settle(self) -> None:
        """Compute what is asked for each value, once all is read."""
        planned = self.planned or PlannedProperty()
        self.classes = _CLASSES[planned.kind]
        looked_into = bool(planned.enum or planned.schema or self.inner or self.many)
        self.plain = frozenset() if looked_into else self.classes


class Shape:
    """What is planned at one level: of an event, of an object, of a list's entries."""

    __slots__ = ("closed", "fields", "names", "required")

    def __init__(self, *, closed: bool) -> None:
        self.fields: dict[str, Field] = {}
        self.closed = closed
        self.names: tuple[str, ...] = ()
        self.required: tuple[str, ...] = ()

    def settle(self) -> None:
        """Compute what is asked at each level, once all is read."""
        for field in self.fields.values():
            field.settle()
            if field.inner:
                field.inner.settle()
        self.names = tuple(self.fields)
        self.required = tuple(one for one in self.names if self.fields[one].needed)


def build_shape(properties: Mapping[str, tuple[Path, PlannedProperty, int]]) -> Shape:
    """Return the shape of properties by their paths, each with its line in the plan.

    Raises InvalidPlan where two of them contradict each other.
    """
    root = Shape(closed=True)
    for text, (path, planned, line) in properties.items():
        field = _field(root, path)
        if field.planned is not None:
            raise InvalidPlan(_planned_twice(text), line=line)
        field.planned = planned
    for path, planned, _ in properties.values():
        if planned.required:
            _need(root, path)
    for path, _, line in properties.values():
        _agree(root, path, line)
    for name in sorted(PLATFORM_PROPERTIES - root.fields.keys()):
        root.fields[name] = Field(name)
    root.settle()
    return root


def _planned_twice(text: str) -> str:
    return f"`{shown(text)}` is planned already, with or without `[]` in its path"


def _steps(root: Shape, path: Path) -> Iterator[tuple[Field, bool]]:
    """Yield the field of each name of a path, with whether the path says a list."""
    shape: Shape | None = root
    for name, many in path:
        if shape is None:
            return
        field = shape.fields[name]
        yield field, many
        shape = field.inner


def _field(root: Shape, path: Path) -> Field:
    """Return the field of a path, made with all above it where it is new."""
    shape, text = root, ""
    for name, many in path[:-1]:
        field = shape.fields.setdefault(name, Field(text + name))
        field.inner = field.inner or Shape(closed=path[0][0] not in _OPEN)
        shape, text = field.inner, f"{text}{name}{'[]' if many else ''}."
    name = path[-1][0]
    return shape.fields.setdefault(name, Field(text + name))


def _agree(root: Shape, path: Path, line: int) -> None:
    """Give each name above a property its type, or find that it has another."""
    for field, many in list(_steps(root, path))[:-1]:
        structure: Structure = "list" if many else "single"
        if field.planned is None:
            field.planned = PlannedProperty("object", structure)
            field.implied = True
            continue
        same = (field.planned.structure == "single") == (structure == "single")
        if not same or field.planned.kind not in ("object", "any"):
            meant = "a list of objects" if many else "an object"
            reason = (
                f"`{shown(field.path)}` is planned as `{field.planned.type}`, "
                f"and as {meant} with properties of its own"
            )
            raise InvalidPlan(reason, line=line)
        if field.planned.kind == "any":
            field.planned = PlannedProperty(
                "object", field.planned.structure, field.planned.required
            )


def _need(root: Shape, path: Path) -> None:
    """Require a property, and the objects around it that are not listed themselves."""
    *around, (last, _) = _steps(root, path)
    last.needed = True
    for field, many in reversed(around):
        if many or field.planned is not None:
            return
        field.needed = True


def find_breaches(shape: Shape, view: View) -> list[Breach]:
    """Return how an event does not fit, at most `MAX_BREACHES` times."""
    found = _of_object(shape, view.data, "", "", view)
    return list(islice(found, MAX_BREACHES))


def _of_object(
    shape: Shape, data: dict[str, Any], at: str, rule: str, view: View
) -> Iterator[Breach]:
    fields = shape.fields
    for name, value in data.items():
        field = fields.get(name)
        if field is None:
            if shape.closed:
                yield _unknown(shape, name, value, at, rule)
        elif value is not None and value.__class__ not in field.plain:
            yield from _of_value(field, value, at + name, view)
    for name in shape.required:
        if data.get(name) is None:
            yield from _missing(fields[name], at + name, view, null=name in data)


def _unknown(shape: Shape, name: str, value: Any, at: str, rule: str) -> Breach:
    return Breach(
        "property.unknown", at + name, NOT_PLANNED, rule, value, known=shape.names
    )


def _missing(field: Field, path: str, view: View, *, null: bool) -> Iterator[Breach]:
    if view.is_filled_in(path):
        return
    if field.implied and field.inner and not field.many:
        for name, inner in field.inner.fields.items():
            if inner.needed:
                yield from _missing(inner, f"{path}.{name}", view, null=False)
        return
    says = "is required; " + ("received null" if null else "the event does not have it")
    yield Breach("property.required", path, says, field.path, None, "Send it.")


def _of_value(field: Field, value: Any, path: str, view: View) -> Iterator[Breach]:
    if not field.many:
        yield from _of_one(field, value, path, view)
    elif not isinstance(value, list):
        yield from _no_list(field, value, path)
    else:
        yield from _of_list(field, value, path, view)


def _no_list(field: Field, value: Any, path: str) -> Iterator[Breach]:
    says = f"should be a list; received {described(value)}"
    yield Breach("property.type", path, says, field.path, value, _REMEDIES["list"])


def _of_list(
    field: Field, values: list[Any], path: str, view: View
) -> Iterator[Breach]:
    plain = field.classes if field.inner is None and not _is_choosy(field) else ()
    for index, value in enumerate(values[:MAX_ENTRIES]):
        if value.__class__ not in plain:
            yield from _of_one(field, value, f"{path}[{index}]", view)
    if field.planned and field.planned.structure == "set" and not _UNIQUE.holds(values):
        says = "should hold no value twice"
        remedy = "Send each value once."
        yield Breach("property.value", path, says, field.path, None, remedy)


def _is_choosy(field: Field) -> bool:
    return bool(field.planned and (field.planned.enum or field.planned.schema))


def _of_one(field: Field, value: Any, path: str, view: View) -> Iterator[Breach]:
    planned = field.planned
    if planned is None:
        return
    if value.__class__ not in field.classes:
        read = read_text(value, planned.kind) if view.is_pixel else None
        if read is None:
            yield from _wrong_type(field, value, path, view)
            return
        yield as_text(path, value)
        value = read
    if field.inner is not None:
        yield from _of_object(field.inner, value, f"{path}.", field.path, view)
    elif planned.enum and not _is_one_of(value, planned.enum, view):
        says, remedy = wrong_choice(value, list(planned.enum))
        yield Breach("property.value", path, says, field.path, value, remedy)
    elif planned.schema and not planned.schema.holds(value):
        yield from _unlike(planned.schema, value, path, field.path)


def _is_one_of(value: Any, options: Iterable[Any], view: View) -> bool:
    # Python takes 1 and True for the same; JSON does not.
    same = (one for one in options if one == value)
    if any(isinstance(one, bool) == isinstance(value, bool) for one in same):
        return True
    if not view.is_pixel or not isinstance(value, str):
        return False
    return any(
        read_text(value, "boolean" if isinstance(one, bool) else "number") == one
        for one in options
        if not isinstance(one, str)
    )


def _wrong_type(field: Field, value: Any, path: str, view: View) -> Iterator[Breach]:
    planned = field.planned
    if planned is None or (path == "user" and view.awaits_consent):
        return
    says = f"should be {article(planned.kind)}; received {described(value)}"
    remedy = _REMEDIES.get(planned.kind, "Send a value for it.")
    yield Breach("property.type", path, says, field.path, value, remedy)


def _unlike(schema: Schema, value: Any, path: str, rule: str) -> Iterator[Breach]:
    for breach in schema.breaches(value):
        yield breach._replace(path=path, rule=rule)
