from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

import mockcollect
from mockcollect.contract.event import CollectRequest, Layout
from mockcollect.contract.layouts import event_time
from mockcollect.contract.wire import receive
from mockcollect.verdict.history import History
from mockcollect.verdict.judge import REJECTING, Judge, make_judge
from mockcollect.verdict.plan import parse_plan
from mockcollect.verdict.rules import LAYOUTS
from mockcollect.verdict.subject import Subject
from mockcollect.verdict.verdict import Finding, Verdict
from tests.verdict.judging import GONE, JSON, NOW, QUERY, good, sent

FIXTURES = Path(mockcollect.__file__).parent.parent / "fixtures"
BATCH = "/events/batch"
IDENTITY = {
    "event_name.missing",
    "event_id.missing",
    "timestamp.missing",
    "consistent_anonymous_id.missing",
}


class Fixed:
    """A property check that always finds the same."""

    def __init__(self, *findings: Finding) -> None:
        self.findings = findings
        self.asked: list[Subject] = []

    def check(self, subject: Subject) -> Iterable[Finding]:
        self.asked.append(subject)
        return self.findings


def judged(
    body: Any, judge: Judge | None = None, *, index: int = 0, **options: Any
) -> Verdict:
    answer, request = sent(body, **options)
    return (judge or Judge()).judge(
        answer.events[index], request, endpoint=answer.endpoint, received_at=NOW
    )


def codes(verdict: Verdict) -> set[str]:
    return {one.code for one in verdict.findings}


def test_what_rejects_an_event_is_what_identifies_it() -> None:
    assert {
        *IDENTITY,
        "tc_s.missing",
        "tc_s.placeholder",
        "tc_s.mismatch",
        "token.missing",
        "token.placeholder",
        "token.unknown",
        "token.inactive",
        "batch.shape",
    } == REJECTING


def test_an_event_with_a_foreign_name_is_rejected_and_told_why() -> None:
    verdict = judged({"event": "purchase"})
    assert verdict.name == "invalid-rejected"
    messages = list(dict.fromkeys(one.message for one in verdict.findings))
    assert messages[:3] == [
        "event_name is missing. Did you mean to send `event` as `event_name`?",
        "user is missing",
        "context is missing",
    ]
    assert codes(verdict) >= IDENTITY


@pytest.mark.parametrize(
    ("changes", "name", "code"),
    [
        ({"event_name": ""}, "invalid-rejected", "event_name.missing"),
        ({"context.event_id": GONE}, "invalid-rejected", "event_id.missing"),
        ({"context.event_timestamp": GONE}, "invalid-rejected", "timestamp.missing"),
        ({"context.event_timestamp": 1764000000}, "invalid-accepted", "timestamp.seco"),
        ({"user.id": ""}, "invalid-accepted", "user.id.placeholder"),
        ({"user.consent_categories": GONE}, "invalid-accepted", "consent.missing"),
        ({"user.consent_categories": []}, "valid", "consent.empty"),
        ({"context.event_timestamp": str(NOW)}, "valid", "timestamp.text"),
        ({"context.event_id": "202110130000000000"}, "valid", "event_id.constant"),
        ({"context.event_timestamp": NOW - 10**10}, "valid", "timestamp.far"),
    ],
)
def test_a_finding_decides_by_its_code_and_level(
    changes: dict[str, Any], name: str, code: str
) -> None:
    verdict = judged(good("server", changes))
    assert verdict.name == name
    assert any(one.startswith(code) for one in codes(verdict))


@pytest.mark.parametrize(
    "query", ["", "tc_s=29", "token=k", "tc_s={siteId}&token=k", "tc_s=29&token=null"]
)
def test_an_event_of_no_site_or_no_source_is_rejected(query: str) -> None:
    assert judged(good("server"), query=query).name == "invalid-rejected"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ([good("server")], "/events"),
        ("text", "/events"),
        ({"batch": [good("server")]}, "/events"),
        ({"events": [good("server")]}, BATCH),
        ({"batch": [[]]}, BATCH),
    ],
)
def test_a_body_without_an_event_is_told_only_that(body: Any, path: str) -> None:
    plan = Fixed(Finding("event.unknown", "note", "", "…"))
    verdict = judged(body, Judge(standard=plan), path=path)
    assert verdict.name == "invalid-rejected"
    assert codes(verdict) == {"batch.shape"}
    assert plan.asked == []


def test_a_single_event_sent_as_a_batch_is_also_judged_as_an_event() -> None:
    verdict = judged(good("server", {"event_name": ""}), path=BATCH)
    assert codes(verdict) >= {"batch.shape", "event_name.missing"}


def test_an_empty_batch_is_a_request_with_a_note() -> None:
    answer, request = sent({"batch": []}, path=BATCH)
    assert answer.events == ()
    verdict = Judge().judge_request(request, endpoint="batch", received_at=NOW)
    assert (verdict.name, codes(verdict)) == ("valid", {"batch.empty"})


def test_an_empty_batch_of_no_source_is_rejected() -> None:
    _, request = sent({"batch": []}, path=BATCH, query="tc_s=29")
    sources = Fixed(Finding("token.unknown", "error", "", "…"))
    verdict = Judge(sources=sources).judge_request(
        request, endpoint="batch", received_at=NOW
    )
    assert verdict.name == "invalid-rejected"
    assert codes(verdict) == {"batch.empty", "token.missing", "token.unknown"}


