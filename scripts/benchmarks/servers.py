"""How each server is started: ours, and those that it is compared with."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from benchmarks.processes import HOST, Server, ask, free_port
from benchmarks.report import NotMeasured

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".bench"
NPM = CACHE / "npm"
MODULES = NPM / "node_modules"
_HERE = Path(__file__).parent

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
    return Server([*command, *map(str, options)], port, cwd=ROOT, pinned=pinned)


def nginx(folder: Path) -> Server:
    """Start nginx, which answers 200 and records nothing: the physical limit."""
    program = shutil.which("nginx") or _existing(Path("/usr/sbin/nginx"))
    if program is None:
        raise NotMeasured("nginx is missing; scripts/bench --install gets it")
    port = free_port()
    place = folder / "nginx"
    place.mkdir(exist_ok=True)
    file = place / "nginx.conf"
    file.write_text(_NGINX.format(folder=place, host=HOST, port=port))
    log = place / "error.log"
    return Server([program, "-p", place, "-c", file, "-e", log], port)


def mockttp() -> Server:
    """Start mockttp, which records all traffic by default."""
    program = shutil.which("node")
    if program is None:
        raise NotMeasured("node is missing; it comes with nodejs.org or apt-get")
    if not (MODULES / "mockttp").is_dir():
        raise NotMeasured("mockttp is missing; scripts/bench --install gets it")
    port = free_port()
    return Server([program, _HERE / "peer.cjs", str(port)], port, cwd=NPM)


def wiremock(folder: Path) -> Server:
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
    return Server([program, "-jar", jar, "--root-dir", place, *options], port)


def empty_journal(server: Server) -> None:
    """Let WireMock forget what it recorded: a long run would fill its memory."""
    ask(server.port, "DELETE", "/__admin/requests")


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
