"""Rules on the device that an event came from, as servers describe it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from mockcollect.contract.event import Layout
from mockcollect.verdict.formats import is_address
from mockcollect.verdict.rules import Seen, rule
from mockcollect.verdict.subject import Subject
from mockcollect.verdict.words import quoted

_SERVER: tuple[Layout, ...] = ("server",)
"""Elsewhere the platform takes address and agent from the request itself."""

_PATH = "context.device"
_MAX_READ = 64

_MAY_BE_PRIVATE = re.compile(r"10\.|127\.|192\.168\.|172\.|169\.254\.|[^.]*:")
"""Beginnings of addresses that are worth the time to read them."""

_OWN_NETWORKS = tuple(
    map(
        ip_network,
        (
            "10.0.0.0/8",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "::1/128",
            "fc00::/7",
            "fe80::/10",
        ),
    )
)
"""Where servers stand; `is_private` would take addresses of documentation for it."""

_LIBRARY = re.compile(
    r"(?:python-(?:requests|httpx|urllib)|python/|aiohttp/|urllib|curl/|libcurl|wget/"
    r"|axios/|node-fetch|node(?:\.js)?(?:/|$)|undici|got[ /(]|superagent|go-http-client"
    r"|java/|apache-httpclient|guzzlehttp|php/|symfony httpclient|ruby|faraday"
    r"|rest-client|httpie/|postmanruntime|insomnia/|libwww-perl)",
    re.IGNORECASE,
)
"""How the agents of HTTP libraries begin: they are the sender's, not a visitor's."""


@rule(
    "device.ip.missing",
    "note",
    "An event from a server says the visitor's IP address.",
    remedy="Send the visitor's address as context.device.ip, if consent allows it.",
    source="OpenAPI file",
    layouts=_SERVER,
)
def ip_missing(subject: Subject) -> Iterable[Seen]:
    """The platform takes it from the request for client-side sources only."""
    if not subject.context or subject.device.get("ip"):  # without any, that is said
        return ()
    path = f"{_PATH}.ip"
    return (Seen(path, f"{path} is missing, and nobody fills it in for a server"),)


@rule(
    "device.ip.private",
    "note",
    "The IP address is the visitor's, and not the server's own.",
    remedy="Send the visitor's address: behind a proxy, that of X-Forwarded-For.",
    source="OpenAPI file",
    layouts=_SERVER,
)
def ip_private(subject: Subject) -> Iterable[Seen]:
    """Loopback, link-local and private addresses are not on the internet."""
    ip = subject.device.get("ip")
    if not isinstance(ip, str) or not _MAY_BE_PRIVATE.match(ip[:_MAX_READ]):
        return ()
    if not is_address(ip) or not any(ip_address(ip) in one for one in _OWN_NETWORKS):
        return ()
    path = f"{_PATH}.ip"
    return (Seen(path, f"{path} is {quoted(ip)}, in a private network", ip),)


@rule(
    "device.user_agent.missing",
    "note",
    "An event from a server says the visitor's user agent.",
    remedy="Send the visitor's User-Agent header as context.device.user_agent.",
    source="OpenAPI file",
    layouts=_SERVER,
)
def user_agent_missing(subject: Subject) -> Iterable[Seen]:
    """Destinations match visitors by it."""
    if not subject.context or subject.device.get("user_agent"):
        return ()
    path = f"{_PATH}.user_agent"
    return (Seen(path, f"{path} is missing, and nobody fills it in for a server"),)


@rule(
    "device.user_agent.library",
    "warning",
    "The user agent is the visitor's, and not that of an HTTP library.",
    remedy="Send the visitor's User-Agent header as context.device.user_agent.",
    source="OpenAPI file",
    layouts=_SERVER,
)
def user_agent_library(subject: Subject) -> Iterable[Seen]:
    """Such an agent names the program that sent the event."""
    agent = subject.device.get("user_agent")
    if not isinstance(agent, str) or not _LIBRARY.match(agent):
        return ()
    path = f"{_PATH}.user_agent"
    return (Seen(path, f"{path} is {quoted(agent)}, an HTTP library", agent),)
