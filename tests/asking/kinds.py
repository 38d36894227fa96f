"""One failure of each kind, as the golden files of `tests/messages/failures` show."""

from __future__ import annotations

import re
from inspect import isfunction, signature
from typing import Any

from dirty_equals import IsFloat

from mockcollect.asking import failures, verdicts
from mockcollect.asking.matching import ABSENT, Expectation
from mockcollect.asking.scene import Scene, Stray
from mockcollect.asking.sequence import follow, out_of_sequence
from mockcollect.verdict.plan import parse_plan
from tests.asking.events import BROKEN, Arrivals, deep, whole

RELAX = ('If it is meant: mockcollect.assert_refused(because="…").',)
RELAX_MARK = ("If it is meant: @pytest.mark.mockcollect(allow_refused=True).",)

PLAN = parse_plan(
    """
events:
  page_view:
  generate_lead:
  purchase:
    revenue: number, required
    currency: string, required
""",
    name="tracking_plan.yml",
)

PURCHASE: dict[str, Any] = {
    "event_name": "purchase",
    "revenue": 16.0,
    "currency": "EUR",
    "user": {"id": "12345"},
    "context": {"event_id": "202210310000000000"},
}
WHAT_WAS_ASKED = Expectation(
    "purchase", {"revenue": 16.0, "currency": "EUR", "user": {"id": "12345"}}
)
WIDE = {f"property_{number:02d}": number for number in range(60)}
VISIT = ("page_view", "add_to_cart", "purchase")
ESCAPES = "\x1b[31mred\x1b[0m\u202ekcab\r\n\x07"


SEEN_PAGE = whole("page_view", page_type="basket")


def purchase(**others: Any) -> dict[str, Any]:
    return {**PURCHASE, **others}


def not_sent(expectation: Expectation, arrivals: Arrivals, **scene: Any) -> str:
    return failures.not_sent(expectation, arrivals.scene(**scene))


def sequence(
    arrivals: Arrivals, *steps: str | Expectation, strict: bool = False
) -> str:
    expected = [Expectation(one) if isinstance(one, str) else one for one in steps]
    progress = follow(expected, arrivals.events, strict=strict)
    assert not progress.is_whole
    return out_of_sequence(progress, arrivals.scene())


def visit(*names: str) -> Arrivals:
    arrivals = Arrivals()
    for name in names:
        arrivals.send(event_name=name)
    return arrivals


# -- what should have arrived


def wrong_value() -> str:
    arrivals = visit("page_view").batch(
        purchase(revenue=160.0), {"event_name": "generate_lead"}
    )
    return not_sent(WHAT_WAS_ASKED, arrivals)


def wrong_type() -> str:
    """The checkout of the design: its revenue is a text."""
    arrivals = visit("page_view").batch(
        purchase(revenue="16,00"), {"event_name": "generate_lead"}
    )
    return not_sent(WHAT_WAS_ASKED, arrivals)


def missing_property() -> str:
    sent = {"event_name": "purchase", "user": {"ID": "12345"}}
    old = {**sent, "properties": {"revenue": 16.0}}
    return not_sent(WHAT_WAS_ASKED, Arrivals().send(sent).send(old))


def property_that_should_be_absent() -> str:
    expected = Expectation("purchase", {"email": ABSENT}, {"user.email": ABSENT})
    sent = purchase(user={"id": "12345", "email": "jo@shop.example"})
    return not_sent(expected, Arrivals().send(sent))


def matchers() -> str:
    expected = Expectation(
        "page_view",
        {"load_time": IsFloat(gt=0, lt=1), "page_name": re.compile("^check")},
        {"context.page.url": re.compile(r"/checkout\b")},
    )
    arrivals = Arrivals().send(
        event_name="page_view",
        load_time=7.25,
        page_name="basket",
        context={"page": {"url": "https://shop.example/checkout"}},
    )
    # A matcher that met its value in a later event must not show that value here.
    arrivals.send(event_name="page_view", load_time=0.5, page_name=1)
    return not_sent(expected, arrivals)


