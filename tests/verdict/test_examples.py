"""Events that are known to be good or faulty, each judged alone at its own time.

`fixtures/verdicts` has good events, and faulty ones with the path of their fault.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import fixtures
from mockcollect.contract.layouts import event_time
from mockcollect.contract.wire import receive
from mockcollect.verdict.judge import make_judge
from mockcollect.verdict.standard import standard_events
from mockcollect.verdict.verdict import Verdict
from tests.verdict.judging import JSON, NOW, QUERY, sent

FOLDER = Path(fixtures.__file__).parent
VALID: list[dict[str, Any]] = json.loads((FOLDER / "verdicts/valid.json").read_text())
INVALID: list[dict[str, Any]] = json.loads(
    (FOLDER / "verdicts/invalid.json").read_text()
)

EXPLAINED = {
    # The 1.0 page: that layout ended in December 2023. The containers of March 2023
    # still send the first layout of the browser.
    "layouts/1.0.json": [("layout.old", "properties")],
    "layouts/browser-v1.json": [("layout.old", "properties")],
    # The page puts the time of its batch's events beside context, and its list of
    # fields puts it inside.
    "seed/batch.json": [("timestamp.at_root", "event_timestamp")] * 2,
}
"""The warnings that the vendor's own documents explain; all else is silent."""

SAMPLES = sorted(
    path.relative_to(FOLDER).as_posix()
    for folder in ("layouts", "seed")
    for path in (FOLDER / folder).glob("*.json")
)

JUDGE = make_judge()


def body_of(sample: str) -> bytes:
    """Return a sample; the page's batch lacks a comma, which is put in."""
    text = (FOLDER / sample).read_text()
    return text.replace('"5689865"\n', '"5689865",\n').encode()


def judged(body: Any) -> list[Verdict]:
    """Return the verdict on each event of a request that arrived when it was made."""
    exact = body if isinstance(body, bytes) else json.dumps(body).encode()
    path = "/events/batch" if b'"batch"' in exact else "/events"
    answer, request = sent(exact, path=path)
    return [
        JUDGE.judge(
            event,
            request,
            endpoint=answer.endpoint,
            received_at=event_time(event.data, event.layout) or NOW,
        )
        for event in answer.events
    ]


def complaints(verdicts: list[Verdict]) -> list[tuple[str, str]]:
    return [
        (one.code, one.path)
        for verdict in verdicts
        for one in verdict.findings
        if one.level != "note"
    ]


def named(one: dict[str, Any]) -> str:
    return str(one.get("event_name") or one["event"]["event_name"])


@pytest.mark.parametrize("event", VALID, ids=named)
def test_a_good_event_has_no_finding_at_all(event: dict[str, Any]) -> None:
    (verdict,) = judged(event)
    assert verdict.findings == ()
    assert verdict.name == "valid"


@pytest.mark.parametrize("case", INVALID, ids=named)
def test_a_faulty_event_has_one_finding_at_its_fault(case: dict[str, Any]) -> None:
    (verdict,) = judged(case["event"])
    assert [one.path for one in verdict.findings] == [case["path"]]
    assert verdict.name == "invalid-accepted"


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_real_clients_event_is_blamed_only_for_what_documents_explain(
    sample: str,
) -> None:
    assert complaints(judged(body_of(sample))) == EXPLAINED.get(sample, [])


def test_the_pages_own_event_is_valid_with_two_notes() -> None:
    (verdict,) = judged(body_of("seed/search.json"))
    assert verdict.name == "valid"
    assert [one.code for one in verdict.findings] == [
        "event_id.constant",
        "timestamp.text",
    ]


def test_the_pages_batch_as_printed_is_no_json() -> None:
    body = (FOLDER / "seed/batch.json").read_bytes()
    assert receive("POST", "/events/batch", QUERY, JSON, body).status == 400


def test_every_standard_event_is_in_a_good_event_or_has_a_sibling_in_one() -> None:
    pages = {standard_events().events[named(one)].page for one in VALID}
    assert pages == {one.page for one in standard_events().events.values()}
