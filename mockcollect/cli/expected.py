"""What is expected, as a command line says it, and asked of a server or of a file."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mockcollect.cli.common import option
from mockcollect.errors import InvalidExpectations, InvalidQuery

if TYPE_CHECKING:
    from mockcollect.asking.checking import Arrived, Check
    from mockcollect.server.client import Client

_Function = TypeVar("_Function", bound=Callable[..., Any])
_WAIT_SECONDS = 10.0
_KINDS = {"json": "application/json", "yml": "application/yaml"}


_NEGATED = re.compile(r"-[A-Za-z\"$][^\s:=<>~]*[:=<>~]")


class FilterCommand(click.Command):
    """A command that takes `-event:purchase` as what it is, and no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Return what is left of the arguments."""
        # No filter minds a space in front of it, and no option has one.
        args = [f" {one}" if _NEGATED.match(one) else one for one in args]
        return super().parse_args(ctx, args)


class Lines(click.ParamType):  # type: ignore[type-arg]
    """A text of which a variable holds several, one on each line."""

    name = "text"

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """Split a variable at its line breaks: each text may hold spaces."""
        return [text for line in rv.splitlines() if (text := line.strip())]


class ExpectationText(Lines):
    """An expectation, checked where it is given."""

    name = "expectation"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the text as it was given."""
        from mockcollect.asking.expectations import parse_expectation

        try:
            parse_expectation(value)
        except InvalidQuery as error:
            self.fail(_sentence(error), param, ctx)
        return str(value).strip()


class FilterText(click.ParamType):  # type: ignore[type-arg]
    """A filter without a count, checked where it is given; empty for everything."""

    name = "filter"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the text as it was given."""
        from mockcollect.recording.query import parse_query

        try:
            parse_query(value)
        except InvalidQuery as error:
            self.fail(_sentence(error), param, ctx)
        return str(value).strip()


def _sentence(error: InvalidQuery) -> str:
    said = str(error)
    return said if said.endswith(("?", ".")) else f"{said}."


def expect_file_option(command: _Function) -> _Function:
    """Give a command --expect-file."""
    decorated: _Function = option(
        "--expect-file",
        "files",
        multiple=True,
        envvar="MOCKCOLLECT_EXPECT_FILE",
        metavar="FILE",
        help="Check what FILE expects, YAML or JSON. Repeatable.",
    )(command)
    return decorated


@dataclass(frozen=True, slots=True)
class Expected:
    """Expectations as texts, and as the content of files. All of them can be read."""

    texts: tuple[str, ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()
    checks: tuple[Check, ...] = ()

    def ask(self, client: Client, *, wait: float = 0.0) -> dict[str, Any]:
        """Return what came of them, asked of a server. Raises MockcollectError."""
        deadline = time.monotonic() + wait
        answers = []
        if self.texts:
            answers.append(_ask_texts(client, self.texts, deadline))
        for name, content in self.files:
            answers.append(_ask_file(client, name, content, deadline))
        if not answers:
            return _unchecked(client)
        results = [result for one in answers for result in one["results"]]
        ok = all(one["ok"] for one in answers)
        return {**answers[-1], "results": results, "ok": ok}

    def ask_of(self, arrived: Arrived) -> dict[str, Any]:
        """Return what came of them, asked of what a file holds."""
        from mockcollect.asking.answer import answer_of
        from mockcollect.asking.checking import check_all

        collected = arrived.collected()
        return answer_of(check_all(self.checks, collected), collected)


def read_expected(
    texts: Sequence[str], files: Sequence[str], *, planned: Sequence[str] | None
) -> Expected:
    """Return expectations that can be checked.

    Raises InvalidExpectations for a file that cannot be read, or for a share of a
    tracking plan where none is `planned`.
    """
    if not texts and not files:
        return Expected()
    # The libraries that read YAML are loaded only for who has such a file.
    from mockcollect.asking.checking import Arrived, check_all
    from mockcollect.asking.expectations import parse_expectation

    checks: list[Check] = [parse_expectation(text) for text in texts]
    contents = [(name, _content(name)) for name in files]
    for name, content in contents:
        from mockcollect.asking.expectation_file import parse_expectations

        checks += parse_expectations(content, name=name)
    check_all(checks, Arrived(planned=planned))
    return Expected(tuple(texts), tuple(contents), tuple(checks))


def _ask_texts(client: Client, texts: Sequence[str], deadline: float) -> Any:
    """Check what is expected, as often as it takes: a server waits for so long only."""
    while True:
        start = time.monotonic()
        wait = max(0.0, min(deadline - start, _WAIT_SECONDS))
        answered = client.expect(*texts, wait=wait)
        now = time.monotonic()
        # Before its time a server answers what waiting can no longer change.
        if answered["ok"] or now >= deadline or now - start < wait:
            return answered


def _ask_file(client: Client, name: str, content: bytes, deadline: float) -> Any:
    """Check what a file expects, again with each event until it holds."""
    kind = _KINDS["json" if name.lower().endswith(".json") else "yml"]
    while True:
        newest = client.get("/events", limit=1)["events"]
        answered = client.check(content, kind=kind)
        left = min(deadline - time.monotonic(), _WAIT_SECONDS)
        if answered["ok"] or left <= 0:
            return answered
        since = newest[0]["id"] if newest else 0
        client.get("/events", since=since, limit=0, wait=f"{left:.3f}")


def _content(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise InvalidExpectations(reason, name=name) from None


def _unchecked(client: Client) -> dict[str, Any]:
    """Return what arrived, as where nothing is expected of it."""
    summary = client.get("/events/summary")
    verdicts = {one["value"]: one["count"] for one in summary["verdicts"]}
    shown = {key: summary[key] for key in ("refused", "dropped", "coverage")}
    return {
        "kept_away": 0,
        "ok": True,
        "events": summary["matched"],
        "verdicts": verdicts,
        "results": [],
        **shown,
    }
