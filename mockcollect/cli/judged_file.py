"""The verdicts on what a file holds, as a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode

from mockcollect.asking.report import Outcome, Report, Result
from mockcollect.cli.common import count
from mockcollect.cli.findings import verdict_lines, verdict_summary
from mockcollect.cli.judged_by import PlanAndSources
from mockcollect.cli.masking import masked_excerpt
from mockcollect.cli.reading import (
    STANDARD_INPUT,
    Address,
    ReadRequest,
    arrival_of,
    read_requests,
    title_of,
)
from mockcollect.contract.event import CollectRequest, Event
from mockcollect.contract.refusal import Explanation
from mockcollect.errors import MockcollectError
from mockcollect.recording.explaining import EXPLANATIONS
from mockcollect.verdict.coverage import Coverage
from mockcollect.verdict.history import History
from mockcollect.verdict.judge import Judge, make_judge
from mockcollect.verdict.verdict import Verdict

_OUTCOMES: dict[str, Outcome] = {
    "valid": "passed",
    "invalid-accepted": "warned",
    "invalid-rejected": "failed",
}
_REFUSED = "refused"
_LONGEST_NAME = 80
_ANY_SITE, _ANY_KEY = "1", "any"
_NO_KEY = (
    "The known sources were not asked: a file names no key. "
    "Give --site and --key, or --url."
)


def judge_file(file: str, address: Address, judged_by: PlanAndSources) -> Report:
    """Return the verdicts on what is in a file. Raises MockcollectError."""
    bench = _Bench(judged_by, None if file == STANDARD_INPUT else file)
    results = [
        result
        for request in read_requests(file, address)
        for result in bench.results(request)
    ]
    if not results:
        raise MockcollectError(f"{title_of(file)} holds no event.")
    if len(results) == 1 and not bench.is_captured:
        results = [replace(results[0], title=results[0].title.removeprefix("#1 "))]
    heading = ", ".join([title_of(file), *bench.counted()])
    remarks = bench.remarks(has_many=len(results) > 1)
    data = {"file": file, "counts": dict(bench.counts)}
    return Report("mockcollect validate", heading, tuple(results), remarks, data)


class _Bench:
    """Judges the requests of one file, in their order."""

    def __init__(self, judged_by: PlanAndSources, file: str | None) -> None:
        self._judged_by = judged_by
        self._file = file
        self._history = History()
        plan, sources = judged_by
        self._judge = make_judge(plan=plan, sources=sources, history=self._history)
        self._judge_without_source = make_judge(plan=plan, history=self._history)
        self._number = 0
        self._names: list[str | None] = []
        self._is_source_judged = False
        self.is_captured = False
        self.counts: Counter[str] = Counter()

    def results(self, read: ReadRequest) -> Iterator[Result]:
        """Yield a result for each event, or one for a request without events."""
        self._is_source_judged |= read.has_source
        self.is_captured |= bool(read.numbers)
        if read.refusal is not None:
            self.counts[_REFUSED] += 1
            yield self._refused(read)
        elif read.events:
            for index, event in enumerate(read.events):
                yield self._judged(read, index, event)
        elif (verdict := self._eventless(read)) is not None:
            yield self._result(read.where, verdict, read.line)

    def counted(self) -> Iterator[str]:
        """Yield how many events there are, and how many of each verdict."""
        refused = self.counts[_REFUSED]
        if events := self.counts.total() - refused:
            yield count(events, "event")
        yield from (f"{self.counts[n]:,} {n}" for n in _OUTCOMES if self.counts[n])
        if refused:
            yield f"{count(refused, 'request')} refused with 400"

    def remarks(self, *, has_many: bool) -> tuple[str, ...]:
        """Return which planned events were there, and what could not be judged."""
        plan, sources = self._judged_by
        said: list[str] = []
        if plan is not None and has_many:
            said += Coverage.of(plan.event_names, self._names).lines()
        if sources is not None and not self._is_source_judged:
            said.append(_NO_KEY)
        return tuple(said)

    def _judged(self, read: ReadRequest, index: int, event: Event) -> Result:
        number = self._number_of(read, index)
        self._history.add(number, event)
        self._names.append(event.event_name)
        verdict = self._verdict(read, event, number)
        line = read.event_lines[index] if read.event_lines else None
        name = (event.event_name or "(no name)")[:_LONGEST_NAME]
        result = self._result(f"#{number} {name}", verdict, line)
        return replace(result, data={"event_name": event.event_name, **result.data})

    def _number_of(self, read: ReadRequest, index: int) -> int:
        given = read.numbers[index] if read.numbers else 0
        self._number = max(self._number + 1, given)
        return self._number

    def _verdict(self, read: ReadRequest, event: Event, number: int) -> Verdict:
        judge, request = self._judge_of(read)
        if not read.has_source:
            event = replace(event, site_id=_ANY_SITE, source_key=_ANY_KEY)
        return judge.judge(
            event,
            request,
            endpoint=read.endpoint,
            received_at=arrival_of(read, event),
            event_id=number,
        )

    def _judge_of(self, read: ReadRequest) -> tuple[Judge, CollectRequest]:
        """Return who judges a request, and the request, with any site and key.

        Without those the rules would say that they are missing.
        """
        if read.has_source:
            return self._judge, read.request
        query = urlencode({"tc_s": _ANY_SITE, "token": _ANY_KEY})
        return self._judge_without_source, replace(read.request, query=query)

    def _eventless(self, read: ReadRequest) -> Verdict | None:
        if read.endpoint not in ("events", "batch"):
            return None
        judge, request = self._judge_of(read)
        arrived = arrival_of(read)
        return judge.judge_request(request, endpoint=read.endpoint, received_at=arrived)

    def _result(self, title: str, verdict: Verdict, line: int | None) -> Result:
        self.counts[verdict.name] += 1
        return Result(
            title,
            _OUTCOMES[verdict.name],
            verdict_summary(verdict),
            tuple(one.with_code() for one in verdict_lines(verdict)),
            self._file,
            line,
            {"status": 200, **verdict.to_dict()},
        )

    def _refused(self, read: ReadRequest) -> Result:
        assert read.refusal is not None
        said = read.explanation or EXPLANATIONS.of(read.refusal, read.request)
        reason = read.refusal.reason.replace("json", "JSON")
        line = read.line and read.line - 1 + (said.line or 1)
        return Result(
            read.where,
            "failed",
            f"400, {reason}",
            tuple(masked_excerpt(_explained(said, read))),
            self._file,
            line,
            {"status": 400, "refusal": said.to_dict()},
        )


def _explained(said: Explanation, read: ReadRequest) -> list[str]:
    """Return why a request is refused; of one line among many, without `line 1`."""
    lines = said.lines()
    if read.where != read.request.path:
        lines[0] = lines[0].removeprefix("line 1, ")
        lines[-1] = lines[-1].replace(" line 1, column", " column")
    return lines
