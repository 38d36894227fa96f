"""The line at the end of a run with a tracking plan."""

from __future__ import annotations

import pytest

from mockcollect.testing.server import Server
from mockcollect.testing.tally import Tally
from mockcollect.verdict.coverage import Coverage
from mockcollect.verdict.plan import Plan, parse_plan
from tests.testing.runs import Suite, assert_golden, block
from tests.testing.sending import send, send_whole

PLAN = "events:\n  login:\n  logout:\n  purchase:\n    revenue: number, required\n"
TITLE = "mockcollect"
SENDS = """
    def test_two(mockcollect, shop):
        shop.send_whole("login", "logout")

    def test_one(mockcollect, shop):
        shop.send_whole("login")

    def test_none(mockcollect):
        pass

    def test_without_it():
        pass
"""


def plan() -> Plan:
    return parse_plan(PLAN, name="plan.yml")


def planned(suite: Suite) -> Suite:
    (suite.path / "plan.yml").write_text(PLAN)
    suite.ini("mockcollect_plan = plan.yml")
    return suite


# -- the tally


def test_a_tally_counts_tests_verdicts_and_names(server: Server) -> None:
    server.recorder.judge_by(plan=plan(), sources=None)
    inspector = server.inspector("a test")
    send_whole(server.port, "login", "logout")
    send(server.port, "login")
    inspector.problems()
    server.inspector("another").problems()
    assert server.tests.tally.to_dict() == {
        "tests": 2,
        "verdicts": {"valid": 2, "invalid-rejected": 1},
        "coverage": {
            "planned": ["login", "logout", "purchase"],
            "seen": {"login": 2, "logout": 1},
            "never_sent": ["purchase"],
            "unplanned": [],
        },
    }


def test_only_events_of_the_test_itself_are_counted(server: Server) -> None:
    server.recorder.judge_by(plan=plan(), sources=None)
    inspector = server.inspector("a test")
    send(server.port, "login")
    send(server.port, "login", test_code=inspector.test_code)
    inspector.problems()
    assert sum(server.tests.tally.verdicts.values()) == 1


def test_without_a_plan_nothing_is_counted(server: Server) -> None:
    inspector = server.inspector("a test")
    send_whole(server.port, "login")
    inspector.problems()
    assert server.tests.tally == Tally()


def test_tallies_of_workers_add_up() -> None:
    one, two = Tally(), Tally(tests=1)
    one.tests = 2
    one.verdicts.update({"valid": 3})
    one.coverage = Coverage.of(["login", "logout"], ["login", "login", "other"])
    two.verdicts.update({"valid": 1, "invalid-accepted": 2})
    two.coverage = Coverage.of(["login", "logout", "read"], ["read", None, "logout"])
    whole = Tally.merged([one.to_dict(), two.to_dict()])
    assert list(whole.lines()) == [
        "6 events in 3 tests, 4 valid, 2 invalid-accepted.  "
        "Tracking plan: 3 of 3 events seen",
        "Not in the tracking plan: other",
    ]


def test_of_a_plan_without_events_nothing_is_said() -> None:
    assert list(Tally(tests=1).lines()) == ["0 events in 1 test."]


# -- the line


def test_a_green_run_ends_with_what_was_seen(suite: Suite) -> None:
    result = planned(suite).run(SENDS)
    result.assert_outcomes(passed=4)
    assert_golden("coverage", block(result, TITLE))


def test_a_run_says_which_verdicts_there_were_and_what_is_not_planned(
    suite: Suite,
) -> None:
    result = planned(suite).run(
        """
        import pytest

        @pytest.mark.mockcollect(allow_refused=True)
        def test_it(mockcollect, shop):
            shop.send_whole("login", "begin_tour")
            shop.send_whole("purchase", revenue="16,00")
            shop.send("logout")
        """
    )
    result.assert_outcomes(passed=1)
    assert_golden("coverage-with-faults", block(result, TITLE))


def test_tests_with_plans_of_their_own_are_counted_with_these(suite: Suite) -> None:
    (suite.path / "plan.yml").write_text(PLAN)
    (suite.path / "blog.yml").write_text("events:\n  read:\n  login:\n")
    result = suite.run(
        """
        import pytest

        @pytest.mark.mockcollect(plan="plan.yml")
        def test_shop(mockcollect, shop):
            shop.send_whole("login")

        @pytest.mark.mockcollect(plan="blog.yml")
        def test_blog(mockcollect, shop):
            shop.send_whole("read")

        def test_without_a_plan(mockcollect, shop):
            shop.send("purchase")
        """
    )
    result.assert_outcomes(passed=3)
    assert block(result, TITLE) == (
        "2 events in 2 tests, 2 valid.  "
        "Tracking plan: 2 of 4 events seen; never sent: logout, purchase\n"
    )


@pytest.mark.parametrize(
    "code",
    [SENDS, "def test_it(mockcollect_server): pass", "def test_it(): pass"],
    ids=["no plan", "no test of its own", "not used"],
)
def test_there_is_no_line_without_a_test_that_has_a_plan(
    suite: Suite, code: str
) -> None:
    result = (suite if code is SENDS else planned(suite)).run(code)
    assert f"- {TITLE} -" not in result.stdout.str()


def test_late_events_stand_below_the_line(suite: Suite) -> None:
    result = planned(suite).run(
        """
        from tests.testing.sending import send

        def test_checkout(mockcollect):
            pass

        def test_nothing_of_it(mockcollect_server):
            send(mockcollect_server.port, "purchase")
        """
    )
    first, second, *_ = block(result, TITLE).splitlines()
    assert first.startswith("0 events in 1 test.  Tracking plan: 0 of 3 events seen")
    assert second == "1 event arrived after the test had ended:"


def test_workers_of_xdist_are_counted_together(suite: Suite) -> None:
    code, output = planned(suite).run_process(
        """
        import pytest

        @pytest.mark.parametrize("name", ["login", "logout"] * 5)
        def test_it(mockcollect, shop, name):
            shop.send_whole(name)
        """,
        *("-p", "xdist", "-n", "2", "--dist", "each"),
    )
    assert code == 0, output
    assert output.count("Tracking plan:") == 1
    assert (
        "20 events in 20 tests, 20 valid.  "
        "Tracking plan: 2 of 3 events seen; never sent: purchase\n"
    ) in output


def test_what_one_worker_of_xdist_has_seen_is_seen(suite: Suite) -> None:
    code, output = planned(suite).run_process(
        """
        import pytest

        @pytest.mark.parametrize("name", ["login", "logout"])
        def test_it(mockcollect, shop, name):
            shop.send_whole(name)
        """,
        *("-p", "xdist", "-n", "2"),
    )
    assert code == 0, output
    assert "2 events in 2 tests, 2 valid.  Tracking plan: 2 of 3 events seen" in output