def many_clues() -> str:
    expected = Expectation(
        "purchase",
        {
            "brand": "Acme",
            "currency": "EUR",
            "event_timestamp": 1_795_430_527_020,
            "coupon": "SPRING",
            "tax": 2.5,
            "id": "202210310000000000",
            "user": {"id": "12345"},
            "revenue": 16.0,
            "is_new": True,
        },
    )
    return not_sent(
        expected,
        Arrivals().send(
            event_name="purchase",
            brand="ACME",
            currency="EUR ",
            event_timestamp=1_795_430_527,
            properties={"coupon": "SPRING"},
            tax="2.5",
            id=202210310000000000,
            user={"ID": "12345"},
            revenue="16,00",
            is_new="true",
        ),
    )


def nothing_is_close() -> str:
    expected = Expectation("purchase", {f"property_{n}": n for n in range(8)})
    return not_sent(expected, Arrivals().send(PURCHASE))


def nothing_arrived() -> str:
    return not_sent(Expectation("purchase"), Arrivals(), artifact=None)


def nothing_arrived_where_two_variables_lead() -> str:
    scene = Arrivals().scene(variables=("COLLECT_URL", "TRACKING_URL"))
    return failures.not_sent(Expectation("purchase"), scene)


def wrong_event_name() -> str:
    arrivals = visit("page_view").send(purchase(event_name="puchase"))
    return not_sent(WHAT_WAS_ASKED, arrivals)


def name_under_another_key() -> str:
    sent = {"event": "purchase", "revenue": 16.0}
    return not_sent(Expectation("purchase", {"revenue": 16.0}), Arrivals().send(sent))


def no_near_event() -> str:
    return not_sent(WHAT_WAS_ASKED, visit("page_view", "search"))


def only_a_refused_request() -> str:
    return not_sent(WHAT_WAS_ASKED, visit("page_view").post(BROKEN))


def held_up_in_an_event_loop() -> str:
    hint = "This waited in a running event loop, which could send nothing meanwhile."
    return not_sent(Expectation("purchase"), Arrivals(), hints=(hint,))


def strays() -> str:
    arrivals = visit("purchase", "page_view", "purchase", "refund")
    first, second, third, mine = arrivals.events
    scene = Scene(
        events=[mine],
        strays=[
            Stray(first, "sent before this test began, in or after test_basket"),
            Stray(second, "sent before this test began, in or after test_basket"),
            Stray(third, "sent with the test code of test_refund"),
        ],
        seconds=2.0,
    )
    return failures.not_sent(Expectation("purchase"), scene)


def nothing_but_strays() -> str:
    arrivals = visit("purchase")
    why = "sent without this test's code mc-0123456789ab"
    scene = arrivals.scene(events=(), strays=[Stray(arrivals.events[0], why)])
    return failures.not_sent(Expectation("purchase"), scene)


# -- how many


def too_few() -> str:
    arrivals = Arrivals().send(PURCHASE).send(purchase(revenue="16.0"))
    found = arrivals.events[:1]
    return failures.too_few(WHAT_WAS_ASKED, 2, found, arrivals.scene())


def too_few_for_a_range() -> str:
    arrivals = visit("page_view")
    found, scene = arrivals.events, arrivals.scene()
    return failures.too_few(Expectation("page_view"), 3, found, scene, exactly=False)


def too_many() -> str:
    arrivals = visit("page_view").send(PURCHASE).send(PURCHASE)
    found = arrivals.events[1:]
    return failures.too_many(Expectation("purchase"), 1, found, arrivals.scene())


def too_many_for_a_range() -> str:
    arrivals = visit(*["search"] * 3)
    found, scene = arrivals.events, arrivals.scene()
    return failures.too_many(Expectation("search"), 2, found, scene, exactly=False)


# -- what should not have arrived


def unexpected_event() -> str:
    arrivals = Arrivals().send(PURCHASE).send(event_name="refund", amount=16.0)
    expected = Expectation("refund", {"amount": IsFloat(gt=0)})
    found = [one for one in arrivals.events if expected.matches(one.event)]
    return failures.unexpected(expected, found, arrivals.scene(0.5))


