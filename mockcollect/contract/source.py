"""Where a request says which site and which source it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl

KEY_PARAMETERS = ("token", "tc_skey")
"""`token` is the page's name for the source key; one vendor README prints `tc_skey`."""

OWN_PARAMETERS = frozenset(
    {
        "tc_s",
        "token",
        "tc_skey",
        "tc_firsttime",
        "tc_do_not_track",
        "force_rewrite_cookie",
        "ts_override",
    }
)
"""Parameters that steer the collection: on a pixel, all others are event properties."""

_CACHED_QUERY_LENGTH = 512


class Source(NamedTuple):
    """Site id and source key of a request, `None` where absent or empty."""

    site_id: str | None
    source_key: str | None


def find_source(query: str, headers: Mapping[str, str]) -> Source:
    """Return the site id and source key that a request names.

    The first `tc_s` counts. The key is `token`, else `tc_skey`, else the bearer token
    of `Authorization`, the only way in the 1.0 format.
    """
    authorization = headers.get("authorization", "")
    if len(query) + len(authorization) > _CACHED_QUERY_LENGTH:
        return _find_source(query, authorization)
    return _find_source_cached(query, authorization)


def parameters(query: str) -> list[tuple[str, str]]:
    """Return the decoded name and value of each parameter of a query, in order."""
    return parse_qsl(query, keep_blank_values=True, errors="replace")


def _find_source(query: str, authorization: str) -> Source:
    first: dict[str, str] = {}
    for name, value in parameters(query):
        first.setdefault(name, value)
    keys = [first.get(name) for name in KEY_PARAMETERS] + [bearer_token(authorization)]
    return Source(first.get("tc_s") or None, next(filter(None, keys), None))


# The sender of a stream of events repeats its query: parsing it once is worth it, but
# only short ones are kept, so that nobody can fill the memory with long ones.
_find_source_cached = lru_cache(maxsize=1024)(_find_source)


def bearer_token(authorization: str) -> str | None:
    """Return the token of an `Authorization: Bearer` value, else `None`."""
    scheme, _, token = authorization.partition(" ")
    return (token.strip() or None) if scheme.lower() == "bearer" else None
