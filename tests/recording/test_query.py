from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockcollect.contract.event import CollectRequest, Event, Refusal
from mockcollect.contract.layouts import read_event
from mockcollect.contract.source import Source
from mockcollect.contract.wire import MAX_DEPTH
from mockcollect.errors import InvalidQuery
from mockcollect.recording.conditions import Condition, Key
from mockcollect.recording.filters import KEYS
from mockcollect.recording.judging import Judging
from mockcollect.recording.query import Query, parse_query
from mockcollect.recording.records import RecordedEvent, RecordedRequest
from tests.verdict.judging import GONE, good

PARIS_WINTER = timezone(timedelta(hours=1))
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=PARIS_WINTER)
AT_10_42 = (
    int(datetime(2026, 11, 23, 10, 42, 7, tzinfo=PARIS_WINTER).timestamp()) * 1000
)
KEY = "7183b9d4-1031-11ee-be56-0242ac120002"

PURCHASE: dict[str, Any] = {
    "event_name": "purchase",
    "revenue": 16.0,
    "coupon": None,
    "gift": False,
    "tags": ["red", ["blue"]],
    "test_code": "abc",
    "user": {"id": "12345", "email": "jane@shop.example", "name": "Jane Doe"},
    "items": [
        {"quantity": 1, "product": {"id": "LAMP-1", "price": 8.5}},
        {"quantity": 3, "product": {"id": "SOFA-2", "price": 700}},
    ],
    "user.email": "flat",
    "page": {"title": None},
    "properties": {"plan": "gold", "revenue": 99},
    "context": {
        "event_id": "202210310000000000",
        "page": {"url": "https://Shop.example/Checkout", "title": "Cart"},
    },
}


def recorded_request(**changes: Any) -> RecordedRequest:
    body = changes.pop("body", b"")
    request = CollectRequest(
        changes.pop("method", "POST"),
        changes.pop("path", "/events"),
        changes.pop("query", "tc_s=29"),
        {},
        body,
        changes.pop("size", len(body)),
    )
    whole = RecordedRequest(6, AT_10_42, request, 200, "events", "29", KEY, None, ())
    return replace(whole, **changes)


def recorded_event(data: Any = PURCHASE, **changes: Any) -> RecordedEvent:
    body = json.dumps(data).encode()
    request = recorded_request(body=body, event_ids=(8,))
    event = read_event(data, Source("29", KEY), size=len(body))
    return RecordedEvent(8, replace(event, **changes), request)


def matches(text: str, data: Any = PURCHASE, **changes: Any) -> bool:
    return parse_query(text, now=NOW).matches_event(recorded_event(data, **changes))


def parsed(text: str, now: datetime | None = NOW) -> Query | InvalidQuery:
    try:
        return parse_query(text, now=now)
    except InvalidQuery as error:
        return error


REFUSED = recorded_request(
    status=400,
    path="/events/batch",
    query="tc_s=29&token=7183",
    body=b'{"event_name": "purchase", oops "caf\xe9"}',
    refusal=Refusal("invalid json"),
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "event:purchase",
        "EVENT:purchase",
        '"event":purchase',
        "event:pur*",
        "event:*chase",
        "event:p*ch*e",
        "event:*",
        "status:200",
        "site:29",
        "source:7183",
        f"source:{KEY}",
        "test:abc",
        "layout:server",
        "id:8",
        "id:008",
        "request:6",
        "event_id:202210310000000000",
        "path:/events",
        "path:/ev*",
        "method:POST",
        "method:post",
        "refused:no",
        "has:user.email",
        "has:items",
        "has:plan",
        "has:page.title",
        "has:items[1].product.id",
        "after:10:42",
        "after:10:42:07",
        "after:2026-11-23",
        "after:2026-11-23T09:42:07Z",
        "before:10:42:07.001",
        "before:10:43",
        'before:"2026-11-23 10:43"',
        "before:2026-11-24",
        "larger:500b",
        "smaller:10kb",
        "smaller:0.5mb",
    ],
)
def test_key_matches_the_event(text: str) -> None:
    assert matches(text)
    assert not text.strip() or not matches(f"-{text}")


