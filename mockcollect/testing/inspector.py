"""The inspector: what a test asks of the events that it caused.

Each assertion that expects something waits for it, and returns as soon as it is there.
Each that expects nothing watches for a while, and says for how long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockcollect.asking import failures, verdicts
from mockcollect.asking.sequence import Progress, follow, out_of_sequence
from mockcollect.testing.arguments import (
    Step,
    is_because,
    read_bounds,
    read_expectation,
    read_steps,
    require_reason,
)
from mockcollect.testing.captured import Event, Request
from mockcollect.testing.faults import FaultVerbs
from mockcollect.testing.planning import judged_by, read_plan
from mockcollect.testing.snapshot import VOLATILE, snapshot
from mockcollect.testing.stage import Stage, fail
from mockcollect.testing.verbs import Left, verb
from mockcollect.testing.watch import Watch

if TYPE_CHECKING:
    from tinydb import TinyDB

    from mockcollect.asking.matching import Expectation
    from mockcollect.contract.event import RefusalReason
    from mockcollect.recording.records import RecordedEvent
    from mockcollect.testing.aio import AsyncInspector
    from mockcollect.testing.server import Server
    from mockcollect.testing.view import View
    from mockcollect.verdict.plan import Plan

DEFAULT_SITE_ID = "29"
DEFAULT_SOURCE_KEY = "7183b9d4-1031-11ee-be56-0242ac120002"
"""Those of the API page's examples."""

_RELAX = (
    'If it is meant: mockcollect.assert_refused(because="…"), or '
    "@pytest.mark.mockcollect(allow_refused=True).",
)
_RELAX_MARK = ("If it is meant: @pytest.mark.mockcollect(allow_refused=True).",)


