"""Events that arrive after their test: named at the end, and credited to no other."""

from __future__ import annotations

import time

from mockcollect.testing.server import Server
from mockcollect.testing.view import MOST_LOOKED_AT, MOST_STRAGGLERS
from tests.testing.runs import Suite, block
from tests.testing.sending import SlowRequest, send, send_batch, send_refused


def test_a_late_event_between_two_tests_is_that_of_the_last(server: Server) -> None:
    first = server.inspector("test_first")
    send(server.port, "in_time")
    assert first.problems() == []
    send(server.port, "late")
    second = server.inspector("test_second")
    assert second.events == []
    assert second.problems() == []
    assert list(server.tests.report()) == [
        "1 event arrived after the test had ended:",
        "  #2 late  of test_first",
    ]


def test_a_late_event_is_its_own_tests_by_its_code(server: Server) -> None:
    first = server.inspector("test_first")
    code = first.test_code
    first.problems()
    second = server.inspector("test_second")
    send(server.port, "during_the_second", test_code=code)
    assert second.events == []
    second.problems()
    send(server.port, "after_the_second", test_code=code)
    third = server.inspector("test_third")
    assert third.events == []
    assert list(server.tests.report()) == [
        "2 events arrived after the test had ended:",
        "  #1 during_the_second  of test_first",
        "  #2 after_the_second  of test_first",
    ]


def test_a_request_that_began_in_the_last_test_is_not_the_next_ones(
    server: Server,
) -> None:
    first = server.inspector("test_first")
    slow = SlowRequest(server.port, "slow")
    send(server.port, "in_time")
    _let_a_millisecond_pass()
    first.problems()
    second = server.inspector("test_second")
    assert slow.finish() == 200
    send(server.port, "its_own")
    assert second.events == [{"event_name": "its_own"}]
    assert [one.why for one in second.view.strays()] == [
        "sent before this test began, in or after test_first"
    ]
    second.problems()
    assert list(server.tests.report())[1:] == ["  #2 slow  of test_first"]


def test_an_event_of_a_request_that_began_earlier_counts_by_its_code(
    server: Server,
) -> None:
    server.inspector("test_first").problems()
    second = server.inspector("test_second")
    send(server.port, "mine", test_code=second.test_code)
    send(server.port, "anothers", test_code="not of ours")
    assert [one.event_name for one in second.events] == ["mine"]
    second.problems()
    assert list(server.tests.report()) == []


def test_a_code_of_nobodys_counts_where_the_test_has_none(server: Server) -> None:
    inspector = server.inspector("test_it")
    send(server.port, "purchase", test_code="of the program")
    assert len(inspector.events) == 1


def test_a_refused_request_after_a_test_is_not_the_next_ones(server: Server) -> None:
    server.inspector("test_first").problems()
    send_refused(server.port)
    assert server.inspector("test_second").problems() == []
    assert list(server.tests.report()) == []


def test_before_the_first_test_nothing_is_late(server: Server) -> None:
    send(server.port, "early")
    inspector = server.inspector("test_first")
    assert inspector.events == []
    server.tests.sweep()
    assert list(server.tests.report()) == []


def test_a_nameless_straggler_is_listed_as_one(server: Server) -> None:
    server.inspector("test_first").problems()
    send_batch(server.port, {"a": 1})
    server.tests.sweep()
    assert list(server.tests.report())[1:] == ["  #1 (no name)  of test_first"]


def test_of_very_many_stragglers_the_first_are_named(server: Server) -> None:
    server.inspector("test_first").problems()
    send_batch(server.port, *({"event_name": "a"} for _ in range(MOST_STRAGGLERS + 3)))
    server.tests.sweep()
    head, *named, rest = server.tests.report()
    assert head == f"{MOST_STRAGGLERS + 3} events arrived after the test had ended:"
    assert len(named) == MOST_STRAGGLERS
    assert rest == "  … and 3 more"


def test_a_test_of_very_many_events_is_not_looked_through(server: Server) -> None:
    first = server.inspector("test_first")
    code = first.test_code
    first.problems()
    second = server.inspector("test_second")
    many = ({"event_name": "a", "test_code": code} for _ in range(MOST_LOOKED_AT + 1))
    send_batch(server.port, *many)
    second.problems()
    assert list(server.tests.report()) == []


# -- in a run of pytest


def test_a_thread_that_the_next_test_joins_is_a_straggler(suite: Suite) -> None:
    result = suite.run(
        """
        import threading
        import pytest
        from tests.testing.sending import SECONDS

        GO, THREADS = threading.Event(), []

        def test_first(mockcollect, shop):
            port = mockcollect.server.port

            def work():
                assert GO.wait(SECONDS)
                from tests.testing.sending import send
                send(port, "late")

            THREADS.append(threading.Thread(target=work))
            THREADS[0].start()

        @pytest.fixture
        def joined():
            GO.set()
            THREADS[0].join(SECONDS)

        def test_second(joined, mockcollect):
            assert mockcollect.events == []
        """
    )
    result.assert_outcomes(passed=2)
    assert block(result, "mockcollect") == (
        "1 event arrived after the test had ended:\n"
        "  #1 late  of test_it.py::test_first\n"
    )


def test_a_run_without_stragglers_says_nothing(suite: Suite) -> None:
    result = suite.run(
        """
        def test_it(mockcollect, shop):
            shop.send("purchase")
        """
    )
    assert "- mockcollect -" not in result.stdout.str()


def test_workers_of_xdist_have_each_a_server_and_one_summary(suite: Suite) -> None:
    code, output = suite.run_process(
        """
        import pytest
        from tests.testing.sending import send

        @pytest.fixture(scope="session")
        def program(mockcollect_server, worker_id):
            yield
            send(mockcollect_server.port, f"goodbye_of_{worker_id}")

        @pytest.mark.parametrize("number", range(20))
        def test_it(program, mockcollect, shop, number):
            shop.send("purchase", number=number)
            assert mockcollect.events == [{"event_name": "purchase", "number": number}]
        """,
        *("-p", "xdist", "-n", "2"),
    )
    assert code == 0, output
    assert "- mockcollect -" in output
    for worker in ("gw0", "gw1"):
        assert output.count(f" goodbye_of_{worker}  of test_it.py::test_it[") == 1


def _let_a_millisecond_pass() -> None:
    """Within one, the times of arrival do not tell before from after."""
    begun = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 <= begun:
        pass
