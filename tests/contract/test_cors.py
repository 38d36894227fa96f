from __future__ import annotations

from mockcollect.contract.cors import cors_headers, preflight_headers

ORIGIN = "https://www.shop.example"


def test_the_asking_origin_is_echoed_and_never_a_star() -> None:
    assert dict(cors_headers({"origin": ORIGIN})) == {
        "Access-Control-Allow-Origin": ORIGIN,
        "Access-Control-Allow-Credentials": "true",
        "Vary": "Origin",
    }


def test_without_an_origin_nothing_is_said() -> None:
    assert cors_headers({}) == ()
    assert cors_headers({"origin": ""}) == ()


def test_a_preflight_gets_what_it_asks_for() -> None:
    asked = {"origin": ORIGIN, "access-control-request-headers": "content-type, x-a"}
    granted = dict(preflight_headers(asked))
    assert granted["Access-Control-Allow-Headers"] == "content-type, x-a"
    assert granted["Access-Control-Allow-Methods"] == "GET, POST, OPTIONS"
    assert granted["Access-Control-Allow-Origin"] == ORIGIN
    assert granted["Access-Control-Allow-Private-Network"] == "true"
    assert granted["Content-Length"] == "0"


def test_a_preflight_that_asks_for_no_header_gets_none() -> None:
    assert "Access-Control-Allow-Headers" not in dict(preflight_headers({}))
