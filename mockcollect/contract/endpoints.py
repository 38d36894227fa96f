"""Which endpoint a method and a path mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EndpointName = Literal["events", "batch", "pixel", "cookie", "healthy", "preflight"]

KNOWN_PATHS = (
    "POST /events",
    "POST /events/batch",
    "GET /events",
    "POST /cdp/events",
    "POST /cdp/events/batch",
    "GET /get-cookie",
    "GET /healthy",
)
"""What a 404 names, so that a typo finds its way."""


@dataclass(frozen=True, slots=True)
class NotFound:
    """A path that production does not have."""


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """A path that production has, asked with another method."""

    allow: tuple[str, ...]


_COLLECT: dict[str, EndpointName] = {"POST": "events", "GET": "pixel"}
_BATCH: dict[str, EndpointName] = {"POST": "batch", "GET": "pixel"}
_COOKIE: dict[str, EndpointName] = {"GET": "cookie"}
_HEALTHY: dict[str, EndpointName] = {"GET": "healthy"}

_BY_PATH = {
    "/events": _COLLECT,
    "/events/batch": _BATCH,
    "/get-cookie": _COOKIE,
    "/healthy": _HEALTHY,
}


def find_endpoint(
    method: str, path: str, query: str = ""
) -> EndpointName | NotFound | NotAllowed:
    """Return the endpoint for a method and a decoded path; HEAD counts as GET.

    A trailing slash, `/cdp` and any prefix before `/cdp` lead to the same endpoint: the
    specification file's server and path compose to `/events/`, and the browser
    container puts `/cdp` before the path on customer domains and gateways.
    """
    if method == "OPTIONS":
        return "preflight"
    methods = _BY_PATH.get(path) or _methods_of(path, query)
    if methods is None:
        return NotFound()
    endpoint = methods.get("GET" if method == "HEAD" else method)
    if endpoint is None:
        return NotAllowed(allow=(*methods, "OPTIONS"))
    return endpoint


def asks_for_gateway(query: str) -> bool:
    """Return whether a query asks a gateway whether it is there."""
    return "validate_geo=healthy" in query.split("&")


def _methods_of(path: str, query: str) -> dict[str, EndpointName] | None:
    bare = path[:-1] if path.endswith("/") else path
    _, cdp, behind = bare.rpartition("/cdp/")
    collect = _BY_PATH.get(f"/{behind}" if cdp else bare)
    if collect is not None:
        return collect
    # Vendor, gateway page: `{gateway}/healthy` and `{gateway}/?validate_geo=healthy`.
    is_gateway = path.endswith("/") and asks_for_gateway(query)
    return _HEALTHY if is_gateway or bare.endswith("/healthy") else None
