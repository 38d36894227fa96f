"""What a client sees of the real server, byte by byte."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mockcollect.contract.wire import MAX_BATCH_BYTES, MAX_EVENT_BYTES, PIXEL
from tests.processes import Process, mockcollect, wait_until
from tests.rawhttp import (
    LAST_CHUNK,
    Connection,
    Response,
    chunk,
    chunked,
    head,
    post,
    sized_batch,
    sized_event,
)

EVENT = b'{"event_name":"purchase"}'
MIB = 1 << 20
PROMPTLY = 3.0
"""For what would otherwise wait for ever; only a much slower machine needs more."""


@pytest.fixture(scope="module")
def server() -> Iterator[Process]:
    with mockcollect("--quiet", environment={"HTTP_FOO": "bar"}) as process:
        yield process
        assert str(process.stderr) == ""


@pytest.fixture
def connection(server: Process) -> Iterator[Connection]:
    with Connection(server.port) as connection:
        yield connection


def exchange(connection: Connection, request: bytes) -> Response:
    connection.send(request)
    return connection.answer()


def refusal_of(server: Process, response: Response) -> str | None:
    refusal = server.wait_for_request(response.request_id)["refusal"]
    return refusal["reason"] if refusal else None


# -- limits


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        pytest.param("/events", sized_event(MAX_EVENT_BYTES), 200, id="event-32768"),
        pytest.param("/events", sized_event(MAX_EVENT_BYTES + 1), 400, id="one-more"),
        pytest.param(
            "/events/batch", sized_batch(MAX_BATCH_BYTES), 200, id="batch-512000"
        ),
        pytest.param(
            "/events/batch", sized_batch(MAX_BATCH_BYTES + 1), 400, id="batch-one-more"
        ),
        pytest.param(
            "/events/batch",
            b'{"batch":[%s,%s]}' % (EVENT, sized_event(MAX_EVENT_BYTES)),
            200,
            id="event-in-batch-32768",
        ),
        pytest.param(
            "/events/batch",
            b'{"batch":[%s,%s]}' % (EVENT, sized_event(MAX_EVENT_BYTES + 1)),
            400,
            id="event-in-batch-one-more",
        ),
    ],
)
@pytest.mark.parametrize("framing", ["content-length", "chunked", "many-small-chunks"])
def test_the_limits_hold_to_the_byte(
    server: Process,
    connection: Connection,
    path: str,
    body: bytes,
    status: int,
    framing: str,
) -> None:
    if framing == "content-length":
        request = post(body, path=path)
    elif framing == "chunked":
        request = chunked(body, path=path)
    else:
        size = max(7, len(body) // 3000)
        parts = [body[at : at + size] for at in range(0, len(body), size)]
        request = chunked(*parts, path=path)
    answer = exchange(connection, request)
    assert (answer.status, answer.body) == (status, b"")
    assert answer.headers["content-length"] == "0"
    expected = None if status == 200 else "too large"
    assert refusal_of(server, answer) == expected


# -- chunks


def test_chunk_extensions_and_trailers_are_no_part_of_the_body(
    server: Process, connection: Connection
) -> None:
    connection.send(head("Transfer-Encoding: chunked"))
    connection.send(chunk(EVENT[:5], ";name=value") + chunk(EVENT[5:], ";a"))
    connection.send(b"0\r\nX-Trailer: 1\r\n\r\n")
    answer = connection.answer()
    assert answer.status == 200
    recorded = server.wait_for_request(answer.request_id)
    assert recorded["body"] == EVENT.decode()
    assert "x-trailer" not in recorded["headers"]


def test_chunks_may_come_one_by_one(server: Process, connection: Connection) -> None:
    connection.send(head("Transfer-Encoding: chunked"))
    for byte in EVENT:
        connection.send(chunk(bytes([byte])))
    connection.send(LAST_CHUNK)
    answer = connection.answer()
    assert answer.status == 200
    assert server.wait_for_request(answer.request_id)["size"] == len(EVENT)


def test_a_chunked_body_is_refused_as_soon_as_it_is_over_its_limit(
    server: Process, connection: Connection
) -> None:
    connection.send(head("Transfer-Encoding: chunked"))
    connection.send(chunk(b"x" * (MAX_EVENT_BYTES + 1)))
    answer = connection.answer(seconds=PROMPTLY)
    assert answer.status == 400
    connection.send(chunk(b"y" * 9) + LAST_CHUNK)
    recorded = server.wait_for_request(answer.request_id)
    assert recorded["size"] == MAX_EVENT_BYTES + 10
    assert not recorded["truncated"]


# -- 100 Continue


def test_a_body_that_will_be_read_is_asked_for(connection: Connection) -> None:
    connection.send(head(f"Content-Length: {len(EVENT)}", "Expect: 100-continue"))
    assert connection.answer(seconds=PROMPTLY).status == 100
    assert exchange(connection, EVENT).status == 200


def test_who_asks_before_sending_too_much_has_the_400_at_once(
    connection: Connection,
) -> None:
    connection.send(head("Content-Length: 5000000", "Expect: 100-continue"))
    assert connection.answer(seconds=PROMPTLY).status == 400


# -- keep-alive


def test_requests_in_one_packet_are_answered_in_their_order(
    server: Process, connection: Connection
) -> None:
    large = sized_event(40_000)
    connection.send(post(EVENT) + post(b"{") + post(large) + chunked(EVENT))
    answers = [connection.answer() for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 400, 400, 200]
    ids = [answer.request_id for answer in answers]
    assert ids == sorted(ids)
    assert server.wait_for_request(ids[2])["size"] == len(large)


def test_bytes_behind_the_declared_length_are_the_next_request(
    server: Process, connection: Connection
) -> None:
    connection.send(head("Content-Length: 2") + b'{}"leftover"\r\n\r\n')
    answer = connection.answer()
    assert answer.status == 200
    assert server.wait_for_request(answer.request_id)["body"] == "{}"
    assert connection.answer().status == 400
    assert connection.is_closed()


# -- Content-Length that lies


def test_a_sender_that_hangs_up_early_leaves_an_aborted_request(
    server: Process,
) -> None:
    before = len(server.requests())
    events = len(server.events())
    with Connection(server.port) as connection:
        connection.send(head("Content-Length: 500") + b"{}")
    wait_until(lambda: len(server.requests()) > before, "the request was not recorded")
    recorded = server.requests()[-1]
    assert recorded["aborted"]
    assert recorded["refusal"]["reason"] == "aborted"
    assert recorded["size"] == 500
    assert (
        server.request("GET", f"/_inspect/requests/{recorded['id']}/body")[1] == b"{}"
    )
    assert len(server.events()) == events


@pytest.mark.parametrize(
    "length", ["-5", "abc", "1e3", "0x10", "2, 3", "99999999999999999999"]
)
def test_a_length_that_is_no_number_is_a_400(server: Process, length: str) -> None:
    with Connection(server.port) as connection:
        connection.send(head(f"Content-Length: {length}") + EVENT)
        assert connection.answer(seconds=PROMPTLY).status == 400


def test_who_declares_ten_gigabytes_and_sends_a_byte_has_its_400_at_once(
    server: Process,
) -> None:
    with Connection(server.port) as connection:
        connection.send(head("Content-Length: 10000000000") + b"{")
        answer = connection.answer(seconds=PROMPTLY)
        assert answer.status == 400
    recorded = server.wait_for_request(answer.request_id)
    assert recorded["size"] == 10_000_000_000
    assert recorded["truncated"]


# -- large bodies


@pytest.mark.parametrize("megabytes", [5, 60])
@pytest.mark.parametrize("path", ["/events", "/events/batch", "/nowhere"])
def test_who_sends_far_too_much_reads_its_answer_and_goes_on(
    server: Process, connection: Connection, megabytes: int, path: str
) -> None:
    connection.send(head(f"Content-Length: {megabytes * MIB}", path=path))
    connection.send_repeatedly(b"x" * MIB, megabytes)
    answer = connection.answer()
    assert answer.status == (404 if path == "/nowhere" else 400)
    assert exchange(connection, post(EVENT)).status == 200
    recorded = server.wait_for_request(answer.request_id)
    assert recorded["size"] == megabytes * MIB
    assert recorded["truncated"]
    assert len(recorded["body"]) == MIB


def test_a_body_of_up_to_a_mebibyte_is_kept_whole(
    server: Process, connection: Connection
) -> None:
    answer = exchange(connection, post(sized_event(MIB)))
    recorded = server.wait_for_request(answer.request_id)
    assert not recorded["truncated"]
    assert recorded["body"].encode() == sized_event(MIB)
    answer = exchange(connection, post(sized_event(MIB + 1)))
    recorded = server.wait_for_request(answer.request_id)
    assert recorded["truncated"]
    assert recorded["body"].encode() == sized_event(MIB + 1)[:MIB]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_large_bodies_do_not_gather_in_memory(server: Process) -> None:
    worker = server.worker
    before = resident_bytes(worker)
    for _ in range(4):
        with Connection(server.port) as connection:
            connection.send(head(f"Content-Length: {60 * MIB}"))
            connection.send_repeatedly(b"x" * MIB, 60)
            assert connection.answer().status == 400
    assert resident_bytes(worker) - before < 40 * MIB


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


# -- slow senders


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process hold as many connections as a test opens."""
    resource = pytest.importorskip("resource", reason="limits are those of POSIX")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = 2_000
    if hard != resource.RLIM_INFINITY and hard < enough:
        pytest.skip(f"a process may open {hard} files here; the test needs {enough}")
    if soft != resource.RLIM_INFINITY and soft < enough:
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def assert_answered_promptly(port: int) -> None:
    started = time.monotonic()
    for _ in range(5):
        with Connection(port) as quick:
            for _ in range(4):
                quick.send(post(EVENT))
                assert quick.answer(seconds=PROMPTLY).status == 200
    assert time.monotonic() - started < PROMPTLY


