"""The inspector for async tests."""

from __future__ import annotations

from mockcollect.testing.inspector import Inspector
from mockcollect.testing.verbs import awaitable


class AsyncInspector:
    """The verbs that wait, to be awaited: they leave the event loop free to send."""

    def __init__(self, inspector: Inspector) -> None:
        self.inspector = inspector

    assert_sent = awaitable(Inspector.assert_sent)
    assert_sent_once = awaitable(Inspector.assert_sent_once)
    assert_sequence = awaitable(Inspector.assert_sequence)
    assert_refused = awaitable(Inspector.assert_refused)
    assert_not_sent = awaitable(Inspector.assert_not_sent)
    assert_nothing_sent = awaitable(Inspector.assert_nothing_sent)
    wait_for = awaitable(Inspector.wait_for)
