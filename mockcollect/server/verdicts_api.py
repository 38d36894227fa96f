"""The inspection API's part on verdicts: by what events are judged, and judging one.

The libraries that read plans and judge are imported where they are first needed: who
only collects does without them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import orjson
from flask import Response, request

from mockcollect.contract.event import CollectRequest
from mockcollect.errors import InvalidPlan, InvalidSource
from mockcollect.server import parameters
from mockcollect.server.headers import request_headers
from mockcollect.server.replies import error_reply, json_reply
from mockcollect.server.summary import coverage_part
from mockcollect.server.validating import PATHS, guess_endpoint, validation

if TYPE_CHECKING:
    from mockcollect.recording.interface import Recorder
    from mockcollect.server.judging import JudgedBy
    from mockcollect.verdict.plan import Plan

_JSON_TYPES = ("application/json", "text/json")
_NAMED = ("tc_s", "token")
_YAML_TYPES = (
    "application/yaml",
    "application/x-yaml",
    "text/yaml",
    "text/x-yaml",
    "text/vnd.yaml",
)


class VerdictViews:
    """The plan, the known sources, and judging without recording."""

    def __init__(self, recorder: Recorder, judged_by: JudgedBy) -> None:
        self._recorder = recorder
        self._judged_by = judged_by

    def plan(self) -> Response:
        """Return the plan, and which of it was seen."""
        parameters.only()
        return self._plan_reply()

    def put_plan(self) -> Response:
        """Judge by another plan; an empty body removes it."""
        parameters.only()
        body = parameters.body()
        try:
            self._judged_by.use_plan(_read_plan(body) if body.strip() else None)
        except InvalidPlan as error:
            return error_reply(
                422,
                "invalid-plan",
                f"The plan cannot be used, and nothing has changed: {error}",
                reason=error.reason,
                line=error.line,
                column=error.column,
            )
        except InvalidSource as error:
            return _invalid_sources(str(error))
        return self._plan_reply()

    def delete_plan(self) -> Response:
        """Judge without a plan."""
        parameters.only()
        parameters.no_body("PUT takes another plan; DELETE just removes it.")
        self._judged_by.use_plan(None)
        return self._plan_reply()

    def sources(self) -> Response:
        """Return the known sources, those of the plan too."""
        parameters.only()
        return self._sources_reply()

    def put_sources(self) -> Response:
        """Know other sources beside the plan's; an empty body knows none."""
        from mockcollect.verdict.sources import Sources

        parameters.only()
        body = parameters.body()
        try:
            given = Sources.of_data(orjson.loads(body)) if body.strip() else ()
            self._judged_by.use_sources(given)
        except orjson.JSONDecodeError as error:
            place = {"line": error.lineno, "column": error.colno}
            return _invalid_sources(f"the body is not JSON: {error}", **place)
        except InvalidSource as error:
            return _invalid_sources(str(error))
        return self._sources_reply()

    def delete_sources(self) -> Response:
        """Forget the sources beside the plan's."""
        parameters.only()
        parameters.no_body("PUT takes other sources; DELETE just removes them.")
        self._judged_by.use_sources(())
        return self._sources_reply()

    def validate(self) -> Response:
        """Judge a body as if it were sent, and record nothing."""
        from mockcollect.verdict.judge import make_judge

        parameters.only("tc_s", "token", "endpoint")
        # What depends on other events is left out: this one is not among them.
        judge = make_judge(plan=self._recorder.plan, sources=self._recorder.sources)
        now = time.time_ns() // 1_000_000
        return json_reply(validation(_meant_request(), judge, received_at=now))

    def _plan_reply(self) -> Response:
        plan = self._recorder.plan
        names = (one.event.event_name for one in self._recorder.matching())
        return json_reply(
            {
                "plan": None if plan is None else plan.to_dict(),
                "coverage": coverage_part(plan, names),
            }
        )

    def _sources_reply(self) -> Response:
        sources = self._recorder.sources
        return json_reply({"sources": []} if sources is None else sources.to_dict())


def _read_plan(body: bytes) -> Plan:
    from mockcollect.verdict.plan import parse_plan

    plan = parse_plan(body, name=_plan_name())
    try:
        orjson.dumps(plan.to_dict())
    except TypeError:  # YAML can spell "\ud800", which nothing else can write
        raise InvalidPlan("half of a surrogate pair stands in a text") from None
    return plan


def _plan_name() -> str:
    """Return a name for a plan in a body, which tells JSON from YAML if that is said.

    A plan that curl sends says that it is a form, or nothing.
    """
    if request.mimetype in _JSON_TYPES:
        return "body.json"
    return "body.yml" if request.mimetype in _YAML_TYPES else "body"


def _meant_request() -> CollectRequest:
    """Return the request that the body is meant for, with the site and key given."""
    body = parameters.body()
    endpoint = parameters.choice("endpoint", *PATHS, default=guess_endpoint(body))
    given = [(name, request.args[name]) for name in _NAMED if name in request.args]
    headers = request_headers(request.environ)
    path = PATHS[endpoint]
    return CollectRequest("POST", path, urlencode(given), headers, body, len(body))


def _invalid_sources(said: str, **place: int) -> Response:
    return error_reply(
        422,
        "invalid-sources",
        f"The sources cannot be used, and nothing has changed: {said}",
        **place,
    )
