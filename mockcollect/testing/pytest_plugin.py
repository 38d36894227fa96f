"""The pytest plugin: fixtures, mark, options, and what it says of failed tests.

It is loaded by every test run where mockcollect is installed, so all that costs time is
imported by the fixtures, and the hooks for tests are registered by the first of them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockcollect.errors import MockcollectError
from mockcollect.testing.options import (
    INI_OPTIONS,
    MARK,
    read_marks,
    read_settings,
    require_settings,
)

if TYPE_CHECKING:
    from mockcollect.settings import Settings
    from mockcollect.testing.artifacts import Artifacts
    from mockcollect.testing.inspector import Inspector
    from mockcollect.testing.options import Marked
    from mockcollect.testing.server import Server
    from mockcollect.verdict.plan import Plan

_PLUGIN_OF_A_RUN = "mockcollect-run"
_LATE = pytest.StashKey[list[str]]()
_TALLIES = pytest.StashKey[list[dict[str, Any]]]()
_INSPECTOR = pytest.StashKey["Inspector"]()
_FAILED = pytest.StashKey[bool]()
_PLAN: pytest.StashKey[Plan | None] = pytest.StashKey()

_SCOPE_HELP = """\
`mockcollect` belongs to one test, so a fixture of a wider scope cannot ask for it.
There, ask for `mockcollect_server`: its `url` and `env` lead a program to it, and each
test's own `mockcollect` sees what arrives while it runs."""