GOOD = {"context.event_timestamp": AT_10_42}
JUDGED: dict[str, dict[str, Any]] = {
    "valid": good("server", GOOD),
    "note": good("server", {"context.event_timestamp": AT_10_42 - 10**11}),
    "invalid-accepted": good("server", {**GOOD, "user.consent_categories": GONE}),
    "invalid-rejected": good("server", {**GOOD, "event_name": GONE}),
}


def judged(data: Any) -> RecordedEvent:
    """Return an event of a recording that has no other."""
    event = recorded_event(data)
    headers = {"content-type": "application/json"}
    sent = replace(event.request.request, query=f"tc_s=29&token={KEY}", headers=headers)
    return replace(
        event,
        request=replace(event.request, request=sent),
        judging=Judging(lambda _, most: iter(())),
    )


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("verdict:valid", ["valid", "note"]),
        ("verdict:note", ["note"]),
        ("verdict:invalid", ["invalid-accepted", "invalid-rejected"]),
        ("verdict:invalid-accepted", ["invalid-accepted"]),
        ("verdict:invalid-rejected", ["invalid-rejected"]),
        ("VERDICT:INVALID_REJECTED", ["invalid-rejected"]),
        ("finding:consent.missing", ["invalid-accepted"]),
        ("finding:timestamp.*", ["note"]),
        ("finding:*.missing", ["invalid-accepted", "invalid-rejected"]),
        ("finding:*", ["note", "invalid-accepted", "invalid-rejected"]),
        ("finding:token.*", []),
        ("level:error", ["invalid-rejected"]),
        ("level:warning", ["invalid-accepted"]),
        ("level:note", ["note"]),
    ],
)
def test_events_are_found_by_their_verdicts(text: str, matched: list[str]) -> None:
    query, opposite = parse_query(text), parse_query(f"-{text}")
    found = [name for name, data in JUDGED.items() if query.matches_event(judged(data))]
    assert found == matched
    left = [
        name for name, data in JUDGED.items() if opposite.matches_event(judged(data))
    ]
    assert sorted(found + left) == sorted(JUDGED)


@pytest.mark.parametrize(
    ("text", "body", "expected"),
    [
        ("verdict:valid", b'{"batch":[]}', False),
        ("verdict:invalid", b'{"batch":[]}', True),
        ("-verdict:valid", b'{"batch":[]}', True),
        ("finding:batch.empty", b'{"batch":[]}', True),
        ("level:error", b"{oops", False),
        ("-verdict:valid", b"{oops", True),
    ],
)
def test_a_request_without_events_is_found_by_a_verdict_of_its_own(
    text: str, body: bytes, expected: bool
) -> None:
    refusal = None if body.startswith(b'{"batch"') else Refusal("invalid json")
    request = recorded_request(
        body=body,
        path="/events/batch",
        endpoint="batch",
        status=400 if refusal else 200,
        refusal=refusal,
        judging=Judging(lambda _, most: iter(())),
    )
    assert parse_query(text).matches_request(request, ()) is expected


@pytest.mark.parametrize(
    "text",
    [
        "event:pur",
        "event:Purchase",
        "event:a*",
        "event:*a",
        "event:purchase*purchase",
        "event:p*x*e",
        "event:purchas*hase",
        "status:400",
        "site:2",
        "source:183",
        "test:ab",
        "layout:browser",
        "id:6",
        "request:8",
        "event_id:2022*",
        "path:/event",
        "method:GET",
        "refused:yes",
        "refused:aborted",
        "has:coupon",
        "has:user.phone",
        "has:items[2]",
        "has:revenue.amount",
        "after:10:42:07.001",
        "after:10:43",
        "before:10:42:07",
        "before:2026-11-23T09:42:07Z",
        "larger:10kb",
        "smaller:500",
    ],
)
def test_key_does_not_match_the_event(text: str) -> None:
    assert not matches(text)
    assert matches(f"-{text}")


