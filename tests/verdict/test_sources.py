from __future__ import annotations

from typing import Any

import pytest

from mockcollect.errors import InvalidSource
from mockcollect.verdict.rules import all_rules
from mockcollect.verdict.sources import KnownSource, Sources, parse_source
from tests.verdict.planning import plan, purchase, subject

SHOP = KnownSource("29", "k-production", "web shop", "production")
STAGING = KnownSource("29", "k-staging", "", "staging")
OLD = KnownSource("29", "k-old", "old app", None, active=False)
OTHER = KnownSource("30", "k-other")
KNOWN = (SHOP, STAGING, OLD, OTHER)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("30:k-other", OTHER),
        ("29:k-production:web shop:production", SHOP),
        ("29:k-production:web shop:Production:active", SHOP),
        (" 29 : k-production : web shop : prod ", SHOP),
        ("29:k-staging::staging", STAGING),
        ("29:k-old:old app::inactive", OLD),
        ("30:k-other:::", OTHER),
    ],
)
def test_a_source_is_read_as_the_command_line_takes_it(
    text: str, source: KnownSource
) -> None:
    assert parse_source(text) == source


FORM = (
    "Write SITE:KEY[:LABEL[:ENVIRONMENT[:inactive]]], as in "
    "29:7183b9d4-1031-11ee-be56-0242ac120002:web shop:production"
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("29", f"`29` has no key. {FORM}"),
        ("", f"`` has no key. {FORM}"),
        ("29:", f"a source has no `key`. {FORM}"),
        (":k", f"a source has no `site`. {FORM}"),
        ("a:k", "the site id should be digits, as in 29, not `a`"),
        ("٢٩:k", "the site id should be digits, as in 29, not `٢٩`"),
        (
            "1:2:3:staging:active:6",
            f"`1:2:3:staging:active:6` has too many parts. {FORM}",
        ),
        (
            "29:k:shop:stagging",
            "unknown environment `stagging`. Did you mean `staging`?",
        ),
        (
            "29:k:shop:beta",
            "unknown environment `beta`. There are production, staging, development.",
        ),
        (
            "29:k:shop:staging:off",
            "the last part of `29:k:shop:staging:off` should be `inactive`, or left "
            f"out. {FORM}",
        ),
    ],
)
def test_a_text_that_names_no_source_is_refused_with_the_form(
    text: str, reason: str
) -> None:
    with pytest.raises(InvalidSource) as caught:
        parse_source(text)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tc_s=29&token=k-production", []),
        ("tc_s=29&token=k-staging", []),
        ("tc_s=30&token=k-other", []),
        ("tc_s=29", []),
        ("token=k-production", []),
        (
            "tc_s=29&token=k-stagign",
            [
                (
                    "token.unknown",
                    "error",
                    "token",
                    "the key k-stagign is of none of the 4 known sources. "
                    "Did you mean `k-staging`?",
                )
            ],
        ),
        (
            "tc_s=29&token=9",
            [
                (
                    "token.unknown",
                    "error",
                    "token",
                    "the key 9 is of none of the 4 known sources",
                )
            ],
        ),
        (
            "tc_s=29&token=k-old",
            [
                (
                    "token.inactive",
                    "error",
                    "token",
                    'the key is of the source "old app", which is inactive',
                )
            ],
        ),
        (
            "tc_s=29&token=k-other",
            [
                (
                    "tc_s.mismatch",
                    "error",
                    "tc_s",
                    "the key is of site 30, and `tc_s` says 29",
                )
            ],
        ),
        (
            "tc_s=30&token=k-old",
            [
                (
                    "tc_s.mismatch",
                    "error",
                    "tc_s",
                    'the key is of site 29, and `tc_s` says 30 (source "old app")',
                ),
                (
                    "token.inactive",
                    "error",
                    "token",
                    'the key is of the source "old app", which is inactive',
                ),
            ],
        ),
    ],
)
def test_a_key_is_judged_by_the_known_sources(query: str, found: list[Any]) -> None:
    findings = Sources(KNOWN).check(subject(purchase(), query=query))
    shown = [(one.code, one.level, one.path, one.message) for one in findings]
    assert shown == found
    assert all(one.remedy and one.source for one in findings)


