from __future__ import annotations

from typing import Any

import pytest

from mockcollect.testing.inspector import Inspector
from mockcollect.testing.server import Server
from mockcollect.testing.snapshot import VOLATILE, snapshot
from tests.testing.runs import Suite
from tests.testing.sending import send

EVENT: dict[str, Any] = {
    "event_name": "purchase",
    "event_id": "e-1",
    "context": {"event_id": "e-2", "event_timestamp": 7, "ip": "127.0.0.1"},
    "items": [{"id": "a", "test_code": "t"}, {"id": "b", "ip": "::1"}],
}


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        ((), EVENT),
        (
            VOLATILE,
            {
                "event_name": "purchase",
                "context": {"ip": "127.0.0.1"},
                "items": [{"id": "a"}, {"id": "b", "ip": "::1"}],
            },
        ),
        (
            ("context", "event_id", "items"),
            {"event_name": "purchase"},
        ),
        (
            ("context.ip", "context.event_timestamp", "items[0]", "event_id"),
            {
                "event_name": "purchase",
                "context": {},
                "items": [{"id": "b", "ip": "::1"}],
            },
        ),
        (("items[5]", "items[0].none", "event_id.x", "none.at.all", "items.x"), EVENT),
    ],
)
def test_what_is_excluded_is_left_out(exclude: tuple[str, ...], left: Any) -> None:
    before = repr(EVENT)
    assert snapshot([EVENT], exclude=exclude) == [left]
    assert repr(EVENT) == before


def test_a_snapshot_is_plain_data_of_this_test(
    inspector: Inspector, server: Server
) -> None:
    send(server.port, "purchase", event_id="e-1", revenue=16.0)
    taken = inspector.to_snapshot()
    assert taken == [{"event_name": "purchase", "revenue": 16.0}]
    assert type(taken[0]) is dict
    assert inspector.to_snapshot(exclude=("revenue",))[0]["event_id"] == "e-1"


def test_events_that_are_no_objects_stay_as_they_are() -> None:
    assert snapshot([7, [1, {"event_id": 1}]], exclude=VOLATILE) == [7, [1, {}]]


SYRUPY = """
    def test_it(mockcollect, shop, snapshot):
        shop.send("purchase", event_id={event_id!r}, revenue={revenue})
        assert mockcollect.to_snapshot() == snapshot
"""


def test_it_goes_with_syrupy(suite: Suite) -> None:
    first = SYRUPY.format(event_id="a", revenue=16.0)
    plugin = ("-p", "syrupy")
    code, output = suite.run_process(first, *plugin, "--snapshot-update")
    assert code == 0, output
    again = SYRUPY.format(event_id="b", revenue=16.0)
    assert suite.run_process(again, *plugin)[0] == 0
    other = SYRUPY.format(event_id="a", revenue=12.0)
    code, output = suite.run_process(other, *plugin)
    assert code == 1
    assert "12.0" in output


INLINE = """
    from inline_snapshot import snapshot

    def test_it(mockcollect, shop):
        shop.send("purchase", event_id="a", revenue=16.0)
        assert mockcollect.to_snapshot() == snapshot({taken})
"""


def test_it_goes_with_inline_snapshot(suite: Suite) -> None:
    plugin = ("-p", "inline_snapshot.pytest_plugin")
    suite.run_process(INLINE.format(taken=""), *plugin, "--inline-snapshot=create")
    written = (suite.path / "test_it.py").read_text()
    taken = [{"event_name": "purchase", "revenue": 16.0}]
    assert f"snapshot({taken})" in written.replace('"', "'")
    code, output = suite.run_process(INLINE.format(taken=taken), *plugin)
    assert code == 0, output
    code, output = suite.run_process(INLINE.format(taken=[]), *plugin)
    assert code == 1, output
