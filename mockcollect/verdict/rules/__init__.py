"""The rules, one small function each, found by their codes.

A rule is registered by the decorator of its function; the modules beside this one are
imported by `all_rules`, so that a new one need not be named anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import islice
from pkgutil import iter_modules
from typing import Any, Literal, NamedTuple, get_args

from mockcollect.contract.event import Layout
from mockcollect.verdict.subject import Subject
from mockcollect.verdict.verdict import Finding, Level, sample_of

LAYOUTS: tuple[Layout, ...] = get_args(Layout)

Scope = Literal["event", "request"]

MAX_FINDINGS = 20
"""A rule says no more than this of one event: a hostile one breaks it thousandfold."""


class Seen(NamedTuple):
    """What a rule saw: where, in one sentence, the value, and the level if another."""

    path: str
    message: str
    sample: Any = None
    level: Level | None = None


Check = Callable[[Subject], Iterable[Seen]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its stable code, how much it weighs, what it asks, and who says so.

    `title` says in one sentence what must hold, `remedy` how to mend a breach, `source`
    where the rule is written. It is asked of events of these `layouts` only; one whose
    `scope` is the request also of bodies that hold no event.
    """

    code: str
    level: Level
    title: str
    remedy: str
    source: str
    check: Check
    layouts: frozenset[Layout]
    scope: Scope = "event"

    def findings(self, subject: Subject) -> list[Finding]:
        """Return what the rule finds in an event."""
        return [
            self.finding(seen) for seen in islice(self.check(subject), MAX_FINDINGS)
        ]

    def finding(self, seen: Seen) -> Finding:
        """Return the finding of what the rule saw."""
        return Finding(
            self.code,
            seen.level or self.level,
            seen.path,
            seen.message,
            sample_of(seen.sample),
            self.remedy,
            self.source,
        )


_RULES: dict[str, Rule] = {}


def rule(
    code: str,
    level: Level,
    title: str,
    *,
    remedy: str,
    source: str,
    layouts: Iterable[Layout] = LAYOUTS,
    scope: Scope = "event",
) -> Callable[[Check], Check]:
    """Register a function as the rule with a code."""

    def register(check: Check) -> Check:
        if code in _RULES:
            raise ValueError(f"two rules have the code {code}")
        _RULES[code] = Rule(
            code, level, title, remedy, source, check, frozenset(layouts), scope
        )
        return check

    return register


def elsewhere(subject: Subject) -> tuple[Seen, ...]:
    """Find nothing: the check of rules that one answered event cannot break.

    Those over several events are `History`'s; others lead to a 400 and its refusal.
    """
    return ()


@cache
def all_rules() -> dict[str, Rule]:
    """Return all rules by their codes, in alphabetical order."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return dict(sorted(_RULES.items()))


@cache
def rules_for(layout: Layout) -> tuple[Rule, ...]:
    """Return the rules that are asked of events in a layout."""
    return tuple(one for one in all_rules().values() if layout in one.layouts)
