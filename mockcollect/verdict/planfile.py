"""A plan's text, YAML or JSON, read into nodes that know their lines.

YAML is read by its events, and not by a constructor: nothing it says can make objects,
grow without bound, or turn a word into something else unseen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import yaml

from mockcollect.contract.event import Refusal
from mockcollect.contract.refusal import explain
from mockcollect.errors import InvalidPlan

MAX_DEPTH = 64
MAX_NODES = 200_000
"""Counted with each alias in full: an anchor that multiplies is refused unexpanded."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C is ten times as fast; wheels have it, some platforms' builds do not."""

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"-?\d+", re.ASCII)
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_DOUBTFUL = (
    (re.compile(r"(?:yes|on)", re.IGNORECASE), "true"),
    (re.compile(r"(?:no|off)", re.IGNORECASE), "false"),
    (re.compile(r"\d{4}-\d\d?-\d\d?(?:[Tt ].*)?", re.ASCII), "a date"),
    (re.compile(r"[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.\d*)?", re.ASCII), "a number"),
    (
        re.compile(r"[-+]?(?:\d[\d_]*\.?|\.\d)[\d_]*(?:[eE][-+]?\d+)?", re.ASCII),
        "a number",
    ),
    (re.compile(r"[-+]?0[xob][0-9a-fA-F_]+"), "a number"),
    (re.compile(r"[-+]?\.(?:inf|nan)", re.IGNORECASE), "a number"),
)
"""What YAML 1.1 reads as something else than a text, and YAML 1.2 often does not."""