@pytest.mark.usefixtures("many_files")
def test_600_slow_senders_do_not_stop_others() -> None:
    with mockcollect("--quiet") as server, ExitStack() as stack:
        for number in range(600):
            slow = stack.enter_context(Connection(server.port))
            framing = ("Transfer-Encoding: chunked", "Content-Length: 500")[number % 2]
            slow.send(head(framing) + (b"5\r\n" if number % 2 == 0 else b"{"))
        assert_answered_promptly(server.port)


@pytest.mark.usefixtures("many_files")
def test_1100_connections_that_are_kept_open_do_not_stop_others() -> None:
    with mockcollect("--quiet") as server, ExitStack() as stack:
        for _ in range(1_100):
            idle = stack.enter_context(Connection(server.port))
            idle.send(post(EVENT))
            assert idle.answer(seconds=PROMPTLY).status == 200
        assert_answered_promptly(server.port)
        assert exchange(idle, post(EVENT)).status == 200


# -- what is not as it should be


def request_of(line: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([line, *headers, b"", body])


def get_of(target: bytes, *headers: bytes) -> bytes:
    return request_of(b"GET %s HTTP/1.1" % target, *(headers or (b"Host: a",)))


def post_of(*headers: bytes, body: bytes = b"{}") -> bytes:
    return request_of(b"POST /events HTTP/1.1", b"Host: a", *headers, body=body)


INSPECT_HOST = b"Host: localhost"
LENGTH = b"Content-Length: 2"
CHUNKED = b"Transfer-Encoding: chunked"
NASTY = {
    "empty lines": b"\r\n\r\n\r\n",
    "one word": b"nonsense\r\n\r\n",
    "method only": b"POST\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "unknown version": request_of(b"GET /events HTTP/9.9", b"Host: a"),
    "two spaces": request_of(b"GET  /events HTTP/1.1", b"Host: a"),
    "NUL": get_of(b"/ev\x00ents"),
    "raw bytes in the path": get_of(b"/\xff\xfe"),
    "raw bytes in the query": get_of(b"/events?a=\xff\xfe"),
    "no UTF-8": get_of(b"/%ff%fe?%ff=%fe"),
    "bare percent sign": get_of(b"/events?%"),
    "dots": get_of(b"/%2e%2e/%2e%2e/etc/passwd"),
    "absolute target": get_of(b"http://a/events"),
    "absolute target with half a bracket": get_of(b"http://[::1/events"),
    "asterisk": request_of(b"OPTIONS * HTTP/1.1", b"Host: a"),
    "CONNECT": request_of(b"CONNECT a:443 HTTP/1.1", b"Host: a:443"),
    "unknown method": request_of(b"BREW /events HTTP/1.1", b"Host: a"),
    "TRACE": request_of(b"TRACE /events HTTP/1.1", b"Host: a"),
    "no Host": request_of(b"GET /_inspect HTTP/1.1"),
    "bracket in Host": get_of(b"/_inspect", b"Host: ["),
    "bytes in Host": get_of(b"/_inspect", b"Host: \xff"),
    "colons in Host": get_of(b"/_inspect", b"Host: a:b:c"),
    "bytes in a filter": get_of(b"/_inspect/events?q=%ff", INSPECT_HOST),
    "NUL in an inspected path": get_of(b"/_inspect/%00", INSPECT_HOST),
    "bytes in Cookie": get_of(b"/get-cookie", b"Cookie: TCID=\xff; =;;a"),
    "line in Cookie": get_of(b"/get-cookie", b'Cookie: TCID="\\015\\012X: y"'),
    "bytes in Origin": get_of(b"/events", b"Host: a", b"Origin: \xff"),
    "bytes in a header": post_of(b"X: \xe9", LENGTH),
    "space in a header's name": post_of(b"X Y: 1", LENGTH),
    "header without colon": post_of(b"X", LENGTH),
    "two lengths": post_of(LENGTH, b"Content-Length: 3"),
    "length and chunks": post_of(LENGTH, CHUNKED, body=LAST_CHUNK),
    "framing by gzip": post_of(b"Transfer-Encoding: gzip"),
    "bad chunk": post_of(CHUNKED, body=b"zz\r\n"),
    "chunk too large to count": post_of(CHUNKED, body=b"f" * 18 + b"\r\n"),
    "unknown expectation": post_of(b"Expect: tea", LENGTH),
    "gzip that is none": post_of(b"Content-Encoding: gzip", LENGTH),
    "target of 70 KB": get_of(b"/events?" + b"a" * 70_000),
    "150 headers": get_of(b"/events", *[b"A: b"] * 150),
    "header of 100 KB": get_of(b"/events", b"X: " + b"a" * 100_000),
}


@pytest.mark.parametrize("request_bytes", NASTY.values(), ids=NASTY)
def test_nothing_that_is_sent_is_a_5xx_or_stops_the_server(
    server: Process, request_bytes: bytes
) -> None:
    with Connection(server.port) as connection:
        connection.send(request_bytes)
        connection._socket.shutdown(socket.SHUT_WR)
        try:
            status = connection.answer(method="HEAD").status
        except ConnectionError:
            status = 0  # no answer is one too, for what is no request
        assert status < 500
    assert server.post({}) == 200


def test_http_1_0_is_answered_and_closed(server: Process) -> None:
    with Connection(server.port) as connection:
        length = f"Content-Length: {len(EVENT)}"
        connection.send(head(length, version="1.0") + EVENT)
        assert connection.answer().status == 200
        assert connection.is_closed()


# -- what arrives is what was sent


def test_headers_arrive_by_lower_case_name(
    server: Process, connection: Connection
) -> None:
    sent = (
        "X-MiXeD: Value, with; all=sorts \t of (things)",
        "x-twice: 1",
        "X-Twice: 2",
        "X-Empty:",
        "Content-Type: text/plain",
    )
    answer = exchange(connection, post(EVENT, *sent))
    headers = server.wait_for_request(answer.request_id)["headers"]
    assert headers["x-mixed"] == "Value, with; all=sorts \t of (things)"
    assert headers["x-twice"].replace(" ", "") == "1,2"
    assert headers["x-empty"] == ""
    assert headers["content-type"] == "text/plain"
    assert headers["content-length"] == str(len(EVENT))


def test_the_environment_is_no_header(server: Process, connection: Connection) -> None:
    answer = exchange(connection, post(EVENT))
    headers = server.wait_for_request(answer.request_id)["headers"]
    assert sorted(headers) == ["content-length", "host"]


@pytest.mark.parametrize(
    ("query", "recorded"),
    [
        ("tc_s=%E9&a=%ff", "tc_s=%E9&a=%ff"),
        ("a=1&a=2&=&&b", "a=1&a=2&=&&b"),
        ("q=%C3%A9+%20", "q=%C3%A9+%20"),
    ],
)
def test_the_query_arrives_as_it_was_sent(
    server: Process, connection: Connection, query: str, recorded: str
) -> None:
    length = f"Content-Length: {len(EVENT)}"
    answer = exchange(connection, head(length, path=f"/events?{query}") + EVENT)
    assert answer.status == 200
    assert server.wait_for_request(answer.request_id)["query"] == recorded


# -- the other methods


def test_head_has_no_body(connection: Connection) -> None:
    connection.send(head(method="HEAD"))
    answer = connection.answer(method="HEAD")
    assert answer.status == 200
    assert answer.headers["content-length"] == str(len(PIXEL))
    assert not connection.has_more(seconds=0.1)
    assert exchange(connection, post(EVENT)).status == 200


def test_a_get_is_answered_with_the_pixel(connection: Connection) -> None:
    answer = exchange(connection, head(method="GET"))
    assert answer.status == 200
    assert answer.headers["content-type"] == "image/gif"
    assert answer.body == PIXEL
    assert answer.body[:6] == b"GIF89a"


def test_a_preflight_is_granted(connection: Connection) -> None:
    asked = (
        "Origin: https://shop.example",
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: content-type",
    )
    answer = exchange(connection, head(*asked, method="OPTIONS"))
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"].lower() == "content-type"


def test_an_event_is_found_by_its_answers_id(
    server: Process, connection: Connection
) -> None:
    answer = exchange(connection, post(EVENT))
    recorded = server.inspect(f"/requests/{answer.request_id}")
    assert [event["event"] for event in recorded["events"]] == [json.loads(EVENT)]


def test_it_listens_on_ipv6_too() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with mockcollect("--host", "::1") as server:
        server.host = "::1"
        assert f"http://[::1]:{server.port}/" in server.stdout.wait_for("Ctrl-C")
        assert server.post({"event_name": "six"}) == 200
        assert server.events()[0]["event_name"] == "six"


@pytest.mark.parametrize("host", ["localhost", "0.0.0.0"])
def test_it_listens_on_names_and_on_all_addresses(host: str) -> None:
    with mockcollect("--host", host) as server:
        server.host = "localhost"
        assert server.post({}) == 200
        assert len(server.events()) == 1