def test_wildcard_name_needs_a_name() -> None:
    assert not matches("event:*", {"revenue": 1})


def test_size_itself_is_neither_larger_nor_smaller() -> None:
    assert not matches("larger:1kb", size=1024)
    assert not matches("smaller:1kb", size=1024)


@pytest.mark.parametrize(
    "text",
    [
        "user.id=12345",
        'user.name="Jane Doe"',
        "revenue=16",
        "revenue=16.0",
        "revenue=1.6e1",
        "gift=false",
        "coupon=null",
        "tags=red",
        "tags=blue",
        "plan=gold",
        "context.event_id=202210310000000000",
        "items.product.id=LAMP-1",
        "items.product.id=SOFA-2",
        "items[0].product.id=LAMP-1",
        "tags[1]=blue",
        '"user.email"=flat',
        'has:"\\"user.email\\""',
        "page.title=Cart",
        "revenue>10",
        "revenue>=16",
        "revenue<16.5",
        "revenue<=16",
        "user.id>12344",
        "items.quantity>2",
        "items.product.price<10",
        "revenue!=17",
        "items!=x",
        "coupon!=x",
        "page.url~checkout",
        "revenue~16",
        'page.url~"shop.EXAMPLE/"',
    ],
)
def test_comparison_holds(text: str) -> None:
    assert matches(text)
    assert not matches(f"-{text}")


@pytest.mark.parametrize(
    "text",
    [
        "user.id=1234",
        'user.id="12345.0"',
        "user.name=jane",
        "revenue=99",
        "revenue=true",
        "gift=0",
        "gift=False",
        "coupon=None",
        'coupon=""',
        "user=Jane",
        "tags[0]=blue",
        "tags[2]=red",
        "user[0]=x",
        "items[1].product.id=LAMP-1",
        "revenue>16",
        "revenue<16",
        "gift<1",
        "coupon<1",
        "user.name>1",
        "absent<1",
        "absent!=1",
        "user.id!=12345",
        "items.product.id!=LAMP-1",
        "page.url~cart",
        "user~jane",
    ],
)
def test_comparison_does_not_hold(text: str) -> None:
    assert not matches(text)
    assert matches(f"-{text}")


@pytest.mark.parametrize(
    ("text", "sent", "expected"),
    [
        ("v>10", "16.50", True),
        ("v>10", "16,50", False),
        ("v>10", "1e999", False),
        ("v>10", "9" * 401, False),
        ("v>10", " 16", False),
        ("v>-1", "-.5", True),
        ("v=12345678901234567", 12345678901234567, True),
        ("v=12345678901234567", 12345678901234568, False),
        ("v=0012", "0012", True),
        ("v=12", "0012", False),
        ("v=true", "true", True),
        ('v=""', "", True),
        ("v=STRASSE", "straße", False),
        ("v~STRASSE", "straße", True),
        ("v~tru", True, True),
    ],
)
def test_text_and_numbers_compare(text: str, sent: Any, expected: bool) -> None:
    assert matches(text, {"v": sent}) is expected


def test_first_place_that_has_a_value_counts() -> None:
    data = {"a": None, "context": {"a": 1}, "properties": {"a": 2, "b": 3}}
    assert matches("a=1 b=3 -a=2 -a=null", data)


@pytest.mark.parametrize("data", [None, True, 3, "purchase", [], [{"a": [1, [2]]}]])
def test_event_of_any_json_is_asked(data: Any) -> None:
    assert not matches("b=1", data)
    assert matches("a=2", data) is (data == [{"a": [1, [2]]}])
    assert matches("[0].a[0]=1", data) is (data == [{"a": [1, [2]]}])


