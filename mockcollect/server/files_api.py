"""The inspection API's part on files: all that was captured, live or to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from mockcollect.recording.export import EXPORTS
from mockcollect.server import parameters
from mockcollect.server.replies import base_url
from mockcollect.server.stream import Streams

if TYPE_CHECKING:
    from mockcollect.recording.interface import Recorder


class FileViews:
    """The stream, and the exports."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._streams = Streams(recorder)

    def stream(self) -> Response:
        """Stream what is recorded from now on."""
        parameters.only("q")
        last_event_id = request.headers.get("Last-Event-ID", "")
        chunks = self._streams.follow(parameters.query(), last_event_id)
        response = Response(chunks, mimetype="text/event-stream")
        response.headers["X-Accel-Buffering"] = "no"  # nginx would gather the stream
        return response

    def export(self) -> Response:
        """Return all that matches as a file."""
        parameters.only("q", "format")
        name = parameters.choice("format", *EXPORTS)
        export = EXPORTS[name]
        chunks = export.write(self._recorder, parameters.query(), base_url())
        response = Response(chunks, content_type=export.media_type)
        file_name = f"mockcollect.{export.extension}"
        response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
        return response
