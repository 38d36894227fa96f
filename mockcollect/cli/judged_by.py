"""The options that say what events are judged by: a tracking plan, known sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from mockcollect.cli.common import option
from mockcollect.errors import InvalidSource

if TYPE_CHECKING:
    from mockcollect.verdict.plan import Plan
    from mockcollect.verdict.sources import Sources

_Function = TypeVar("_Function", bound=Callable[..., Any])


class _SourceText(click.ParamType):  # type: ignore[type-arg]
    """A known source, checked where it is given."""

    name = "source"

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """Split a variable: a label may hold spaces, and each source has colons."""
        return [text for part in re.split(r"[;\n]", rv) if (text := part.strip())]

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the text as it was given."""
        from mockcollect.verdict.sources import parse_source

        try:
            parse_source(value)
        except InvalidSource as error:
            self.fail(f"{error}.", param, ctx)
        return str(value)


_PLAN = option(
    "--plan",
    envvar="MOCKCOLLECT_PLAN",
    metavar="FILE",
    help="Judge by the tracking plan in FILE, YAML or JSON, too.",
)
_SOURCE = option(
    "--source",
    "sources",
    multiple=True,
    envvar="MOCKCOLLECT_SOURCE",
    type=_SourceText(),
    metavar="SITE:KEY[:LABEL[:ENVIRONMENT[:inactive]]]",
    help="A source that is known: other keys are found. Repeatable.",
)


def judging_options(command: _Function) -> _Function:
    """Give a command --plan and --source."""
    decorated: _Function = _PLAN(_SOURCE(command))
    return decorated


class PlanAndSources(NamedTuple):
    """What events are judged by, beside the rules."""

    plan: Plan | None = None
    sources: Sources | None = None


def read_plan_and_sources(plan: str | None, sources: Sequence[str]) -> PlanAndSources:
    """Return the plan in a file, and the known sources with those that it names.

    Raises InvalidPlan or InvalidSource.
    """
    if plan is None and not sources:
        return PlanAndSources()
    # The libraries that read plans are loaded only for who has one.
    from mockcollect.verdict.plan import load_plan
    from mockcollect.verdict.sources import Sources, parse_source

    read = load_plan(plan) if plan is not None else None
    known = [parse_source(text) for text in sources]
    known += list(read.sources or ()) if read is not None else []
    return PlanAndSources(read, Sources(known) if known else None)