class Inspector(FaultVerbs):
    """Sees what arrived since a test began, and asserts on it.

    `timeout` and `settle` are in seconds, those of the server's settings unless given.
    `artifact` is the file that failures name as holding all events.
    """

    def __init__(
        self,
        server: Server,
        view: View,
        *,
        timeout: float | None = None,
        settle: float | None = None,
        artifact: str | None = None,
    ) -> None:
        self.server = server
        self.view = view
        self.left: list[Left] = []
        self._stage = Stage(server, view, timeout, settle, artifact)
        self._accepted: set[int] = set()

    @property
    def aio(self) -> AsyncInspector:
        """The verbs that wait, to be awaited in async tests."""
        from mockcollect.testing.aio import AsyncInspector  # which is made of this

        return AsyncInspector(self)

    # -- where to send

    @property
    def url(self) -> str:
        """The server's base URL: `http://127.0.0.1:41873`."""
        return self.server.url

    def events_url(
        self, *, site_id: str = DEFAULT_SITE_ID, source_key: str = DEFAULT_SOURCE_KEY
    ) -> str:
        """Return the URL to post one event to."""
        return f"{self.url}/events?tc_s={site_id}&token={source_key}"

    def batch_url(
        self, *, site_id: str = DEFAULT_SITE_ID, source_key: str = DEFAULT_SOURCE_KEY
    ) -> str:
        """Return the URL to post a batch to."""
        return f"{self.url}/events/batch?tc_s={site_id}&token={source_key}"

    @property
    def test_code(self) -> str:
        """A code for this test alone, to send as `test_code` with its events.

        Once a test has asked for it, only events that carry it count.
        """
        return self.view.test_code

    # -- what arrived

    @property
    def events(self) -> list[Event]:
        """The events of this test so far, in the order of arrival."""
        self._stage.require_open()
        return [Event(one) for one in self.view.events()]

    @property
    def refused(self) -> list[Request]:
        """The requests of this test that were refused with 400."""
        self._stage.require_open()
        return [Request(one) for one in self._stage.refused()]

    @property
    def db(self) -> TinyDB:
        """The live TinyDB with the tables `requests` and `events` of all tests."""
        self._stage.require_open()
        return self.server.recorder.db

    @verb
    def sent(
        self,
        event_name: str,
        /,
        *,
        where: Mapping[str, Any] | None = None,
        **properties: Any,
    ) -> list[Event]:
        """Return the events of a name that are there now, matched as by assert_sent."""
        __tracebackhide__ = True
        self._stage.require_open()
        watch = Watch(self.view, read_expectation(event_name, properties, where))
        watch.look()
        return [Event(one) for one in watch.found]

    @verb
    def to_snapshot(self, *, exclude: Iterable[str] = VOLATILE) -> list[Any]:
        """Return the events as plain data, without what differs from run to run.

        A lone key is left out wherever it stands, a dotted path at its place only.
        """
        return snapshot((one.data for one in self.events), exclude=exclude)

    # -- what should have arrived

    @verb
    def assert_sent(
        self,
        event_name: str,
        /,
        *,
        count: int | None = None,
        at_least: int = 1,
        at_most: int | None = None,
        timeout: float | None = None,
        where: Mapping[str, Any] | None = None,
        **properties: Any,
    ) -> Event:
        """Wait until an event was sent, and return the first that matches.

        Dicts match partially, lists whole; a compiled regular expression searches, and
        anything else is asked with `==`. `where` names places by dotted paths. `count`
        is exact; `at_least` and `at_most` bound it. Raises AssertionError.
        """
        __tracebackhide__ = True
        least, most = read_bounds(event_name, count, at_least, at_most)
        expectation = read_expectation(event_name, properties, where)
        found = self._await(expectation, least, most, timeout)
        return Event(found[0])

    @verb
    def wait_for(
        self,
        event_name: str,
        /,
        *,
        count: int = 1,
        timeout: float | None = None,
        where: Mapping[str, Any] | None = None,
        **properties: Any,
    ) -> Event:
        """Wait until `count` events match, and return the one that completed them."""
        __tracebackhide__ = True
        least, _ = read_bounds(event_name, None, count, None)
        expectation = read_expectation(event_name, properties, where)
        found = self._await(expectation, least, None, timeout)
        return Event(found[least - 1])

    @verb
    def assert_sent_once(
        self,
        event_name: str,
        /,
        *,
        timeout: float | None = None,
        settle: float | None = None,
        where: Mapping[str, Any] | None = None,
        **properties: Any,
    ) -> Event:
        """Wait until an event was sent, and watch that it is not sent again."""
        __tracebackhide__ = True
        expectation = read_expectation(event_name, properties, where)
        self._await(expectation, 1, 1, timeout)
        self._stage.watch_quiet(settle)
        return Event(self._await(expectation, 1, 1, 0)[0])

    @verb
    def assert_sequence(
        self,
        steps: Sequence[Step],
        /,
        *,
        strict: bool = False,
        timeout: float | None = None,
        settle: float | None = None,
    ) -> list[Event]:
        """Wait until events arrived one after the other, and return them.

        A step is an event's name, or a dict with it and properties to match. Others may
        stand between them, unless `strict`: then these are all there is.
        """
        __tracebackhide__ = True
        expected = read_steps(steps)

        def look() -> Progress:
            return follow(expected, list(self.view.events()), strict=strict)

        progress, seconds = self._stage.until(
            look, lambda seen: seen.is_decided, timeout
        )
        if strict and progress.is_whole:
            seconds = self._stage.watch_quiet(settle)
            progress = look()
        if not progress.is_whole:
            fail(out_of_sequence(progress, self._stage.scene(seconds)))
        return [Event(one) for one in progress.found]

    @verb
    def assert_refused(
        self,
        *,
        because: RefusalReason | None = None,
        timeout: float | None = None,
    ) -> Request:
        """Wait until a request was refused with 400, and return it.

        Those that match are expected from then on, and do not fail the test at its end.
        """
        __tracebackhide__ = True
        self._stage.require_open()
        require_reason(because)
        found, seconds = self._stage.until(
            lambda: [one for one in self._stage.refused() if is_because(one, because)],
            bool,
            timeout,
        )
        if not found:
            fail(failures.not_refused(because, self._stage.scene(seconds)))
        self._accepted.update(one.id for one in found)
        return Request(found[0])

    # -- what should not have

    @verb
    def assert_not_sent(
        self,
        event_name: str,
        /,
        *,
        settle: float | None = None,
        where: Mapping[str, Any] | None = None,
        **properties: Any,
    ) -> None:
        """Watch that no event matches until `settle` seconds after the last request."""
        __tracebackhide__ = True
        self._stage.require_open()
        seconds = self._stage.watch_quiet(settle)
        watch = Watch(self.view, read_expectation(event_name, properties, where))
        watch.look()
        if watch.found:
            scene = self._stage.scene(seconds)
            fail(failures.unexpected(watch.expectation, watch.found, scene))

    @verb
    def assert_nothing_sent(self, *, settle: float | None = None) -> None:
        """Watch that no event and no refused request arrives.

        Until `settle` seconds after the last request.
        """
        __tracebackhide__ = True
        self._stage.require_open()
        scene = self._stage.scene(self._stage.watch_quiet(settle))
        if scene.events or self._stage.refused():
            fail(failures.not_nothing(scene))

    @verb
    def assert_all_valid(self, *, plan: str | Path | Plan | None = None) -> None:
        """Assert that production would take all that arrived, as it is.

        Nothing was refused, and each event's verdict is valid, by the `plan` if one is
        given: a plan, or its file. Notes are no fault. Raises InvalidPlan.
        """
        __tracebackhide__ = True
        self._stage.require_open()
        read = read_plan(plan)
        if unseen := self._stage.refused():
            fail(failures.refused_unseen(unseen, self._stage.scene(0.0)))
        with judged_by(self.server.recorder, read):
            if wrong := self._stage.invalid():
                fail(verdicts.not_valid(wrong, self._stage.scene(0.0)))

    def seen(self) -> str:
        """Return all that arrived in this test, as the report of a failed one says."""
        return failures.seen(self._stage.scene(0.0))

    def problems(self, *, allow_refused: bool = False, file: str = "") -> list[str]:
        """Return what makes a test fail at its end, end its view and undo its faults.

        Refused requests that nothing asserted; with a plan, events that production
        would reject; and assertions in `file` that were named and not made. What
        arrives from now on is late.
        """
        self.undo_faults()
        told = [] if allow_refused else list(self._refusals())
        self.view.end()
        left = (one for one in self.left if one.file == file)
        return [*told, *(f"line {one.line}: {one.advice}" for one in left)]

    if not TYPE_CHECKING:  # it would hide a mistyped name from the type checker

        def __getattr__(self, name: str) -> Any:
            """Help who has mistyped a verb."""
            from difflib import get_close_matches

            verbs = [one for one in dir(self) if not one.startswith("_")]
            near = get_close_matches(name, verbs, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise AttributeError(f"mockcollect has no {name}.{hint}")

    def __repr__(self) -> str:
        return f"<mockcollect.Inspector of {self.view.name}>"

    # -- inner workings

    def _refusals(self) -> Iterator[str]:
        """Yield what is said of requests and events that production would not take."""
        stage = self._stage
        if unseen := stage.unseen(self._accepted):
            yield failures.refused_unseen(unseen, stage.scene(0.0), _RELAX)
        # Without a plan nobody has said that events should be more than answered.
        planned = self.server.recorder.plan is not None
        if planned and (rejected := stage.invalid("invalid-rejected")):
            yield verdicts.rejected_unseen(rejected, stage.scene(0.0), _RELAX_MARK)

    def _await(
        self,
        expectation: Expectation,
        least: int,
        most: int | None,
        timeout: float | None,
    ) -> Sequence[RecordedEvent]:
        __tracebackhide__ = True
        watch = Watch(self.view, expectation, least if most is None else None)
        found, seconds = self._stage.until(
            watch.look, lambda found: len(found) >= least, timeout
        )
        if len(found) < least:
            scene = self._stage.scene(seconds)
            if found:
                exactly = least == most
                fail(
                    failures.too_few(expectation, least, found, scene, exactly=exactly)
                )
            fail(failures.not_sent(expectation, scene))
        if most is not None and len(found) > most:
            scene = self._stage.scene(seconds)
            exactly = least == most
            fail(failures.too_many(expectation, most, found, scene, exactly=exactly))
        return found