@pytest.mark.parametrize(
    ("test_run", "key", "message"),
    [
        (True, "k-production", 'the key is of production, "web shop", in a test run'),
        (True, "k-staging", None),
        (True, "k-other", None),
        (False, "k-production", None),
        (
            False,
            "k-staging",
            "the key is of staging, of site 29, in a run for production",
        ),
        (False, "k-other", None),
        (None, "k-production", None),
        (None, "k-staging", None),
    ],
)
def test_a_key_of_another_environment_is_told(
    test_run: bool | None, key: str, message: str | None
) -> None:
    site = "30" if key == "k-other" else "29"
    sources = Sources(KNOWN, test_run=test_run)
    found = sources.check(subject(purchase(), query=f"tc_s={site}&token={key}"))
    told = [(one.code, one.level, one.message) for one in found]
    assert told == ([("environment.mixed", "warning", message)] if message else [])


def test_a_test_code_on_a_key_of_production_is_remarked() -> None:
    event = purchase(test_code="t-1")
    sources = Sources(KNOWN)
    found = sources.check(subject(event, query="tc_s=29&token=k-production"))
    assert [(one.code, one.level, one.sample) for one in found] == [
        ("test_code.left", "note", "t-1")
    ]
    assert sources.check(subject(event, query="tc_s=29&token=k-staging")) == []


def test_without_known_sources_no_key_is_unknown() -> None:
    assert Sources([]).check(subject(purchase())) == []


@pytest.mark.parametrize("data", [None, [], 1, {}, "x"])
def test_a_body_that_is_no_event_is_judged_by_its_key(data: Any) -> None:
    found = Sources(KNOWN).check(subject(data, query="tc_s=29&token=9"))
    assert [one.code for one in found] == ["token.unknown"]


def test_a_key_given_twice_is_refused() -> None:
    with pytest.raises(InvalidSource, match="the key k-other is given twice"):
        Sources([OTHER, KnownSource("29", "k-other")])
    assert len(Sources([OTHER, OTHER])) == 1


def test_sources_are_shown_as_they_are_taken() -> None:
    sources = Sources(KNOWN)
    again = Sources.of_data(sources.to_dict())
    assert list(again) == list(KNOWN)
    assert again.version == sources.version
    assert again.version != Sources(KNOWN, test_run=True).version
    assert Sources.of_data([{"site": 30, "key": "k-other"}]).version == (
        Sources([OTHER]).version
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "sources are a list"),
        ({"sourses": []}, "sources are a list"),
        ([1], "a source is an object"),
        ([{"site": "29"}], "a source has no `key`"),
        ([{"tc_s": "29"}], "unknown key `tc_s` in a source. Did you mean `site`?"),
        ([{"site": 29, "key": ["k"]}], "`key` of a source should be a text"),
        ([{"site": True, "key": "k"}], "`site` of a source should be a text"),
        ([{"site": 29, "key": "k", "active": 1}], "`active` of a source should be"),
    ],
)
def test_json_that_names_no_sources_is_refused(data: Any, reason: str) -> None:
    with pytest.raises(InvalidSource) as caught:
        Sources.of_data(data)
    assert str(caught.value).startswith(reason)


def test_a_plan_may_hold_the_sources() -> None:
    held = plan(
        "sources:\n"
        "  - {site: 30, key: k-other}\n"
        "  - 29:0123:till\n"
        "  - {site: 29, key: 00456}\n"
        "events: {purchase: }\n"
    ).sources
    assert held is not None
    assert [(one.site, one.key) for one in held] == [
        ("30", "k-other"),
        ("29", "0123"),
        ("29", "00456"),
    ]
    assert plan("events: {purchase: }").sources is None


def test_the_codes_of_sources_are_listed_with_the_rules() -> None:
    codes = {"token.unknown", "token.inactive", "tc_s.mismatch"}
    codes |= {"environment.mixed", "test_code.left"}
    assert codes <= all_rules().keys()