_TEXT_TAG = "tag:yaml.org,2002:str"
_TAGS = {None, "!", _TEXT_TAG, "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}
_TOKEN = re.compile(r'[{}\[\],:\n]|"(?:[^"\\]|\\.)*"|[^\s{}\[\],:"]+')
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A value with the line it stands in.

    `value` is a dict of nodes, a list of nodes, or what JSON has beside these. `text`
    is a scalar as written. `read_as` says what YAML makes of a bare word that may be
    meant as a text; `value` is that text. `keys` are the lines of a mapping's keys.
    """

    value: Any
    line: int
    text: str = ""
    read_as: str = ""
    keys: dict[str, int] = field(default_factory=dict)
    size: int = 1

    def data(self) -> Any:
        """Return the value as JSON has it.

        Raises InvalidPlan where a bare word may be meant as a text, or not.
        """
        if isinstance(self.value, dict):
            return {key: one.data() for key, one in self.value.items()}
        if isinstance(self.value, list):
            return [one.data() for one in self.value]
        if self.read_as:
            raise InvalidPlan(self._doubt(), line=self.line)
        return self.value

    def _doubt(self) -> str:
        if self.read_as in ("true", "false"):
            return (
                f"YAML reads `{self.text}` as {self.read_as}: write {self.read_as}, or "
                f'"{self.text}" in quotes if the text is meant'
            )
        return (
            f"YAML may read `{self.text}` as {self.read_as}: "
            f'write "{self.text}" in quotes if the text is meant'
        )


def read(text: str, *, name: str, holds: str = "a plan has `events`") -> Node:
    """Return the root of a text: of a plan, or of another file that `holds` something.

    It is JSON if the name ends so, or if it begins with a brace and is not named as
    YAML. Raises InvalidPlan, without the file's name.
    """
    text = text.removeprefix(_BYTE_ORDER_MARK)
    root = None
    if text.strip():
        root = _read_json(text) if _is_json(text, name) else _read_yaml(text)
    if root is None:
        raise InvalidPlan(f"the file is empty: {holds}")
    return root


def _is_json(text: str, name: str) -> bool:
    suffix = name.lower().rpartition(".")[2]
    if suffix in ("json", "yml", "yaml"):
        return suffix == "json"
    return text.lstrip().startswith("{")


class _Builder:
    """Puts nodes together, from the innermost out."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.anchors: dict[str, Node] = {}
        self._open: list[tuple[bool, int, str | None, list[Node]]] = []

    def begin(self, line: int, *, mapping: bool, anchor: str | None = None) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise InvalidPlan(f"nested deeper than {MAX_DEPTH} levels", line=line)
        self._open.append((mapping, line, anchor, []))

    def end(self) -> None:
        mapping, line, anchor, inner = self._open.pop()
        size = 1 + sum(node.size for node in inner)
        if size > MAX_NODES:
            reason = "its anchors and aliases multiply to too large a file"
            raise InvalidPlan(reason, line=line)
        node = _mapping(inner, line, size) if mapping else _list(inner, line, size)
        self.add(node, anchor)

    def add(self, node: Node, anchor: str | None = None) -> None:
        if anchor is not None:
            self.anchors[anchor] = node
        if self._open:
            self._open[-1][3].append(node)
        elif self.root is None:
            self.root = node
        else:
            raise InvalidPlan("a second document: a file holds one", line=node.line)

    def alias(self, anchor: str, line: int) -> None:
        node = self.anchors.get(anchor)
        if node is None:
            inside = any(anchor == one[2] for one in self._open)
            what = (
                "holds itself" if inside else "has no anchor `&" + anchor + "` above it"
            )
            raise InvalidPlan(f"the alias `*{anchor}` {what}", line=line)
        self.add(node)


def _list(items: list[Node], line: int, size: int) -> Node:
    return Node(items, line, size=size)


def _mapping(inner: list[Node], line: int, size: int) -> Node:
    pairs: dict[str, Node] = {}
    lines: dict[str, int] = {}
    merged: list[Node] = []
    for key, value in zip(inner[::2], inner[1::2], strict=True):
        if isinstance(key.value, (dict, list)):
            raise InvalidPlan("a key is a text, not a list or an object", line=key.line)
        if key.text == "<<" and key.read_as:
            merged.extend(value.value if isinstance(value.value, list) else [value])
            continue
        if key.text in pairs:
            reason = f"`{key.text}` stands twice: in line {lines[key.text]} and here"
            raise InvalidPlan(reason, line=key.line)
        pairs[key.text], lines[key.text] = value, key.line
    for one in merged:
        _merge(one, pairs, lines)
    return Node(pairs, line, keys=lines, size=size)


def _merge(node: Node, pairs: dict[str, Node], lines: dict[str, int]) -> None:
    if not isinstance(node.value, dict):
        raise InvalidPlan("`<<` takes an alias of an object", line=node.line)
    for key, value in node.value.items():
        if key not in pairs:
            pairs[key], lines[key] = value, node.keys[key]


def _read_yaml(text: str) -> Node | None:
    try:
        return _build(text, _LOADER)
    except yaml.YAMLError:
        return _build_in_python(text)


def _build_in_python(text: str) -> Node | None:
    """Read again by the parser whose errors say more, the same everywhere."""
    try:
        return _build(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise InvalidPlan(
            _yaml_reason(error),
            line=mark.line + 1 if mark else None,
            column=mark.column + 1 if mark else None,
        ) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        reason = "a control character: YAML is plain text"
        raise InvalidPlan(reason, line=line) from None


_YAML_REASONS = (
    (
        "mapping values are not allowed",
        "a colon where none can be: keys side by side are indented alike, "
        "and a text with `: ` in it stands in quotes",
    ),
    ("'\\t'", "a tab: YAML is indented by spaces"),
    ("expected chomping", "a text that begins with `>` or `|` stands in quotes"),
    ("cannot start any token", "a text that begins with such a sign stands in quotes"),
    ("unexpected end of stream", "a quote is missing: the text never ends"),
    ("but got '<stream end>'", "a closing bracket is missing"),
    ("expected ',' or", "a comma or a closing bracket is missing"),
    ("expected <block end>", "indented otherwise than the lines above"),
)


def _yaml_reason(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "it cannot be read"
    for part, reason in _YAML_REASONS:
        if part in problem:
            return f"not valid YAML: {reason}"
    return f"not valid YAML: {problem}"


def _build(text: str, loader: Any) -> Node | None:
    builder = _Builder()
    for event in yaml.parse(text, Loader=loader):
        _take(builder, event)
    return builder.root


def _take(builder: _Builder, event: Any) -> None:
    line = event.start_mark.line + 1
    if isinstance(event, yaml.AliasEvent):
        builder.alias(str(event.anchor), line)
    elif isinstance(event, yaml.ScalarEvent):
        builder.add(_scalar(event, line), event.anchor)
    elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
        _refuse_tag(event.tag, line)
        mapping = isinstance(event, yaml.MappingStartEvent)
        builder.begin(line, mapping=mapping, anchor=event.anchor)
    elif isinstance(event, yaml.CollectionEndEvent):
        builder.end()


def _refuse_tag(tag: str | None, line: int) -> None:
    if tag not in _TAGS:
        shown = tag.replace("tag:yaml.org,2002:", "!!") if tag else ""
        raise InvalidPlan(f"the tag `{shown}` means nothing here", line=line)


def _scalar(event: Any, line: int) -> Node:
    _refuse_tag(event.tag, line)
    text = event.value
    if not event.implicit[0] or event.tag == _TEXT_TAG:
        return Node(text, line, text)
    if text == "<<":
        return Node(text, line, text, "a merge")
    if text.lower() in _WORDS:
        return Node(_WORDS[text.lower()], line, text)
    if _NUMBER.fullmatch(text):
        return Node(_number(text, line), line, text)
    for pattern, meaning in _DOUBTFUL:
        if pattern.fullmatch(text):
            return Node(text, line, text, meaning)
    return Node(text, line, text)


def _number(text: str, line: int) -> int | float:
    try:
        value: int | float = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise InvalidPlan("a number too large for JSON", line=line) from None
    return value


def _read_json(text: str) -> Node:
    body = text.encode("utf-8", "surrogatepass")
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        said = explain(Refusal("invalid json"), body, {})
        reason = f"not valid JSON: {said.message}"
        reason += f" ({said.guess})" if said.guess else ""
        raise InvalidPlan(reason, line=said.line, column=said.column) from None
    builder = _Builder()
    for token, line in _tokens(text):
        _take_token(builder, token, line)
    assert builder.root is not None  # orjson has read one
    return builder.root


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    line = 1
    for token in _TOKEN.findall(text):
        if token == "\n":
            line += 1
        elif token not in ",:":
            yield token, line


def _take_token(builder: _Builder, token: str, line: int) -> None:
    if token in "{[":
        builder.begin(line, mapping=token == "{")
    elif token in "}]":
        builder.end()
    else:
        number = token[0] in "-0123456789"
        value = _number(token, line) if number else orjson.loads(token)
        builder.add(Node(value, line, value if isinstance(value, str) else token))
