from __future__ import annotations

from typing import Any

import pytest

from tests.verdict.judging import good, said, subject_of

CODE = "url.credentials"
HOST = "https://shop.example.com"


def paths(changes: dict[str, Any], layout: Any = "server") -> list[str]:
    subject = subject_of(good(layout, changes), layout)
    return [path for _level, path, _message in said(CODE, subject)]


@pytest.mark.parametrize(
    "url",
    [
        f"{HOST}/?email=jane@example.com",
        f"{HOST}/?email=jane%40example.com",
        f"{HOST}/welcome/jane.doe+shop@mail.example.co.uk/orders",
        f"{HOST}/#u=jane@example.com&x=1",
        f"{HOST}/login?user=jane&password=hunter2",
        f"{HOST}/login?PWD=hunter2",
        "https://jane:hunter2@shop.example.com/",
    ],
)
def test_what_is_secret_is_found(url: str) -> None:
    assert paths({"context.page.url": url}) == ["context.page.url"]


@pytest.mark.parametrize(
    "url",
    [
        f"{HOST}/search?q=...",
        f"{HOST}/@jane.doe/posts",
        f"{HOST}/maps/@48.8566,2.3522,15z",
        f"{HOST}/logo@2x.png",
        f"{HOST}/package/@scope/name@1.2.3",
        f"{HOST}/?email=****@example.com",
        f"{HOST}/?password=",
        f"{HOST}/reset-password?step=2",
        f"{HOST}/?pass=weekend&key=1",
        f"{HOST}:8443/",
        "",
        None,
        5,
        ["jane@example.com"],
        "@" * 32_000,
        "a@" * 16_000,
        "a@" + "a." * 16_000,
    ],
)
def test_what_is_none_is_left_alone(url: Any) -> None:
    assert paths({"context.page.url": url}) == []


@pytest.mark.parametrize(
    ("layout", "path"),
    [
        ("server", "context.page.referrer"),
        ("browser", "context.page.url"),
        ("server", "url"),
        ("1.0", "page.url"),
        ("browser-v1", "properties.url"),
    ],
)
def test_urls_are_looked_for_in_all_places(layout: str, path: str) -> None:
    assert paths({path: f"{HOST}/?e=jane@example.com"}, layout) == [path]


def test_the_message_does_not_repeat_what_is_secret() -> None:
    data = good("server", {"context.page.url": f"{HOST}/?e=jane@example.com"})
    assert said(CODE, subject_of(data)) == [
        ("warning", "context.page.url", "context.page.url holds an e-mail address")
    ]
