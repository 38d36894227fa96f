"""What a file holds as it was captured, whatever is in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockcollect.asking.answer import answer_of, report_of
from mockcollect.asking.checking import check_all
from mockcollect.asking.expectations import parse_expectation
from mockcollect.asking.report import WRITERS
from mockcollect.asking.style import Paint
from mockcollect.cli.captured import captured
from mockcollect.cli.judged_by import PlanAndSources, read_plan_and_sources
from mockcollect.cli.rows import event_table, tail_line
from mockcollect.cli.style import Style
from mockcollect.errors import MockcollectError
from mockcollect.recording.records import (
    event_json,
    event_to_dict,
    request_json,
)
from tests.asking.events import Arrivals, json_values
from tests.cli.helpers import event

NOBODY = PlanAndSources()
SENT = (
    Arrivals()
    .send(event_name="purchase", revenue="16,00")
    .batch({"event_name": "a"}, {"event_name": "b", "context": {"event_id": "1"}})
    .post(b"{oops")
    .post(b'{"batch": []}', "/events/batch")
    .post(b"", "/events")
)
LINES = [*map(event_json, SENT.events), *map(request_json, SENT.requests)]


def _written(folder: Path, lines: list[bytes]) -> str:
    file = folder / "events.jsonl"
    file.write_bytes(b"\n".join(lines) + b"\n")
    return str(file)


def test_what_was_exported_is_read_as_it_was(tmp_path: Path) -> None:
    with captured(_written(tmp_path, LINES), NOBODY) as arrived:
        assert list(map(event_json, arrived.events)) == LINES[:3]
        before = [json.loads(request_json(one)) for one in SENT.requests]
        after = [json.loads(request_json(one)) for one in arrived.requests]
        assert after == before


def test_verdicts_are_those_of_the_capture_unless_a_plan_is_given(
    tmp_path: Path,
) -> None:
    line = json.loads(LINES[0]) | {"verdict": "valid", "findings": []}
    file = _written(tmp_path, [json.dumps(line).encode()])
    plan = tmp_path / "plan.yml"
    plan.write_text("events: {purchase: {revenue: number}}\n")
    with captured(file, NOBODY) as arrived:
        assert arrived.events[0].verdict.name == "valid"
    with captured(file, read_plan_and_sources(str(plan), ())) as arrived:
        assert arrived.events[0].verdict.name != "valid"
        assert arrived.planned == ("purchase",)


def test_events_that_were_never_sent_are_judged_as_if_in_time(tmp_path: Path) -> None:
    with captured(_written(tmp_path, [event()]), NOBODY) as arrived:
        codes = {one.code for one in arrived.events[0].verdict.findings}
    assert not any(code.startswith("timestamp") for code in codes)


def test_numbers_that_are_given_twice_are_given_anew(tmp_path: Path) -> None:
    with captured(_written(tmp_path, [*LINES[:2], *LINES[:2]]), NOBODY) as arrived:
        assert [one.id for one in arrived.events] == [1, 2, 3, 4]


KEYS = sorted({key for line in LINES for key in json.loads(line)})


@given(
    line=st.sampled_from([json.loads(line) for line in LINES]),
    changes=st.dictionaries(st.sampled_from(KEYS), json_values, max_size=4),
)
@settings(max_examples=150)
def test_no_line_however_odd_makes_it_fail(
    tmp_path_factory: pytest.TempPathFactory,
    line: dict[str, Any],
    changes: dict[str, Any],
) -> None:
    folder = tmp_path_factory.mktemp("odd")
    content = json.dumps({**line, **changes}).encode(errors="surrogatepass")
    checks = [parse_expectation("event:a status:200 site:1"), parse_expectation("x")]
    with captured(_written(folder, [content]), NOBODY) as arrived:
        answered = answer_of(check_all(checks, arrived), arrived)
        for write in WRITERS.values():
            write(report_of(answered, name="mockcollect check"), Paint())
        shown = list(map(event_to_dict, arrived.events))
        list(event_table(shown, Style()))
        for one in shown:
            tail_line(one, Style())
        list(map(request_json, arrived.requests))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    missing = str(tmp_path / "none")
    no_such = pytest.raises(MockcollectError, match="cannot be read: No such file")
    with no_such, captured(missing, NOBODY):
        pass
