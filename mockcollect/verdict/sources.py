"""The known sources: which keys there are, of which site, and what they are for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import orjson

from mockcollect.errors import InvalidPlan, InvalidSource
from mockcollect.verdict.rules import Seen, all_rules
from mockcollect.verdict.subject import Subject
from mockcollect.verdict.suggestions import did_you_mean, shown
from mockcollect.verdict.verdict import Finding

if TYPE_CHECKING:  # sources without a plan need no YAML
    from mockcollect.verdict.planfile import Node

Environment = Literal["production", "staging", "development"]
ENVIRONMENTS: tuple[Environment, ...] = get_args(Environment)
"""The labels that the platform has for sources."""

SOURCE_FORM = "SITE:KEY[:LABEL[:ENVIRONMENT[:inactive]]]"
_EXAMPLE = "29:7183b9d4-1031-11ee-be56-0242ac120002:web shop:production"
_KEYS = ("site", "key", "label", "environment", "active")
_ELSEWHERE = {"tc_s": "site", "token": "key", "integration_key": "key", "name": "label"}
_SHORT = {"prod": "production", "stage": "staging", "dev": "development"}


@dataclass(frozen=True, slots=True)
class KnownSource:
    """A source of the platform: whose site it is of, and what it is for.

    `environment` is `None` where nobody says it.
    """

    site: str
    key: str
    label: str = ""
    environment: Environment | None = None
    active: bool = True

    @property
    def title(self) -> str:
        """The source as a message names it."""
        return f'"{shown(self.label)}"' if self.label else f"of site {shown(self.site)}"

    def to_dict(self) -> dict[str, Any]:
        """Return the source as a plan or the inspection API has it."""
        data: dict[str, Any] = {"site": self.site, "key": self.key}
        data.update({"label": self.label} if self.label else {})
        data.update({"environment": self.environment} if self.environment else {})
        return data | {"active": self.active}


class Sources:
    """The sources that are known, and what they say of an event's key.

    `test_run` says what the run is for: true for tests, where a key of production is
    mixed up; false for a rehearsal of production, where any other is; `None` for
    neither. Two sources with one key raise InvalidSource.
    """

    def __init__(
        self, sources: Iterable[KnownSource], *, test_run: bool | None = None
    ) -> None:
        self.test_run = test_run
        self._by_key: dict[str, KnownSource] = {}
        for one in sources:
            if self._by_key.setdefault(one.key, one) != one:
                raise InvalidSource(_given_twice(one.key))

    @classmethod
    def of_data(cls, data: Any, *, test_run: bool | None = None) -> Sources:
        """Return the sources in JSON: a list, or an object with a list of `sources`.

        Raises InvalidSource.
        """
        listed = data.get("sources") if isinstance(data, dict) else data
        if not isinstance(listed, list):
            raise InvalidSource("sources are a list, as in " + _JSON_EXAMPLE)
        return cls(map(make_source, listed), test_run=test_run)

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[KnownSource]:
        return iter(self._by_key.values())

    @cached_property
    def version(self) -> str:
        """A short hash of all that is known: use it as the key of caches."""
        said = orjson.dumps([self.to_dict(), self.test_run])
        return hashlib.sha256(said).hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        """Return the sources as the inspection API shows and takes them."""
        return {"sources": [one.to_dict() for one in self]}

    def check(self, subject: Subject) -> list[Finding]:
        """Return what is wrong with an event's key, as far as sources are known.

        Nothing for an event without a key: a rule finds that.
        """
        key = subject.event.source_key
        if not self._by_key or not key:
            return []
        known = self._by_key.get(key)
        if known is None:
            return [_finding("token.unknown", _unknown(key, self._by_key))]
        return [_finding(*one) for one in self._about(known, subject)]

    def _about(
        self, known: KnownSource, subject: Subject
    ) -> Iterator[tuple[str, Seen]]:
        site, test_code = subject.event.site_id, subject.event.test_code
        if site and site != known.site:
            yield "tc_s.mismatch", _foreign(known, site)
        if not known.active:
            message = f"the key is of the source {known.title}, which is inactive"
            yield "token.inactive", Seen("token", message, known.key)
        if self._is_mixed(known):
            yield "environment.mixed", self._mixed(known)
        if test_code and known.environment == "production":
            message = f"test_code is set on a key of production, {known.title}"
            yield "test_code.left", Seen("test_code", message, test_code)

    def _is_mixed(self, known: KnownSource) -> bool:
        if self.test_run is None or known.environment is None:
            return False
        return (known.environment == "production") == self.test_run

    def _mixed(self, known: KnownSource) -> Seen:
        run = "a test run" if self.test_run else "a run for production"
        message = f"the key is of {known.environment}, {known.title}, in {run}"
        return Seen("token", message, known.key)


def _given_twice(key: str) -> str:
    return f"the key {shown(key)} is given twice, and not the same. Give each key once"


def _finding(code: str, seen: Seen) -> Finding:
    return all_rules()[code].finding(seen)


def _unknown(key: str, known: Mapping[str, KnownSource]) -> Seen:
    near = did_you_mean(key, known)
    count = "source" if len(known) == 1 else "sources"
    message = f"the key {shown(key)} is of none of the {len(known)} known {count}"
    return Seen("token", f"{message}. {near}" if near else message, key)


def _foreign(known: KnownSource, site: str) -> Seen:
    message = (
        f"the key is of site {shown(known.site)}, and `tc_s` says {shown(site)} "
        f"(source {known.title})"
        if known.label
        else f"the key is of site {shown(known.site)}, and `tc_s` says {shown(site)}"
    )
    return Seen("tc_s", message, site)


def parse_source(text: str) -> KnownSource:
    """Return the source that a text as `--source` takes it says.

    Raises InvalidSource: its text says what is missing, and shows the form.
    """
    parts = [part.strip() for part in text.split(":")]
    if len(parts) < 2 or len(parts) > 5:
        how_many = "has no key" if len(parts) < 2 else "has too many parts"
        raise InvalidSource(f"`{shown(text)}` {how_many}. {_form()}")
    data: dict[str, Any] = dict(zip(_KEYS, parts, strict=False))
    state = data.pop("active", "active").lower()
    if state not in ("active", "inactive", ""):
        reason = f"the last part of `{shown(text)}` should be `inactive`, or left out"
        raise InvalidSource(f"{reason}. {_form()}")
    return make_source({**data, "active": state != "inactive"})


def _form() -> str:
    return f"Write {SOURCE_FORM}, as in {_EXAMPLE}"


_JSON_EXAMPLE = (
    '[{"site": "29", "key": "7183b9d4-…", "label": "web shop", '
    '"environment": "production", "active": true}]'
)


def make_source(data: Any) -> KnownSource:
    """Return the source in a JSON object: `site` and `key`, and what else is known.

    Raises InvalidSource.
    """
    if not isinstance(data, dict):
        raise InvalidSource("a source is an object, as in " + _JSON_EXAMPLE)
    for key in data:
        if key not in _KEYS:
            meant = _ELSEWHERE.get(str(key), str(key))
            hint = did_you_mean(meant, _KEYS) or f"It takes {', '.join(_KEYS)}."
            raise InvalidSource(f"unknown key `{shown(key)}` in a source. {hint}")
    site, key = _text(data, "site"), _text(data, "key")
    if not (site.isascii() and site.isdigit()):
        raise InvalidSource(
            f"the site id should be digits, as in 29, not `{shown(site)}`"
        )
    active = data.get("active", True)
    if not isinstance(active, bool):
        raise InvalidSource("`active` of a source should be true or false")
    label = _text(data, "label", needed=False)
    return KnownSource(site, key, label, _environment(data), active)


def _text(data: Mapping[str, Any], name: str, *, needed: bool = True) -> str:
    value = data.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is not None and not isinstance(value, str):
        raise InvalidSource(f"`{name}` of a source should be a text")
    if needed and not value:
        raise InvalidSource(f"a source has no `{name}`. {_form()}")
    return (value or "").strip()


def _environment(data: Mapping[str, Any]) -> Environment | None:
    said = _text(data, "environment", needed=False)
    word = _SHORT.get(said.lower(), said.lower())
    for one in ENVIRONMENTS:
        if word == one:
            return one
    if not said:
        return None
    hint = did_you_mean(word, ENVIRONMENTS) or f"There are {', '.join(ENVIRONMENTS)}."
    raise InvalidSource(f"unknown environment `{shown(said)}`. {hint}")


def read_sources(node: Node | None) -> Sources | None:
    """Return the sources of a plan, if it has any. Raises InvalidPlan with the line."""
    if node is None or node.value is None:
        return None
    if not isinstance(node.value, list):
        reason = "`sources` should be a list, as in `- {site: 29, key: 7183b9d4-…}`"
        raise InvalidPlan(reason, line=node.line)
    known: dict[str, KnownSource] = {}
    for one in node.value:
        source = _read_source(one)
        if known.setdefault(source.key, source) != source:
            raise InvalidPlan(_given_twice(source.key), line=one.line)
    return Sources(known.values())


def _read_source(node: Node) -> KnownSource:
    try:
        if isinstance(node.value, (dict, list)):
            return make_source(_as_written(node))
        return parse_source(node.text)
    except InvalidSource as error:
        raise InvalidPlan(str(error), line=node.line) from None


def _as_written(node: Node) -> Any:
    """Return a source's data with texts as written: a key keeps its leading zeros."""
    if not isinstance(node.value, dict):
        return node.value
    return {
        key: one.data() if key not in _KEYS[:3] or not one.text else one.text
        for key, one in node.value.items()
    }
