"""One way in which an event is not as a plan has it, before anybody weighs it."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

Code = Literal[
    "property.required",
    "property.type",
    "property.value",
    "property.unknown",
    "event.unknown",
]

MAX_BREACHES = 20
"""No more are told of one event: nobody reads them, and each takes its time."""


NOT_PLANNED = "is not in the tracking plan"


class Breach(NamedTuple):
    """A breach of a plan.

    `path` is where in the event, `says` the message without it. `rule` is what in the
    plan was breached. A `remark` is nothing that production would mind.
    """

    code: Code
    path: str
    says: str
    rule: str
    sample: Any = None
    remedy: str = ""
    remark: bool = False
    known: tuple[str, ...] = ()
