"""Sending what a file holds: whereto, and never to production by mistake."""

from __future__ import annotations

import select
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, urlencode, urlsplit

from mockcollect.errors import MockcollectError, NotRunning

PRODUCTION = "commander1.com"
ANSWER_SECONDS = 30.0
REQUEST_ID = "x-mockcollect-request"

_JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Sending:
    """A request to send: its path with its query, its headers and its body."""

    target: str
    body: bytes
    method: str = "POST"
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What was answered: the status, and the id of the request at a mockcollect."""

    status: int
    request_id: str | None


class Target:
    """Where requests are sent to. Raises MockcollectError for what is no URL.

    Production is refused, and so are its subdomains, unless `production` is true.
    """

    def __init__(self, url: str, *, production: bool = False) -> None:
        parts = _parts(url)
        self.url = url.rstrip("/")
        self._base = parts.path.rstrip("/")
        self._is_tls = parts.scheme == "https"
        self._host, self._port = str(parts.hostname), parts.port
        if is_production(self._host) and not production:
            raise MockcollectError(
                f"{self._host} is production: what is sent there counts. Nothing was "
                "sent. Give another URL, or --yes-production if that is meant."
            )
        self._connection: HTTPConnection | None = None

    def send(self, sending: Sending) -> Sent:
        """Send one request, over a connection that is kept. Raises NotRunning.

        Nothing is sent twice: what had no answer may have arrived all the same.
        """
        if self._connection is None or _is_closed(self._connection):
            self.close()
            self._connection = self._new()
        try:
            return self._sent(self._connection, sending)
        except (OSError, HTTPException) as error:
            self.close()
            reason = getattr(error, "strerror", None) or error
            raise NotRunning(f"{self.url} does not answer: {reason}.") from error

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _new(self) -> HTTPConnection:
        kind = HTTPSConnection if self._is_tls else HTTPConnection
        return kind(self._host, self._port, timeout=ANSWER_SECONDS)

    def _sent(self, connection: HTTPConnection, sending: Sending) -> Sent:
        target = f"{self._base}{sending.target}"
        headers = dict(_JSON if sending.headers is None else sending.headers)
        body = sending.body or None
        connection.request(sending.method, target, body, headers)
        with closing(connection.getresponse()) as response:
            response.read()
            return Sent(response.status, response.getheader(REQUEST_ID))


def _is_closed(connection: HTTPConnection) -> bool:
    """Return whether the other side has closed a connection that was kept."""
    sock = connection.sock
    return sock is not None and bool(select.select([sock], [], [], 0)[0])


def is_production(host: str) -> bool:
    """Return whether a host is one of production's."""
    name = host.rstrip(".").lower()
    return name == PRODUCTION or name.endswith(f".{PRODUCTION}")


def target_of(path: str, site: str | None, key: str | None) -> str:
    """Return a path with the site id and the source key, where there are any."""
    given = {"tc_s": site, "token": key}
    query = urlencode({name: one for name, one in given.items() if one})
    return f"{path}?{query}" if query else path


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname:
            _ = parts.port  # read for its error
            return parts
    except ValueError:
        pass
    raise MockcollectError(f"{url} is no URL to send to: give http://HOST:PORT.")
