"""What the scripts bring, with an `apt-get` and a Python that only say what they do."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "environment"
BASH = shutil.which("bash")
SHELL = shutil.which("sh")

pytestmark = pytest.mark.skipif(BASH is None, reason="bash is not installed")


class Machine:
    """A machine with few programs, all of which note how they were called."""

    def __init__(self, root: Path) -> None:
        self.bin = root / "bin"
        self.bin.mkdir()
        self.calls_file = root / "calls"
        self.calls_file.touch()
        for name in ("cat", "cksum", "chmod", "mkdir", "rm", "touch"):
            (self.bin / name).symlink_to(str(shutil.which(name)))
        self.program(self.bin / "id", "echo 0")

    def program(self, path: Path, does: str, *, noted: bool = False) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        note = f'echo "{path.name} $*" >> {self.calls_file}\n' if noted else ""
        path.write_text(f"#!{SHELL}\n{note}{does}\n")
        path.chmod(0o755)

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(BASH), "-c", f"set -euo pipefail; source {SCRIPT}; {line}"],
            env={"PATH": str(self.bin), "PYTHON": "a-python"},
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    def calls(self) -> list[str]:
        return self.calls_file.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def installs(machine: Machine) -> list[str]:
    return [call.split()[-1] for call in machine.calls() if " install " in call]


def test_nothing_is_called_where_nothing_is_missing(machine: Machine) -> None:
    machine.program(machine.bin / "apt-get", "", noted=True)
    machine.program(machine.bin / "curl", "")
    result = machine.run("install_programs curl")
    assert (result.returncode, result.stderr, machine.calls()) == (0, "", [])


def test_what_is_missing_comes_by_the_name_of_its_package(machine: Machine) -> None:
    apt = f'case "$*" in *git) exit 1 ;; *nodejs) touch {machine.bin}/node ;; esac'
    apt += f"; [ ! -e {machine.bin}/node ] || chmod +x {machine.bin}/node"
    machine.program(machine.bin / "apt-get", apt, noted=True)
    result = machine.run("install_programs git node")
    assert result.returncode == 0
    assert installs(machine) == ["git", "nodejs"]
    assert machine.calls().count("apt-get update -qq") == 1
    assert "git is not installed; the tests that need it are skipped" in result.stderr
    assert "node is not" not in result.stderr


def test_without_apt_it_is_said_what_is_missing(machine: Machine) -> None:
    result = machine.run("install_programs node")
    assert result.returncode == 0
    assert "node is not installed" in result.stderr


def test_debians_python_gets_what_it_needs_for_an_environment(
    machine: Machine, tmp_path: Path
) -> None:
    brought = tmp_path / "brought"
    machine.program(machine.bin / "apt-get", f"touch {brought}", noted=True)
    python = f'[ "$1" = -c ] || {{ mkdir -p $3; [ -e {brought} ]; }}'
    machine.program(machine.bin / "a-python", python)
    assert machine.run(f"make_venv {tmp_path}/venv").returncode == 0
    assert installs(machine) == ["python3-venv"]


def test_who_may_not_install_is_told_what_to(machine: Machine, tmp_path: Path) -> None:
    machine.program(machine.bin / "a-python", '[ "$1" = -c ] || { mkdir $3; exit 1; }')
    result = machine.run(f"make_venv {tmp_path}/venv")
    assert result.returncode == 2
    assert "apt-get install python3-venv" in result.stderr
    assert not (tmp_path / "venv").exists()


def test_it_is_installed_again_only_after_a_change(
    machine: Machine, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    python = root / ".venv" / "bin" / "python"

    def pip_calls(version: str) -> int:
        note = f"echo pip >> {machine.calls_file}"
        machine.program(python, f'[ "$1" = -V ] && echo {version} || {note}')
        assert machine.run(f"install_into_venv {root} '[test]'").returncode == 0
        return len(machine.calls())

    root.mkdir()
    for name in ("setup.cfg", "pyproject.toml"):
        (root / name).write_text("")
    assert pip_calls("3.11") == 1
    assert pip_calls("3.11") == 1
    assert pip_calls("3.12") == 2
    (root / "setup.cfg").write_text("changed")
    assert pip_calls("3.12") == 3
