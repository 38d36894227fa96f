"""Exports, opened by what they are made for: csv, json, a shell and curl."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import threading
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from werkzeug.serving import make_server

from mockcollect import __version__
from mockcollect.contract.event import CollectRequest
from mockcollect.contract.wire import receive
from mockcollect.recording.export import (
    CSV_COLUMNS,
    EXPORTS,
    curl_command,
)
from mockcollect.recording.query import parse_query
from mockcollect.recording.recorder import TinyRecorder
from mockcollect.recording.records import RecordedRequest, event_json
from mockcollect.server.app import create_app
from mockcollect.settings import Settings

BASE = "http://127.0.0.1:8787"
QUERY = "tc_s=29&token=7183b9d4-1031-11ee-be56-0242ac120002"
RECEIVED_AT = 1_795_430_527_113  # 2026-11-23T10:42:07.113Z

SEVERAL_LINES = b'{\r\n  "event_name": "caf\xc3\xa9 \xe2\x80\xa8",\r  "a":\n[1,\n2]}\n'
DEEP = b'{"event_name":"deep","a":%s%s}' % (b"[\n" * 300, b"\r\n]" * 300)
DEEPER = b'{"event_name":"deeper","a":%s%s}' % (b'{"b":' * 900 + b"1", b"}" * 900)
HUGE = b'{"event_name":"huge","a":123456789012345678901234567890}'


@pytest.fixture
def recorder() -> Iterator[TinyRecorder]:
    recorder = TinyRecorder()
    yield recorder
    recorder.close()


def record(recorder: TinyRecorder, body: bytes = b"{}", **changes: Any) -> int:
    values: dict[str, Any] = {
        "method": "POST",
        "path": "/events",
        "query": QUERY,
        "headers": {"content-type": "application/json"},
        "body": body,
        "size": len(body),
    }
    sent = CollectRequest(**values | changes)
    answer = receive(
        sent.method,
        sent.path,
        sent.query,
        sent.headers,
        sent.body,
        size=sent.size,
        aborted=sent.aborted,
    )
    return recorder.record(sent, answer, received_at=RECEIVED_AT)


def record_json(recorder: TinyRecorder, *events: Any) -> None:
    for event in events:
        record(recorder, orjson.dumps(event))


def export(recorder: TinyRecorder, name: str, query: str = "") -> bytes:
    return b"".join(EXPORTS[name].write(recorder, parse_query(query), BASE))


def rows(recorder: TinyRecorder, query: str = "") -> list[dict[str, str]]:
    text = export(recorder, "csv", query).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def entries(recorder: TinyRecorder) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(export(recorder, "har"))["log"]["entries"]
    return found


def command_of(recorder: TinyRecorder, request_id: int = 1) -> str:
    return curl_command(kept(recorder, request_id), BASE)


def kept(recorder: TinyRecorder, request_id: int) -> RecordedRequest:
    recorded = recorder.get_request(request_id)
    assert recorded is not None
    return recorded


# -- all formats


@pytest.mark.parametrize(
    ("name", "nothing"),
    [
        ("jsonl", b""),
        ("curl", b""),
        ("csv", ",".join(CSV_COLUMNS).encode() + b"\r\n"),
    ],
)
def test_an_export_of_nothing(
    recorder: TinyRecorder, name: str, nothing: bytes
) -> None:
    assert export(recorder, name) == nothing
    assert entries(recorder) == []


def test_an_export_holds_what_matches_the_oldest_first(recorder: TinyRecorder) -> None:
    record_json(recorder, {"event_name": "a"}, {"event_name": "b"}, {"event_name": "a"})
    record(recorder, b"{oops")
    lines = export(recorder, "jsonl", "event:a").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [1, 3]
    assert [row["id"] for row in rows(recorder, "event:a")] == ["1", "3"]
    assert export(recorder, "curl", "refused:yes").count(b"curl ") == 1
    assert [entry["response"]["status"] for entry in entries(recorder)] == [
        200,
        200,
        200,
        400,
    ]


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("body", [DEEP, DEEPER, HUGE], ids=["deep", "deeper", "huge"])
def test_every_format_takes_deep_events_and_huge_numbers(
    recorder: TinyRecorder, name: str, body: bytes
) -> None:
    record(recorder, body)
    record(recorder, b'{"batch":[%s,%s]}' % (body, body), path="/events/batch")
    assert export(recorder, name)


def test_formats_say_what_they_are() -> None:
    assert {name: (one.media_type, one.extension) for name, one in EXPORTS.items()} == {
        "jsonl": ("application/x-ndjson", "jsonl"),
        "curl": ("text/plain; charset=utf-8", "sh"),
        "csv": ("text/csv; charset=utf-8", "csv"),
        "har": ("application/json", "har"),
    }


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_served_as_a_file(recorder: TinyRecorder, name: str) -> None:
    record_json(recorder, {"event_name": "a"})
    client = create_app(recorder, Settings()).test_client()
    answer = client.get(f"/_inspect/export?format={name}", base_url=BASE)
    assert answer.data == export(recorder, name)
    assert answer.headers["Content-Type"] == EXPORTS[name].media_type
    file_name = f"mockcollect.{EXPORTS[name].extension}"
    disposition = f'attachment; filename="{file_name}"'
    assert answer.headers["Content-Disposition"] == disposition


# -- JSONL


@pytest.mark.parametrize("body", [SEVERAL_LINES, DEEP, DEEPER, HUGE, b'"\\n"', b"7\n"])
@pytest.mark.parametrize("path", ["/events", "/events/batch"])
def test_a_line_is_the_event_as_the_api_shows_it(
    recorder: TinyRecorder, path: str, body: bytes
) -> None:
    if path == "/events/batch":
        body = b'{"x": [1],\n"batch": [\n%s,\r\n%s]\n}' % (body, body)
    record(recorder, body, path=path)
    lines = export(recorder, "jsonl").split(b"\n")
    assert lines.pop() == b""
    assert b"\r" not in b"".join(lines)
    client = create_app(recorder, Settings()).test_client()
    shown = client.get("/_inspect/events?order=oldest").data
    assert len(lines) == (2 if path == "/events/batch" else 1)
    assert [orjson.loads(line) for line in lines] == orjson.loads(shown)["events"]
    for line in lines:
        assert line in shown


def test_the_events_text_is_kept_however_deep_it_is(recorder: TinyRecorder) -> None:
    record(recorder, DEEP)
    [event] = recorder.matching()
    assert orjson.loads(event_json(event))["event"] == orjson.loads(DEEP)


# -- CSV


def test_a_row_has_the_event_with_all_that_identifies_it(
    recorder: TinyRecorder,
) -> None:
    event = {
        "event_name": "purchase",
        "test_code": "abc",
        "note": 'a "quoted", text\nof two lines; é',
        "context": {"event_id": "2022", "event_timestamp": 1_667_212_800_000},
    }
    record(recorder, b'{"batch":[{},%s]}' % orjson.dumps(event), path="/events/batch")
    nameless, row = rows(recorder)
    assert list(row) == list(CSV_COLUMNS)
    assert json.loads(row.pop("event")) == event
    assert row == {
        "id": "2",
        "received_at": "2026-11-23T10:42:07.113Z",
        "event_name": "purchase",
        "event_id": "2022",
        "event_time": "1667212800000",
        "site_id": "29",
        "source_key": "7183b9d4-1031-11ee-be56-0242ac120002",
        "test_code": "abc",
        "layout": "server",
        "status": "200",
        "request_id": "1",
        "path": "/events/batch",
        "index": "1",
        "size": str(len(orjson.dumps(event))),
        "verdict": "invalid-rejected",
        "findings": "consistent_anonymous_id.missing consent.missing currency.missing "
        "property.required device.ip.missing device.user_agent.missing timestamp.far",
    }
    assert (nameless["event_name"], nameless["event"]) == ("", "{}")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠"])
def test_a_text_that_a_spreadsheet_would_run_begins_with_an_apostrophe(
    recorder: TinyRecorder, sign: str
) -> None:
    evil = f"{sign}cmd|'/c calc'!A1"
    record_json(recorder, {"event_name": evil, "test_code": evil})
    [row] = rows(recorder)
    assert row["event_name"] == row["test_code"] == f"'{evil}"
    assert json.loads(row["event"])["event_name"] == evil


@pytest.mark.parametrize("value", ["a=b", "1-2", "", "'quoted"])
def test_other_texts_are_left_alone(recorder: TinyRecorder, value: str) -> None:
    record_json(recorder, {"event_name": value})
    assert rows(recorder)[0]["event_name"] == value


def test_an_event_that_is_no_object_is_harmless_too(recorder: TinyRecorder) -> None:
    record(recorder, b"-5")
    record(recorder, b'"=1+1"')
    assert [row["event"] for row in rows(recorder)] == ["'-5", '"=1+1"']


# -- HAR


def test_an_archive_has_what_har_1_2_asks_for(recorder: TinyRecorder) -> None:
    headers = {"content-type": "application/json", "x-mine": "é"}
    record(recorder, b'{"event_name":"a"}', headers=headers, query=f"{QUERY}&b=%C3%A9+")
    log = json.loads(export(recorder, "har"))["log"]
    assert log["version"] == "1.2"
    assert log["creator"] == {"name": "mockcollect", "version": __version__}
    assert log["entries"] == [
        {
            "startedDateTime": "2026-11-23T10:42:07.113Z",
            "time": 0,
            "request": {
                "method": "POST",
                "url": f"{BASE}/events?{QUERY}&b=%C3%A9+",
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": [
                    {"name": "content-type", "value": "application/json"},
                    {"name": "x-mine", "value": "é"},
                ],
                "queryString": [
                    {"name": "tc_s", "value": "29"},
                    {
                        "name": "token",
                        "value": "7183b9d4-1031-11ee-be56-0242ac120002",
                    },
                    {"name": "b", "value": "é "},
                ],
                "headersSize": -1,
                "bodySize": 18,
                "postData": {
                    "mimeType": "application/json",
                    "text": '{"event_name":"a"}',
                },
            },
            "response": {
                "status": 200,
                "statusText": "OK",
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": [],
                "content": {"size": 0, "mimeType": "x-unknown"},
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": -1,
            },
            "cache": {},
            "timings": {"send": 0, "wait": 0, "receive": 0},
        }
    ]


def test_a_body_that_is_no_text_is_base64_in_an_archive(recorder: TinyRecorder) -> None:
    record(recorder, b"\xff\x00", headers={})
    [entry] = entries(recorder)
    data = entry["request"]["postData"]
    assert (data["_encoding"], data["mimeType"]) == ("base64", "")
    assert b64decode(data["text"]) == b"\xff\x00"
    assert entry["response"]["statusText"] == "Bad Request"


def test_an_archive_says_where_only_a_part_was_kept(recorder: TinyRecorder) -> None:
    record(recorder, b"xxx", size=2_000_000, truncated=True)
    record(recorder, b"", method="GET")
    large, small = entries(recorder)
    assert large["request"]["postData"]["comment"] == "the first 3 of 2,000,000 bytes"
    assert large["request"]["bodySize"] == 2_000_000
    assert "postData" not in small["request"]


# -- curl


def test_a_command_is_one_that_people_can_read(recorder: TinyRecorder) -> None:
    record(
        recorder,
        b'{"event_name":"it\'s"}',
        headers={
            "host": "127.0.0.1:8787",
            "content-type": "application/json",
            "content-length": "21",
            "connection": "keep-alive",
            "x-empty": "",
        },
    )
    assert command_of(recorder) == (
        f"curl -i -X POST '{BASE}/events?{QUERY}' -H 'content-type: application/json' "
        """-H 'x-empty;' --data-binary '{"event_name":"it'"'"'s"}'"""
    )


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b'{"a":1}', "--data-binary '{"),
        (b"@/etc/passwd", "--data-raw @/etc/passwd"),
        (b"", "x-www"),
        (b"\0", "base64 -d | curl"),
        (b"\xff", "base64 -d | curl"),
        (b"a\rb", "base64 -d | curl"),
        (b"\x1b]0;title\x07", "base64 -d | curl"),
        ("\u202e".encode(), "base64 -d | curl"),
        (b'"' + b"x" * 200_000 + b'"', "printf %s '\"xxx"),
    ],
)
def test_a_body_is_written_in_the_plainest_form_that_is_exact(
    recorder: TinyRecorder, body: bytes, form: str
) -> None:
    record(recorder, body)
    command = command_of(recorder)
    assert (form in command) is (body != b"")
    assert "--data" in command or body == b""


def test_a_command_shows_a_terminal_nothing_that_it_would_obey(
    recorder: TinyRecorder,
) -> None:
    record(recorder, b"\x1b[2J\x9b\x07\x7f", path="/a\x1b[2J\n", query="b\x07=\u202e")
    assert command_of(recorder).isprintable()


@pytest.mark.parametrize(
    ("path", "query", "target"),
    [
        ("/events", "", "/events"),
        ("/a b", "c=%20d+e", "/a%20b?c=%20d+e"),
        ("/café", "é=ü", "/caf%C3%A9?%C3%A9=%C3%BC"),
        ("/a?b#c%d", "e=1#2", "/a%3Fb%23c%25d?e=1%232"),
        ("/x/../events", "", "/x/../events"),
        ("/events", "a[b][]=1&c={d}", "/events?a[b][]=1&c={d}"),
        ("//x", "?", "//x??"),
    ],
)
def test_the_url_of_a_command_leads_to_the_same_path_and_query(
    recorder: TinyRecorder, path: str, query: str, target: str
) -> None:
    record(recorder, path=path, query=query)
    assert BASE + target in command_of(recorder)


class Live:
    """A server that records what a shell's curl sends to it."""

    def __init__(self, recorder: TinyRecorder, url: str) -> None:
        self.recorder = recorder
        self.url = url

    def run(self, command: str) -> CollectRequest:
        """Run a command in a shell, and return the request that arrived."""
        done = subprocess.run(
            ["sh", "-s"],
            input=command.encode(),
            capture_output=True,
            timeout=20,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        [recorded] = self.recorder.matching_requests()
        self.recorder.clear()
        request_id = re.search(rb"(?i)x-mockcollect-request: (\d+)", done.stdout)
        assert request_id is not None
        assert int(request_id[1]) == recorded.id
        return recorded.request


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed: its commands cannot be run")
    recorder = TinyRecorder()
    server = make_server("127.0.0.1", 0, create_app(recorder, Settings()))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Live(recorder, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()
    recorder.close()


@pytest.mark.parametrize(
    "body",
    [
        b'{"event_name":"purchase"}',
        b"",
        b"'",
        b'it\'s "quoted" `id` $(id) $HOME \\n \\ !x %s %% \\0',
        b"\n",
        b"two\nlines\n\n",
        b"\r\n\r\n",
        b"@/etc/passwd",
        b"@",
        b"@-",
        b"-x",
        b"--data",
        b"a=b&c=d%20+",
        b"\0",
        b"a\0b",
        b"\xff\xfe\x80",
        "caf\u00e9 \u2028 \u202e \U0001f600".encode(),
        bytes(range(256)),
        SEVERAL_LINES,
        DEEP,
        b"\xef\xbb\xbf{}",
        b'"%s"' % (b"'x\n" * 60_000),
        b"@" + b"x" * 200_000,
    ],
    ids=lambda body: repr(body[:16]),
)
def test_a_command_sends_the_body_byte_for_byte(
    recorder: TinyRecorder, live: Live, body: bytes
) -> None:
    record(recorder, body, path="/events/batch")
    sent = live.run(curl_command(kept(recorder, 1), live.url))
    assert sent.body == body
    assert (sent.method, sent.path, sent.query) == ("POST", "/events/batch", QUERY)
    assert sent.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("GET", "/events", f"{QUERY}&items[0][id]=1&b[]=%5B{{x,y}}&c=[1-3]"),
        ("POST", "/x/../cdp/./events", QUERY),
        ("PUT", "/caf\u00e9 \u20ac/%41?x#y", "a=1;b='\"|\\^`<>~*"),
        ("DELETE", "/x//events", ""),
        ("OPTIONS", "/events", "&&=&"),
    ],
)
def test_a_command_sends_method_path_and_query(
    recorder: TinyRecorder, live: Live, method: str, path: str, query: str
) -> None:
    record(recorder, b"", method=method, path=path, query=query, headers={})
    sent = live.run(curl_command(kept(recorder, 1), live.url))
    assert (sent.method, sent.path, sent.query) == (method, path, query)


