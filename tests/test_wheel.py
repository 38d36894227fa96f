"""What `pip install .` brings: the modules, the data files, the command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
_BUILD = (sys.executable, "-m", "build", "--wheel", "--no-isolation")


NOT_SOURCE = shutil.ignore_patterns(
    ".*_cache", ".git", ".hypothesis", ".venv", "*.egg-info", "__pycache__", "build"
)


def copy_source(root: Path, to: Path) -> None:
    """Copy what a checkout holds, or nearly that where there is no git or checkout."""
    try:
        names = tracked_files(root)
    except (OSError, subprocess.CalledProcessError):
        shutil.copytree(root, to, ignore=NOT_SOURCE)
        return
    for name in names:
        if (root / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, to / name)


def tracked_files(root: Path) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=root,
        capture_output=True,
        check=True,
    ).stdout
    return [name.decode() for name in listed.split(b"\0") if name]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy, so that no build folder is left beside the code."""
    source = tmp_path_factory.mktemp("copy") / "source"
    copy_source(ROOT, source)
    built = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [*_BUILD, "--outdir", str(built), str(source)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    (found,) = built.glob("*.whl")
    return found


def test_a_tree_is_copied_where_there_is_no_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "tree"
    for name in ("setup.cfg", "mockcollect/a.py", ".git/HEAD", ".venv/x", "build/x"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).touch()
    for to, path in (("no-git", ""), ("no-checkout", os.environ["PATH"])):
        monkeypatch.setenv("PATH", path)
        copy_source(tree, tmp_path / to)
        copied = {file.name for file in (tmp_path / to).rglob("*") if file.is_file()}
        assert copied == {"setup.cfg", "a.py"}


def test_the_wheel_holds_every_module_and_data_file(wheel: Path) -> None:
    held = {
        name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info" not in name
    }
    package = ROOT / "mockcollect"
    expected = {
        path.relative_to(ROOT).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert held == expected


def test_the_wheel_holds_nothing_but_the_package(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"mockcollect"}


def test_the_wheel_names_its_licence_command_and_types(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    names = archive.namelist()
    (entry_points,) = [name for name in names if name.endswith("entry_points.txt")]
    assert (
        "mockcollect = mockcollect.__main__:main" in archive.read(entry_points).decode()
    )
    assert any(name.endswith("/LICENSE") for name in names)
    assert "mockcollect/py.typed" in names


def test_an_installed_wheel_runs_and_finds_its_data(
    wheel: Path, tmp_path: Path
) -> None:
    venv.create(tmp_path / "venv", system_site_packages=False, with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    # The dependencies are those of this environment: only the wheel itself is new.
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", str(wheel)],
        check=True,
        timeout=120,
    )
    paths = [path for path in sys.path if path.endswith("site-packages")]
    program = (
        f"import sys; sys.path += {paths!r}; "
        "from importlib.resources import files; import mockcollect; "
        "assert files('mockcollect.server').joinpath('openapi.json').is_file(); "
        "print(mockcollect.__file__)"
    )
    run = subprocess.run(
        [python, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(tmp_path) in run.stdout
