from __future__ import annotations

import pytest

from mockcollect.contract.source import Source, bearer_token, find_source, parameters


@pytest.mark.parametrize(
    ("query", "authorization", "expected"),
    [
        ("tc_s=29&token=k", "", Source("29", "k")),
        ("token=k&tc_s=29", "", Source("29", "k")),
        ("", "", Source(None, None)),
        ("tc_s=&token=", "", Source(None, None)),
        ("tc_s", "", Source(None, None)),
        ("tc_s=1&tc_s=2&token=a&token=b", "", Source("1", "a")),
        ("token=a%2Bb%3D", "", Source(None, "a+b=")),
        ("token=a+b", "", Source(None, "a b")),
        ("tc_skey=s", "", Source(None, "s")),
        ("tc_skey=s&token=k", "", Source(None, "k")),
        ("tc_skey=s&token=", "", Source(None, "s")),
        ("", "Bearer h", Source(None, "h")),
        ("token=k", "Bearer h", Source(None, "k")),
        ("tc_skey=s", "Bearer h", Source(None, "s")),
        ("TC_S=29&Token=k", "", Source(None, None)),
        ("tc_s=29;token=k", "", Source("29;token=k", None)),
        ("&&tc_s=29&&token=k&", "", Source("29", "k")),
        ("tc_s=%FF", "", Source("\ufffd", None)),
        ("padding=" + "x" * 600 + "&tc_s=29&token=k", "", Source("29", "k")),
    ],
)
def test_site_and_key_are_found(
    query: str, authorization: str, expected: Source
) -> None:
    assert find_source(query, {"authorization": authorization}) == expected
    assert find_source(query, {"authorization": authorization}) == expected


@pytest.mark.parametrize(
    ("authorization", "token"),
    [
        ("Bearer k", "k"),
        ("bearer  k ", "k"),
        ("BEARER k", "k"),
        ("Bearer", None),
        ("Bearer ", None),
        ("Basic k", None),
        ("k", None),
        ("", None),
    ],
)
def test_only_a_bearer_token_names_a_key(authorization: str, token: str | None) -> None:
    assert bearer_token(authorization) == token


def test_parameters_keep_their_order_and_their_blanks() -> None:
    assert parameters("b=2&a=1&b=&c") == [("b", "2"), ("a", "1"), ("b", ""), ("c", "")]
