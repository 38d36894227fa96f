"""Ini options, flags and the mark of the pytest plugin, read and checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import PurePath
from typing import Any, Literal

from mockcollect.errors import InvalidSettings
from mockcollect.settings import (
    DEFAULT_ARTIFACTS,
    DEFAULT_SETTLE,
    DEFAULT_TIMEOUT,
    URL_VARIABLE,
    Settings,
)

MAX_EVENTS = 100_000
"""A test suite keeps more than the command: a test must not lose what it counts."""

MARK = (
    "mockcollect(*, timeout=2.0, settle=0.5, allow_refused=False, plan=None): how many "
    "seconds the assertions of a test wait for events, how many they watch that none "
    "comes, whether requests and events may be refused that no assertion expects, and "
    "the file of a tracking plan. The nearest mark wins, option by option."
)


@dataclass(frozen=True, slots=True)
class IniOption:
    """An ini option of the plugin: its type as pytest names it, default and help."""

    name: str
    kind: Literal["args", "string", "bool"]
    default: Any
    help: str


INI_OPTIONS = (
    IniOption(
        "mockcollect_env",
        "args",
        [],
        f"variables that hold the server's URL during a test, beside {URL_VARIABLE}",
    ),
    IniOption(
        "mockcollect_plan",
        "string",
        "",
        "file of a tracking plan, below the root folder, that events are judged by "
        "(default: none)",
    ),
    IniOption(
        "mockcollect_timeout",
        "string",
        str(DEFAULT_TIMEOUT),
        f"seconds that an assertion waits for an event (default: {DEFAULT_TIMEOUT})",
    ),
    IniOption(
        "mockcollect_settle",
        "string",
        str(DEFAULT_SETTLE),
        "seconds after the last request that an assertion watches that nothing comes "
        f"(default: {DEFAULT_SETTLE})",
    ),
    IniOption(
        "mockcollect_strict",
        "bool",
        True,
        "fail a test at its end for a refused request that nothing asserted, and with "
        "a plan for an event that production would reject (default: true)",
    ),
    IniOption(
        "mockcollect_artifacts",
        "string",
        DEFAULT_ARTIFACTS,
        "folder for the events of failed tests, below the root folder "
        f"(default: {DEFAULT_ARTIFACTS})",
    ),
)


@dataclass(frozen=True, slots=True)
class Marked:
    """What the marks of one test say; `None` where they say nothing."""

    timeout: float | None = None
    settle: float | None = None
    allow_refused: bool | None = None
    plan: str | None = None


_MARK_OPTIONS = tuple(Marked.__dataclass_fields__)


def read_settings(ini: Callable[[str], Any]) -> Settings:
    """Return the settings of a test run; raises ValueError for what cannot be read."""
    names = map(_variable, ini("mockcollect_env"))
    return Settings(
        max_events=MAX_EVENTS,
        plan=ini("mockcollect_plan").strip() or None,
        test_run=True,
        timeout=_seconds("mockcollect_timeout", ini("mockcollect_timeout")),
        settle=_seconds("mockcollect_settle", ini("mockcollect_settle")),
        env=tuple(dict.fromkeys((URL_VARIABLE, *names))),
        strict=ini("mockcollect_strict"),
        artifacts=_folder(ini("mockcollect_artifacts")),
    )


def require_settings(value: object) -> Settings:
    """Return what a fixture gave as settings; raises InvalidSettings if it is none."""
    if not isinstance(value, Settings):
        raise InvalidSettings(
            f"mockcollect_settings returned {value!r}, and not settings. Return "
            "mockcollect.Settings(timeout=5), or ask for the fixture of the same name "
            "and return dataclasses.replace(mockcollect_settings, timeout=5)."
        )
    return value


def read_marks(marks: Iterable[tuple[tuple[Any, ...], Mapping[str, Any]]]) -> Marked:
    """Return what marks say together, the nearest first.

    Raises ValueError for an option that there is not, or a value that it cannot take.
    """
    said: dict[str, Any] = {}
    for args, options in marks:
        if args:
            raise ValueError(
                "@pytest.mark.mockcollect takes options by name only, and got "
                f"{args[0]!r}. Write it as in @pytest.mark.mockcollect(timeout=5)."
            )
        for name, value in options.items():
            said.setdefault(name, _read_option(name, value))
    return Marked(**said)


def _read_option(name: str, value: Any) -> Any:
    if name not in _MARK_OPTIONS:
        raise ValueError(_unknown(name))
    where = f"@pytest.mark.mockcollect({name}=…)"
    if name == "allow_refused":
        return _read(where, value, bool, "True or False")
    if name == "plan":
        return str(_read(where, value, (str, PurePath), "the file of a tracking plan"))
    return _seconds(where, value)


def _read(where: str, value: Any, kind: Any, takes: str) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"{where} is {takes}, got {value!r}.")
    return value


def _unknown(name: str) -> str:
    from difflib import get_close_matches  # only for who has mistyped

    near = get_close_matches(name, _MARK_OPTIONS, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"There are {_listed()}."
    return f"@pytest.mark.mockcollect has no option {name}. {hint}"


def _listed() -> str:
    return f"{', '.join(_MARK_OPTIONS[:-1])} and {_MARK_OPTIONS[-1]}"


def _variable(name: str) -> str:
    if "=" in name or "\0" in name:
        raise ValueError(
            "mockcollect_env lists names of variables, as in COLLECT_URL; "
            f"got {name!r}."
        )
    return name


def _folder(name: str) -> str:
    if not name.strip():
        raise ValueError(
            "mockcollect_artifacts is empty, and names a folder, as in "
            f"{DEFAULT_ARTIFACTS}."
        )
    return name


def _seconds(where: str, value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if isinstance(value, bool) or not (isfinite(seconds) and seconds >= 0):
        raise ValueError(f"{where} is a number of seconds, 0 or more; got {value!r}.")
    return seconds