def deep(inside: Any, levels: int) -> Any:
    data = inside
    for _ in range(levels):
        data = [{"a": data}]
    return data


@pytest.mark.parametrize("text", ["needle", "a.a~needle", "has:a", "-x=1"])
def test_deep_event_is_searched_without_recursion(text: str) -> None:
    lists: Any = "needle"
    for _ in range(10 * MAX_DEPTH):
        lists = [lists]
    data = {"a": {"a": lists}, "b": deep("needle", 5 * MAX_DEPTH)}
    event = Event(data, "server", None, None, None, None, None, 1)
    recorded = RecordedEvent(1, event, recorded_request())
    assert parse_query(text).matches_event(recorded)


@pytest.mark.parametrize(
    "text",
    [
        "purchase",
        "PURCHASE",
        "sofa",
        '"jane doe"',
        "quantity",
        "16.0",
        "700",
        "fals",
        "null",
        "20221031",
        "7183b9d4",
        "29",
        "/events",
        "lamp sofa",
        "-chair lamp",
        '"-1"',
    ],
)
def test_bare_word_is_found(text: str) -> None:
    assert matches(text)
    assert matches(text, size=1)  # which the body alone does not settle


@pytest.mark.parametrize("text", ["chair", "lamp chair", "-lamp", "701", "--1x -lamp"])
def test_bare_word_is_not_found(text: str) -> None:
    assert not matches(text)
    assert not matches(text, size=1)


def from_body(body: bytes) -> RecordedEvent:
    event = read_event(json.loads(body), Source(None, None), size=len(body))
    return RecordedEvent(1, event, recorded_request(body=body))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"a": "L\\u0061mp"}', "lamp"),
        (b'{"a": "line\\nfeed"}', '"line\nfeed"'),
        (b'{"a": 1E2}', "100.0"),
        (b'{"a": 0.00001}', "e-05"),
        ('{"a": "\u212aelvin"}'.encode(), "kelvin"),
        ('{"a": "Caf\u00c9"}'.encode(), "caf\u00e9"),
    ],
)
def test_bare_word_is_found_however_the_body_spells_it(body: bytes, text: str) -> None:
    assert parse_query(text).matches_event(from_body(body))


def test_bare_word_reads_a_pixel_from_its_query() -> None:
    data = {"event_name": "view", "title": "two words"}
    event = read_event(data, Source(None, None), size=7, layout="pixel")
    recorded = RecordedEvent(1, event, recorded_request(method="GET", body=b"ignored"))
    assert parse_query('"two words"').matches_event(recorded)


@pytest.mark.parametrize(
    "text",
    [
        "status:400",
        "site:29",
        "source:7183",
        "id:6",
        "request:6",
        "path:/events/*",
        "method:POST",
        "refused:yes",
        "refused:invalid-json",
        'refused:"Invalid JSON"',
        "after:10:42",
        "before:10:43",
        "larger:30",
        "smaller:1kb",
        "OOPS",
        "token=7183 -x",
        "caf\ufffd",
        "-event:purchase",
        "-test:abc",
        "-layout:server",
        "-event_id:1",
        "-has:user",
        "-revenue>1",
        "-revenue!=1",
    ],
)
def test_request_without_events_is_asked_itself(text: str) -> None:
    text = text.replace("token=7183", '"token=7183"')
    assert parse_query(text, now=NOW).matches_request(REFUSED, [])


@pytest.mark.parametrize(
    "text",
    [
        "event:purchase",
        "event:*",
        "test:abc",
        "layout:server",
        "event_id:1",
        "has:event_name",
        "event_name=purchase",
        "event_name!=x",
        "refused:no",
        "refused:too-large",
        "status:200",
        "absent",
        "-oops",
        "oops status:200",
    ],
)
def test_request_without_events_does_not_match(text: str) -> None:
    assert not parse_query(text, now=NOW).matches_request(REFUSED, [])


