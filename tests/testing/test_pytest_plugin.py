from __future__ import annotations

import re
import socket

import pytest

from mockcollect.testing.options import INI_OPTIONS, Marked
from tests.testing.runs import Suite, block, masked

SENDS = """
    def test_it(mockcollect, shop):
        shop.send("purchase")
        mockcollect.assert_sent("purchase")
"""

SAYS_ITS_VARIABLES = """
    import os

    def test_before():
        assert os.environ.get("MOCKCOLLECT_URL") == {before!r}
        assert "COLLECT_URL" not in os.environ

    def test_during(mockcollect):
        assert os.environ["MOCKCOLLECT_URL"] == mockcollect.url
        assert os.environ["COLLECT_URL"] == mockcollect.url
        {ends}

    def test_after():
        assert os.environ.get("MOCKCOLLECT_URL") == {before!r}
        assert "COLLECT_URL" not in os.environ
"""


# -- the fixtures


def test_the_name_of_the_fixture_is_all_that_it_takes(suite: Suite) -> None:
    suite.run(SENDS).assert_outcomes(passed=1)


def test_pip_install_is_enough_to_load_the_plugin_once(suite: Suite) -> None:
    code, output = suite.run_process(SENDS, "--trace-config", installed=True)
    assert code == 0, output
    registered = re.findall(r"PLUGIN registered: .*mockcollect.testing.*", output)
    assert len(registered) == 1


@pytest.mark.parametrize("before", [None, "http://elsewhere.example"])
@pytest.mark.parametrize(
    ("ends", "outcomes"),
    [("", {"passed": 3}), ("assert False", {"passed": 2, "failed": 1})],
    ids=["passing", "failing"],
)
def test_variables_lead_to_the_server_during_a_test_only(
    suite: Suite,
    monkeypatch: pytest.MonkeyPatch,
    before: str | None,
    ends: str,
    outcomes: dict[str, int],
) -> None:
    suite.ini("mockcollect_env = COLLECT_URL")
    if before:
        monkeypatch.setenv("MOCKCOLLECT_URL", before)
    code = SAYS_ITS_VARIABLES.format(before=before, ends=ends)
    suite.run(code).assert_outcomes(**outcomes)


def test_one_server_serves_all_tests_of_a_run(suite: Suite) -> None:
    suite.run(
        """
        urls = set()

        def test_one(mockcollect, shop):
            urls.add(mockcollect.url)
            shop.send("purchase")

        def test_two(mockcollect, mockcollect_server):
            urls.add(mockcollect.url)
            assert urls == {mockcollect_server.url}
            assert mockcollect.events == []

        def test_three(mockcollect_server):
            assert mockcollect_server.env == {"MOCKCOLLECT_URL": mockcollect_server.url}
            assert len(mockcollect_server.recorder.db.table("events")) == 1
        """
    ).assert_outcomes(passed=3)


def test_a_session_that_has_ended_has_freed_the_port(suite: Suite) -> None:
    suite.run(
        """
        def test_it(mockcollect):
            with open("port.txt", "w") as file:
                file.write(str(mockcollect.server.port))
        """
    ).assert_outcomes(passed=1)
    port = int((suite.path / "port.txt").read_text())
    with pytest.raises(ConnectionRefusedError):
        _connect(port)


def test_what_a_wider_fixture_sends_when_it_is_undone_still_arrives(
    suite: Suite,
) -> None:
    result = suite.run(
        """
        import pytest
        from tests.testing.sending import send

        @pytest.fixture(scope="session")
        def program(mockcollect_server):
            yield
            send(mockcollect_server.port, "goodbye")

        def test_it(program, mockcollect):
            pass
        """
    )
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["  #1 goodbye  of test_it.py::test_it"])


def test_unittest_classes_may_use_the_fixture(suite: Suite) -> None:
    suite.run(
        """
        import unittest
        import pytest

        class TestShop(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def _given(self, mockcollect, shop):
                self.mockcollect, self.shop = mockcollect, shop

            def test_it(self):
                self.shop.send("purchase")
                self.mockcollect.assert_sent("purchase")
        """
    ).assert_outcomes(passed=1)


# -- settings


