"""What the tests of the commands share."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from fixtures.runner import FOLDER
from tests.processes import COMMAND, SECONDS, clean_environment

MESSAGES = Path(__file__).parent.parent / "messages"
SEED = FOLDER / "seed"
SEARCH = (SEED / "search.json").read_bytes()
BROKEN_BATCH = (SEED / "batch.json").read_bytes()
BATCH = BROKEN_BATCH.replace(b'"5689865"', b'"5689865",')
REJECTED = b'{"event":"purchase"}'
KEY = "7183b9d4-1031-11ee-be56-0242ac120002"

PLAN = """\
sources:
  - {site: 29, key: 7183b9d4-1031-11ee-be56-0242ac120002, label: web shop}
events:
  search:
    search_term: string, required
    user.phone: number
  purchase:
    revenue: number, required
  logout:
"""


def assert_golden(name: str, text: str) -> None:
    """Compare with a reviewed text; UPDATE_MESSAGES=1 writes it anew."""
    path = MESSAGES / name
    if os.environ.get("UPDATE_MESSAGES"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def clocked(text: str) -> str:
    """Hide the times that lines begin with."""
    return re.sub(r"^\d\d:\d\d:\d\d ", "10:42:07 ", text, flags=re.MULTILINE)


def event(**changes: Any) -> bytes:
    """Return an event of which nothing is to be said, with changes at its root."""
    data = {
        "event_name": "my_event",
        "user": {
            "id": "crm-1",
            "consistent_anonymous_id": "202641827364509182736450",
            "consent_categories": ["1"],
        },
        "context": {
            "event_id": "e-1",
            "event_timestamp": 1_764_000_000_000,
            "device": {"ip": "203.0.113.24", "user_agent": "Mozilla/5.0 (X11)"},
        },
        **changes,
    }
    return json.dumps(data).encode()


def run(
    *arguments: str, stdin: bytes = b"", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself with an input and variables."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        input=stdin,
        capture_output=True,
        env=clean_environment(**variables),
        timeout=SECONDS,
        check=False,
    )
    out, said = done.stdout.decode(), done.stderr.decode()
    return subprocess.CompletedProcess(done.args, done.returncode, out, said)
