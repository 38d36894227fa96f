"""Getting the tools that are missing: wrk and nginx for the machine, peers for here."""

from __future__ import annotations

import os
import shutil
import subprocess

from benchmarks.servers import MODULES, NPM

PACKAGES = {"wrk": "wrk", "nginx": "nginx-light"}
PEERS = {"mockttp": "mockttp@4", "wiremock": "wiremock@3"}
_APT = ("apt-get", "install", "--yes", "--no-install-recommends")
_NPM = ("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund")
_TIMEOUT = 600


def install() -> bool:
    """Install what is missing, and return whether all is there."""
    return all([_install_packages(), _install_peers()])


def _install_packages() -> bool:
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
    wanted = [
        package
        for program, package in PACKAGES.items()
        if shutil.which(program, path=path) is None
    ]
    if not wanted:
        return True
    # nginx would begin to listen on port 80 as soon as it is installed.
    return _run(
        [*_APT, *wanted], {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    )


def _install_peers() -> bool:
    wanted = [spec for name, spec in PEERS.items() if not (MODULES / name).is_dir()]
    if not wanted:
        return True
    NPM.mkdir(parents=True, exist_ok=True)
    return _run([*_NPM, "--prefix", str(NPM), *wanted], {})


def _run(command: list[str], variables: dict[str, str]) -> bool:
    print("bench:", " ".join(command))
    try:
        environment = {**os.environ, **variables}
        return not subprocess.run(
            command, env=environment, timeout=_TIMEOUT, check=False
        ).returncode
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"bench: {command[0]} did not work: {error}")
        return False
