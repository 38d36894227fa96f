"""Which plan a test is judged by, and what its verdicts do to it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mockcollect.errors import InvalidPlan
from mockcollect.settings import Settings
from mockcollect.testing.inspector import Inspector
from mockcollect.testing.planning import judged_by, read_plan
from mockcollect.testing.server import Server
from mockcollect.verdict.plan import Plan, parse_plan
from tests.testing.runs import Suite, assert_golden, block
from tests.testing.sending import SOURCE, send, send_whole

SHOP_PLAN = """
events:
  login:
  purchase:
    revenue: number, required
    currency: string, required
"""
BLOG_PLAN = """
events:
  read:
    title: string, required
"""
STRICT_PLAN = """
actions:
  missing_required_property: reject
events:
  login:
    method: string, required
"""
BROKEN_PLAN = """
events:
  login:
    method: strng
"""
KEY = SOURCE.partition("token=")[2]
SOURCES = f"""
sources:
  - site: 29
    key: {KEY}
    label: web shop
    environment: production
events:
  login:
"""
ENDS_REJECTED = "1 event was sent that production would reject."


def shop_plan() -> Plan:
    return parse_plan(SHOP_PLAN, name="shop.yml")


def codes(inspector: Inspector) -> list[str]:
    return [one.code for event in inspector.events for one in event.findings]


@pytest.fixture
def planned(suite: Suite) -> Suite:
    """A suite with plans, judged by that of the shop."""
    plans = {
        "shop": SHOP_PLAN,
        "blog": BLOG_PLAN,
        "strict": STRICT_PLAN,
        "broken": BROKEN_PLAN,
        "sources": SOURCES,
    }
    for name, text in plans.items():
        (suite.path / f"{name}.yml").write_text(text)
    suite.ini("mockcollect_plan = shop.yml")
    return suite


# -- verdicts without a plan


def test_an_event_knows_its_verdict(inspector: Inspector, server: Server) -> None:
    send_whole(server.port, "login")
    send_whole(server.port, "page_view")
    send(server.port, "login")
    assert [one.verdict for one in inspector.events] == [
        "valid",
        "invalid-accepted",
        "invalid-rejected",
    ]
    valid, accepted, rejected = inspector.events
    assert valid.findings == ()
    assert [one.path for one in accepted.findings] == ["page_type"]
    assert rejected.findings[0].level == "error"
    assert rejected.to_dict()["verdict"] == rejected.verdict


def test_without_a_plan_a_rejected_event_fails_no_test(
    inspector: Inspector, server: Server
) -> None:
    send(server.port, "login")
    assert inspector.problems() == []


def test_nothing_is_judged_that_nobody_asks_about(suite: Suite) -> None:
    code, output = suite.run_process(
        """
        import sys

        def test_first(mockcollect, shop):
            shop.send("purchase", revenue=16.0)
            mockcollect.assert_sent("purchase", revenue=16.0)
            mockcollect.assert_not_sent("refund")
            shop.send_refused()
            mockcollect.assert_refused()

        def test_after_it():
            assert "mockcollect.testing.inspector" in sys.modules
            assert "mockcollect.verdict.judge" not in sys.modules
            assert "mockcollect.verdict.plan" not in sys.modules
        """
    )
    assert code == 0, output


# -- history


def test_two_tests_that_send_one_event_id_do_not_accuse_each_other(
    server: Server,
) -> None:
    for name in ("first", "second"):
        inspector = server.inspector(name)
        send(server.port, "login", event_id="a-1", number=name)
        assert "event_id.duplicate" not in codes(inspector)
        assert inspector.problems() == []


def test_within_one_test_they_do(inspector: Inspector, server: Server) -> None:
    for number in range(2):
        send(server.port, "login", event_id="a-1", number=number)
    first, second = inspector.events
    assert "event_id.duplicate" not in [one.code for one in first.findings]
    assert "event_id.duplicate" in [one.code for one in second.findings]


@pytest.mark.parametrize("plan", [None, shop_plan()], ids=["no plan", "a plan"])
def test_another_plan_for_a_while_leaves_the_history(
    inspector: Inspector, server: Server, plan: Plan | None
) -> None:
    for number in range(2):
        send(server.port, "login", event_id="a-1", number=number)
    before = codes(inspector)
    with judged_by(server.recorder, plan):
        assert "event_id.duplicate" in codes(inspector)
    assert codes(inspector) == before


# -- reading plans


def test_a_plan_is_read_once_until_its_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "plan.yml"
    path.write_text(SHOP_PLAN)
    first = read_plan(path)
    assert read_plan(str(path)) is first
    path.write_text(BLOG_PLAN)
    os.utime(path, ns=(1, 1))
    second = read_plan(path)
    assert second is not None
    assert second.event_names == ("read",)


def test_a_plan_is_taken_as_it_is() -> None:
    plan = shop_plan()
    assert read_plan(plan) is plan
    assert read_plan(None) is None


@pytest.mark.parametrize("plan", [{"events": {}}, 7, b"plan.yml"], ids=repr)
def test_what_is_no_plan_is_refused(plan: Any) -> None:
    with pytest.raises(TypeError, match=r"^plan is a tracking plan or its file, .*got"):
        read_plan(plan)


def test_plan_and_sources_are_put_back_when_a_test_breaks(server: Server) -> None:
    before = server.recorder.plan, server.recorder.sources

    def break_within() -> None:
        with judged_by(server.recorder, parse_plan(SOURCES, name="sources.yml")):
            assert server.recorder.sources is not None
            raise KeyError

    with pytest.raises(KeyError):
        break_within()
    assert (server.recorder.plan, server.recorder.sources) == before


def test_a_plan_without_sources_leaves_those_that_are_known(tmp_path: Path) -> None:
    path = tmp_path / "plan.yml"
    path.write_text(SOURCES)
    with Server(Settings(plan=str(path), test_run=True)) as server:
        known = server.recorder.sources
        assert known is not None
        with judged_by(server.recorder, shop_plan()):
            assert server.recorder.sources is known


# -- all valid


def test_all_is_valid_by_a_plan_or_its_file(
    inspector: Inspector, server: Server, tmp_path: Path
) -> None:
    path = tmp_path / "plan.yml"
    path.write_text(SHOP_PLAN)
    send_whole(server.port, "login")
    inspector.assert_all_valid()
    for plan in (path, str(path), shop_plan()):
        inspector.assert_all_valid(plan=plan)
    send_whole(server.port, "purchase", id="o-1", value=1, currency="EUR", items=[])
    for plan in (path, str(path), shop_plan()):
        with pytest.raises(AssertionError, match="revenue is required"):
            inspector.assert_all_valid(plan=plan)
    assert server.recorder.plan is None


def test_all_valid_by_a_broken_plan_is_an_error_and_no_failure(
    inspector: Inspector, tmp_path: Path
) -> None:
    path = tmp_path / "plan.yml"
    with pytest.raises(InvalidPlan, match=r"plan\.yml: no such file"):
        inspector.assert_all_valid(plan=path)
    path.write_text(BROKEN_PLAN)
    for _ in range(2):
        with pytest.raises(InvalidPlan, match=r"plan\.yml, line 4: .*`string`"):
            inspector.assert_all_valid(plan=path)


def test_a_broken_plan_shows_the_line_of_the_test_alone(planned: Suite) -> None:
    result = planned.run(
        """
        def test_it(mockcollect):
            mockcollect.assert_all_valid(plan="broken.yml")
        """
    )
    result.assert_outcomes(failed=1)
    said = block(result, "test_it")
    assert "InvalidPlan: broken.yml, line 4: unknown type `strng`." in said
    assert "planning.py" not in said
    assert "plan.py" not in said


# -- the plan of a run


def test_the_ini_file_names_a_plan_below_the_root_folder(planned: Suite) -> None:
    folder = planned.path / "inner"
    folder.mkdir()
    (folder / "test_inner.py").write_text(
        "def test_it(mockcollect, monkeypatch, shop):\n"
        "    assert mockcollect.server.recorder.plan.event_names == (\n"
        "        'login', 'purchase'\n"
        "    )\n"
    )
    planned.run("", "inner").assert_outcomes(passed=1)


def test_a_plan_with_an_absolute_path_is_that_file(
    suite: Suite, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("elsewhere") / "plan.yml"
    path.write_text(BLOG_PLAN)
    suite.ini(f"mockcollect_plan = {path}")
    suite.run(
        f"""
        import pathlib
        import pytest

        def test_ini(mockcollect):
            assert mockcollect.server.recorder.plan.event_names == ("read",)

        @pytest.mark.mockcollect(plan=pathlib.Path({str(path)!r}))
        def test_mark(mockcollect):
            assert mockcollect.server.recorder.plan.event_names == ("read",)
        """
    ).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none.yml", "none.yml: no such file or directory"),
        ("broken.yml", "broken.yml, line 4: unknown type `strng`. Did you mean "),
    ],
)
@pytest.mark.parametrize("by", ["ini", "mark"])
def test_a_plan_that_cannot_be_read_is_one_sentence(
    planned: Suite, by: str, name: str, said: str
) -> None:
    planned.ini(f"mockcollect_plan = {name if by == 'ini' else 'shop.yml'}")
    result = planned.run(
        f"""
        import pytest

        @pytest.mark.mockcollect({f"plan={name!r}" if by == "mark" else ""})
        def test_it(mockcollect):
            pass

        def test_next(mockcollect):
            assert mockcollect.server.recorder.plan.event_names == ("login", "purchase")
        """
    )
    if by == "ini":
        result.assert_outcomes(errors=2)
    else:
        result.assert_outcomes(errors=1, passed=1)
    text = block(result, "ERROR at setup of test_it").split("\n-----")[0].strip()
    assert text.startswith(f"{planned.path / name}{said.removeprefix(name)}")
    assert "\n" not in text


def test_the_nearest_plan_wins_and_ends_with_its_test(planned: Suite) -> None:
    result = planned.run(
        """
        import pytest

        def plan(mockcollect):
            return mockcollect.server.recorder.plan.event_names

        @pytest.mark.mockcollect(plan="strict.yml")
        class TestBlog:
            @pytest.mark.mockcollect(plan="blog.yml", timeout=0.2)
            def test_nearest(self, mockcollect):
                assert plan(mockcollect) == ("read",)

            def test_class(self, mockcollect):
                assert plan(mockcollect) == ("login",)

        def test_run(mockcollect):
            assert plan(mockcollect) == ("login", "purchase")

        @pytest.mark.mockcollect(plan="blog.yml")
        def test_that_fails(mockcollect):
            assert plan(mockcollect) == ()

        @pytest.mark.mockcollect(plan="blog.yml")
        def test_that_fails_at_its_end(mockcollect, shop):
            shop.send("read")

        def test_behind_them(mockcollect):
            assert plan(mockcollect) == ("login", "purchase")
        """
    )
    result.assert_outcomes(passed=5, failed=1, errors=1)


# -- what production would reject


def test_a_rejected_event_fails_the_test_at_its_end(planned: Suite) -> None:
    result = planned.run(
        """
        def test_checkout(mockcollect, shop):
            shop.send_whole("login")
            shop.send("purchase", revenue="16,00")
            mockcollect.assert_sent("purchase")
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    assert_golden("rejected-event", block(result, "ERROR at teardown of test_checkout"))