def test_size_of_a_truncated_body_is_the_declared_one() -> None:
    request = recorded_request(body=b"{", size=600_000)
    assert parse_query("larger:500kb").matches_request(request, [])


def test_request_matches_if_one_of_its_events_does() -> None:
    first, second = recorded_event(), recorded_event({"event_name": "refund"})
    query = parse_query("event:refund -purchase")
    assert query.matches_request(second.request, [first, second])
    assert not query.matches_request(first.request, [first])


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("  event:purchase   lamp ", "event:purchase lamp"),
        ('Event:"add to cart"', 'event:"add to cart"'),
        ('"two words"', '"two words"'),
        ('two" "words', '"two words"'),
        ('-"a"', "-a"),
        ("--a", '-"-a"'),
        ('"-a"', '"-a"'),
        ('"a:b"', '"a:b"'),
        (r'"say \"hi\" \\ \n"', r'"say \"hi\" \\ \\n"'),
        (r"back\slash", r"back\slash"),
        ('user.name="Jane Doe"', 'user.name="Jane Doe"'),
        ('user.name=""', 'user.name=""'),
        ('user."name"=x', "user.name=x"),
        ('"user.email"=x', '"user.email"=x'),
        ('""."-"[0]=x', '""."-"[0]=x'),
        ('url="=x"', 'url="=x"'),
        ("url=https://a/?b=c", "url=https://a/?b=c"),
        ("a!b!=c", '"a!b"!=c'),
        ('has:"my key".x', 'has:"\\"my key\\".x"'),
        ("id:007", "id:7"),
        ("method:get", "method:GET"),
        ("layout:Browser", "layout:browser"),
        ("refused:Too-Large", "refused:too-large"),
        ('refused:"too large"', "refused:too-large"),
        ("refused:YES", "refused:yes"),
        ("verdict:Invalid-Rejected", "verdict:invalid-rejected"),
        ('verdict:"INVALID ACCEPTED"', "verdict:invalid-accepted"),
        ("finding:Token.Unknown", "finding:token.unknown"),
        ("finding:token.*", "finding:token.*"),
        ("level:ERROR", "level:error"),
        ("larger:10KB", "larger:10kb"),
        ("larger:10240", "larger:10kb"),
        ("larger:1.5kb", "larger:1536"),
        ("larger:0b", "larger:0"),
        ("smaller:2048kb", "smaller:2mb"),
        ("after:9:05", "after:2026-11-23T08:05:00.000Z"),
        ("after:10:42:07.1239", "after:2026-11-23T09:42:07.123Z"),
        ("after:2026-07-14", "after:2026-07-13T23:00:00.000Z"),
        ("after:2026-07-14t10:00z", "after:2026-07-14T10:00:00.000Z"),
        ("before:2026-07-14T10:00:00-05:00", "before:2026-07-14T15:00:00.000Z"),
        ('before:"2026-07-14 10:00"', "before:2026-07-14T09:00:00.000Z"),
    ],
)
def test_query_is_written_canonically(text: str, canonical: str) -> None:
    query = parse_query(text, now=NOW)
    assert str(query) == canonical
    assert parse_query(canonical) == query
    assert hash(parse_query(canonical)) == hash(query)


def test_time_without_now_is_of_today_here() -> None:
    midnight = datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
    today = f"{midnight.date()}"
    assert parse_query("after:00:00") in (
        parse_query(f"after:{today}"),
        parse_query(f"after:{datetime.now().date()}"),  # run at midnight
    )


def test_now_without_zone_is_local() -> None:
    now = datetime(2026, 11, 23, 15)
    local = datetime(2026, 11, 23, 10, 42).astimezone(timezone.utc)
    expected = f"after:{local:%Y-%m-%dT%H:%M:%S.000Z}"
    assert str(parse_query("after:10:42", now=now)) == expected