_CLOSED = """\
A test has closed `mockcollect_server`, which all tests of a run share. Leave close()
out, or make a server to close: with mockcollect.Server() as server."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini options and the flags."""
    for one in INI_OPTIONS:
        parser.addini(one.name, one.help, type=one.kind, default=one.default)
    group = parser.getgroup("mockcollect", "mockcollect, events that tests cause")
    group.addoption(
        "--mockcollect-keep",
        action="store_true",
        help="leave the server running after the tests, until Ctrl-C",
    )
    group.addoption(
        "--mockcollect-open",
        action="store_true",
        help="open the events in a browser at the first failure, and keep the server",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark, and refuse what cannot be read, or cannot go together."""
    config.addinivalue_line("markers", MARK)
    config.stash[_LATE] = []
    config.stash[_TALLIES] = []
    try:
        read_settings(partial(_ini, config))
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    for flag in ("--mockcollect-keep", "--mockcollect-open"):
        if config.getoption(flag) and config.getoption("numprocesses", None):
            raise pytest.UsageError(
                f"{flag} keeps one server, and -n starts one a worker: leave one out."
            )


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker of pytest-xdist has to say."""
    output: Mapping[str, Any] = getattr(node, "workeroutput", None) or {}
    node.config.stash[_LATE] += output.get("mockcollect_late", [])
    node.config.stash[_TALLIES] += output.get("mockcollect_tallies", [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what of the plan was seen, and which events arrived after their test."""
    lines = config.stash[_LATE]
    if tallies := config.stash[_TALLIES]:
        from mockcollect.testing.tally import Tally

        lines = [*Tally.merged(tallies).lines(), *lines]
    if lines:
        terminalreporter.write_sep("-", "mockcollect")
        for line in lines:
            terminalreporter.write_line(line)


def pytest_exception_interact(
    call: pytest.CallInfo[Any], report: pytest.TestReport | pytest.CollectReport
) -> None:
    """Help who asks for the fixture in a fixture of a wider scope."""
    text = str(call.excinfo.value) if call.excinfo else ""
    if text.startswith("ScopeMismatch") and "fixture mockcollect with" in text:
        report.sections.append(("mockcollect", _SCOPE_HELP))


@pytest.fixture(scope="session")
def mockcollect_settings(pytestconfig: pytest.Config) -> Settings:
    """The settings of the server and its assertions: override it to change them.

    The port is any free one unless it is given.
    """
    settings = read_settings(partial(_ini, pytestconfig))
    if settings.plan is None:
        return settings
    return replace(settings, plan=str(pytestconfig.rootpath / settings.plan))


@pytest.fixture(scope="session")
def mockcollect_server(
    mockcollect_settings: Settings, request: pytest.FixtureRequest
) -> Server:
    """The server of this test run, one for each worker of pytest-xdist."""
    from mockcollect.testing.server import Server

    with _in_a_sentence():
        server = Server(require_settings(mockcollect_settings)).start()
    # Which closes it: here it would be too early, as the report on the last test is
    # made once all fixtures are gone.
    run = _Run(request.session, server)
    request.config.pluginmanager.register(run, _PLUGIN_OF_A_RUN)
    return server


@pytest.fixture
def mockcollect(
    mockcollect_server: Server, request: pytest.FixtureRequest
) -> Iterator[Inspector]:
    """The inspector of this test: it sees what arrives from now on."""
    item: pytest.Item = request.node
    marked = _marked(item)
    if mockcollect_server.is_closed:
        pytest.fail(_CLOSED, pytrace=False)
    run = request.config.pluginmanager.get_plugin(_PLUGIN_OF_A_RUN)
    assert isinstance(run, _Run)
    inspector = run.begin(item, marked)
    with run.judged(item, marked.plan):
        with _environment(mockcollect_server.env):
            yield inspector
        problems = run.problems(item, inspector, marked)
    if problems:
        pytest.fail("\n\n".join(problems), pytrace=False)


class _Run:
    """What goes on from test to test, once one has used the server."""

    def __init__(self, session: pytest.Session, server: Server) -> None:
        from mockcollect.testing.artifacts import Artifacts

        self._config = session.config
        self._server = server
        self._opened = False
        names = ((one.name, one.nodeid) for one in session.items)
        folder = self._config.rootpath / server.settings.artifacts
        self._artifacts: Artifacts = Artifacts(folder, names)

    def begin(self, item: pytest.Item, marked: Marked) -> Inspector:
        """Return the inspector of a test that begins."""
        path = self._artifacts.path(item.name, item.nodeid)
        self._artifacts.forget(path)
        inspector = self._server.inspector(
            item.nodeid,
            timeout=marked.timeout,
            settle=marked.settle,
            artifact=self._shown(path),
        )
        item.stash[_INSPECTOR] = inspector
        return inspector

    @contextmanager
    def judged(self, item: pytest.Item, plan: str | None) -> Iterator[None]:
        """Have a test's events judged by a plan of its own, if it has one."""
        from mockcollect.testing.planning import judged_by, read_plan

        path = None if plan is None else self._config.rootpath / plan
        with _in_a_sentence():
            read = item.stash[_PLAN] = read_plan(path)
        with judged_by(self._server.recorder, read):
            yield

    def problems(
        self, item: pytest.Item, inspector: Inspector, marked: Marked
    ) -> list[str]:
        """Return what fails a test at its end."""
        allowed = marked.allow_refused
        if allowed is None:
            allowed = not self._server.settings.strict
        # Of a test that has failed already, its section shows what was refused.
        allowed = allowed or item.stash.get(_FAILED, False)
        return inspector.problems(allow_refused=allowed, file=str(item.path))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Keep the events of a test that failed, and say where."""
        report = yield
        inspector = item.stash.get(_INSPECTOR, None)
        if inspector is not None and report.failed and not self._server.is_closed:
            from mockcollect.testing.planning import judged_by

            # Of a test that fails at its end, its plan is put back already.
            with judged_by(self._server.recorder, item.stash.get(_PLAN, None)):
                self._keep(item, inspector, report)
            self._open()
            item.stash[_FAILED] = True
        return report

    @pytest.hookimpl(trylast=True)  # a fixture that is undone may still send
    def pytest_sessionfinish(self) -> None:
        """Say which events came late, and close the server, unless it is kept.

        A worker of pytest-xdist hands on what it has to say.
        """
        tests = self._server.tests
        tests.sweep()
        late = list(tests.report())
        tallies = [tests.tally.to_dict()] if tests.tally.tests else []
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput["mockcollect_late"] = late
            self._config.workeroutput["mockcollect_tallies"] = tallies
        else:
            self._config.stash[_LATE] += late
            self._config.stash[_TALLIES] += tallies
        if not self._is_kept:
            self._server.close()

    def pytest_unconfigure(self) -> None:
        """Close a server that was kept, once nobody looks any more."""
        if self._server.is_closed:
            return
        if not self._is_kept:  # another plugin broke the end of the session off
            self._server.close()
            return
        writer = self._config.get_terminal_writer()
        told = f"mockcollect: {self._server.url}/ is still there. Ctrl-C ends it."
        try:
            writer.line(told)
            writer.flush()
            threading.Event().wait()
        except KeyboardInterrupt:
            writer.line()
        self._server.close()

    @property
    def _is_kept(self) -> bool:
        return self._opened or bool(self._config.getoption("mockcollect_keep"))

    def _keep(
        self, item: pytest.Item, inspector: Inspector, report: pytest.TestReport
    ) -> None:
        seen = inspector.seen()
        if not seen:
            return
        path = self._artifacts.path(item.name, item.nodeid)
        # Said once, of a test that fails in its end as well.
        said = item.stash.get(_FAILED, False)
        if not said and self._shown(path) not in report.longreprtext:
            report.sections.append(("mockcollect", seen))
        try:
            self._artifacts.write(path, inspector.view)
        except OSError as error:
            wrong = f"The events could not be kept: {error}."
            report.sections.append(("mockcollect", wrong))

    def _open(self) -> None:
        if self._opened or not self._config.getoption("mockcollect_open"):
            return
        import webbrowser

        self._opened = True
        webbrowser.open(f"{self._server.url}/")

    def _shown(self, path: Path) -> str:
        root = self._config.rootpath
        return str(path.relative_to(root) if path.is_relative_to(root) else path)


def _ini(config: pytest.Config, name: str) -> Any:
    try:
        return config.getini(name)
    except (ValueError, pytest.UsageError) as error:  # which do not say of what
        raise ValueError(f"{name} cannot be read: {error}.") from None


def _marked(item: pytest.Item) -> Marked:
    marks = item.iter_markers("mockcollect")
    try:
        return read_marks((one.args, one.kwargs) for one in marks)
    except ValueError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


@contextmanager
def _in_a_sentence() -> Iterator[None]:
    """Let an error that is for users fail a test with its text alone."""
    try:
        yield
    except MockcollectError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables, and put back what they were."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
