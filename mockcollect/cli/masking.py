"""Personal data masked in what a terminal shows. The record keeps it as it was sent.

The rules' own messages repeat no personal value; those of a plan may, and so does the
excerpt of a body that is not JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from mockcollect.verdict.privacy import masked
from mockcollect.verdict.words import number_shown, quoted

if TYPE_CHECKING:
    from mockcollect.verdict.verdict import Finding

KEYS = (
    *("email", "phone", "firstname", "lastname", "birthdate"),
    *("street", "zipcode", "city", "ip"),
)
"""The names of what a user's object and a device hold of a person."""

_EMAIL = re.compile(r"([^\s@\"'<>:;,()\[\]/=?&]{1,64})(@[\w-]{1,63}(?:\.[\w-]{1,63})+)")
_KEYED = re.compile(rf'("(?:{"|".join(KEYS)})"\s*:\s*"?)([^",}}\]\s][^",}}\]]*)')
_KEY_CUT = re.compile(r'^(\s*…\w*"?\s*:\s*"?)([^",}\]\s][^",}\]]*)')
_VALUE_CUT = re.compile(r'^(\s*…\s*"?)([^":,{}\[\]]+)(?="?\s*[,}\]])')
"""What begins before an excerpt does: whose value it is cannot be told."""


def masked_message(finding: Finding) -> str:
    """Return what a finding says, without what it says of a person."""
    message, sample = finding.message, finding.sample
    if isinstance(sample, (str, int, float)) and not isinstance(sample, bool):
        hidden = masked(sample, _planned_path(finding.path))
        if hidden != sample:
            message = _replaced(message, sample, str(hidden))
    return masked_text(message)


def masked_text(text: str) -> str:
    """Return a text with each e-mail address in it cut to its letter and its domain."""
    return _EMAIL.sub(_short_address, text) if "@" in text else text


def masked_excerpt(lines: Sequence[str]) -> list[str]:
    """Return the explanation of a refused body, and of its text nothing of a person.

    Masked letter by letter: a caret below still points at its place. What is masked in
    one line is masked in all: the words beside the caret may quote it.
    """
    secrets = {found[2] for line in lines for found in _found(line)}
    return [_hidden(line, secrets) for line in lines]


def _found(line: str) -> Iterator[re.Match[str]]:
    for pattern in (_KEY_CUT, _VALUE_CUT, _KEYED):
        yield from pattern.finditer(line)


def _hidden(line: str, secrets: Iterable[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) > 1:
            line = line.replace(secret, _dots(secret))
    return _EMAIL.sub(lambda found: _dots(found[1]) + found[2], line)


def _planned_path(path: str) -> str:
    """Return a path as a plan has it: of a list's entry, that of the list."""
    return re.sub(r"\[\d+\]", "", path)


def _replaced(message: str, sample: str | float, hidden: str) -> str:
    if not isinstance(sample, str):
        return message.replace(number_shown(sample), hidden)
    # The sample is cut later than what a message quotes.
    return message.replace(quoted(sample), quoted(hidden))


def _short_address(found: re.Match[str]) -> str:
    return f"{found[1][:1]}…{found[2]}"


def _dots(text: str) -> str:
    return text[:1] + "…" * (len(text) - 1)
