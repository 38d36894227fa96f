from __future__ import annotations

import pytest

from mockcollect.verdict.nearness import MAX_NAME, distance, nearest, split
from mockcollect.verdict.rules import LAYOUTS
from mockcollect.verdict.standard import standard_events
from tests.verdict.judging import findings, good, said, subject_of

NAMES = standard_events().names()
NEAR_MISS = "event_name.near_miss"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("puchase", "purchase"),
        ("purcahse", "purchase"),
        ("purchasse", "purchase"),
        ("prchse", "purchase"),
        ("Purchase", "purchase"),
        ("PURCHASE", "purchase"),
        ("purchase ", "purchase"),
        ("_purchase", "purchase"),
        ("addToCart", "add_to_cart"),
        ("AddToCart", "add_to_cart"),
        ("Add to cart", "add_to_cart"),
        ("add-to-cart", "add_to_cart"),
        ("add.to.cart", "add_to_cart"),
        ("addtocart", "add_to_cart"),
        ("add_to_crat", "add_to_cart"),
        ("add_to_card", "add_to_cart"),
        ("pageview", "page_view"),
        ("page_veiw", "page_view"),
        ("page_vew", "page_view"),
        ("log_in", "login"),
        ("signup", "sign_up"),
        ("sing_up", "sign_up"),
        ("seach", "search"),
        ("begin_chekout", "begin_checkout"),
        ("add_payement_info", "add_payment_info"),
        ("vidoe_start", "video_start"),
    ],
)
def test_a_slip_in_a_standard_name_is_caught(name: str, meant: str) -> None:
    assert nearest(name, NAMES) == meant


@pytest.mark.parametrize(
    "name",
    [
        *("sign_in", "sign_out", "logout", "log_out", "research", "seller", "share"),
        *(
            "refunded",
            "purchases",
            "purchased",
            "page_views",
            "view_items",
            "ad_clicks",
        ),
        *("nav_click", "tab_click", "id_click", "add_click", "image_view", "app_view"),
        *("view_card", "view_chart", "view_part", "view_time", "view_team", "tag_view"),
        *("video_stop", "video_restart", "video_play", "video_end", "video_seed"),
        *("purchase_2", "purchase2", "video_start_3", "add_to_list", "add_to_bag"),
        *("generate_load", "begin_quiz", "wheel_spun", "purchase_completed", "lead"),
        *("", "购买", "é", "_", "9", "A" * MAX_NAME, "purchase" * 4_000),
    ],
)
def test_a_name_that_may_be_meant_is_left_alone(name: str) -> None:
    assert nearest(name, NAMES) is None


@pytest.mark.parametrize("name", [*NAMES, "video_full_screen_off"])
def test_the_vendors_own_names_are_no_slips(name: str) -> None:
    assert said(NEAR_MISS, subject_of(good("server", {"event_name": name}))) == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_rule_says_which_name_was_meant(layout: str) -> None:
    path = "event" if layout == "browser-v1" else "event_name"
    data = good(layout, {path: "puchase"})  # type: ignore[arg-type]
    (one,) = findings(NEAR_MISS, subject_of(data, layout))  # type: ignore[arg-type]
    assert (one.level, one.path, one.sample) == ("warning", path, "puchase")
    assert one.message == f'{path} "puchase" is no standard event, and purchase is one'


@pytest.mark.parametrize("name", [None, 5, "", ["purchase"]])
def test_what_is_no_name_is_left_to_other_rules(name: object) -> None:
    assert said(NEAR_MISS, subject_of(good("server", {"event_name": name}))) == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("", "", 0),
        ("a", "", 1),
        ("cart", "cart", 0),
        ("cart", "card", 1),
        ("crat", "cart", 1),
        ("cat", "cart", 1),
        ("up", "in", 2),
        ("kitten", "sitting", 3),
    ],
)
def test_distance_counts_slips(one: str, other: str, expected: int) -> None:
    assert distance(one, other) == distance(other, one) == expected


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("addToCart", ("add", "to", "cart")),
        ("HTMLView2", ("html", "view", "2")),
        ("page view", ("page", "view")),
        ("__", ()),
    ],
)
def test_a_name_is_split_into_words(name: str, words: tuple[str, ...]) -> None:
    assert split(name) == words


def test_custom_events_are_welcome() -> None:
    assert (
        said("event.unknown", subject_of(good("server", {"event_name": "spin"}))) == []
    )
