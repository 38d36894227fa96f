"""A file of expectations, YAML or JSON.

```yaml
expect:
  - event:page_view count>=1                 # a filter and a count
  - event: purchase                          # or its parts
    properties: {revenue: 16.0, user: {id: "12345"}}   # nested, as in the event
    where: {"context.page.url": "https://shop.example/done"}   # or a filter's text
    count: 1                                 # or at_least, at_most
never:
  - verdict:invalid-rejected
sequence: [page_view, add_to_cart, event:purchase revenue>0]
all_valid: true                              # or accepted
coverage: 80%                                # or names: [purchase, refund]
```

A sequence that allows nothing else is `{steps: […], strict: true}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from mockcollect.asking.checking import Check
from mockcollect.asking.counts import NONE, ONCE_OR_MORE, Count, make_count, read_count
from mockcollect.asking.event_check import EventCheck
from mockcollect.asking.expectations import (
    parse_expectation,
    parse_filter,
    parse_never,
    parse_step,
)
from mockcollect.asking.matching import Expectation
from mockcollect.asking.sequence_check import SequenceCheck
from mockcollect.asking.wanted import Wanted
from mockcollect.asking.whole_checks import CoverageCheck, ValidCheck
from mockcollect.errors import InvalidExpectations, InvalidPlan, InvalidQuery
from mockcollect.recording.paths import quote, read_path
from mockcollect.recording.query import Query, parse_query
from mockcollect.verdict.planfile import Node, read
from mockcollect.verdict.suggestions import did_you_mean, shown
from mockcollect.verdict.words import kind

KEYS = ("expect", "never", "sequence", "all_valid", "coverage")

_Parsed = TypeVar("_Parsed")

_WANTED = ("event", "where", "properties")
_COUNTS = ("count", "at_least", "at_most")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,3})?)\s?%?", re.ASCII)
_FILTER_IN_NAME = re.compile(r"\s\S*[:=<>~]")
_HOLDS = "expectations have `expect`, `never`, `sequence`, `all_valid` or `coverage`"


def load_expectations(path: str | Path) -> tuple[Check, ...]:
    """Return the checks of a file.

    Raises InvalidExpectations: its text names file and line.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        reason = _as_reason(error.strerror or "it cannot be read")
        raise InvalidExpectations(reason, name=str(path)) from None
    return parse_expectations(content, name=str(path))


def parse_expectations(
    text: str | bytes, *, name: str, others: Collection[str] = ()
) -> tuple[Check, ...]:
    """Return the checks that a text holds, in its order; JSON begins with a brace.

    `others` are keys beside those of `KEYS` that somebody else reads. Raises
    InvalidExpectations: its text names the file and the line.
    """
    try:
        return _read(read(_decoded(text), name=name, holds=_HOLDS), others)
    except InvalidPlan as error:
        raise InvalidExpectations(
            error.reason, name=name, line=error.line, column=error.column
        ) from None


def _decoded(text: str | bytes) -> str:
    if isinstance(text, str):
        return text
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        reason = f"not UTF-8: byte {text[error.start]:02X} is none. Save it as UTF-8"
        raise InvalidPlan(reason, line=line) from None


def _read(root: Node, others: Collection[str]) -> tuple[Check, ...]:
    if not isinstance(root.value, dict):
        told = "`expect`, `never` or others of their keys"
        reason = f"expectations are an object with {told}, not {_told(root.data())}"
        raise InvalidPlan(reason, line=root.line)
    _refuse_unknown(root, (*KEYS, *others), KEYS, "the expectations")
    checks = [
        check
        for key, node in root.value.items()
        if key in _READERS
        for check in _READERS[key](node, root.keys[key])
    ]
    if not checks:
        raise InvalidPlan(f"nothing is expected: {_HOLDS}", line=root.line)
    return tuple(checks)


def _refuse_unknown(
    node: Node, known: Collection[str], told: Collection[str], where: str
) -> None:
    for key in node.value:
        if key not in known:
            near = did_you_mean(key, known) or f"It takes {', '.join(told)}."
            reason = f"unknown key `{shown(key)}` in {where}. {near}"
            raise InvalidPlan(reason, line=node.keys[key])


def _items(node: Node, key: str, line: int) -> list[Node]:
    if not isinstance(node.value, list) or not node.value:
        reason = f"`{key}` should be a list of filters, one behind each `-`"
        raise InvalidPlan(reason, line=line)
    return node.value


def _expect(node: Node, line: int) -> Iterator[Check]:
    for one in _items(node, "expect", line):
        if isinstance(one.value, dict):
            count = _count(one)
            wanted = _wanted(one, (*_WANTED, *_COUNTS), "an expectation")
            yield EventCheck(wanted, count, f"{wanted} {count}")
        else:
            yield _parsed(parse_expectation, one, "an expectation")


def _never(node: Node, line: int) -> Iterator[Check]:
    for one in _items(node, "never", line):
        if isinstance(one.value, dict):
            wanted = _wanted(one, _WANTED, "`never`")
            yield EventCheck(wanted, NONE, f"never {wanted}")
        else:
            yield _parsed(parse_never, one, "what never happens")


def _sequence(node: Node, line: int) -> Iterator[Check]:
    strict = False
    if isinstance(node.value, dict):
        known = ("steps", "strict")
        _refuse_unknown(node, known, known, "a sequence")
        strict = _flag(node.value.get("strict"), "strict")
        if "steps" not in node.value:
            reason = "`steps` is missing: a sequence is a list, or has `steps`"
            raise InvalidPlan(reason, line=line)
        line, node = node.keys["steps"], node.value["steps"]
    items = _items(node, "sequence", line)
    yield SequenceCheck(tuple(map(_step, items)), strict)


