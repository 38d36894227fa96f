"""A request's headers as a WSGI server hands them over: joined, and recased."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_UNPREFIXED = {"CONTENT_TYPE": "content-type", "CONTENT_LENGTH": "content-length"}

_not_headers: set[str] = set()
"""Keys of environments that are no headers: the server's and the system's own.

granian puts the whole environment of its process into each request's. No client can add
to these, so to remember them is bounded; to look at each one each time is not cheap.
"""


def request_headers(environ: WSGIEnvironment) -> dict[str, str]:
    """Return the headers of a request by lower-case name, sorted."""
    headers: dict[str, str] = {}
    for key in sorted(environ.keys() - _not_headers):
        name = _header_name(key)
        if name is None:
            _not_headers.add(key)
        elif environ[key] or key not in _UNPREFIXED:  # which may stand for none
            headers[name] = environ[key]
    return headers


@lru_cache(maxsize=1024)
def _header_name(key: str) -> str | None:
    if key.startswith("HTTP_"):
        return key[5:].replace("_", "-").lower()
    return _UNPREFIXED.get(key)
