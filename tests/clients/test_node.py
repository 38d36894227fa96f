"""The HTTP clients that Node programs use."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.processes import Process, clean_environment

NODE = shutil.which("node")
NPM = shutil.which("npm")
SCRIPT = Path(__file__).with_name("clients.mjs")
INSTALLED = Path(__file__).parents[2] / ".node_clients"
PACKAGES = ("undici@6", "axios@1", "got@14")
INSTALL_SECONDS = 30

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


@cache
def why_not_installed() -> str | None:
    """Install the clients once, and return why that is not possible."""
    names = [package.partition("@")[0] for package in PACKAGES]
    if all((INSTALLED / "node_modules" / name).is_dir() for name in names):
        return None
    if NPM is None:
        return "npm is not installed"
    options = ("--no-audit", "--no-fund", "--no-save", "--loglevel=error")
    INSTALLED.mkdir(exist_ok=True)
    try:
        result = subprocess.run(
            [NPM, "install", "--prefix", str(INSTALLED), *options, *PACKAGES],
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"npm did not install the clients in {INSTALL_SECONDS} s"
    return f"npm: {result.stderr.strip()[-200:]}" if result.returncode else None


@pytest.mark.parametrize("client", ["fetch", "undici", "axios", "got"])
def test_a_node_client(server: Process, client: str) -> None:
    if client != "fetch" and (reason := why_not_installed()):
        pytest.skip(f"{client} cannot be installed: {reason}")
    assert NODE is not None
    result = subprocess.run(
        [NODE, str(SCRIPT), client, server.url, str(INSTALLED)],
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=30,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["statuses"] == {
        "single": 200,
        "untyped": 200,
        "batch": 200,
        "largest": 200,
        "tooLarge": 400,
        "farTooLarge": 400,
        "burst": {"200": 600},
    }
    events = server.events()
    names = [event["event_name"] for event in events]
    assert names[:5] == ["single", "untyped", "first", "second", "sized"]
    assert sorted(names[5:]) == sorted(f"burst-{n}" for n in range(600))
    assert {event["event"].get("client", client) for event in events} == {client}
