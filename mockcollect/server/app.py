"""The Flask application: the collect path in front, the inspection API behind."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from mockcollect.errors import MockcollectError
from mockcollect.server.access import Access, is_loopback
from mockcollect.server.collect import Collect
from mockcollect.server.inspection import inspection_blueprint
from mockcollect.server.parameters import BadParameter
from mockcollect.server.replies import error_reply

if TYPE_CHECKING:
    from mockcollect.recording.interface import Recorder
    from mockcollect.settings import Settings

INSPECT = "/_inspect"
MAX_INSPECT_BYTES = 1 << 20
"""What a body sent to `/_inspect` may have: twice the largest batch."""

_HOME = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>mockcollect</title>
<h1>mockcollect</h1>
<p>Stands in for collect.commander1.com. What it captured:
<ul>
<li><a href="/_inspect/events">events</a>
<li><a href="/_inspect/requests">requests</a>, refused ones too
<li><a href="/_inspect/events/summary">summary</a>
<li><a href="/_inspect">all of the inspection API</a>
</ul>
</html>
"""


def create_app(
    recorder: Recorder,
    settings: Settings,
    *,
    on_trouble: Callable[[MockcollectError], None] | None = None,
) -> Flask:
    """Return the WSGI application that collects into a recorder and shows what it kept.

    It runs under any threaded WSGI server and in Flask's test client. `on_trouble` is
    told once when recording begins to fail; by default it is said on standard error.
    """
    app = Flask("mockcollect", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_INSPECT_BYTES
    access = _access(settings)
    collect = Collect(
        app.wsgi_app, recorder, is_inner=is_ours, on_trouble=on_trouble or _say
    )
    app.wsgi_app = collect  # type: ignore[method-assign]
    app.register_blueprint(
        inspection_blueprint(recorder, trouble=lambda: collect.trouble),
        url_prefix=INSPECT,
    )
    app.add_url_rule("/", view_func=_home)
    app.before_request(lambda: _guard(access))
    app.after_request(lambda response: _with_cors(access, response))
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(BadParameter, _on_bad_parameter)
    return app


def is_ours(method: str, path: str, query: str) -> bool:
    """Return whether a path is mockcollect's own: all others are the API under test."""
    if path == INSPECT or path.startswith(f"{INSPECT}/"):
        return True
    is_page = path == "/" and method in ("GET", "HEAD")
    return is_page and "validate_geo=healthy" not in query


def _access(settings: Settings) -> Access:
    hosts = {name.lower() for name in settings.allow_host}
    if not is_loopback(settings.host) and settings.host not in ("0.0.0.0", "::"):
        hosts.add(settings.host.lower())
    return Access(frozenset(hosts), frozenset(settings.allow_origin))


def _guard(access: Access) -> Response | None:
    origin = request.headers.get("Origin")
    refusal = access.refusal(request.method, request.host, origin)
    if refusal is not None:
        return error_reply(403, "forbidden", refusal)
    if request.method == "OPTIONS":
        return Response(status=204)
    return None


def _with_cors(access: Access, response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    origin = request.headers.get("Origin")
    if origin is None or not access.may_read(origin):
        return response
    response.headers["Access-Control-Allow-Origin"] = origin
    response.vary.add("Origin")
    if request.method == "OPTIONS":
        may_write = access.may_write(origin, request.host)
        methods = "GET, HEAD, POST, PUT, DELETE" if may_write else "GET, HEAD"
        response.headers["Access-Control-Allow-Methods"] = methods
        response.headers["Access-Control-Allow-Headers"] = "content-type, last-event-id"
    return response


def _home() -> Response:
    response = Response(_HOME, mimetype="text/html")
    response.headers["Content-Security-Policy"] = "default-src 'self'; img-src data:"
    return response


def _on_http_error(error: HTTPException) -> Response:
    if isinstance(error, RequestEntityTooLarge):
        message = f"A body sent to {INSPECT} has at most {MAX_INSPECT_BYTES:,} bytes."
        return error_reply(413, "too-large", message)
    status = error.code or 500
    messages = {
        404: f"There is no {request.path} here. GET {INSPECT} lists what there is.",
        405: f"{request.path} does not take {request.method}.",
    }
    reply = error_reply(
        status,
        error.name.lower().replace(" ", "-"),
        messages.get(status, error.description or error.name),
    )
    for name, value in error.get_headers():
        if name == "Allow":
            reply.headers[name] = value
    return reply


def _on_bad_parameter(error: BadParameter) -> Response:
    return error_reply(400, error.code, str(error), **error.details)


def _say(error: MockcollectError) -> None:
    print(f"mockcollect: not recorded, answered 503: {error}", file=sys.stderr)