def _step(node: Node) -> Wanted:
    if isinstance(node.value, dict):
        return _wanted(node, _WANTED, "a step")
    return _parsed(parse_step, node, "a step")


def _all_valid(node: Node, line: int) -> Iterator[Check]:
    said = node.data()
    if said == "accepted":
        yield ValidCheck("accepted")
    elif said is True:
        yield ValidCheck()
    elif said is not False:
        reason = f"`all_valid` should be true, false or accepted, not {_told(said)}"
        raise InvalidPlan(reason, line=line)


def _coverage(node: Node, line: int) -> Iterator[Check]:
    if isinstance(node.value, list) and node.value:
        yield CoverageCheck(names=tuple(map(_event_name, node.value)))
        return
    match = _PERCENT.fullmatch(node.text)
    percent = float(match[1]) if match else 0.0
    if not 0 < percent <= 100:
        reason = (
            "`coverage` should be a share of the plan's events, as in 80%, or a list "
            f"of their names, not {_told(node.data())}"
        )
        raise InvalidPlan(reason, line=line)
    yield CoverageCheck(percent)


_READERS: Mapping[str, Callable[[Node, int], Iterator[Check]]] = {
    "expect": _expect,
    "never": _never,
    "sequence": _sequence,
    "all_valid": _all_valid,
    "coverage": _coverage,
}


def _parsed(parse: Callable[[str], _Parsed], node: Node, what: str) -> _Parsed:
    text = node.data()
    if not isinstance(text, str):
        reason = (
            f"{what} is a text, as in `event:purchase`, or an object with `event`, "
            f"not {_told(text)}"
        )
        raise InvalidPlan(reason, line=node.line)
    return _with_line(parse, text, node.line)


def _with_line(parse: Callable[[str], _Parsed], text: str, line: int) -> _Parsed:
    try:
        return parse(text)
    except InvalidQuery as error:
        raise InvalidPlan(_as_reason(error), line=line) from None


def _wanted(node: Node, known: tuple[str, ...], where: str) -> Wanted:
    _refuse_unknown(node, known, known, where)
    parts: dict[str, Node] = node.value
    if not any(key in parts for key in _WANTED):
        reason = f"{where} names an `event`, or says `where` or which `properties`"
        raise InvalidPlan(reason, line=node.line)
    query = Query(_named(parts).terms + _filter(parts.get("where")).terms)
    properties, where_paths = _properties(parts), _paths(parts.get("where"))
    if not properties and not where_paths:
        return Wanted(query)
    return Wanted(query, Expectation(None, properties, where_paths))


def _named(parts: Mapping[str, Node]) -> Query:
    if "event" not in parts:
        return Query()
    return parse_query(f"event:{quote(_event_name(parts['event']))}")


def _event_name(node: Node) -> str:
    name = node.data()
    if not isinstance(name, str) or not name:
        reason = f"an event's name should be a text, not {_told(name)}"
        raise InvalidPlan(reason, line=node.line)
    if _FILTER_IN_NAME.search(name):
        reason = (
            f"YAML reads `{shown(name)}` as the name of an event. A filter has no "
            f"space behind its colon: write `event:{shown(name)}`"
        )
        raise InvalidPlan(reason, line=node.line)
    return name


def _filter(node: Node | None) -> Query:
    if node is None or isinstance(node.value, dict):
        return Query()
    text = node.data()
    if not isinstance(text, str):
        reason = (
            "`where` should be a filter, as in `revenue>10`, or an object with paths "
            f"as its keys, not {_told(text)}"
        )
        raise InvalidPlan(reason, line=node.line)
    return _with_line(parse_filter, text, node.line)


def _paths(node: Node | None) -> dict[str, Any]:
    if node is None or not isinstance(node.value, dict):
        return {}
    for path in node.value:
        try:
            read_path(path)
        except ValueError:
            reason = (
                f"`{shown(path)}` is no path. Write it as in `user.id` or "
                "`items[0].product.id`"
            )
            raise InvalidPlan(reason, line=node.keys[path]) from None
    return dict(node.data())


def _properties(parts: Mapping[str, Node]) -> dict[str, Any]:
    node = parts.get("properties")
    if node is None:
        return {}
    if not isinstance(node.value, dict):
        reason = f"`properties` should be an object, not {_told(node.data())}"
        raise InvalidPlan(reason, line=node.line)
    return dict(node.data())


def _count(node: Node) -> Count:
    said = {key: node.value[key] for key in _COUNTS if key in node.value}
    if not said:
        return ONCE_OR_MORE
    line = next(iter(said.values())).line
    try:
        if "count" not in said:
            most = _number(said["at_most"]) if "at_most" in said else None
            return make_count(_number(said.get("at_least")), most)
        if len(said) > 1:
            raise ValueError("`count` stands alone, without `at_least` and `at_most`")
        return read_count(said["count"].text)
    except ValueError as error:
        raise InvalidPlan(str(error), line=line) from None


def _number(node: Node | None) -> int:
    if node is None:
        return 0
    said = node.data()
    if isinstance(said, bool) or not isinstance(said, int) or said < 0:
        raise ValueError(f"a number of events is needed here, not {_told(said)}")
    return said


def _flag(node: Node | None, key: str) -> bool:
    said = node.data() if node else False
    if node and not isinstance(said, bool):
        reason = f"`{key}` should be true or false, not {_told(said)}"
        raise InvalidPlan(reason, line=node.line)
    return bool(said)


def _as_reason(error: object) -> str:
    """Return a sentence as it follows a place: `line 3: unknown filter key …`."""
    text = str(error)
    return text[0].lower() + text[1:]


def _told(value: Any) -> str:
    if isinstance(value, str) and value:
        return f"`{shown(value)}`"
    return f"{value}" if type(value) in (int, float) else kind(value)