@pytest.mark.parametrize(
    ("made", "timeout", "most"),
    [
        ("dataclasses.replace(mockcollect_settings, timeout=7)", 7, 100_000),
        ("mockcollect.Settings(timeout=7)", 7, 10_000),
    ],
    ids=["replaced", "made anew"],
)
def test_the_settings_are_a_fixture_to_override(
    suite: Suite, made: str, timeout: float, most: int
) -> None:
    asked = "mockcollect_settings" if "replace" in made else ""
    suite.conftest(
        f"""
import dataclasses
import mockcollect

@pytest.fixture(scope="session")
def mockcollect_settings({asked}):
    return {made}
"""
    )
    suite.run(
        f"""
        def test_it(mockcollect_server):
            settings = mockcollect_server.settings
            assert (settings.timeout, settings.kept_events) == ({timeout}, {most})
        """
    ).assert_outcomes(passed=1)


def test_settings_that_are_none_are_refused(suite: Suite) -> None:
    suite.conftest(
        """
@pytest.fixture(scope="session")
def mockcollect_settings():
    return {"timeout": 7}
"""
    )
    result = suite.run(SENDS)
    result.assert_outcomes(errors=1)
    assert block(result, "ERROR at setup of test_it") == (
        "mockcollect_settings returned {'timeout': 7}, and not settings. Return "
        "mockcollect.Settings(timeout=5), or ask for the fixture of the same name and "
        "return dataclasses.replace(mockcollect_settings, timeout=5).\n"
    )


def test_a_port_in_use_is_one_sentence(suite: Suite) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        suite.conftest(
            f"""
import mockcollect

@pytest.fixture(scope="session")
def mockcollect_settings():
    return mockcollect.Settings(port={port})
"""
        )
        result = suite.run(SENDS)
    result.assert_outcomes(errors=1)
    said = block(result, "ERROR at setup of test_it")
    assert said.startswith(f"Port {port} is in use. ")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "mockcollect_timeout = soon",
            "mockcollect_timeout is a number of seconds, 0 or more; got 'soon'.",
        ),
        (
            "mockcollect_timeout = -1",
            "mockcollect_timeout is a number of seconds, 0 or more; got '-1'.",
        ),
        (
            "mockcollect_settle = inf",
            "mockcollect_settle is a number of seconds, 0 or more; got 'inf'.",
        ),
        (
            "mockcollect_settle = nan",
            "mockcollect_settle is a number of seconds, 0 or more; got 'nan'.",
        ),
        (
            "mockcollect_strict = perhaps",
            "mockcollect_strict cannot be read: invalid truth value 'perhaps'.",
        ),
        (
            "mockcollect_env = 'COLLECT_URL",
            "mockcollect_env cannot be read: No closing quotation.",
        ),
        (
            "mockcollect_env = COLLECT_URL=x",
            "mockcollect_env lists names of variables, as in COLLECT_URL; "
            "got 'COLLECT_URL=x'.",
        ),
        (
            "mockcollect_artifacts =",
            "mockcollect_artifacts is empty, and names a folder, as in .mockcollect.",
        ),
    ],
)
def test_an_ini_option_that_cannot_be_read_is_one_sentence(
    suite: Suite, line: str, said: str
) -> None:
    suite.ini(line)
    result = suite.run(SENDS)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.stderr.str().strip() == f"ERROR: {said}"


def test_ini_options_reach_the_server(suite: Suite) -> None:
    suite.ini(
        "mockcollect_env = COLLECT_URL TRACKING_URL",
        "mockcollect_timeout = 3",
        "mockcollect_settle = 0.25",
        "mockcollect_strict = false",
        "mockcollect_artifacts = build/events",
        "mockcollect_plan = plan.yml",
    )
    (suite.path / "plan.yml").write_text("events:\n  login:\n")
    suite.run(
        """
        def test_it(mockcollect_server, pytestconfig):
            one = mockcollect_server.settings
            assert one.env == ("MOCKCOLLECT_URL", "COLLECT_URL", "TRACKING_URL")
            assert (one.timeout, one.settle) == (3.0, 0.25)
            assert (one.strict, one.artifacts) == (False, "build/events")
            assert one.plan == str(pytestconfig.rootpath / "plan.yml")
            assert one.test_run is True
        """
    ).assert_outcomes(passed=1)


# -- the mark


