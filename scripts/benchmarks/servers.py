"""How each server is started: ours, and those that it is compared with."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import HOST, Server, ask, free_port
from benchmarks.report import NotMeasured

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".bench"
NPM = CACHE / "npm"
MODULES = NPM / "node_modules"
_HERE = Path(__file__).parent

Command = list[str | Path]

_NGINX = """\
worker_processes 1;
daemon off;
pid {folder}/pid;
error_log {folder}/error.log error;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen {host}:{port};
    location / {{ return 200; }}
  }}
}}
"""


def python() -> str:
    """Return the Python that mockcollect is installed for."""
    inside = ROOT / ".venv" / "bin" / "python"
    return str(inside) if inside.exists() else sys.executable


def mockcollect(*options: str | Path, pinned: bool = True) -> Server:
    """Start our server, as a user does, without a line for each event."""
    port = free_port()
    command = [python(), "-m", "mockcollect", "serve", "--quiet", "--port", str(port)]
    return Server([*command, *map(str, options)], port, pinned=pinned)


@dataclass(frozen=True)
class Peer:
    """A server to compare with, and how it forgets what it has recorded."""

    server: Server
    forget: Callable[[], object]


@contextmanager
def nginx(folder: Path) -> Iterator[Peer]:
    """Start nginx, which answers 200 and records nothing: the physical limit."""
    program = shutil.which("nginx") or _existing(Path("/usr/sbin/nginx"))
    if program is None:
        raise NotMeasured("nginx is missing; scripts/bench --install gets it")
    port = free_port()
    place = folder / "nginx"
    place.mkdir()
    file = place / "nginx.conf"
    file.write_text(_NGINX.format(folder=place, host=HOST, port=port))
    command: Command = [program, "-p", place, "-c", file, "-e", f"{place}/error.log"]
    with Server(command, port) as server:
        yield Peer(server, lambda: None)


@contextmanager
def mockttp(folder: Path) -> Iterator[Peer]:
    """Start mockttp, which records all traffic by default."""
    program = shutil.which("node")
    if program is None:
        raise NotMeasured("node is missing; it comes with nodejs.org or apt-get")
    if not (MODULES / "mockttp").is_dir():
        raise NotMeasured("mockttp is missing; scripts/bench --install gets it")
    port, control = free_port(), free_port()
    command: Command = [program, _HERE / "peer.cjs", str(port), str(control)]
    with Server(command, port, cwd=NPM) as server:
        yield Peer(server, lambda: ask(control, "POST", "/"))


@contextmanager
def wiremock(folder: Path) -> Iterator[Peer]:
    """Start WireMock, whose journal of requests is unlimited by default."""
    program = shutil.which("java")
    if program is None:
        raise NotMeasured("java is missing; a Java runtime 11 or later is needed")
    jar = next(MODULES.glob("wiremock/build/wiremock-standalone-*.jar"), None)
    if jar is None:
        raise NotMeasured("WireMock is missing; scripts/bench --install gets it")
    port = free_port()
    place = folder / "wiremock"
    _write_mapping(place)
    options = ["--port", str(port), "--bind-address", HOST, "--disable-banner"]
    command: Command = [program, "-jar", jar, "--root-dir", place, *options]
    with Server(command, port) as server:
        yield Peer(server, lambda: ask(port, "DELETE", "/__admin/requests"))


PEERS = {"nginx": nginx, "mockttp": mockttp, "WireMock": wiremock}


def recorded(server: Server) -> int:
    """Return how many events ours keeps."""
    return int(json.loads(ask(server.port, "GET", "/_inspect"))["events"])


def _write_mapping(folder: Path) -> None:
    mappings = folder / "mappings"
    mappings.mkdir(parents=True)
    mapping = {
        "request": {"method": "POST", "urlPath": "/events"},
        "response": {"status": 200},
    }
    (mappings / "events.json").write_text(json.dumps(mapping))


def _existing(path: Path) -> str | None:
    return str(path) if path.exists() else None
