from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import pytest

from mockcollect.server import bodies
from mockcollect.server.bodies import DRAINED_BYTES, KEPT_BYTES, Body, Rest, read_body


class Trickle(io.RawIOBase):
    """A stream that gives less than it is asked for, and counts what it gave."""

    def __init__(self, pieces: Iterable[bytes], error: Exception | None = None) -> None:
        self._pieces = list(pieces)
        self._error = error
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "never read without a bound: it may be the socket itself"
        if not self._pieces:
            if self._error is not None:
                raise self._error
            return b""
        piece, rest = self._pieces[0][:size], self._pieces[0][size:]
        self._pieces[:1] = [rest] if rest else []
        self.given += len(piece)
        return piece


def environ(stream: Any, length: str | None = None, **more: str) -> dict[str, Any]:
    declared = {} if length is None else {"CONTENT_LENGTH": length}
    return {"wsgi.input": stream, **declared, **more}


def chunked(stream: Any) -> dict[str, Any]:
    return environ(stream, HTTP_TRANSFER_ENCODING="Chunked")


@pytest.mark.parametrize(
    "pieces", [[b"abcdef"], [b"a", b"bc", b"def"], [b"abcdefgh", b"ij"]]
)
def test_a_declared_body_is_read_to_its_length_and_no_further(
    pieces: list[bytes],
) -> None:
    stream = Trickle(pieces)
    assert read_body(environ(stream, "6"), 10) == Body(b"abcdef", 6)
    assert stream.given == 6


def test_a_body_of_exactly_its_limit_is_whole() -> None:
    assert read_body(environ(Trickle([b"x" * 10]), "10"), 10) == Body(b"x" * 10, 10)


@pytest.mark.parametrize("length", [None, "", "0", "abc", "-5", "1.5", "٣", "9" * 19])
def test_without_a_length_that_counts_nothing_is_read(length: str | None) -> None:
    stream = Trickle([b"abc"])
    assert read_body(environ(stream, length), 10) == Body(b"", 0)
    assert stream.given == 0


def test_fewer_bytes_than_declared_mean_that_the_sender_hung_up() -> None:
    body = read_body(environ(Trickle([b"ab", b"c"]), "6"), 10)
    assert body == Body(b"abc", 6, aborted=True)


def test_a_declared_body_over_its_limit_is_not_read_before_its_answer() -> None:
    stream = Trickle([b"x" * 11])
    body = read_body(environ(stream, "11"), 10)
    assert (body.content, body.size, stream.given) == (b"", 11, 0)
    assert body.rest is not None
    body.rest.drain()
    assert (body.rest.kept, body.rest.size) == (b"x" * 11, 11)
    assert body.rest.is_whole


def test_a_chunked_body_is_counted() -> None:
    body = read_body(chunked(Trickle([b"abc", b"def"])), 10)
    assert body == Body(b"abcdef", 6)


def test_a_chunked_body_is_read_until_it_is_known_to_be_over_its_limit() -> None:
    stream = Trickle([b"x" * 8] * 4)
    body = read_body(chunked(stream), 10)
    assert (body.content, body.size, stream.given) == (b"", 11, 11)
    assert body.rest is not None
    body.rest.drain()
    assert (body.rest.size, body.rest.kept) == (32, b"x" * 32)
    assert body.rest.is_whole


def test_a_broken_chunk_means_that_the_sender_hung_up() -> None:
    body = read_body(chunked(Trickle([b"abc"], OSError("bad chunk"))), 10)
    assert body == Body(b"abc", 3, aborted=True)


def test_a_connection_that_breaks_means_that_the_sender_hung_up() -> None:
    broken = Trickle([b"abc"], OSError("connection reset"))
    environ = {"wsgi.input": broken, "CONTENT_LENGTH": "10"}
    assert read_body(environ, 10) == Body(b"abc", 10, aborted=True)


def test_only_the_first_part_of_a_large_body_is_kept() -> None:
    stream = Trickle([b"x" * (1 << 16)] * 40)
    rest = Rest(stream, b"", 40 << 16)
    rest.drain()
    assert len(rest.kept) == KEPT_BYTES
    assert (rest.size, rest.count) == (40 << 16, 40 << 16)
    assert not rest.is_whole


def test_a_sender_that_leaves_while_it_is_drained_is_no_error() -> None:
    for stream in (Trickle([b"abc"]), Trickle([b"abc"], OSError("gone"))):
        rest = Rest(stream, b"", 1_000)
        rest.drain()
        assert (rest.kept, rest.count, rest.size) == (b"abc", 3, 1_000)
        assert not rest.is_whole


def test_draining_ends_after_a_hundred_megabytes() -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            return b"\0" * size

    rest = Rest(Endless(), b"", None)
    rest.drain()
    assert rest.count == DRAINED_BYTES
    assert len(rest.kept) == KEPT_BYTES


def test_draining_ends_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "DRAIN_SECONDS", 0.0)
    stream = Trickle([b"abc"])
    rest = Rest(stream, b"", 1_000)
    rest.drain()
    assert stream.given == 0