def test_a_plan_and_sources_have_their_say() -> None:
    plan = Fixed(Finding("property.type", "warning", "value", "…"))
    sources = Fixed(Finding("token.inactive", "error", "", "…"))
    verdict = judged(good("server"), Judge(standard=plan))
    assert (verdict.name, codes(verdict)) == ("invalid-accepted", {"property.type"})
    verdict = judged(good("server"), Judge(standard=plan, sources=sources))
    assert verdict.name == "invalid-rejected"
    assert [one.layout for one in plan.asked] == ["server", "server"]


PLAN = """
actions: {missing required property: reject, unspecified event: warn}
events:
  purchase: {revenue: "number, required"}
  puchase: {revenue: number}
  page_view:
"""


@pytest.mark.parametrize(
    ("name", "verdict", "expected", "silent"),
    [
        ("purchase", "invalid-rejected", "property.required", "currency.nothing"),
        ("puchase", "invalid-accepted", None, "event_name.near_miss"),
        ("page_view", "invalid-accepted", "property.required", "event.unknown"),
        ("login", "invalid-accepted", "event.unknown", "property.required"),
    ],
)
def test_a_plan_speaks_for_its_events_and_the_standard_for_others(
    name: str, verdict: str, expected: str | None, silent: str
) -> None:
    event = good("server", {"event_name": name, "page_type": None})
    judge = make_judge(plan=parse_plan(PLAN, name="plan.yml"))
    found = judged(event, judge)
    assert found.name == verdict
    assert silent not in codes(found)
    if expected:
        (finding,) = (one for one in found.findings if one.code == expected)
        is_planned = finding.source.startswith("tracking plan")
        assert is_planned == (name != "page_view")


def test_sources_are_asked_of_bodies_without_an_event() -> None:
    sources = Fixed(Finding("token.unknown", "error", "", "…"))
    assert "token.unknown" in codes(judged([], Judge(sources=sources)))


def test_other_codes_can_reject() -> None:
    verdict = judged(good("server", {"user.id": 1}), Judge(rejects=["user.id.type"]))
    assert verdict.name == "invalid-rejected"
    verdict = judged(good("server", {"event_name": ""}), Judge(rejects=[]))
    assert verdict.name == "invalid-accepted"


def test_history_is_read_by_the_number_of_the_event() -> None:
    answer, request = sent(good("server"))
    history, (event,) = History(), answer.events
    history.add(1, event)
    history.add(2, event)
    judge = Judge(history=history)

    def found(number: int | None) -> set[str]:
        verdict = judge.judge(
            event, request, endpoint="events", received_at=NOW, event_id=number
        )
        return codes(verdict)

    assert found(None) == found(1) == found(3) == set()
    assert found(2) == {"event_id.duplicate"}


def test_each_event_of_a_batch_is_told_of_its_request() -> None:
    body = json.dumps({"batch": [good("server"), good("mobile")], "sent_at": 1})
    text = body.replace('"sent_at"', '"sent_at": 0, "sent_at"').encode()
    judge = Judge()
    for index in (0, 1):
        verdict = judged(text, judge, index=index, path=BATCH)
        assert codes(verdict) >= {"batch.context_shared", "json.duplicate_keys"}


def test_requests_are_not_confused() -> None:
    judge = Judge()
    shared = {"batch": [good("server"), good("server")]}
    assert codes(judged({**shared, "a": 1}, judge, path=BATCH)) == {
        "batch.context_shared"
    }
    assert codes(judged(shared, judge, path=BATCH)) == set()
    assert "token.missing" in codes(judged(shared, judge, path=BATCH, query="tc_s=29"))


def test_an_equal_request_read_again_is_judged_alike() -> None:
    judge, body = Judge(), {"batch": [good("server"), good("server")], "a": 1}
    first, again = (judged(body, judge, index=index, path=BATCH) for index in (0, 1))
    assert codes(first) == codes(again) == {"batch.context_shared"}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_good_event_of_each_layout_breaks_no_rule_on_identity(layout: Layout) -> None:
    if layout == "pixel":
        return
    assert not codes(judged(good(layout))) & REJECTING


def test_a_pixel_needs_neither_id_nor_time_nor_visitor() -> None:
    query = f"{QUERY}&event_name=search&search_term=a&user[consent_categories][]=1"
    answer = receive("GET", "/events", query)
    request = CollectRequest("GET", "/events", query)
    verdict = Judge().judge(
        answer.events[0], request, endpoint="pixel", received_at=NOW
    )
    assert (verdict.name, verdict.findings) == ("valid", ())


# What the vendor's own clients and pages send, and what is said of it all the same.
EXPLAINED = {
    # Its time is a text, and its id is the one that everybody copies.
    "seed/search.json": {"timestamp.text", "event_id.constant"},
    # The layout is deprecated since December 2023.
    "layouts/1.0.json": {"layout.old"},
    "layouts/browser-v1.json": {"layout.old"},
    "layouts/browser-v2.json": set(),
    # Its user is a placeholder until there is consent: a note.
    "layouts/android.json": {"consent.missing"},
    "layouts/batch.json": set(),
}


@pytest.mark.parametrize("name", EXPLAINED)
def test_what_real_clients_send_is_not_scolded(name: str) -> None:
    body = (FIXTURES / name).read_bytes()
    path = BATCH if "batch" in name else "/events"
    answer, request = sent(body, path=path, headers=JSON)
    for event in answer.events:
        moment = event_time(event.data, event.layout) or NOW
        verdict = Judge().judge(
            event, request, endpoint=answer.endpoint, received_at=moment
        )
        assert codes(verdict) == EXPLAINED[name]
