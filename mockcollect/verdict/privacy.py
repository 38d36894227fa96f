"""Which fields of an event carry personal data, and how they are shown masked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockcollect.contract.event import Event

_HASHES = ("_sha256", "_md5")
_NAMED = ("email", "phone", "firstname", "lastname", "birthdate")
_ADDRESS = ("street", "zipcode", "city")
_IN_USER = (
    *(f"{name}{hashed}" for name in _NAMED for hashed in ("", *_HASHES)),
    *_ADDRESS,
)
_AT_ROOT = (
    *(f"{name}{hashed}" for name in ("email", "phone") for hashed in ("", *_HASHES)),
    "user.email",
    "user.phone",
)
"""Not where the vendor lists them, but where people put them."""

_USER_PLACES: tuple[tuple[str, ...], ...] = (("user",), ("properties", "user"))
_DEVICE_PLACES: tuple[tuple[str, ...], ...] = (("context", "device"), ("device",))
_ROOT_PLACES: tuple[tuple[str, ...], ...] = ((), ("properties",))

_PLACES: tuple[tuple[tuple[tuple[str, ...], ...], tuple[str, ...]], ...] = (
    (_USER_PLACES, _IN_USER),
    (_ROOT_PLACES, _AT_ROOT),
    (_DEVICE_PLACES, ("ip",)),
)

_MASKED = frozenset(
    ".".join((*place, name))
    for places, names in _PLACES
    for place in places
    for name in names
    if not name.endswith(_HASHES)
)

_ON_THE_WAY = _MASKED | {
    ".".join(place[:length])
    for places, _names in _PLACES
    for place in places
    for length in range(1, len(place) + 1)
}
"""The paths of what is masked, and of the objects that hold it."""

_KEYS = sorted({key for path in _ON_THE_WAY for key in (path, path.split(".")[-1])})


def personal_data(event: Event) -> tuple[str, ...]:
    """Return the paths of an event that carry data about a person.

    E-mail, phone, names, date of birth and address, also as hashes (their names end in
    `_sha256` or `_md5`), and the device's IP address. Identifiers that name nobody,
    such as `user.id` and cookies, are left out.
    """
    return tuple(_personal(event.data))


def has_consent(event: Event) -> bool | None:
    """Tell whether an event names accepted categories; `None` if it says nothing."""
    for place in _USER_PLACES:
        user = _at(event.data, place)
        if user is not None and user.get("consent_categories") is not None:
            return bool(user["consent_categories"])
    return None


def masked(value: Any, path: str) -> Any:
    """Return what to show of the value at a path, which keeps its kind recognisable.

    An IP address loses its last octet, as in the platform's inspectors; of an e-mail
    address the first letter and the domain are left, of other texts the first letter.
    Objects are masked within; hashes stay. The value itself is not changed.
    """
    return _masked(value, path)


def _personal(data: Any) -> Iterator[str]:
    for places, names in _PLACES:
        for place in places:
            values = _at(data, place)
            if values is not None:
                yield from (
                    ".".join((*place, name))
                    for name in names
                    if values.get(name) not in (None, "")
                )


def _at(data: Any, place: tuple[str, ...]) -> Mapping[str, Any] | None:
    for key in place:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else None


def _masked(value: Any, path: str) -> Any:
    if isinstance(value, dict):
        return {**value, **_masked_within(value, path)}
    if path not in _MASKED or value is None or value == "":
        return value
    if not isinstance(value, str):
        return "…"
    return _masked_address(value) if path.endswith(".ip") else _masked_text(value)


def _masked_within(values: dict[str, Any], path: str) -> dict[str, Any]:
    at = f"{path}." if path else ""
    return {
        key: _masked(values[key], f"{at}{key}")
        for key in _KEYS
        if key in values and f"{at}{key}" in _ON_THE_WAY
    }


def _masked_text(text: str) -> str:
    local, at, domain = text.rpartition("@")
    return f"{local[:1]}…@{domain}" if at else f"{text[:1]}…"


def _masked_address(text: str) -> str:
    head, dot, _last = text.rpartition(".")
    if dot:
        return f"{head}.0"
    return f"{':'.join(text.split(':')[:3])}::" if ":" in text else "…"