def unexpected_anything() -> str:
    return failures.not_nothing(visit("page_view").scene(0.5))


def unexpected_refused_request() -> str:
    return failures.not_nothing(Arrivals().post(BROKEN).scene(0.5))


def unexpected_anything_and_a_refused_request() -> str:
    return failures.not_nothing(visit("page_view").post(BROKEN).scene(0.5))


# -- in which order


def wrong_order() -> str:
    return sequence(visit("page_view", "purchase", "add_to_cart"), *VISIT)


def too_early() -> str:
    return sequence(visit("add_to_cart", "page_view", "purchase"), *VISIT)


def broken_sequence_with_a_close_event() -> str:
    arrivals = visit("page_view", "add_to_cart").send(purchase(revenue="16.00"))
    step = Expectation("purchase", {"revenue": 16.0})
    return sequence(arrivals, "page_view", "add_to_cart", step)


def strict_sequence_with_another_between() -> str:
    arrivals = visit("page_view", "search", "add_to_cart", "purchase")
    return sequence(arrivals, *VISIT, strict=True)


def strict_sequence_with_a_surplus() -> str:
    return sequence(visit(*VISIT, "purchase"), *VISIT, strict=True)


def long_sequence() -> str:
    steps = [f"step_{number}" for number in range(20)]
    return sequence(visit(*steps[:9]), *steps)


def sequence_of_nothing() -> str:
    return sequence(Arrivals(), *VISIT)


# -- what was refused


def refused_request_at_the_end() -> str:
    arrivals = visit("page_view").post(BROKEN)
    return failures.refused_unseen(arrivals.requests, arrivals.scene(), RELAX)


def refused_requests_at_the_end() -> str:
    arrivals = Arrivals()
    for _ in range(5):
        arrivals.post(BROKEN)
    arrivals.send(event_name="big", text="x" * 33_000)
    return failures.refused_unseen(arrivals.requests[::-1], arrivals.scene(), RELAX)


def sender_that_hung_up() -> str:
    arrivals = Arrivals().hang_up(b'{"event_name": "pur')
    return failures.refused_unseen(arrivals.requests, arrivals.scene(), RELAX)


def refused_for_another_reason() -> str:
    return failures.not_refused("too large", Arrivals().post(BROKEN).scene())


def nothing_refused() -> str:
    return failures.not_refused("invalid json", visit("page_view").scene())


def nothing_refused_for_any_reason() -> str:
    return failures.not_refused(None, Arrivals().scene())


# -- what production makes of it


def close_event_that_breaks_a_plan() -> str:
    """The failure of the design."""
    arrivals = Arrivals(plan=PLAN).send(SEEN_PAGE)
    arrivals.batch(
        whole("purchase", revenue="16,00", currency="EUR"), whole("generate_lead")
    )
    return not_sent(WHAT_WAS_ASKED, arrivals)


def close_event_that_is_valid() -> str:
    arrivals = Arrivals(plan=PLAN)
    arrivals.send(whole("purchase", revenue=12.0, currency="EUR"))
    return not_sent(WHAT_WAS_ASKED, arrivals)


def not_valid_by_a_plan() -> str:
    arrivals = Arrivals(plan=PLAN).send(SEEN_PAGE)
    arrivals.send(whole("purchase", revenue="16,00"))
    return not_valid(arrivals.send(whole("puchase")))


def not_valid_in_the_same_way() -> str:
    names = ("page_view", "search", "login", "view_cart", "generate_lead", "logout")
    return not_valid(visit(*names))


def rejected_at_the_end() -> str:
    arrivals = Arrivals(plan=PLAN).send(SEEN_PAGE)
    arrivals.send(PURCHASE)
    return rejected(arrivals)


def several_rejected_at_the_end() -> str:
    arrivals = visit("search").send({"event": "purchase"}).send(PURCHASE).send(PURCHASE)
    return rejected(arrivals.send(event_name=ESCAPES))