@pytest.mark.parametrize("text", ["after:0001-01-01", "before:9999-12-31T23:59:59"])
@pytest.mark.parametrize("zone", ["Etc/GMT-14", "UTC", "Etc/GMT+12"])
@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone cannot be set here")
def test_no_year_is_too_far_for_the_machine(
    text: str, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        assert isinstance(parsed(text, now=None), (Query, InvalidQuery))
    time.tzset()


def test_same_time_of_another_day_is_another_query() -> None:
    later = NOW + timedelta(days=1)
    assert parse_query("after:10:42", now=NOW) != parse_query("after:10:42", now=later)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("event:purchase", "purchase"),
        ('lamp event:"add to cart"', "add to cart"),
        ("-event:refund event:purchase", "purchase"),
        ("event:p* event:purchase", "purchase"),
        ("event:p*", None),
        ("-event:purchase", None),
        ("event=purchase", None),
        ("purchase", None),
        ("", None),
    ],
)
def test_event_name_is_known_where_only_one_can_match(
    text: str, name: str | None
) -> None:
    assert parse_query(text).event_name == name


def test_query_without_words_is_empty() -> None:
    assert parse_query(" \t").is_empty
    assert parse_query("") == Query()
    assert not parse_query("a").is_empty


@pytest.mark.parametrize(
    ("text", "position", "suggestion", "words"),
    [
        (
            "evnt:purchase",
            0,
            "event",
            "Unknown filter key `evnt`. Did you mean `event`?",
        ),
        ("a -evnt:purchase", 3, "event", "Did you mean `event`?"),
        ("event_name:purchase", 0, "event", "Did you mean `event`?"),
        ("site_id:29", 0, "site", "Did you mean `site`?"),
        ("https://shop.example", 0, None, 'quote it: `"https://shop.example"`'),
        ("revenue:16", 0, None, "as in `user.id=12345`"),
        ("10:42", 0, None, "The keys are event, status, site"),
        (":x", 0, None, "No filter key stands before the colon in `:x`"),
        ("status:abc", 7, None, "cannot be `abc`. It takes a status, as in"),
        ("status:4xx", 7, None, "`status:400`"),
        ("status:", 7, None, "`status` has no value. It takes a status"),
        ('event:""', 6, None, "`event` has no value"),
        ("id:-1", 3, None, "`id:8`"),
        ("layout:brwser", 7, "browser", "Did you mean `browser`?"),
        ("layout:x", 7, None, "one of browser-v1, 1.0, server"),
        ("refused:toolarge", 8, "too large", "Did you mean `too large`?"),
        ("verdict:invald", 8, "invalid", "Did you mean `invalid`?"),
        ("verdict:", 8, None, "one of valid, note, invalid, invalid-accepted"),
        ("verdict:filtered", 8, None, "cannot be `filtered`"),
        ("verdct:valid", 0, "verdict", "Did you mean `verdict`?"),
        (
            "finding:timestamp.second",
            8,
            "timestamp.seconds",
            "Did you mean `timestamp.seconds`?",
        ),
        ("finding:nothing", 8, None, "It takes the code of a rule"),
        ("findings:token.missing", 0, "finding", "Did you mean `finding`?"),
        ("level:warn", 6, "warning", "Did you mean `warning`?"),
        ("level:worst", 6, None, "one of error, warning, note"),
        ("has:a..b", 4, None, "`has:user.email`"),
        ("larger:10xb", 7, None, "`larger:10kb`"),
        ("larger:-1", 7, None, "It takes a number of bytes"),
        ("after:never", 6, None, "`after:2026-11-23T10:42:07Z`"),
        ("after:25:00", 6, None, "It takes a time of today"),
        ("after:10:42Z", 6, None, "It takes a time of today"),
        ("after:2026-02-30", 6, None, "cannot be `2026-02-30`"),
        ("after:1969-01-01", 6, None, "cannot be `1969-01-01`"),
        ("after:0001-01-01", 6, None, "cannot be"),
        ("after:9999-12-31T23:59:59-14:00", 6, None, "cannot be"),
        ("before:2026-11-23T", 7, None, "`before:10:42`"),
        ('a "two words', 2, None, "A quote is not closed. It opens before `two words`"),
        ('event:"a', 6, None, "A quote is not closed"),
        ('"a\\"', 0, None, "Close it with"),
        ("-", 0, None, "A `-` negates nothing"),
        ("a - b", 2, None, '`"-"`'),
        ('""', 0, None, "A word is empty"),
        ('-""', 1, None, "A word is empty"),
        ("revenue>", 8, None, "`revenue>` has no value. `>` takes a number"),
        ("revenue>many", 8, None, "`>` takes a number, as in `revenue>10.5`"),
        ('revenue>""', 8, None, "cannot compare with ``"),
        ("revenue<1e999", 8, None, "cannot compare with `1e999`"),
        ("user.id=", 8, None, "has no value. `=` takes a text, as in `user.id=abc`"),
        ("user.id==5", 7, "=", "Did you mean `user.id=5`?"),
        ("revenue=>5", 7, ">=", "Did you mean `revenue>=5`?"),
        ("-a<>5", 2, "!=", "Did you mean `a!=5`?"),
        ("a!~b", 1, None, "The comparisons are `=`, `!=`, `~`, `>`"),
        (">5", 0, None, "Unreadable path `` in `>5`"),
        ("a..b=1", 0, None, "Unreadable path `a..b`"),
        ("a.=1", 0, None, "Unreadable path `a.`"),
        ("a[x]=1", 0, None, "Unreadable path `a[x]`"),
        ("a[0]b=1", 0, None, 'quote it: `"a[0]b=1"`'),
        ('a"b"=1', 0, None, 'Unreadable path `a"b"`'),
        ("x" * 99 + ":y", 0, None, f"Unknown filter key `{'x' * 59}…`"),
    ],
)
def test_unreadable_filter_says_what_to_do(
    text: str, position: int, suggestion: str | None, words: str
) -> None:
    with pytest.raises(InvalidQuery) as caught:
        parse_query(text, now=NOW)
    assert words in str(caught.value)
    assert (caught.value.position, caught.value.suggestion) == (position, suggestion)