def test_the_nearest_mark_wins_option_by_option(suite: Suite) -> None:
    result = suite.run(
        """
        import pytest

        pytestmark = pytest.mark.mockcollect(allow_refused=True, timeout=0.0)

        @pytest.mark.mockcollect(timeout=0.2, settle=0.0)
        class TestShop:
            @pytest.mark.mockcollect(timeout=0.3)
            def test_nearest(self, mockcollect, shop):
                shop.send_refused()
                with pytest.raises(AssertionError, match="in 0.3 s"):
                    mockcollect.assert_sent("purchase")

            def test_class(self, mockcollect, shop):
                with pytest.raises(AssertionError, match="in 0.2 s"):
                    mockcollect.assert_sent("purchase")
                shop.send("page_view")
                with pytest.raises(AssertionError, match="for 0.0 s"):
                    mockcollect.assert_nothing_sent()

        def test_module(mockcollect, shop):
            shop.send_refused()
            with pytest.raises(AssertionError, match="in 0.0 s"):
                mockcollect.assert_sent("purchase")

        @pytest.mark.mockcollect(allow_refused=False)
        def test_strict_again(mockcollect, shop):
            shop.send_refused()
        """
    )
    result.assert_outcomes(passed=4, errors=1)
    assert block(result, "ERROR at teardown of test_strict_again")


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        (
            "timout=5",
            "@pytest.mark.mockcollect has no option timout. Did you mean timeout?",
        ),
        (
            "colour='red'",
            "@pytest.mark.mockcollect has no option colour. "
            "There are timeout, settle, allow_refused and plan.",
        ),
        (
            "5",
            "@pytest.mark.mockcollect takes options by name only, and got 5. "
            "Write it as in @pytest.mark.mockcollect(timeout=5).",
        ),
        (
            "timeout='long'",
            "@pytest.mark.mockcollect(timeout=…) is a number of seconds, 0 or more; "
            "got 'long'.",
        ),
        (
            "settle=True",
            "@pytest.mark.mockcollect(settle=…) is a number of seconds, 0 or more; "
            "got True.",
        ),
        (
            "allow_refused='yes'",
            "@pytest.mark.mockcollect(allow_refused=…) is True or False, got 'yes'.",
        ),
        (
            "plan=None",
            "@pytest.mark.mockcollect(plan=…) is the file of a tracking plan, "
            "got None.",
        ),
    ],
)
def test_a_wrong_mark_is_one_sentence(suite: Suite, mark: str, said: str) -> None:
    result = suite.run(
        f"""
        import pytest

        @pytest.mark.mockcollect({mark})
        def test_it(mockcollect):
            pass
        """
    )
    result.assert_outcomes(errors=1)
    assert block(result, "ERROR at setup of test_it") == f"{said}\n"


def test_refused_requests_may_be_allowed_by_the_ini_file(suite: Suite) -> None:
    suite.ini("mockcollect_strict = false")
    suite.run(
        """
        import pytest

        def test_it(mockcollect, shop):
            shop.send_refused()

        @pytest.mark.mockcollect(allow_refused=False)
        def test_not_here(mockcollect, shop):
            shop.send_refused()
        """
    ).assert_outcomes(passed=2, errors=1)


# -- help


def test_help_names_each_option_with_its_default(suite: Suite) -> None:
    text = re.sub(r"\s+", " ", suite.run("", "--help").stdout.str())
    for one in INI_OPTIONS:
        assert re.search(rf"{one.name} \(\w+\):", text), one.name
        assert one.help in text
        assert one.name in {"mockcollect_env"} or "(default: " in one.help
    for flag in ("--mockcollect-keep", "--mockcollect-open"):
        assert f" {flag} " in text


def test_markers_shows_the_whole_mark(suite: Suite) -> None:
    text = re.sub(r"\s+", " ", suite.run("", "--markers").stdout.str())
    mark = text.partition("@pytest.mark.mockcollect(")[2].partition("@pytest.mark")[0]
    for name in Marked.__dataclass_fields__:
        assert f"{name}=" in mark
    assert "nearest mark wins" in mark


def test_strict_markers_know_the_mark(suite: Suite) -> None:
    suite.run(
        """
        import pytest

        @pytest.mark.mockcollect(timeout=1)
        def test_it(mockcollect):
            pass
        """,
        "--strict-markers",
        "--strict-config",
    ).assert_outcomes(passed=1)


# -- scopes and closed servers


