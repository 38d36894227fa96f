"""axe-core, brought once by npm: what it finds wrong for people who cannot see well."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tests.page.visitor import Visitor

NPM = shutil.which("npm")
INSTALLED = Path(__file__).parents[2] / ".page_tools"
SCRIPT = INSTALLED / "node_modules" / "axe-core" / "axe.min.js"
INSTALL_SECONDS = 30


@cache
def why_not_installed() -> str | None:
    """Install it once, and return why that is not possible."""
    if SCRIPT.exists():
        return None
    if NPM is None:
        return "npm is not installed"
    options = ("--no-audit", "--no-fund", "--no-save", "--loglevel=error")
    INSTALLED.mkdir(exist_ok=True)
    try:
        result = subprocess.run(
            [NPM, "install", "--prefix", str(INSTALLED), *options, "axe-core@4"],
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"npm did not install axe-core in {INSTALL_SECONDS} s"
    return f"npm: {result.stderr.strip()[-200:]}" if result.returncode else None


def violations(visitor: Visitor, *, only: Sequence[str] = ()) -> list[str]:
    """Return what axe finds on the page as it is: its rule, and where.

    `only` are the rules to ask, all if there are none.
    """
    if not visitor.script("'axe' in window"):
        visitor.script(SCRIPT.read_text("utf-8"))
    found: list[dict[str, Any]] = visitor.script(
        "(only) => axe.run(document, {resultTypes: ['violations'],"
        " ...(only.length && {runOnly: only})}).then((found) => found.violations)",
        list(only),
    )
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]
