"""The rooms of the house import only what stands left of them."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "mockcollect"

ROOMS = ("contract", "verdict", "recording", "asking", "server", "testing", "cli")
"""In order: each may import those before it."""

COMMON = frozenset({"mockcollect", "mockcollect.errors", "mockcollect.settings"})
"""What all may import, and what imports nothing of ours."""

ONLY_IN = {
    "tinydb": {"recording"},
    "flask": {"server"},
    "werkzeug": {"server"},
    "granian": {"server"},
    "pytest_httpserver": {"server"},
    "click": {"cli"},
    "pytest": {"testing"},
}
PURE = frozenset({"contract", "verdict", "asking"})
IMPURE_MODULES = frozenset({"time", "random", "secrets", "socket", "os", "threading"})

MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str | None:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else None


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each module that a file imports when it runs, with its line."""
    tree = ast.parse(path.read_text())
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            yield str(node.module), node.lineno


def ours(path: Path) -> Iterator[tuple[str, int]]:
    yield from (one for one in imports(path) if one[0].split(".")[0] == "mockcollect")


def named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_room_imports_only_rooms_left_of_it(path: Path) -> None:
    room = room_of(path)
    if room is None:
        return
    allowed = ROOMS[: ROOMS.index(room) + 1]
    for module, line in ours(path):
        if module in COMMON:
            continue
        assert module.split(".")[1] in allowed, f"{path}:{line} imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_library_is_named_only_in_its_room(path: Path) -> None:
    room = room_of(path)
    for module, line in imports(path):
        rooms = ONLY_IN.get(module.split(".")[0])
        assert rooms is None or room in rooms, f"{path}:{line} imports {module}"


@pytest.mark.parametrize("name", ["errors.py", "settings.py"])
def test_what_all_may_import_imports_nothing_of_ours(name: str) -> None:
    assert list(ours(PACKAGE / name)) == []


@pytest.mark.parametrize(
    "path", [path for path in MODULES if room_of(path) in PURE], ids=named
)
def test_a_pure_room_knows_no_clock_no_chance_and_no_system(path: Path) -> None:
    for module, line in imports(path):
        assert module not in IMPURE_MODULES, f"{path}:{line} imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_every_room_is_one_of_the_house() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert rooms <= set(ROOMS)


def test_importing_mockcollect_loads_nothing_heavy() -> None:
    heavy = ["flask", "werkzeug", "tinydb", "granian", "orjson", "click"]
    program = (
        "import sys, mockcollect; "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"
