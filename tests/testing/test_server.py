"""The server and its inspector outside pytest: unittest, behave, a REPL."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import unittest
from pathlib import Path

import pytest

import mockcollect
from mockcollect.errors import InvalidSettings, PortInUse, ServerClosed, StorageError
from mockcollect.settings import Settings
from mockcollect.testing.server import Server
from tests.processes import clean_environment
from tests.testing.runs import ROOT
from tests.testing.sending import SECONDS, send

CLOSED = "This mockcollect server is closed. Use it inside the with block"
NOT_STARTED = "This mockcollect server is not started. Write `with mockcollect"


class CheckoutTest(unittest.TestCase):
    """As users write it; run below, and by pytest as well."""

    def setUp(self) -> None:
        self.server = mockcollect.Server().start()
        self.addCleanup(self.server.close)
        self.mockcollect = self.server.inspector(self.id())

    def test_purchase(self) -> None:
        send(self.server.port, "purchase", revenue=16.0)
        event = self.mockcollect.assert_sent("purchase", revenue=16.0)
        assert event == {"event_name": "purchase", "revenue": 16.0}


def test_a_failure_outside_pytest_does_not_say_what_nobody_did(server: Server) -> None:
    inspector = server.inspector()
    with pytest.raises(AssertionError) as caught:
        inspector.assert_sent("purchase", timeout=0)
    said = str(caught.value)
    assert f"mockcollect listened on {server.url}." in said
    assert "MOCKCOLLECT_URL" not in said


def test_variables_that_somebody_has_set_are_named(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(AssertionError, match="MOCKCOLLECT_URL was set to it"):
        server.inspector().assert_sent("purchase", timeout=0)


@pytest.mark.parametrize("asked", ["url", "port", "env", "recorder", "tests"])
def test_a_server_that_is_not_started_says_how(asked: str) -> None:
    with pytest.raises(ServerClosed, match=NOT_STARTED):
        getattr(Server(), asked)


def test_no_inspector_without_a_start() -> None:
    with pytest.raises(ServerClosed, match="not started"):
        Server().inspector()


@pytest.mark.parametrize("asked", ["url", "port", "env"])
def test_a_closed_server_says_so(server: Server, asked: str) -> None:
    server.close()
    with pytest.raises(ServerClosed, match=CLOSED):
        getattr(server, asked)


def test_closing_twice_or_before_the_start_does_nothing(server: Server) -> None:
    server.close()
    server.close()
    unstarted = Server()
    unstarted.close()
    assert unstarted.is_closed


def test_a_server_cannot_be_used_again() -> None:
    server = Server()
    with server:
        pass
    with pytest.raises(ServerClosed, match=r"was closed\. Make a new one"), server:
        pass


def test_starting_twice_goes_on(server: Server) -> None:
    url = server.url
    assert server.start() is server
    assert server.url == url


def test_two_servers_at_once_do_not_see_each_others_events(server: Server) -> None:
    with Server() as other:
        one, two = server.inspector("one"), other.inspector("two")
        send(server.port, "of_one")
        send(other.port, "of_two")
        assert one.events == [{"event_name": "of_one"}]
        assert two.events == [{"event_name": "of_two"}]


def test_repr_says_where_it_is_or_why_it_is_nowhere() -> None:
    server = Server()
    assert repr(server) == "<mockcollect.Server not started>"
    with server:
        assert repr(server) == f"<mockcollect.Server http://127.0.0.1:{server.port}>"
        assert repr(server.inspector("a test")) == "<mockcollect.Inspector of a test>"
    assert repr(server) == "<mockcollect.Server closed>"


def test_a_port_in_use_is_an_error_and_nothing_else(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        server = Server(Settings(port=port))
        with pytest.raises(PortInUse, match=rf"^Port {port} is in use\. "):
            server.start()
    assert capfd.readouterr() == ("", "")
    assert repr(server) == "<mockcollect.Server not started>"
    with server:  # now that it is free
        assert server.port == port


def test_a_host_that_there_is_not_is_an_error() -> None:
    with pytest.raises(InvalidSettings, match=r"There is no host nowhere\.invalid"):
        Server(Settings(host="nowhere.invalid")).start()


def test_events_may_be_kept_in_a_file(tmp_path: Path) -> None:
    settings = Settings(db=str(tmp_path / "events.db"))
    with Server(settings) as first:
        send(first.port, "purchase")
    with Server(settings) as second:
        inspector = second.inspector()
        assert inspector.events == []
        assert len(inspector.db.table("events")) == 1
        send(second.port, "refund")
        assert inspector.events == [{"event_name": "refund"}]
        with pytest.raises(StorageError):
            Server(settings).start()


def test_the_story_of_unittest_runs_without_pytest() -> None:
    code = f"""
import sys, unittest
import mockcollect
sys.path.insert(0, {str(ROOT)!r})
from tests.testing.sending import send

class CheckoutTest(unittest.TestCase):
    def test_purchase(self):
        with mockcollect.Server() as server:
            inspector = server.inspector()
            send(server.port, "purchase")
            inspector.assert_sent("purchase")
            with self.assertRaises(AssertionError):
                inspector.assert_not_sent("purchase", settle=0)

result = unittest.main(exit=False).result
assert result.testsRun == 1 and result.wasSuccessful()
assert "pytest" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        cwd=os.sep,
        env=clean_environment(PYTHONPATH=str(ROOT)),
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "werkzeug" not in done.stderr.lower()
