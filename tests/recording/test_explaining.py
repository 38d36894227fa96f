from __future__ import annotations

from dataclasses import replace

import pytest

from mockcollect.contract.event import Refusal
from mockcollect.contract.refusal import Explanation, explain
from mockcollect.recording import explaining
from mockcollect.recording.explaining import Explanations
from tests.recording.helpers import received

REFUSAL = Refusal("invalid json", "body", 1)


@pytest.fixture
def explained(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    bodies: list[bytes] = []

    def count(
        refusal: Refusal, body: bytes, headers: dict[str, str], *, whole: bool
    ) -> Explanation:
        bodies.append(body)
        return explain(refusal, body, headers, whole=whole)

    monkeypatch.setattr(explaining, "explain", count)
    return bodies


def test_an_explanation_is_made_once(explained: list[bytes]) -> None:
    explanations = Explanations()
    request, _ = received(b"{")
    first = explanations.of(REFUSAL, request)
    assert explanations.of(REFUSAL, replace(request, path="/other")) is first
    assert explained == [b"{"]


def test_what_was_changed_is_explained_anew(explained: list[bytes]) -> None:
    explanations = Explanations()
    request, _ = received(b"{")
    headers = {**request.headers, "content-encoding": "br"}
    for one in (
        request,
        replace(request, body=b"["),
        replace(request, headers=headers),
    ):
        explanations.of(REFUSAL, one)
    assert len(explained) == 3


def test_only_the_latest_are_remembered(explained: list[bytes]) -> None:
    explanations = Explanations(2)
    for body in (b"{", b"[", b"{", b"x", b"{", b"["):
        explanations.of(REFUSAL, received(body)[0])
    assert explained == [b"{", b"[", b"x", b"["]
