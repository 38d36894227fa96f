from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockcollect.recording.recorder import TinyRecorder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


@pytest.fixture(params=["memory", "file"])
def recorder(request: pytest.FixtureRequest, file: Path) -> Iterator[TinyRecorder]:
    made = TinyRecorder(file if request.param == "file" else None)
    yield made
    made.close()
