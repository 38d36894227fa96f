"""What a browser that sends credentials must read in an answer.

Production's own headers are unknown. The vendor's browser code sends credentials and,
in its fallback, JSON: a working production must therefore echo the exact origin, allow
credentials, and accept a preflight that asks for `content-type`.
"""

from __future__ import annotations

from collections.abc import Mapping

Headers = tuple[tuple[str, str], ...]

ALLOWED_METHODS = "GET, POST, OPTIONS"
PREFLIGHT_SECONDS = 600  # Chromium's own upper bound for a cached preflight is 7,200


def cors_headers(headers: Mapping[str, str]) -> Headers:
    """Return the headers of an answer that let the asking origin have it."""
    origin = headers.get("origin")
    if not origin:
        return ()
    return (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        ("Vary", "Origin"),
    )


def preflight_headers(headers: Mapping[str, str]) -> Headers:
    """Return the headers of the answer to an `OPTIONS` request."""
    asked = headers.get("access-control-request-headers")
    return (
        ("Content-Length", "0"),
        ("Allow", ALLOWED_METHODS),
        *cors_headers(headers),
        ("Access-Control-Allow-Methods", ALLOWED_METHODS),
        *((("Access-Control-Allow-Headers", asked),) if asked else ()),
        ("Access-Control-Allow-Private-Network", "true"),
        ("Access-Control-Max-Age", str(PREFLIGHT_SECONDS)),
    )
