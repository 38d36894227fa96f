"""The Flask application: the collect path in front, the inspection API behind."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)

from mockcollect.contract.endpoints import asks_for_gateway
from mockcollect.errors import MockcollectError, RecordingError
from mockcollect.server.access import Access
from mockcollect.server.collect import Collect
from mockcollect.server.faults import Faults
from mockcollect.server.inspection import ROUTES, inspection_blueprint
from mockcollect.server.judging import JudgedBy
from mockcollect.server.pages import page_blueprint
from mockcollect.server.parameters import BadParameter, nearest, shown
from mockcollect.server.replies import error_reply, not_recording_reply, requested_host

if TYPE_CHECKING:
    from mockcollect.recording.interface import Recorder
    from mockcollect.settings import Settings

INSPECT = "/_inspect"
MAX_INSPECT_BYTES = 1 << 20
"""What a body sent to `/_inspect` may have: twice the largest batch."""

_ALL_ADDRESSES = ("0.0.0.0", "::")
_MESSAGES = {
    413: f"A body sent to {INSPECT} has at most {MAX_INSPECT_BYTES:,} bytes.",
    500: "This is a fault of mockcollect; its terminal shows where. Please report it.",
}


def create_app(
    recorder: Recorder,
    settings: Settings,
    *,
    faults: Faults | None = None,
    on_trouble: Callable[[MockcollectError], None] | None = None,
) -> Flask:
    """Return the WSGI application that collects into a recorder and shows what it kept.

    It runs under any threaded WSGI server and in Flask's test client. `faults` are the
    rules that the inspection API shows and changes, none at first unless given.
    `on_trouble` is told once when recording begins to fail; by default it is said on
    standard error.
    Events are judged by the plan and the sources of the settings. Raises InvalidPlan or
    InvalidSource.
    """
    judged_by = JudgedBy(recorder, settings)
    app = Flask("mockcollect", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_INSPECT_BYTES
    app.url_map.strict_slashes = app.url_map.merge_slashes = False
    access = _access(settings)
    faults = faults or Faults(recorder)
    collect = Collect(
        app.wsgi_app,
        recorder,
        is_inner=is_ours,
        faults=faults,
        on_trouble=on_trouble or _say,
    )
    app.wsgi_app = collect  # type: ignore[method-assign]
    app.register_blueprint(
        inspection_blueprint(
            recorder, judged_by, faults=faults, trouble=collect.trouble
        ),
        url_prefix=INSPECT,
    )
    app.register_blueprint(page_blueprint(INSPECT))
    app.before_request(lambda: _guard(access))
    app.after_request(lambda response: _with_headers(access, response))
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(BadParameter, _on_bad_parameter)
    app.register_error_handler(RecordingError, not_recording_reply)
    return app


def is_ours(method: str, path: str, query: str) -> bool:
    """Return whether a path is mockcollect's own: all others are the API under test."""
    if path == INSPECT or path.startswith(f"{INSPECT}/"):
        return True
    if method not in ("GET", "HEAD"):
        return False
    # Browsers ask for the icon by themselves: no request of anybody's integration.
    is_page = path in ("/", "/favicon.ico")
    return is_page and not asks_for_gateway(query)


def _access(settings: Settings) -> Access:
    own = () if settings.host in _ALL_ADDRESSES else (settings.host,)
    return Access.allowing((*own, *settings.allow_host), settings.allow_origin)


def _guard(access: Access) -> Response | None:
    origin = request.headers.get("Origin")
    refusal = access.refusal(request.method, requested_host(), origin)
    if refusal is not None:
        return error_reply(403, "forbidden", refusal)
    if request.method == "OPTIONS":
        return Response(status=204)
    return None


def _with_headers(access: Access, response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin is None or not access.may_read(origin):
        return response
    response.headers["Access-Control-Allow-Origin"] = origin
    if request.method == "OPTIONS":
        may_write = access.may_write(origin, requested_host())
        methods = "GET, HEAD, POST, PUT, DELETE" if may_write else "GET, HEAD"
        response.headers["Access-Control-Allow-Methods"] = methods
        response.headers["Access-Control-Allow-Headers"] = "content-type, last-event-id"
    return response


def _on_http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if isinstance(error, RequestEntityTooLarge):
        return error_reply(status, "too-large", _MESSAGES[413])
    if isinstance(error, NotFound):
        return error_reply(404, "not-found", _nothing_at(request.path))
    if isinstance(error, MethodNotAllowed):
        methods = ", ".join(sorted(error.valid_methods or ()))
        message = f"{request.path} takes {methods}, not {request.method}."
        reply = error_reply(405, "method-not-allowed", message)
        reply.headers["Allow"] = methods
        return reply
    code = error.name.lower().replace(" ", "-")
    return error_reply(status, code, _MESSAGES.get(status) or error.description or code)


def _nothing_at(path: str) -> str:
    paths = [path[1:] for path, _, _ in ROUTES if "<" not in path]
    near = nearest(path.removeprefix(INSPECT).strip("/"), paths)
    hint = f"Did you mean {INSPECT}/{near}?" if near else f"GET {INSPECT} lists all."
    return f"There is no {shown(path)} here. {hint}"


def _on_bad_parameter(error: BadParameter) -> Response:
    return error_reply(400, error.code, str(error), **error.details)


def _say(error: MockcollectError) -> None:
    print(f"mockcollect: not recorded, answered 503: {error}", file=sys.stderr)