def personal_data_without_consent() -> str:
    user = {"id": "12345", "email": "jo@shop.example"}
    device = {"device": {"ip": "203.0.113.24"}}
    arrivals = Arrivals().send(event_name="login", user=user, context=device)
    arrivals.send(event_name="login", user={**user, "consent_categories": []})
    arrivals.send(event_name="logout", user={"id": "12345"})
    return failures.not_nothing(arrivals.scene(0.5))


def personal_data_with_consent() -> str:
    names = ("email", "email_sha256", "phone", "firstname", "lastname", "city")
    user = {**whole("login")["user"], **dict.fromkeys(names, "a")}
    return failures.not_nothing(Arrivals().send(whole("login", user=user)).scene(0.5))


def many_events_with_personal_data() -> str:
    arrivals = Arrivals()
    for _ in range(4):
        arrivals.send(whole("login"))
    return failures.not_nothing(arrivals.scene(0.5))


def not_valid(arrivals: Arrivals) -> str:
    wrong = [one for one in arrivals.events if one.verdict.name != "valid"]
    return verdicts.not_valid(wrong, arrivals.scene(0.0))


def rejected(arrivals: Arrivals) -> str:
    found = [one for one in arrivals.events if one.verdict.name == "invalid-rejected"]
    return verdicts.rejected_unseen(found, arrivals.scene(0.0), RELAX_MARK)


# -- what a test that failed otherwise has sent


def seen() -> str:
    return failures.seen(visit("page_view").post(BROKEN).send(PURCHASE).scene())


def seen_with_a_request_that_brought_no_event() -> str:
    empty = Arrivals().post(b'{"batch": []}', "/events/batch")
    return failures.seen(empty.scene())


# -- wide, deep, long, hostile, many


def wide_event() -> str:
    expected = Expectation("page_view", {**WIDE, "property_31": "31"})
    return not_sent(expected, Arrivals().send(event_name="page_view", **WIDE))


def wide_event_all_different() -> str:
    expected = Expectation("page_view", dict.fromkeys(WIDE, -1))
    return not_sent(expected, Arrivals().send(event_name="page_view", **WIDE))


def deep_event() -> str:
    expected = Expectation("deep", {"a": {"a": {"a": 1}}, "b": 1})
    return not_sent(expected, Arrivals().post(deep(500)))


def long_values() -> str:
    arrivals = Arrivals().send(
        event_name="purchase", label="a" * 16_000 + "b" * 15_000, note="c" * 500
    )
    expected = Expectation("purchase", {"label": "a" * 31_000, "note": "c" * 500})
    return not_sent(expected, arrivals)


def hostile_text() -> str:
    expected = Expectation("purchase", {ESCAPES: "a", "user": {"i\nd": "1"}})
    arrivals = Arrivals().send(
        {"event_name": "purchase", ESCAPES: ESCAPES, "user": {"i\nD": "1"}}
    )
    return not_sent(expected, arrivals.send({"event_name": ESCAPES * 9}))


def two_hundred_events() -> str:
    arrivals = visit(*["search"] * 100, *["page_view"] * 99)
    found = arrivals.send(PURCHASE).events[:100]
    return failures.too_many(Expectation("search"), 1, found, arrivals.scene())


def two_hundred_with_one_event_id() -> str:
    arrivals = Arrivals()
    for _ in range(200):
        arrivals.send(PURCHASE)
    return failures.too_many(WHAT_WAS_ASKED, 1, arrivals.events, arrivals.scene())


def strays_of_many_tests() -> str:
    arrivals = visit(*["search"] * 20)
    late = [
        Stray(one, f"sent with the test code of test_{place % 7}")
        for place, one in enumerate(arrivals.events)
    ]
    return not_sent(Expectation("purchase"), Arrivals(), strays=late)


KINDS = [
    one
    for one in list(globals().values())
    if isfunction(one) and one.__module__ == __name__ and not signature(one).parameters
]
"""The functions of this module that take nothing: each returns one failure."""
