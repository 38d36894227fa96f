"""Verdicts on what is in a file, as a pipeline asks for them."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockcollect.asking.report import WRITERS, Report
from mockcollect.cli.judged_by import PlanAndSources, read_plan_and_sources
from mockcollect.cli.judged_file import judge_file
from mockcollect.cli.reading import Address
from mockcollect.cli.style import Style
from mockcollect.errors import MockcollectError
from tests.cli.helpers import (
    BATCH,
    BROKEN_BATCH,
    KEY,
    PLAN,
    REJECTED,
    SEARCH,
    event,
    run,
)
from tests.processes import mockcollect

NOTHING = PlanAndSources()


def judged(
    folder: Path,
    content: bytes,
    *,
    name: str = "events.json",
    address: Address | None = None,
    by: PlanAndSources = NOTHING,
) -> Report:
    path = folder / name
    path.write_bytes(content)
    return judge_file(str(path), address or Address(), by)


def outcomes(report: Report) -> list[tuple[str, str]]:
    return [(one.title, one.summary) for one in report.results]


def codes(report: Report, index: int = 0) -> set[str]:
    return {one["code"] for one in report.results[index].data["findings"]}


# -- what a file may hold


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(SEARCH, [("search", "valid, 2 notes")], id="an event"),
        pytest.param(
            BATCH,
            [
                ("#1 add_payment_info", "invalid-accepted"),
                ("#2 generate_lead", "invalid-accepted"),
            ],
            id="a batch",
        ),
        pytest.param(BROKEN_BATCH, [("/events", "400, invalid JSON")], id="broken"),
        pytest.param(b"", [("/events", "400, invalid JSON")], id="nothing"),
        pytest.param(
            event() + b"\n\n" + REJECTED + b'\r\n{"event_name":\n',
            [
                ("#1 my_event", "valid"),
                ("#2 (no name)", "invalid-rejected"),
                ("line 4", "400, invalid JSON"),
            ],
            id="an event a line",
        ),
        pytest.param(
            b'{"batch":[' + event() + b"]}\n" + event(event_name="other"),
            [("#1 my_event", "valid"), ("#2 other", "invalid-accepted")],
            id="a batch and an event, a line each",
        ),
        pytest.param(b"[]", [("(no name)", "invalid-rejected")], id="no object"),
        pytest.param(
            b'{"batch":[]}', [("/events/batch", "valid, 1 note")], id="an empty batch"
        ),
        pytest.param(
            event(note="x" * 33_000), [("/events", "400, too large")], id="too large"
        ),
        pytest.param(b"\xff\xfe{}", [("/events", "400, invalid JSON")], id="UTF-16"),
    ],
)
def test_each_event_of_a_file_has_a_verdict(
    content: bytes, expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    assert outcomes(judged(tmp_path, content)) == expected


def test_a_file_by_the_name_of_lines_has_one_document_a_line(tmp_path: Path) -> None:
    report = judged(tmp_path, b"{\n" + event(), name="events.jsonl")
    assert [one.line for one in report.results] == [1, 2]
    assert report.results[0].title == "line 1"


def test_a_file_of_lines_without_one_holds_no_event(tmp_path: Path) -> None:
    with pytest.raises(MockcollectError, match=r"events\.jsonl holds no event\.$"):
        judged(tmp_path, b"\n", name="events.jsonl")


def test_the_events_of_a_batch_know_the_lines_they_begin_in(tmp_path: Path) -> None:
    lines = [one.line for one in judged(tmp_path, BATCH).results]
    numbered = BATCH.decode().splitlines()
    assert [numbered[line - 1].strip() for line in lines if line] == ["{", "{"]
    assert lines[0] != lines[1]


def test_a_refusal_knows_the_line_it_stands_in(tmp_path: Path) -> None:
    assert judged(tmp_path, BROKEN_BATCH).results[0].line == 26


def test_events_that_repeat_each_other_are_found(tmp_path: Path) -> None:
    other = event(event_name="another_event")
    report = judged(tmp_path, event() + b"\n" + other)
    assert codes(report, 1) == {"event_id.duplicate"}
    assert "that of #1" in report.results[1].lines[0]


# -- what was captured


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """Return a recording, copied while its server runs, and the same exported."""
    path = tmp_path_factory.mktemp("captured") / "recording"
    with mockcollect("--quiet", "--db", str(path)) as server:
        assert server.post(SEARCH) == 200
        assert server.request("POST", "/events", event())[0] == 200
        assert server.post(b"{") == 400
        query = "tc_s=29&token=k&event_name=my_event&user%5Bid%5D=5&price=1"
        assert server.request("GET", f"/events?{query}")[0] == 200
        _, exported = server.request("GET", "/_inspect/export?format=jsonl")
        locked = run("validate", str(path))
        assert locked.returncode == 1
        assert "400, invalid JSON" in locked.stdout
    return path, exported


def test_a_recording_is_judged_as_it_was_sent(captured: tuple[Path, bytes]) -> None:
    report = judge_file(str(captured[0]), Address(), NOTHING)
    assert [one.title for one in report.results] == [
        "#1 search",
        "#2 my_event",
        "request 3, /events",
        "#3 my_event",
    ]
    assert {"tc_s.missing", "token.missing"} <= codes(report, 1)


def test_an_export_is_judged_as_its_recording(
    captured: tuple[Path, bytes], tmp_path: Path
) -> None:
    recorded = judge_file(str(captured[0]), Address(), NOTHING)
    exported = judged(tmp_path, captured[1])
    verdicts = [
        one.data["verdict"] for one in recorded.results if one.data["status"] == 200
    ]
    assert [one.data["verdict"] for one in exported.results] == verdicts
    assert "content_type" not in codes(exported, 0)


def test_a_damaged_recording_is_named_by_its_own_name(tmp_path: Path) -> None:
    content = b'{"mockcollect":"recording","format":1}\nnothing\n{}\n'
    with pytest.raises(MockcollectError, match=r"events\.json is damaged at line 2"):
        judged(tmp_path, content)
    assert (tmp_path / "events.json").read_bytes() == content


def test_a_recording_of_another_format_is_not_judged(tmp_path: Path) -> None:
    with pytest.raises(MockcollectError, match=r"events\.json"):
        judged(tmp_path, b'{"mockcollect":"recording","format":99}\n{}\n')


# -- whatever it holds

BITS = [
    b"{",
    b"}",
    b'"',
    b"event",
    b":",
    b"[",
    b"]",
    b",",
    b"\n",
    b"\xff",
    b"1",
    b"batch",
]


@given(st.lists(st.sampled_from([*BITS, event(), REJECTED, BATCH])).map(b"".join))
def test_no_content_raises_anything_else(content: bytes) -> None:
    with TemporaryDirectory() as folder, suppress(MockcollectError):
        report = judged(Path(folder), content)
        for write in WRITERS.values():
            write(report, Style())


@pytest.mark.parametrize("levels", [300, 950, 1_100])
def test_deep_events_are_judged_or_refused(levels: int, tmp_path: Path) -> None:
    deep = b'{"event_name":"my_event","deep":' + b"[" * levels + b"]" * levels + b"}"
    exported = (
        b'{"event":%b,"request":{},"received_at":"","status":200,"layout":"server"}'
    )
    report = judged(tmp_path, deep + b"\n" + exported % deep, name="e.jsonl")
    assert len(report.results) == 2
    assert {one.outcome for one in report.results} == {"failed"}


# -- the URL


@pytest.mark.parametrize(
    ("address", "found"),
    [
        (Address(), set()),
        (Address(query=f"tc_s=29&token={KEY}"), set()),
        (Address(query="tc_s=29"), {"token.missing"}),
        (Address(query="tc_s={siteId}&token=x"), {"tc_s.placeholder"}),
        (Address(path="/events/batch"), {"batch.shape"}),
    ],
)
def test_a_url_is_judged_only_where_one_is_given(
    address: Address, found: set[str], tmp_path: Path
) -> None:
    assert codes(judged(tmp_path, event(), address=address)) == found


def test_sources_are_asked_only_where_a_key_is_given(tmp_path: Path) -> None:
    by = read_plan_and_sources(None, ["29:another-key"])
    unasked = judged(tmp_path, event(), by=by)
    assert codes(unasked) == set()
    assert "a file names no key" in unasked.remarks[0]
    asked = judged(tmp_path, event(), by=by, address=Address(query="tc_s=29&token=k"))
    assert codes(asked) == {"token.unknown"}
    assert asked.remarks == ()


def test_the_time_of_an_event_in_a_file_is_when_it_arrives(tmp_path: Path) -> None:
    context = json.loads(event())["context"] | {"event_timestamp": 946_684_800_000}
    assert codes(judged(tmp_path, event(context=context))) == set()


# -- a plan


def test_a_plan_is_judged_by_and_covered(tmp_path: Path) -> None:
    (tmp_path / "plan.yml").write_text(PLAN)
    by = read_plan_and_sources(str(tmp_path / "plan.yml"), [])
    report = judged(tmp_path, event(event_name="search") + b"\n" + event(), by=by)
    assert "property.required" in codes(report, 0)
    assert "event.unknown" in codes(report, 1)
    assert report.remarks[0].startswith("Tracking plan: 1 of 3 events seen")


# -- the command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.json").write_bytes(event())
    (tmp_path / "rejected.json").write_bytes(REJECTED)
    (tmp_path / "broken.json").write_bytes(BROKEN_BATCH)
    (tmp_path / "plan.yml").write_text(PLAN)
    (tmp_path / "strict.yml").write_text(
        "actions: {missing required property: reject}\n"
        "events: {my_event: {price: 'number, required'}}\n"
    )
    (tmp_path / "broken.yml").write_text("events: [a\n")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["good.json"], 0),
        (["good.json", "--plan", "plan.yml"], 0),
        (["good.json", "--plan", "strict.yml"], 1),
        (
            ["good.json", "--url", f"http://127.0.0.1:8787/events?tc_s=29&token={KEY}"],
            0,
        ),
        (["good.json", "--url", "/cdp/events?tc_s=29"], 1),
        (["good.json", "--site", "29"], 1),
        (["good.json", "--site", "29", "--key", KEY], 0),
        (["good.json", "--site", "29", "--key", KEY, "--source", "29:other"], 1),
        (["good.json", "--batch"], 1),
        (["rejected.json"], 1),
        (["broken.json"], 1),
        *((["rejected.json", "--format", form], 1) for form in ("github", "junit")),
        (["good.json", "--format", "json"], 0),
    ],
)
def test_the_exit_code_is_1_if_production_would_refuse_any(
    arguments: list[str], code: int, folder: Path
) -> None:
    result = run("validate", *placed(arguments, folder))
    assert (result.returncode, result.stderr) == (code, "")
    assert result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument 'FILE'"),
        (["nowhere.json"], "nowhere.json cannot be read: No such file"),
        (["."], "cannot be read: "),
        (["good.json", "--plan", "broken.yml"], "broken.yml, line 2, column 1: "),
        (["good.json", "--plan", "nowhere.yml"], "nowhere.yml: no such file"),
        (["good.json", "--source", "29"], "`29` has no key"),
        (["good.json", "--url", "/event"], "production has no /event to send"),
        (["good.json", "--url", "http://[::1"], "--url"),
        (["good.json", "--url", "/events", "--batch"], "leave --site, --key and"),
        (["good.json", "--format", "xml"], "--format"),
    ],
)
def test_what_cannot_be_told_is_said_in_one_line_with_exit_code_2(
    arguments: list[str], said: str, folder: Path
) -> None:
    result = run("validate", *placed(arguments, folder))
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr
    assert result.stderr.startswith("mockcollect: ")
    assert result.stderr.count("\n") == 1


def placed(arguments: list[str], folder: Path) -> list[str]:
    """Return arguments with the files' names as paths."""
    named = (".json", ".yml")
    return [
        str(folder / one) if one.endswith(named) or one == "." else one
        for one in arguments
    ]


def test_standard_input_is_a_file_too() -> None:
    result = run("validate", "-", stdin=REJECTED)
    assert result.returncode == 1
    assert result.stdout.startswith("mockcollect: standard input, 1 event, 1 invalid-")


def test_json_is_the_verdict_as_the_inspection_api_has_it() -> None:
    result = run("validate", "-", "--format", "json", stdin=REJECTED)
    report: dict[str, Any] = json.loads(result.stdout)
    assert report["holds"] is False
    [one] = report["results"]
    assert one["verdict"] == "invalid-rejected"
    assert one["findings"][0]["code"] == "event_name.missing"
