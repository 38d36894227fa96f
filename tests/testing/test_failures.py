"""What pytest prints of each kind of failure, whole: reviewed texts in tests/messages.

UPDATE_MESSAGES=1 writes them anew.
"""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from tests.testing.runs import Suite, assert_golden, block

FAILURES = {
    "wrong-value": """
        shop.send("purchase", revenue=12.0, currency="EUR", user={"id": "12345"})

        mockcollect.assert_sent(
            "purchase",
            revenue=16.0,
            currency="EUR",
            user={"id": "12345"},
        )
    """,
    "wrong-type": """
        shop.send("page_view")
        shop.send_batch(
            {"event_name": "purchase", "revenue": "16,00", "currency": "EUR"},
            {"event_name": "generate_lead"},
        )

        mockcollect.assert_sent("purchase", revenue=16.0, currency="EUR")
    """,
    "missing-property": """
        shop.send("purchase", revenue=16.0, user={"ID": "12345"})

        mockcollect.assert_sent("purchase", revenue=16.0, user={"id": "12345"})
    """,
    "nothing-arrived": """
        mockcollect.assert_sent("purchase", revenue=16.0)
    """,
    "wrong-event-name": """
        shop.send("Purchase", revenue=16.0)

        mockcollect.assert_sent("purchase", revenue=16.0)
    """,
    "another-event": """
        shop.send("page_view")

        mockcollect.assert_sent("purchase", revenue=16.0)
    """,
    "too-many": """
        for _ in range(2):
            shop.send("purchase", event_id="a-1", revenue=16.0)

        mockcollect.assert_sent_once("purchase", revenue=16.0)
    """,
    "too-few": """
        shop.send("purchase", revenue=16.0)
        shop.send("purchase", revenue=12.0)

        mockcollect.assert_sent("purchase", count=2, revenue=16.0)
    """,
    "unexpected-event": """
        shop.send("page_view")
        shop.send("refund", value=3)

        mockcollect.assert_not_sent("refund")
    """,
    "something-where-nothing-should-be": """
        shop.send("page_view")

        mockcollect.assert_nothing_sent()
    """,
    "wrong-order": """
        for name in ("page_view", "purchase", "add_to_cart"):
            shop.send(name)

        mockcollect.assert_sequence(["page_view", "add_to_cart", "purchase"])
    """,
    "wrong-order-strict": """
        for name in ("page_view", "search", "purchase"):
            shop.send(name)

        mockcollect.assert_sequence(["page_view", "purchase"], strict=True)
    """,
    "refused-for-another-reason": """
        shop.send_refused()

        mockcollect.assert_refused(because="too large")
    """,
    "not-refused": """
        shop.send("page_view")

        mockcollect.assert_refused()
    """,
    "not-all-valid": """
        shop.send("page_view")
        shop.send_refused()

        mockcollect.assert_all_valid()
    """,
    "without-its-test-code": """
        shop.send("purchase", test_code=mockcollect.test_code, revenue=12.0)
        shop.send("purchase", revenue=16.0)

        mockcollect.assert_sent("purchase", revenue=16.0)
    """,
    "a-failure-of-the-test-itself": """
        shop.send("page_view")
        shop.send_refused()

        assert shop.port == 0
    """,
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_explains_itself(suite: Suite, name: str) -> None:
    body = indent(dedent(FAILURES[name]).strip("\n"), "    ")
    result = suite.run(f"def test_checkout(mockcollect, shop):\n{body}")

    result.assert_outcomes(failed=1)
    text = block(result, "test_checkout")
    if name == "a-failure-of-the-test-itself":  # it shows the number of the port
        text = text[text.index("mockcollect -") :].partition("\n")[2]
    assert_golden(name, text)


def test_an_unexpected_refusal_fails_the_test_at_its_end(suite: Suite) -> None:
    result = suite.run(
        """
        def test_checkout(mockcollect, shop):
            shop.send_refused(b'{"event_name": "purchase", "revenue": 16,00}')
        """
    )

    result.assert_outcomes(passed=1, errors=1)
    assert_golden(
        "refused-request", block(result, "ERROR at teardown of test_checkout")
    )


def test_a_straggler_is_named_with_its_test(suite: Suite) -> None:
    result = suite.run(
        """
        from tests.testing.sending import send

        def test_checkout(mockcollect):
            pass

        def test_nothing_of_it(mockcollect_server):
            send(mockcollect_server.port, "purchase")
        """
    )

    result.assert_outcomes(passed=2)
    assert_golden("straggler", block(result, "mockcollect"))