def test_a_plan_may_reject_what_is_accepted_without_it(planned: Suite) -> None:
    result = planned.run(
        """
        import pytest

        def test_accepted(mockcollect, shop):
            shop.send_whole("login")

        @pytest.mark.mockcollect(plan="strict.yml")
        def test_rejected(mockcollect, shop):
            shop.send_whole("login")
        """
    )
    result.assert_outcomes(passed=2, errors=1)
    said = block(result, "ERROR at teardown of test_rejected")
    assert said.startswith(ENDS_REJECTED)
    assert "method is required" in said
    assert "(tracking plan: login.method)" in said
    kept = planned.path / ".mockcollect" / "test_rejected.jsonl"
    assert json.loads(kept.read_text())["verdict"] == "invalid-rejected"


def test_what_is_accepted_though_not_valid_fails_no_test(planned: Suite) -> None:
    planned.run(
        """
        def test_it(mockcollect, shop):
            shop.send_whole("purchase", revenue="16,00")
            assert mockcollect.events[0].verdict == "invalid-accepted"
        """
    ).assert_outcomes(passed=1)


def test_refused_requests_and_rejected_events_are_told_together(
    planned: Suite,
) -> None:
    result = planned.run(
        """
        def test_it(mockcollect, shop):
            shop.send("login")
            shop.send_refused()
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    said = block(result, "ERROR at teardown of test_it")
    assert said.startswith("1 request was refused (400)")
    assert f"\n\n{ENDS_REJECTED}\n" in said


def test_rejected_events_may_be_allowed(planned: Suite) -> None:
    planned.ini("mockcollect_plan = shop.yml", "mockcollect_strict = false")
    result = planned.run(
        """
        import pytest

        def test_by_the_ini_file(mockcollect, shop):
            shop.send("login")

        @pytest.mark.mockcollect(allow_refused=False)
        def test_not_here(mockcollect, shop):
            shop.send("login")

        @pytest.mark.mockcollect(allow_refused=True)
        def test_by_the_mark(mockcollect, shop):
            shop.send("login")
        """
    )
    result.assert_outcomes(passed=3, errors=1)
    assert block(result, "ERROR at teardown of test_not_here")


@pytest.mark.parametrize(
    "fails", ["assert not mockcollect.events", "mockcollect.assert_all_valid()"]
)
def test_a_test_that_has_failed_does_not_fail_twice(planned: Suite, fails: str) -> None:
    result = planned.run(
        f"""
        def test_it(mockcollect, shop):
            shop.send("login")
            {fails}
        """
    )
    result.assert_outcomes(failed=1)
    assert ENDS_REJECTED not in result.stdout.str()


def test_events_of_other_tests_are_not_held_against_one(server: Server) -> None:
    with judged_by(server.recorder, shop_plan()):
        first = server.inspector("test_first")
        code = first.test_code
        assert first.problems() == []
        second = server.inspector("test_second")
        send(server.port, "login", test_code=code)
        assert second.problems() == []


# -- sources


@pytest.mark.parametrize("by", ["ini", "mark"])
def test_a_key_of_production_in_a_test_is_a_finding(planned: Suite, by: str) -> None:
    if by == "ini":
        planned.ini("mockcollect_plan = sources.yml")
    planned.run(
        f"""
        import pytest

        @pytest.mark.mockcollect({"plan='sources.yml'" if by == "mark" else ""})
        def test_it(mockcollect, shop):
            shop.send_whole("login")
            (event,) = mockcollect.events
            (finding,) = event.findings
            assert (event.verdict, finding.code) == (
                "invalid-accepted", "environment.mixed"
            )
            assert "in a test run" in finding.message

        def test_next(mockcollect, shop):
            shop.send_whole("login")
            valid = mockcollect.events[0].verdict == "valid"
            assert valid is {by == "mark"}
        """
    ).assert_outcomes(passed=2)


# -- failures


def test_a_close_event_shows_what_the_plan_says(planned: Suite) -> None:
    result = planned.run(
        """
        def test_checkout_sends_purchase(mockcollect, shop):
            shop.send_whole("login")
            shop.send_whole("purchase", revenue="16,00", currency="EUR")

            mockcollect.assert_sent("purchase", revenue=16.00, currency="EUR")
        """
    )
    result.assert_outcomes(failed=1)
    assert_golden("verdict-by-a-plan", block(result, "test_checkout_sends_purchase"))