def test_a_command_sends_the_headers(recorder: TinyRecorder, live: Live) -> None:
    headers = {
        "host": "collect.commander1.com",
        "content-length": "999",
        "transfer-encoding": "chunked",
        "expect": "100-continue",
        "upgrade": "h2c",
        "accept": "*/*",
        "user-agent": 'shop/1.0 (it\'s; "here")',
        "authorization": "Bearer k",
        "cookie": "a=b; c=d",
        "origin": "https://shop.example",
        "x-at": "@/etc/passwd",
        "x-empty": "",
    }
    record(recorder, b"{}", headers=headers)
    sent = dict(live.run(curl_command(kept(recorder, 1), live.url)).headers)
    assert sent.pop("host") == live.url.removeprefix("http://")
    assert sent.pop("content-length") == "2"
    changed = {"host", "content-length", "transfer-encoding", "expect", "upgrade"}
    assert sent == {name: headers[name] for name in headers.keys() - changed}


def test_a_whole_export_is_a_script(recorder: TinyRecorder, live: Live) -> None:
    bodies = [b'{"event_name":"a"}', b"two\nlines", b"\0", b"@x", b"last"]
    for body in bodies:
        record(recorder, body)
    script = b"".join(EXPORTS["curl"].write(recorder, parse_query(""), live.url))
    subprocess.run(
        ["sh", "-s"], input=script, capture_output=True, timeout=30, check=True
    )
    seen = [one.request.body for one in live.recorder.matching_requests()]
    live.recorder.clear()
    assert seen == bodies