@pytest.mark.parametrize("key", KEYS.values(), ids=lambda key: key.name)
def test_each_key_tells_its_use_in_an_example_that_parses(key: Key) -> None:
    assert key.help.endswith(".")
    examples = key.takes.split("`")[1::2]
    assert examples
    for text in examples:
        assert text.startswith(f"{key.name}:")
        assert not parse_query(text, now=NOW).is_empty


@contextmanager
def one_more_key(key: Key) -> Iterator[None]:
    KEYS[key.name] = key
    try:
        yield
    finally:
        del KEYS[key.name]


def test_new_key_is_one_more_entry_of_the_table() -> None:
    def read(text: str, _: datetime | None) -> Condition:
        return Condition(text, lambda recorded: recorded.event.of == int(text))

    with one_more_key(Key("batch", "Events in the batch.", "as in `batch:2`", read)):
        assert matches("batch:1")
        assert not matches("batch:2")
        assert parse_query("-batch:1").matches_request(REFUSED, [])


QUOTED_TEXTS = st.text(min_size=1).map(json.dumps)
FRAGMENTS = st.one_of(
    st.sampled_from([*KEYS, *(f"{key}:" for key in KEYS)]),
    st.sampled_from([*':=<>~!-."\\[]*', "!=", ">=", " ", "\n", '"', "10kb", "0", "é"]),
    st.sampled_from(
        ["10:42", "2026-11-23", "T", "Z", "+01:00", "400", "yes", "user.id"]
    ),
    st.text(max_size=5),
)
FILTERS = st.one_of(st.text(), st.lists(FRAGMENTS, max_size=12).map("".join))

