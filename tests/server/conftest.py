from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from mockcollect.recording.recorder import TinyRecorder
from mockcollect.server.app import create_app
from mockcollect.settings import Settings


@pytest.fixture
def recorder() -> Iterator[TinyRecorder]:
    recorder = TinyRecorder()
    yield recorder
    recorder.close()


@pytest.fixture
def client(recorder: TinyRecorder) -> FlaskClient:
    return client_of(recorder)


def client_of(recorder: TinyRecorder, settings: Settings | None = None) -> FlaskClient:
    app = create_app(recorder, settings or Settings())
    app.testing = True  # what a view raises must fail the test, not become a 500
    return app.test_client()
