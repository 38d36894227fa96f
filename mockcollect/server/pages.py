"""The inspector page and its files, served as they lie in the package."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.resources import files

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
}
"""By the ending of a name: nothing else is served."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""Captured text is hostile: even if some reached the page as markup, none would run."""

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


def page_blueprint(prefix: str) -> Blueprint:
    """Return the routes of `/` and, below a prefix, of the files that it loads."""
    blueprint = Blueprint("page", __name__)
    blueprint.add_url_rule("/", "home", lambda: _reply("index.html"))
    blueprint.add_url_rule(f"{prefix}/page/<name>", "file", _reply)
    return blueprint


@cache
def _page_files() -> dict[str, bytes]:
    # Read all at once: what a request names is never made a path.
    folder = files("mockcollect.server").joinpath("page")
    return {
        one.name: one.read_bytes()
        for one in folder.iterdir()
        if _ending(one.name) in MEDIA_TYPES
    }


@cache
def _compressed(name: str) -> bytes:
    return gzip.compress(_page_files()[name], mtime=0)


def _reply(name: str) -> Response:
    content = _page_files().get(name)
    if content is None:
        raise NotFound
    response = Response(mimetype=MEDIA_TYPES[_ending(name)], headers=_HEADERS.items())
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip"):
        response.headers["Content-Encoding"] = "gzip"
        content = _compressed(name)
    response.set_data(content)
    return response


def _ending(name: str) -> str:
    return name[name.rfind(".") :]
