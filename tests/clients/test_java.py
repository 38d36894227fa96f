"""Java's HttpURLConnection, which is what the Android SDK sends with."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.processes import Process, clean_environment

PROGRAM = Path(__file__).with_name("Sender.java")


@pytest.mark.skipif(
    shutil.which("java") is None or shutil.which("javac") is None,
    reason="no JDK is installed",
)
def test_an_event_without_a_type_is_stored_although_java_calls_it_a_form(
    server: Process,
) -> None:
    result = subprocess.run(
        ["java", str(PROGRAM), server.url],
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=60,
        check=False,
    )
    assert result.stdout.split() == ["200", "200"], result.stderr
    events = server.events()
    assert [event["event"] for event in events] == [
        {"event_name": "page_view", "value": 1.5},
        {"event_name": "café", "value": 1.5},
    ]
    request = server.inspect(f"/requests/{events[0]['request']['id']}")
    assert request["headers"]["content-type"] == "application/x-www-form-urlencoded"
    assert request["query"].startswith("tc_firsttime=1&tc_s=29&")
