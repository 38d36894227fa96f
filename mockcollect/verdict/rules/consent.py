"""Rules on what the user consented to."""

from __future__ import annotations

from typing import Any

from mockcollect.verdict.rules import Seen, rule
from mockcollect.verdict.subject import Subject, json_type

KEY = "consent_categories"

WAITING = "{waiting_for_consent}"
"""What the Android SDK has for a user until its queue is released."""


@rule(
    "consent.missing",
    "warning",
    "An event lists the consent categories that the user accepted.",
    remedy=(
        "Send the accepted categories as user.consent_categories: without the list no "
        "destination with a consent filter gets the event."
    ),
    source="events reference, User",
)
def consent_missing(subject: Subject) -> tuple[Seen, ...]:
    """Find an event without a list of consent categories."""
    path = f"{subject.user_at}{KEY}"
    if subject.user.get(KEY) is not None:
        return ()
    if subject.user:
        return (Seen(path, f"{path} is missing"),)
    user = subject.data.get("user")
    if user == WAITING and subject.layout == "mobile":
        message = f"user is {WAITING}: the app had no consent yet"
        return (Seen("user", message, user, "note"),)
    if KEY in subject.data or KEY in subject.context:
        hint = f"{path} is missing. Did you mean to send `{KEY}` inside `user`?"
        return (Seen(path, hint),)
    known_user = user is not None or subject.user_at != "user."
    return (Seen(path, f"{path if known_user else 'user'} is missing"),)


@rule(
    "consent.type",
    "warning",
    "Consent categories are an array of ids.",
    remedy='Send an array of ids, such as ["1", "3"].',
    source="events reference, User",
)
def consent_type(subject: Subject) -> tuple[Seen, ...]:
    """Find a list of consent categories that is none, or with other things in it."""
    value = subject.user.get(KEY)
    if value is None:
        return ()
    path = f"{subject.user_at}{KEY}"
    if not isinstance(value, list):
        return (Seen(path, f"{path} is {json_type(value)}, not an array", value),)
    kinds = set(map(type, value))
    if kinds <= {str} or kinds <= {int}:
        return ()
    if kinds == {str, int}:
        message = f"{path} mixes numbers and strings"
        return (Seen(path, message, value, "note"),)
    index, odd = _first_odd(value)
    message = f"{path}[{index}] is {json_type(odd)}, not the id of a category"
    return (Seen(f"{path}[{index}]", message, odd),)


@rule(
    "consent.empty",
    "note",
    "An empty list of consent categories means that all were refused.",
    remedy="Nothing to do if the user refused; else send what was accepted.",
    source="events reference, User",
)
def consent_empty(subject: Subject) -> tuple[Seen, ...]:
    """Find an empty list: a refusal, or no choice yet."""
    if subject.user.get(KEY) != []:
        return ()
    path = f"{subject.user_at}{KEY}"
    return (Seen(path, f"{path} is empty: the user accepted no category", []),)


def _first_odd(value: list[Any]) -> tuple[int, Any]:
    return next(
        (index, one)
        for index, one in enumerate(value)
        if one.__class__ is not str and one.__class__ is not int
    )