KEY_TERMS = st.sampled_from(
    [
        "status:404",
        "id:3",
        "refused:no",
        "refused:too-large",
        "layout:1.0",
        "verdict:note",
        "finding:token.*",
        "level:warning",
        "larger:3kb",
        "after:10:42",
        "before:2026-11-23T10:42:07.5Z",
        "has:a[3].b",
        "method:put",
    ]
)
PATHS = st.lists(st.one_of(st.integers(0, 999_999_999), st.text()), min_size=1)


def written(path: list[str | int]) -> str:
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + quoted(step)
    return text


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


TERMS = st.one_of(
    KEY_TERMS,
    st.text(min_size=1).map(quoted),
    st.builds(
        "{}:{}".format,
        st.sampled_from(
            ["event", "site", "source", "test", "event_id", "path", "method"]
        ),
        st.text(min_size=1).map(quoted),
    ),
    PATHS.map(written).map(quoted).map("has:{}".format),
    st.builds(
        "{}{}{}".format,
        PATHS.map(written),
        st.sampled_from(["=", "!=", "~"]),
        st.text().map(quoted),
    ),
    st.builds(
        "{}{}{}".format,
        PATHS.map(written),
        st.sampled_from([">", ">=", "<", "<="]),
        st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)),
    ),
)
QUERIES = st.lists(st.builds("{}{}".format, st.sampled_from(["", "-"]), TERMS)).map(
    " ".join
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(
        st.lists(inner),
        st.dictionaries(
            st.one_of(st.sampled_from(["a", "b", "context", "properties"]), st.text()),
            inner,
        ),
    ),
)


@given(FILTERS)
@example("\ud800")
@example("after:\u0661\u0660:42")
@example("id:\u00b2")
@example('has:"')
def test_any_text_is_a_filter_or_says_why_not(text: str) -> None:
    query = parsed(text)
    if isinstance(query, InvalidQuery):
        assert 0 <= query.position <= len(text)
        return
    assert parse_query(str(query)) == query
    query.matches_event(recorded_event())
    query.matches_request(REFUSED, [])


@given(QUERIES)
def test_query_is_read_back_from_its_text(text: str) -> None:
    query = parse_query(text, now=NOW)
    assert parse_query(str(query)) == query
    assert str(parse_query(str(query))) == str(query)


@given(QUERIES, JSON)
@example(
    "a[0].b>1 -a~x b!=2 has:a c=nan", {"a": [[{"b": float("nan")}]], "context": []}
)
def test_no_event_makes_matching_raise(text: str, data: Any) -> None:
    query = parse_query(text, now=NOW)
    recorded = recorded_event(data)
    assert query.matches_event(recorded) in (True, False)
    assert query.matches_request(recorded.request, [recorded]) in (True, False)
    for term in query.terms:
        alone, opposite = (
            Query((term,)),
            Query((replace(term, negated=not term.negated),)),
        )
        assert alone.matches_event(recorded) != opposite.matches_event(recorded)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"' * 200_001, id="quotes"),
        pytest.param("a" * 500_000, id="one word"),
        pytest.param("-a " * 50_000, id="words"),
        pytest.param("a." * 200_000 + "=1", id="path"),
        pytest.param("1" * 500_000 + ":x", id="key"),
        pytest.param("v>" + "1" * 500_000, id="number"),
        pytest.param('"' + "\\\\" * 200_000, id="backslashes"),
        pytest.param("event:" + "*a" * 100_000, id="wildcards"),
    ],
)
def test_long_filter_is_read_in_a_moment(text: str) -> None:
    began = datetime.now()
    query = parsed(text)
    if isinstance(query, InvalidQuery):
        assert len(str(query)) < 600
    else:
        query.matches_event(recorded_event({"event_name": "a" * 10_000}))
    assert datetime.now() - began < timedelta(seconds=5)
