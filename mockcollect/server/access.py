"""Who may read what was captured, and who may change it.

Captured events hold personal data. A website that somebody visits must neither read
them through a rebound host name nor delete them by a form; the collect endpoints are
not concerned: they answer any host and any origin, as production does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from mockcollect.errors import InvalidSettings

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# Werkzeug takes no `_`, but names of containers often have one.
_HOST = re.compile(r"(\[[\da-f:.]+\]|[\w.-]+)(?::\d{1,5})?", re.ASCII | re.IGNORECASE)

_ORIGIN = re.compile(r"([a-z][a-z\d+.-]*)://([^/?#@\s\\]+)/?", re.ASCII)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, slots=True)
class Access:
    """Decides by the Host and Origin of a request, and the names that were allowed."""

    hosts: frozenset[str]
    origins: frozenset[str]

    @classmethod
    def allowing(cls, hosts: Iterable[str], origins: Iterable[str]) -> Access:
        """Return what allows these hosts and origins, however they are written.

        Raises InvalidSettings for what no browser would ever send.
        """
        return cls(
            frozenset(map(_allowed_host, hosts)),
            frozenset(map(_allowed_origin, origins)),
        )

    def refusal(self, method: str, host: str, origin: str | None) -> str | None:
        """Return why a request may not go on, or `None` if it may."""
        name = host_name(host)
        if not is_loopback(name) and name not in self.hosts:
            return (
                f"The Host of this request is {host or 'empty'}, and captured events "
                "are shown to loopback names only. If this name is yours, start with "
                f"--allow-host {name or 'NAME'}."
            )
        if method in READING_METHODS or origin is None:
            return None
        if self.may_write(origin, host):
            return None
        if origin == "null":
            return (
                f"{method} from a page without an origin is not allowed here: it is a "
                "file, or in a sandbox. Open it from a server, such as this one."
            )
        return (
            f"{method} from the page {origin} is not allowed here. If that page is "
            f"yours, start with --allow-origin {origin}."
        )

    def may_read(self, origin: str) -> bool:
        """Return whether a page of this origin may read an answer."""
        return origin in self.origins or is_loopback(host_name(_netloc(origin)))

    def may_write(self, origin: str, host: str) -> bool:
        """Return whether a page of this origin may change anything."""
        return origin in self.origins or _netloc(origin) == host.lower()


def host_name(host: str) -> str:
    """Return a Host header's name in lower case, without port and brackets.

    It is empty for what is no name.
    """
    match = _HOST.fullmatch(host)
    return match[1].strip("[]").lower().removesuffix(".") if match else ""


def is_loopback(name: str) -> bool:
    """Return whether a host name can only mean this machine."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _allowed_host(given: str) -> str:
    name = host_name(_bracketed(_ascii(given)))
    if name:
        return name
    _refuse_wildcard("--allow-host", given, "host name")
    meant = host_name(_ascii(_netloc(given if "//" in given else f"//{given}")))
    raise InvalidSettings(
        f"--allow-host {given} is no host name. Give the name alone, without scheme "
        f"and path: --allow-host {meant or 'NAME'}."
    )


def _allowed_origin(given: str) -> str:
    start, slashes, end = given.partition("://")
    match = _ORIGIN.fullmatch(f"{start}{slashes}{_ascii(end)}".lower())
    if match and host_name(match[2]):
        scheme, netloc = match.groups()
        return f"{scheme}://{netloc.removesuffix(_DEFAULT_PORTS.get(scheme, ' '))}"
    _refuse_wildcard("--allow-origin", given, "origin")
    scheme = start if slashes else ""
    name = end if slashes else start.lstrip("/")
    netloc = _netloc(f"//{_ascii(name)}")
    default = "http" if is_loopback(host_name(netloc)) else "https"
    is_name = host_name(netloc) not in ("", "null")
    meant = f"{scheme or default}://{netloc}" if is_name else "https://NAME"
    raise InvalidSettings(
        f"--allow-origin {given} is no origin. Give scheme, name and port as browsers "
        f"send them, without a path: --allow-origin {meant}."
    )


def _refuse_wildcard(flag: str, given: str, what: str) -> None:
    if "*" in given:
        raise InvalidSettings(
            f"{flag} {given} is no {what}: there are no wildcards, as captured events "
            f"hold personal data. Name each {what}: {flag} may be repeated."
        )


def _ascii(name: str) -> str:
    """Return a name as browsers send it: `bücher.test` is `xn--bcher-kva.test`."""
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return name


def _bracketed(host: str) -> str:
    host = host.partition("%")[0]  # no browser sends the zone of an IPv6 address
    return f"[{host}]" if host.count(":") > 1 and "[" not in host else host


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
