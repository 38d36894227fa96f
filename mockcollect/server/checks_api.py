"""The inspection API's part on expectations: whether they hold for what arrived."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Response, request

from mockcollect.errors import InvalidExpectations, InvalidPlan
from mockcollect.recording.interface import Place
from mockcollect.server import parameters
from mockcollect.server.events_api import MAX_WAIT_SECONDS
from mockcollect.server.parameters import BadParameter
from mockcollect.server.replies import json_reply

if TYPE_CHECKING:
    from mockcollect.asking.checking import Arrived, Check
    from mockcollect.asking.results import CheckResult
    from mockcollect.recording.interface import Recorder

FORMATS = ("json", "text", "github", "junit")
"""How the results are written; the first is the default."""

_OWN_KEYS = ("wait", "format")
_START = Place(0, 0)
_MEDIA_TYPES = {"junit": "application/xml"}
_REST_SECONDS = 0.02
"""How long is waited between two looks at all that arrived, while events stream in."""


class CheckViews:
    """Checks what arrived against expectations."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def check(self) -> Response:
        """Return the results: 200 if all hold, 422 if some do not."""
        parameters.only()
        checks, options = _read(parameters.body())
        try:
            arrived, results = self._results(checks, options.wait)
        except InvalidExpectations as error:
            raise _invalid(error) from error
        dropped = self._recorder.counts()["dropped"]
        return _reply(results, arrived, dropped, options.form)

    def _results(
        self, checks: Sequence[Check], seconds: float
    ) -> tuple[Arrived, list[CheckResult]]:
        """Check until all holds, waiting can mend nothing, or the time is over."""
        from mockcollect.asking.checking import check_all

        deadline = time.monotonic() + seconds
        while True:
            place = self._recorder.place()
            arrived = self._arrived()
            results = check_all(checks, arrived)
            left = deadline - time.monotonic()
            if left <= 0 or not _may_hold_later(results):
                return arrived, results
            if not self._recorder.wait_behind(place, timeout=left):
                return arrived, results
            time.sleep(min(_REST_SECONDS, left))

    def _arrived(self) -> Arrived:
        from mockcollect.asking.checking import Arrived

        plan = self._recorder.plan
        arrived = Arrived(
            tuple(self._recorder.events_behind(_START)),
            tuple(self._recorder.eventless_behind(_START)),
            None if plan is None else plan.event_names,
        )
        return arrived.collected()


class _Options(NamedTuple):
    """What a body says beside its expectations."""

    wait: float
    form: str


def _may_hold_later(results: Sequence[CheckResult]) -> bool:
    failed = [one for one in results if not one.holds]
    return bool(failed) and all(one.may_change for one in failed)


def _read(body: bytes) -> tuple[Sequence[Check], _Options]:
    # The libraries that read YAML are loaded only for who checks something.
    from mockcollect.asking.expectation_file import parse_expectations
    from mockcollect.verdict.planfile import read

    try:
        checks = parse_expectations(body, name=_name(), others=_OWN_KEYS)
        root = read(body.decode(), name=_name())
        said = {key: root.value[key].data() for key in _OWN_KEYS if key in root.value}
    except (InvalidExpectations, InvalidPlan) as error:
        raise _invalid(error) from error
    return checks, _Options(_wait(said), _form(said))


def _name() -> str:
    """Return a name for the body, which tells JSON from YAML if that is said."""
    if request.mimetype in ("application/json", "text/json"):
        return "body.json"
    return "body.yml" if request.mimetype.endswith("yaml") else "body"


def _invalid(error: InvalidExpectations | InvalidPlan) -> BadParameter:
    return BadParameter(
        "invalid-expectations",
        f"The expectations cannot be checked: {error}",
        reason=error.reason,
        line=error.line,
        column=error.column,
    )


def _wait(said: Mapping[str, Any]) -> float:
    wait = said.get("wait", 0)
    if type(wait) not in (int, float) or not wait >= 0:
        takes = f"a number of seconds from 0 to {MAX_WAIT_SECONDS:.0f}"
        raise BadParameter("invalid-body", f"`wait` takes {takes}.", parameter="wait")
    return float(min(wait, MAX_WAIT_SECONDS))


def _form(said: Mapping[str, Any]) -> str:
    form = said.get("format", FORMATS[0])
    if form not in FORMATS:
        takes = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
        message = f"`format` takes {takes}."
        raise BadParameter("invalid-body", message, parameter="format")
    return str(form)


def _reply(
    results: Sequence[CheckResult], arrived: Arrived, dropped: int, form: str
) -> Response:
    from mockcollect.asking.answer import answer_of

    answered = answer_of(results, arrived, dropped=dropped)
    status = 200 if answered["ok"] else 422
    if form == "json":
        return json_reply(answered, status=status)
    return _written(answered, form, status)


def _written(answered: Mapping[str, Any], form: str, status: int) -> Response:
    from mockcollect.asking.answer import report_of
    from mockcollect.asking.report import WRITERS
    from mockcollect.asking.style import Paint

    text = WRITERS[form](report_of(answered, name="mockcollect check"), Paint())
    return Response(text, status, mimetype=_MEDIA_TYPES.get(form, "text/plain"))
