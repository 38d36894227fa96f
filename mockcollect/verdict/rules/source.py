"""Rules on the site id and the source key, as the URL gives them."""

from __future__ import annotations

import re
from functools import lru_cache

from mockcollect.verdict.rules import Seen, rule
from mockcollect.verdict.subject import Subject

_LONGEST = 200  # no key is as long; nobody fills the memory with long ones
_MARKS = re.compile(r"[{}<>#\[\]]|\$\(|^%.*%$|^:")
_NOTHING = ("undefined", "null", "none", "nan", "nil")
_NAMES = ("siteid", "site_id", "sourcekey", "source_key", "token", "tc_s")
_LATER = ("todo", "changeme", "change_me", "xxx", "xxxx", "xxxxx")
_WORDS = frozenset((*_NOTHING, *_NAMES, *_LATER))
_TITLE = "The URL holds a value, not the place for one."


@rule(
    "token.missing",
    "error",
    "A request names its source key.",
    remedy="Add token=… to the URL: the key stands in the source's settings.",
    source="API page, Parameters",
    scope="request",
)
def token_missing(subject: Subject) -> tuple[Seen, ...]:
    """Find a request without a source key."""
    if subject.event.source_key is not None or subject.facts.named.token == "":
        return ()
    return (Seen("", "token is missing from the URL"),)


@rule(
    "token.placeholder",
    "error",
    _TITLE,
    remedy="Put the source's key in its place: it stands in the source's settings.",
    source="API page, Parameters",
    scope="request",
)
def token_placeholder(subject: Subject) -> tuple[Seen, ...]:
    """Find a source key that is the place for one, or empty."""
    return _placeholder("token", subject.event.source_key, subject.facts.named.token)


@rule(
    "tc_s.missing",
    "error",
    "A request names its site.",
    remedy="Add tc_s=… to the URL: the id of your site, or workspace.",
    source="API page, Parameters",
    scope="request",
)
def tc_s_missing(subject: Subject) -> tuple[Seen, ...]:
    """Find a request without a site id."""
    if subject.event.site_id is not None or subject.facts.named.tc_s == "":
        return ()
    return (Seen("", "tc_s is missing from the URL"),)


@rule(
    "tc_s.placeholder",
    "error",
    _TITLE,
    remedy="Put the id of your site, or workspace, in its place.",
    source="API page, Parameters",
    scope="request",
)
def tc_s_placeholder(subject: Subject) -> tuple[Seen, ...]:
    """Find a site id that is the place for one, or empty."""
    return _placeholder("tc_s", subject.event.site_id, subject.facts.named.tc_s)


@rule(
    "tc_s.not_digits",
    "error",
    "A site id is a number.",
    remedy="Give the number of your site, or workspace.",
    source="API page, Parameters",
    scope="request",
)
def tc_s_not_digits(subject: Subject) -> tuple[Seen, ...]:
    """Find a site id with something else than digits."""
    site = subject.event.site_id
    if site is None or (site.isascii() and site.isdigit()) or is_placeholder(site):
        return ()
    return (Seen("", "tc_s holds something else than digits", site),)


def _placeholder(name: str, value: str | None, given: str | None) -> tuple[Seen, ...]:
    if value is None:
        return (Seen("", f"{name} is empty", ""),) if given == "" else ()
    if not is_placeholder(value):
        return ()
    return (Seen("", f"{name} is a placeholder that was never filled in", value),)


def is_placeholder(value: str) -> bool:
    """Return whether a value is the place for one, such as `{siteId}`."""
    return len(value) <= _LONGEST and _is_placeholder(value)


@lru_cache(maxsize=1024)
def _is_placeholder(value: str) -> bool:
    word = value.strip().lower().replace("-", "_")
    if (
        not word
        or word in _WORDS
        or word.startswith(("your_", "yoursource", "yoursite", "yourtoken"))
    ):
        return True
    return _MARKS.search(value) is not None