def test_a_wider_fixture_is_told_what_to_ask_for(suite: Suite) -> None:
    result = suite.run(
        """
        import pytest

        @pytest.fixture(scope="session")
        def program(mockcollect):
            pass

        def test_it(program):
            pass
        """
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ScopeMismatch*",
            "*- mockcollect -*",
            "`mockcollect` belongs to one test, so a fixture of a wider scope cannot *",
            "There, ask for `mockcollect_server`: *",
        ]
    )


def test_other_scope_mismatches_are_left_as_they_are(suite: Suite) -> None:
    result = suite.run(
        """
        import pytest

        @pytest.fixture
        def narrow():
            pass

        @pytest.fixture(scope="session")
        def wide(narrow):
            pass

        def test_it(wide, mockcollect):
            pass
        """
    )
    result.assert_outcomes(errors=1)
    assert "- mockcollect -" not in result.stdout.str()


def test_a_server_that_a_test_has_closed_is_a_clear_error(suite: Suite) -> None:
    result = suite.run(
        """
        def test_closes(mockcollect, mockcollect_server):
            mockcollect_server.close()
            mockcollect.assert_sent("purchase")

        def test_next(mockcollect):
            pass
        """
    )
    result.assert_outcomes(failed=1, errors=1)
    assert "so nothing can arrive any more" in block(result, "test_closes")
    assert "raise ServerClosed" not in block(result, "test_closes")
    assert block(result, "ERROR at setup of test_next").startswith(
        "A test has closed `mockcollect_server`, which all tests of a run share."
    )


# -- what a failed test leaves


def test_a_failure_elsewhere_shows_what_arrived_and_where_it_is_kept(
    suite: Suite,
) -> None:
    result = suite.run(
        """
        import pytest

        @pytest.fixture
        def strict_shop(shop):
            yield shop
            raise ValueError("the shop was left open")

        def test_it(mockcollect, strict_shop):
            strict_shop.send("purchase")
            assert strict_shop is None
        """
    )
    result.assert_outcomes(failed=1, errors=1)
    text = masked(result.stdout.str())
    assert text.count(".mockcollect/test_it.jsonl") == 1
    assert text.count("#1 purchase") == 1


def test_a_failure_without_events_leaves_nothing(suite: Suite) -> None:
    result = suite.run("def test_it(mockcollect): assert mockcollect is None")
    result.assert_outcomes(failed=1)
    assert "- mockcollect -" not in result.stdout.str()
    assert not (suite.path / ".mockcollect").exists()


def test_a_failure_without_the_fixture_is_left_as_it_is(suite: Suite) -> None:
    result = suite.run(
        """
        def test_first(mockcollect, shop):
            shop.send("purchase")

        def test_second():
            assert False
        """
    )
    result.assert_outcomes(passed=1, failed=1)
    assert "mockcollect" not in block(result, "test_second")


def test_an_expected_failure_is_none(suite: Suite) -> None:
    suite.run(
        """
        import pytest

        @pytest.mark.xfail
        def test_it(mockcollect, shop):
            shop.send("purchase")
            mockcollect.assert_sent("refund")
        """
    ).assert_outcomes(xfailed=1)
    assert not (suite.path / ".mockcollect").exists()


def test_events_that_cannot_be_kept_are_said_so(suite: Suite) -> None:
    (suite.path / ".mockcollect").write_text("a file, and no folder")
    result = suite.run(
        """
        def test_it(mockcollect, shop):
            shop.send("purchase")
            mockcollect.assert_sent("refund")
        """
    )
    result.assert_outcomes(failed=1)
    assert "The events could not be kept: " in block(result, "test_it")


# -- cost


def test_a_suite_that_does_not_use_it_imports_nothing_heavy(suite: Suite) -> None:
    suite.conftest(
        """
import sys

HEAVY = {"click", "flask", "granian", "orjson", "pytest_httpserver", "tinydb",
         "werkzeug"}

def pytest_unconfigure():
    print("imported:", sorted(HEAVY & set(sys.modules)))
"""
    )
    # Those that are installed beside it import what they like; pytest-httpserver, that
    # comes with us, its own server.
    others = ("syrupy", "respx", "pytest_httpx", "pytest_httpserver")
    blocked = [text for one in others for text in ("-p", f"no:{one}")]
    code, output = suite.run_process(
        "def test_it(): pass", "--co", *blocked, installed=True
    )
    assert code == 0, output
    assert "imported: []" in output


def _connect(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), timeout=5).close()
