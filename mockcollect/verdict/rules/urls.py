"""Rules on the URLs of pages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from mockcollect.verdict.rules import Seen, rule
from mockcollect.verdict.subject import Subject

_MAX_URL = 8_192
"""Longer than any page's; what stands beyond is not looked at."""

_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}([A-Za-z]{2,24})(?![\w-])"
)
_IMAGES = frozenset({"png", "jpg", "jpeg", "gif", "webp", "svg", "avif"})
"""`logo@2x.png` is no address."""

_PASSWORD = re.compile(
    r"[?&#;](password|passwd|passphrase|pwd|user_password|userpass)=[^&#;]",
    re.IGNORECASE,
)
_USER_INFO = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]{0,20}://[^/?#@:]{0,256}:[^/?#@]{1,256}@"
)


@rule(
    "url.credentials",
    "warning",
    "The URL of a page holds no e-mail address and no password.",
    remedy="Mask it, as the vendor's browser code does, or leave the query out.",
    source="browser container",
)
def credentials(subject: Subject) -> Iterable[Seen]:
    """URLs are shown and handed on as they are: what is in them is not kept apart."""
    found = []
    for path, url in _urls(subject):
        what = _secret_in(url[:_MAX_URL]) if isinstance(url, str) else None
        if what:
            found.append(Seen(path, f"{path} holds {what}", url))
    return found


def _urls(subject: Subject) -> list[tuple[str, Any]]:
    page, at = subject.context.get("page"), "context.page."
    if page is None:
        page, at = subject.data.get("page"), "page."
    found = []
    for prefix, values in ((at, page), (subject.at, subject.properties)):
        if isinstance(values, dict):
            for name in ("url", "referrer"):
                if values.get(name):
                    found.append((f"{prefix}{name}", values[name]))
    return found


def _secret_in(url: str) -> str | None:
    if ("@" in url or "%40" in url) and _has_email(url.replace("%40", "@")):
        return "an e-mail address"
    if _PASSWORD.search(url) or ("@" in url and _USER_INFO.match(url)):
        return "a password"
    return None


def _has_email(url: str) -> bool:
    return any(one[1].lower() not in _IMAGES for one in _EMAIL.finditer(url))
