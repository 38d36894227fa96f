"""The four validation actions that a workspace chooses, in the vendor's words."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from mockcollect.errors import InvalidPlan
from mockcollect.verdict.breach import Code
from mockcollect.verdict.planfile import Node
from mockcollect.verdict.suggestions import did_you_mean, shown
from mockcollect.verdict.verdict import Level
from mockcollect.verdict.words import listed

Action = Literal["accept", "omit", "warn", "reject"]
Situation = Literal[
    "missing required property",
    "unexpected value format",
    "unspecified event",
    "unspecified property",
]
SITUATIONS: tuple[Situation, ...] = get_args(Situation)

ALLOWED: dict[Situation, tuple[Action, ...]] = {
    "missing required property": ("accept", "reject"),
    "unexpected value format": ("omit", "accept", "reject"),
    "unspecified event": ("accept", "warn"),
    "unspecified property": ("omit", "accept", "warn"),
}
"""Vendor, event specification: what a workspace may choose for each situation."""

SITUATION_OF: dict[Code, Situation] = {
    "property.required": "missing required property",
    "property.type": "unexpected value format",
    "property.value": "unexpected value format",
    "property.unknown": "unspecified property",
    "event.unknown": "unspecified event",
}

_LEVELS: dict[tuple[Situation, Action], Level] = {
    ("missing required property", "accept"): "warning",
    ("unexpected value format", "omit"): "error",
    ("unexpected value format", "accept"): "warning",
    ("unspecified event", "accept"): "note",
    ("unspecified event", "warn"): "warning",
    ("unspecified property", "omit"): "error",
    ("unspecified property", "accept"): "note",
    ("unspecified property", "warn"): "warning",
}

_OUTCOMES: dict[Action, str] = {
    "omit": "production leaves it out",
    "reject": "production refuses the event",
}


class Actions(NamedTuple):
    """What production does in each situation. The defaults refuse no event."""

    missing_required_property: Action = "accept"
    unexpected_value_format: Action = "omit"
    unspecified_event: Action = "accept"
    unspecified_property: Action = "accept"

    def action(self, code: Code) -> Action:
        """Return what production does about a breach with a code."""
        return self[SITUATIONS.index(SITUATION_OF[code])]

    def level(self, code: Code) -> Level:
        """Return how much a breach weighs: a loss is an error, a remark a note."""
        return _LEVELS.get((SITUATION_OF[code], self.action(code)), "error")

    def outcome(self, code: Code) -> str:
        """Return what becomes of an event with a breach, empty where nothing does."""
        action = self.action(code)
        said = _OUTCOMES.get(action)
        return f"As it is, {said} ({SITUATION_OF[code]}: {action})." if said else ""

    def to_dict(self) -> dict[str, str]:
        """Return the actions by the vendor's words."""
        return dict(zip(SITUATIONS, self, strict=True))


def read_actions(node: Node | None) -> Actions:
    """Return the actions that a plan names. Raises InvalidPlan with the line."""
    if node is None or node.value is None:
        return Actions()
    if not isinstance(node.value, dict):
        reason = "`actions` should be an object, as in `unexpected value format: omit`"
        raise InvalidPlan(reason, line=node.line)
    chosen: dict[str, Action] = {}
    for key, value in node.value.items():
        field = _situation(key, node.keys[key]).replace(" ", "_")
        if field in chosen:
            raise InvalidPlan(f"`{shown(key)}` stands twice", line=node.keys[key])
        chosen[field] = _action(field.replace("_", " "), value)
    return Actions(**chosen)


def _situation(key: str, line: int) -> Situation:
    words = " ".join(key.lower().replace("_", " ").replace("-", " ").split())
    for known in SITUATIONS:
        if words == known:
            return known
    hint = did_you_mean(words, SITUATIONS) or f"There are: {', '.join(SITUATIONS)}."
    raise InvalidPlan(
        f"unknown situation `{shown(key)}` in `actions`. {hint}", line=line
    )


def _action(situation: str, node: Node) -> Action:
    allowed = next(ALLOWED[one] for one in SITUATIONS if one == situation)
    said = node.text.lower() if isinstance(node.value, str) else ""
    for one in allowed:
        if said == one:
            return one
    what = f"`{shown(node.text)}`" if node.text else "that"
    reason = f"`{situation}` takes {listed(list(allowed))}, not {what}"
    near = did_you_mean(said, allowed) if said not in get_args(Action) else ""
    raise InvalidPlan(f"{reason}. {near}" if near else reason, line=node.line)
