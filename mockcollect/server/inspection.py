"""The inspection API: what arrived, as JSON. A GET never changes anything."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response, request

from mockcollect import __version__
from mockcollect.errors import MockcollectError
from mockcollect.recording.paths import COMPARISONS
from mockcollect.recording.query import KEYS
from mockcollect.recording.records import iso_time
from mockcollect.server import parameters
from mockcollect.server.checks_api import CheckViews
from mockcollect.server.events_api import EventViews
from mockcollect.server.faults_api import FaultViews
from mockcollect.server.files_api import FileViews
from mockcollect.server.replies import base_url, json_reply, not_recording_reply
from mockcollect.server.requests_api import RequestViews
from mockcollect.server.verdicts_api import VerdictViews

if TYPE_CHECKING:
    from mockcollect.recording.interface import Recorder
    from mockcollect.server.faults import Faults
    from mockcollect.server.judging import JudgedBy

ROUTES = (
    ("", "GET", "server.index"),
    ("/ready", "GET", "server.ready"),
    ("/openapi.json", "GET", "server.openapi"),
    ("/filters", "GET", "server.filters"),
    ("/events", "GET", "events.page"),
    ("/events", "DELETE", "events.delete"),
    ("/events/<int:event_id>", "GET", "events.one"),
    ("/events/latest", "GET", "events.latest"),
    ("/events/summary", "GET", "events.summary"),
    ("/requests", "GET", "requests.page"),
    ("/requests/<int:request_id>", "GET", "requests.one"),
    ("/requests/<int:request_id>/body", "GET", "requests.body"),
    ("/plan", "GET", "verdicts.plan"),
    ("/plan", "PUT", "verdicts.put_plan"),
    ("/plan", "DELETE", "verdicts.delete_plan"),
    ("/sources", "GET", "verdicts.sources"),
    ("/sources", "PUT", "verdicts.put_sources"),
    ("/sources", "DELETE", "verdicts.delete_sources"),
    ("/validate", "POST", "verdicts.validate"),
    ("/check", "POST", "checks.check"),
    ("/faults", "GET", "faults.rules"),
    ("/faults", "PUT", "faults.put"),
    ("/faults", "DELETE", "faults.delete"),
    ("/stream", "GET", "files.stream"),
    ("/export", "GET", "files.export"),
    ("/undo", "POST", "events.undo"),
)
"""Below `/_inspect`: a path, its method, and the view that answers it."""

_ID = re.compile("<int:[a-z]+_id>")

Trouble = Callable[[], MockcollectError | None]


def inspection_blueprint(
    recorder: Recorder, judged_by: JudgedBy, *, faults: Faults, trouble: Trouble
) -> Blueprint:
    """Return the routes below `/_inspect`; `trouble` says why nothing is recorded."""
    blueprint = Blueprint("inspection", __name__)
    views: dict[str, object] = {
        "server": _ServerViews(recorder, trouble),
        "events": EventViews(recorder),
        "requests": RequestViews(recorder),
        "verdicts": VerdictViews(recorder, judged_by),
        "checks": CheckViews(recorder),
        "faults": FaultViews(faults),
        "files": FileViews(recorder),
    }
    for path, method, view in ROUTES:
        subject, _, name = view.partition(".")
        blueprint.add_url_rule(
            path,
            f"{subject}_{name}",
            getattr(views[subject], name),
            methods=[method],
            provide_automatic_options=False,
        )
    return blueprint


class _ServerViews:
    """What there is to say of this server."""

    def __init__(self, recorder: Recorder, trouble: Trouble) -> None:
        self._recorder = recorder
        self._trouble = trouble
        self._started = time.time_ns() // 1_000_000

    def index(self) -> Response:
        parameters.only()
        return json_reply(
            {
                "name": "mockcollect",
                "version": __version__,
                "pid": os.getpid(),
                "started": iso_time(self._started),
                "stands_in_for": "collect.commander1.com",
                "recording": self._recorder.identity,
                **self._recorder.counts(),
                "links": _links(),
            }
        )

    def ready(self) -> Response:
        parameters.only()
        trouble = self._trouble()
        if trouble is not None:
            return not_recording_reply(trouble)
        return json_reply({"ready": True})

    def openapi(self) -> Response:
        parameters.only()
        return json_reply(_openapi())

    def filters(self) -> Response:
        parameters.only()
        keys = [
            {
                "name": key.name,
                "help": key.help,
                "takes": key.takes,
                "words": list(key.words),
            }
            for key in KEYS.values()
        ]
        return json_reply({"keys": keys, "comparisons": list(COMPARISONS)})


def _openapi() -> Any:
    text = files("mockcollect.server").joinpath("openapi.json").read_bytes()
    return {**orjson.loads(text), "servers": [{"url": base_url()}]}


def _links() -> dict[str, str]:
    base = f"{base_url()}{request.path.rstrip('/')}"
    paths = dict.fromkeys(_ID.sub("{id}", path) for path, _, _ in ROUTES if path)
    return {path[1:]: base + path for path in paths}
