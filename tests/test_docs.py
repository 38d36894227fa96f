"""The README names all there is, and one setting has one name and one default."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

import click
import pytest

from mockcollect.cli.commands import main
from mockcollect.cli.rules import rules as rules_command
from mockcollect.cli.running import run as run_command
from mockcollect.cli.serving import serve as serve_command
from mockcollect.server.inspection import ROUTES
from mockcollect.settings import DEFAULT_PORT, URL_VARIABLE, Settings
from mockcollect.testing.options import INI_OPTIONS, Marked, read_settings
from mockcollect.verdict.rules import Rule, all_rules
from tests.readme import README


def commands_below(
    group: click.Command, *path: str
) -> Iterator[tuple[str, click.Command]]:
    """Yield each command that does something, with the words that call it."""
    if not isinstance(group, click.Group):
        yield " ".join(path), group
        return
    for name, command in group.commands.items():
        yield from commands_below(command, *path, name)


COMMANDS = dict(commands_below(main))


def options(command: click.Command) -> list[click.Option]:
    return [one for one in command.params if isinstance(one, click.Option)]


OPTIONS = [(name, one) for name in COMMANDS for one in options(COMMANDS[name])]


def words(command: click.Command) -> Iterator[str]:
    """Yield all that a command takes and that begins with a dash."""
    for one in options(command):
        yield from (*one.opts, *one.secondary_opts)


def flag(option: click.Option) -> str:
    return option.opts[0].lstrip("-")


def rows(header: str) -> list[list[str]]:
    """Return the cells of the tables whose first column has this header."""
    begin = rf"^\| {re.escape(header)} \|.*\n\|[-|]+\n((?:\|.*\n)+)"
    tables = re.findall(begin, README, re.MULTILINE)
    lines = [line for table in tables for line in table.splitlines()]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_readme_has_each_command_with_its_options_and_no_others() -> None:
    listed = rows("command")
    told = {name.strip("`"): set(said.strip("`").split()) for name, _, said in listed}
    there = {name: set(words(command)) for name, command in COMMANDS.items()}
    assert told == there


@pytest.mark.parametrize("name", [one.name for one in INI_OPTIONS])
def test_the_readme_has_each_ini_option(name: str) -> None:
    assert f"`{name}`" in README


@pytest.mark.parametrize("name", [one.name for one in fields(Marked)])
def test_the_readme_has_each_option_of_the_mark(name: str) -> None:
    (line,) = [one for one in README.splitlines() if one.startswith("| mark |")]
    assert f"{name}=" in line


def paths_told() -> set[str]:
    """Return the paths below `/_inspect` that tables name, without their queries."""
    cells = " ".join(row[0] for row in rows("below `/_inspect`"))
    spans = re.findall(r"`([^`]+)`", cells)
    return {span.split()[-1].partition("?")[0] for span in spans}


def test_the_readme_has_each_path_of_the_inspection_api_and_no_others() -> None:
    there = {re.sub(r"<int:\w+>", "{id}", path).lstrip("/") for path, _, _ in ROUTES}
    assert paths_told() == there - {""}
    assert "`/_inspect`" in README


def test_the_readme_has_each_code_of_a_finding() -> None:
    (listed,) = re.findall(r"## What it finds\n(.*?)(?=\n## |\Z)", README, re.DOTALL)
    told = re.findall(r"`([\w.]+)`", listed.partition("is written.")[2])
    assert told == sorted(all_rules())


@pytest.mark.parametrize("rule", all_rules().values(), ids=lambda rule: rule.code)
def test_the_command_that_the_readme_names_explains_a_code(rule: Rule) -> None:
    assert "`mockcollect rules CODE`" in README
    assert rules_command.name in COMMANDS
    assert rule.title.endswith(".")
    assert rule.remedy.endswith(".")
    assert rule.source


@pytest.mark.parametrize(
    ("command", "option"), OPTIONS, ids=[f"{name} {flag(one)}" for name, one in OPTIONS]
)
def test_an_option_has_a_variable_of_its_name(
    command: str, option: click.Option
) -> None:
    """Words of its command stand before it where others have such an option too."""
    parts = command.split()
    starts = [parts[:count] for count in range(len(parts) + 1)]
    named = {"_".join(["MOCKCOLLECT", *start, flag(option)]) for start in starts}
    assert option.envvar in {one.upper().replace("-", "_") for one in named}
    assert option.show_envvar
    assert option.help


def test_a_variable_means_one_thing_wherever_it_is_read() -> None:
    meanings: dict[object, set[object]] = {}
    for _, one in OPTIONS:
        meaning = (str(one.type), str(one.default), one.multiple, one.is_flag)
        meanings.setdefault(one.envvar, set()).add(meaning)
    assert not {name: said for name, said in meanings.items() if len(said) > 1}


ONLY_OF_SERVE = {"tee"}
"""What is done beside the server, and is no setting of it."""

ONLY_IN_CODE = {"test_run"}
"""What a command or the plugin knows by itself."""

DEFAULTS = {field.name: getattr(Settings(), field.name) for field in fields(Settings)}


def of_serve() -> dict[str, click.Option]:
    return {str(one.name): one for one in options(serve_command)}


def of_ini() -> set[str]:
    return {one.name.removeprefix("mockcollect_") for one in INI_OPTIONS}


def test_settings_are_those_of_the_command_and_of_the_plugin() -> None:
    set_by = (set(of_serve()) - ONLY_OF_SERVE) | of_ini() | ONLY_IN_CODE
    assert set(DEFAULTS) == set_by


@pytest.mark.parametrize("name", sorted(set(of_serve()) - ONLY_OF_SERVE))
def test_a_default_of_the_command_is_that_of_the_settings(name: str) -> None:
    with serve_command.make_context("serve", []) as context:
        given = context.params[name]
    assert given == (DEFAULT_PORT if name == "port" else DEFAULTS[name])


@pytest.mark.parametrize("name", sorted(of_ini()))
def test_a_default_of_the_plugin_is_that_of_the_settings(name: str) -> None:
    defaults = {one.name: one.default for one in INI_OPTIONS}
    assert getattr(read_settings(defaults.__getitem__), name) == DEFAULTS[name]


def test_the_server_is_named_and_found_as_the_settings_say() -> None:
    asking = [one for _, one in OPTIONS if one.envvar == URL_VARIABLE]
    assert {flag(one) for one in asking} == {"url"}
    assert {one.default for one in asking} == {
        f"http://{DEFAULTS['host']}:{DEFAULT_PORT}"
    }


def test_a_run_settles_as_an_assertion_does() -> None:
    (settle,) = [one for one in options(run_command) if flag(one) == "settle"]
    assert settle.default == DEFAULTS["settle"]
