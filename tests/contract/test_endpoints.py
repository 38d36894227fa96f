from __future__ import annotations

import pytest

from mockcollect.contract.endpoints import (
    KNOWN_PATHS,
    NotAllowed,
    NotFound,
    find_endpoint,
)


@pytest.mark.parametrize(
    ("method", "path", "endpoint"),
    [
        ("POST", "/events", "events"),
        ("POST", "/events/", "events"),
        ("POST", "/cdp/events", "events"),
        ("POST", "/cdp/events/", "events"),
        ("POST", "/shop/cdp/events", "events"),
        ("POST", "/a/b/c/cdp/events", "events"),
        ("POST", "/cdp/cdp/events", "events"),
        ("POST", "/events/batch", "batch"),
        ("POST", "/events/batch/", "batch"),
        ("POST", "/cdp/events/batch", "batch"),
        ("POST", "/shop/cdp/events/batch", "batch"),
        ("GET", "/events", "pixel"),
        ("HEAD", "/events", "pixel"),
        ("GET", "/events/batch", "pixel"),
        ("GET", "/shop/cdp/events", "pixel"),
        ("GET", "/get-cookie", "cookie"),
        ("GET", "/cdp/get-cookie", "cookie"),
        ("GET", "/healthy", "healthy"),
        ("GET", "/shop/healthy", "healthy"),
        ("OPTIONS", "/events", "preflight"),
        ("OPTIONS", "/anything", "preflight"),
    ],
)
def test_a_method_and_a_path_mean_an_endpoint(
    method: str, path: str, endpoint: str
) -> None:
    assert find_endpoint(method, path) == endpoint


def test_a_parameter_of_gateways_turns_no_event_away() -> None:
    assert find_endpoint("POST", "/events/", "validate_geo=healthy") == "events"
    assert find_endpoint("GET", "/events/", "validate_geo=healthy") == "pixel"


@pytest.mark.parametrize("path", ["/", "/shop/", "/a/b/"])
def test_a_gateway_is_healthy_when_its_geography_is_asked(path: str) -> None:
    assert find_endpoint("GET", path, "validate_geo=healthy") == "healthy"
    assert find_endpoint("GET", path, "x=1&validate_geo=healthy") == "healthy"
    assert find_endpoint("GET", path, "validate_geo=sick") == NotFound()


@pytest.mark.parametrize(
    "path",
    [
        *["", "/", "events", "/event", "/Events", "/events//", "//events"],
        *["/events/batch/1", "/eventsbatch", "/shop/events", "/xcdp/events"],
        *["/cdp", "/cdp/", "/cdp/other", "/v2/29/events", "/events.json"],
    ],
)
def test_any_other_path_is_not_found(path: str) -> None:
    assert find_endpoint("POST", path) == NotFound()


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/events", ("POST", "GET", "OPTIONS")),
        ("DELETE", "/cdp/events/batch", ("POST", "GET", "OPTIONS")),
        ("post", "/events", ("POST", "GET", "OPTIONS")),
        ("POST", "/get-cookie", ("GET", "OPTIONS")),
        ("POST", "/shop/healthy", ("GET", "OPTIONS")),
    ],
)
def test_a_known_path_with_another_method_names_its_methods(
    method: str, path: str, allow: tuple[str, ...]
) -> None:
    assert find_endpoint(method, path) == NotAllowed(allow)


@pytest.mark.parametrize("known", KNOWN_PATHS)
def test_each_path_that_a_404_names_exists(known: str) -> None:
    method, path = known.split(" ")
    assert isinstance(find_endpoint(method, path), str)
