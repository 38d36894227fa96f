from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from flask.testing import FlaskClient

from mockcollect.recording.recorder import TinyRecorder
from mockcollect.server import stream
from tests.server.helpers import (
    BATCH,
    EVENTS,
    NESTED,
    Message,
    collect,
    collect_refused,
    json_of,
    messages,
)
from tests.verdict.judging import GONE, good


class Follower:
    """A client of the stream, which reads on when it is asked for messages."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._told: list[Message] = []
        self.hello = next(chunks)

    def take(self, count: int) -> list[Message]:
        """Return the next messages."""
        while len(self._told) < count:
            self._told += messages(next(self._chunks))
        taken, self._told = self._told[:count], self._told[count:]
        return taken

    def rest(self) -> list[bytes]:
        """Return what comes until the stream ends."""
        return list(self._chunks)

    def check_that_all_was_taken(self) -> None:
        assert self._told == []


@contextmanager
def following(
    client: FlaskClient, query: str = "", *, after: str | None = None
) -> Iterator[Follower]:
    headers = {} if after is None else {"Last-Event-ID": after}
    with client.get(f"/_inspect/stream{query}", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        follower = Follower(iter(answer.iter_encoded()))
        yield follower
        follower.check_that_all_was_taken()


def test_what_is_recorded_next_is_told_as_the_api_shows_it(
    client: FlaskClient, recorder: TinyRecorder
) -> None:
    collect(client, "before")
    with following(client) as follower:
        assert follower.hello == b": mockcollect\nretry: 1000\n\n"
        collect(client, "purchase")
        [told] = follower.take(1)
    event = json_of(client.get("/_inspect/events/2"))["event"]
    assert told == Message("event", f"{recorder.identity}.2.1", event)


def test_it_is_neither_cached_nor_gathered_by_a_proxy(client: FlaskClient) -> None:
    with client.get("/_inspect/stream") as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Accel-Buffering"] == "no"


def test_a_batch_is_told_event_by_event(
    client: FlaskClient, recorder: TinyRecorder
) -> None:
    with following(client) as follower:
        client.post(BATCH, json={"batch": [{"event_name": name} for name in "abc"]})
        told = follower.take(3)
    assert [one.data["event_name"] for one in told] == ["a", "b", "c"]
    assert [one.id for one in told] == [f"{recorder.identity}.1.{n}" for n in (1, 2, 3)]


def test_requests_without_events_are_told_too(
    client: FlaskClient, recorder: TinyRecorder
) -> None:
    with following(client) as follower:
        collect_refused(client)
        client.get("/nowhere")
        client.post(BATCH, json={"batch": []})
        told = follower.take(3)
    assert [one.kind for one in told] == ["request"] * 3
    assert [one.id for one in told] == [f"{recorder.identity}.{n}.0" for n in (1, 2, 3)]
    listed = json_of(client.get("/_inspect/requests?order=oldest"))["requests"]
    assert [one.data for one in told] == listed
    assert listed[0]["refusal"]["reason"] == "invalid json"


def test_only_what_matches_is_told(client: FlaskClient) -> None:
    with (
        following(client, "?q=event:purchase") as purchases,
        following(client, "?q=refused:yes") as refused,
    ):
        collect(client, "search")
        collect_refused(client)
        client.post(
            BATCH,
            json={"batch": [{"event_name": "search"}, {"event_name": "purchase"}]},
        )
        [event] = purchases.take(1)
        [request] = refused.take(1)
    assert (event.data["id"], event.id and event.id[-3:]) == (3, "3.2")
    assert request.data["id"] == 2


def test_a_client_that_comes_back_misses_nothing(client: FlaskClient) -> None:
    with following(client) as follower:
        collect(client, "a")
        [last] = follower.take(1)
    collect(client, "b", "c")
    collect_refused(client)
    with following(client, after=last.id) as follower:
        told = follower.take(3)
    assert [one.data.get("event_name") for one in told] == ["b", "c", None]
    with following(client, after=told[-1].id) as follower:
        collect(client, "d")
        [told_last] = follower.take(1)
    assert told_last.data["event_name"] == "d"


@pytest.mark.parametrize("had", [1, 2, 3, 4])
def test_a_client_comes_back_in_the_middle_of_a_batch(
    client: FlaskClient, recorder: TinyRecorder, had: int
) -> None:
    collect(client, "first")
    client.post(BATCH, json={"batch": [{"event_name": name} for name in "abcd"]})
    collect(client, "last")
    with following(client, after=f"{recorder.identity}.2.{had}") as follower:
        told = follower.take(5 - had)
    assert [one.data["event_name"] for one in told] == [*"abcd"[had:], "last"]


def test_a_filter_does_not_move_the_place_in_a_batch(
    client: FlaskClient, recorder: TinyRecorder
) -> None:
    client.post(BATCH, json={"batch": [{"event_name": name} for name in "abab"]})
    with following(client, "?q=event:b", after=f"{recorder.identity}.1.2") as follower:
        [told] = follower.take(1)
    assert (told.data["id"], told.id) == (4, f"{recorder.identity}.1.4")


@pytest.mark.parametrize(
    "after",
    [
        "0123456789ab.7.1",
        "nonsense",
        "{}.x.1",
        "{}.1",
        "{}..",
        "{}.1.-1",
        "{}.1.٣",
        "{}." + "9" * 5_000 + ".0",
        "{}.0.0",
    ],
)
def test_a_client_of_another_recording_begins_anew(
    client: FlaskClient, recorder: TinyRecorder, after: str
) -> None:
    collect(client, "a", "b")
    after = after.format(recorder.identity)
    environ = {"HTTP_LAST_EVENT_ID": after.encode().decode("latin-1")}
    with client.get("/_inspect/stream", environ_overrides=environ) as answer:
        follower = Follower(iter(answer.iter_encoded()))
        [deleted] = follower.take(1)
        told = follower.take(2)
    nothing_yet = f"{recorder.identity}.0.0"
    assert deleted == Message("deleted", nothing_yet, {"everything": True})
    assert [one.data["event_name"] for one in told] == ["a", "b"]


def test_an_empty_last_event_id_is_none(client: FlaskClient) -> None:
    collect(client, "a")
    with following(client, after="") as follower:
        collect(client, "b")
        [told] = follower.take(1)
    assert told.data["event_name"] == "b"


def test_a_deletion_is_told(client: FlaskClient, recorder: TinyRecorder) -> None:
    collect(client, "a", "b")
    with following(client, "?q=event:a") as follower:
        client.delete("/_inspect/events?q=event:b")
        [deleted] = follower.take(1)
        client.delete("/_inspect/events")
        follower.take(1)
    assert deleted == Message(
        "deleted", f"{recorder.identity}.3.0", {"everything": False}
    )
    with following(client, after=deleted.id) as follower:
        [again] = follower.take(1)
    assert again.kind == "deleted"


def test_what_comes_back_by_undo_is_told(client: FlaskClient) -> None:
    collect(client, "a")
    with following(client) as follower:
        token = json_of(client.delete("/_inspect/events"))["undo"]
        follower.take(1)
        client.post("/_inspect/undo", json={"undo": token})
        [told] = follower.take(1)
    assert told.data["event_name"] == "a"


@pytest.mark.parametrize(
    "body",
    [
        *NESTED.values(),
        b'{\r\n"event_name":\n"line\\nbreaks \xe2\x80\xa8"\r}',
        b'{"n":123456789012345678901234567890}',
    ],
    ids=["300 levels", "900 levels", "line breaks", "huge integer"],
)
def test_an_event_is_one_line_of_data_whatever_it_holds(
    client: FlaskClient, body: bytes
) -> None:
    with following(client) as follower:
        client.post(EVENTS, data=body)
        client.post(BATCH, data=b'{"batch": [\n%s\n]}' % body)
        told = follower.take(2)
    assert [one.kind for one in told] == ["event", "event"]
    assert told[0].data["event"] == told[1].data["event"]


def test_it_pings_when_nothing_happens(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PING_SECONDS", 0.01)
    with following(client) as follower:
        assert follower.take(2) == [Message("ping", None, {})] * 2
        collect(client, "a")
        told = follower.take(1)
        while told[0].kind == "ping":
            told = follower.take(1)
    assert told[0].data["event_name"] == "a"


def test_it_pings_while_only_what_does_not_match_happens(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PING_SECONDS", 0.3)
    stop = threading.Event()

    def send() -> None:
        sender = client.application.test_client()
        while not stop.wait(0.02):
            collect(sender, "search")

    thread = threading.Thread(target=send)
    with following(client, "?q=event:purchase") as follower:
        thread.start()
        began = time.monotonic()
        assert follower.take(1) == [Message("ping", None, {})]
        assert time.monotonic() - began < 3
    stop.set()
    thread.join()


def test_it_ends_when_the_server_stops(
    client: FlaskClient, recorder: TinyRecorder
) -> None:
    with following(client) as follower:
        threading.Timer(0.05, recorder.interrupt).start()
        began = time.monotonic()
        assert follower.rest() == []
        assert time.monotonic() - began < 3


def test_a_client_that_leaves_frees_its_subscription(
    client: FlaskClient, recorder: TinyRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_now: list[object] = []
    subscribe = recorder.subscribe

    def counting(*, after: int | None = None):  # type: ignore[no-untyped-def]
        subscription = subscribe(after=after)
        close = subscription.close

        def closing() -> None:
            open_now.remove(subscription)
            close()

        open_now.append(subscription)
        monkeypatch.setattr(subscription, "close", closing)
        return subscription

    monkeypatch.setattr(recorder, "subscribe", counting)
    with following(client):
        assert len(open_now) == 1
        with following(client, after="nonsense"):
            assert len(open_now) == 2
        assert len(open_now) == 1
    assert open_now == []
    client.head("/_inspect/stream")
    client.get("/_inspect/stream").close()  # before anything was read
    assert open_now == []


def test_streams_that_follow_together_are_told_the_same(client: FlaskClient) -> None:
    with following(client) as first, following(client) as second:
        client.post(BATCH, json={"batch": [{"event_name": name} for name in "ab"]})
        assert first.take(2) == second.take(2)


def test_many_streams_with_different_filters_are_told_what_each_wants(
    client: FlaskClient,
) -> None:
    with ExitStack() as stack:
        followers = [
            stack.enter_context(following(client, f"?q=id:{number}"))
            for number in range(1, 21)
        ]
        collect(client, *["a"] * 20)
        for number, follower in enumerate(followers, start=1):
            [told] = follower.take(1)
            assert told.data["id"] == number


def test_a_client_far_behind_is_told_everything_in_order(client: FlaskClient) -> None:
    with following(client) as follower:
        collect(client, "first")
        [first] = follower.take(1)
    collect(client, *["more"] * 1_100)
    with following(client, after=first.id) as follower:
        told = follower.take(1_100)
    assert [one.data["id"] for one in told] == list(range(2, 1_102))


def test_only_events_of_a_verdict_are_told(client: FlaskClient) -> None:
    with (
        following(client, "?q=verdict:invalid-rejected") as rejected,
        following(client, "?q=finding:property.type") as typed,
    ):
        client.post(EVENTS, json=good("server", {"search_term": 5}))
        client.post(EVENTS, json=good("server", {"event_name": GONE}))
        [first] = rejected.take(1)
        [second] = typed.take(1)
    assert (first.data["id"], first.data["verdict"]) == (2, "invalid-rejected")
    assert (second.data["id"], second.data["verdict"]) == (1, "invalid-accepted")


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/_inspect/plan", "events: {search: {search_term: number}}", "property.type"),
        ("/_inspect/sources", '[{"site": "29", "key": "other"}]', "token.unknown"),
    ],
)
def test_who_follows_asks_again_when_all_is_judged_anew(
    client: FlaskClient, recorder: TinyRecorder, path: str, body: str, code: str
) -> None:
    with following(client) as follower:
        client.post(EVENTS, json=good("server"))
        [told] = follower.take(1)
        assert client.put(path, data=body).status_code == 200
        [again] = follower.take(1)
        assert again == Message(
            "deleted", f"{recorder.identity}.2.0", {"everything": False}
        )
        client.post(EVENTS, json=good("server", {"context.event_id": "e-2"}))
        [later] = follower.take(1)
    assert code not in {one["code"] for one in told.data["findings"]}
    assert code in {one["code"] for one in later.data["findings"]}
    shown = json_of(client.get("/_inspect/events/1"))["event"]
    assert code in {one["code"] for one in shown["findings"]}


def test_a_client_that_comes_back_after_a_change_of_plan_is_told_so(
    client: FlaskClient,
) -> None:
    with following(client) as follower:
        collect(client, "a")
        [last] = follower.take(1)
    client.put("/_inspect/plan", data="events: {a: }")
    collect(client, "b")
    with following(client, after=last.id) as follower:
        told = follower.take(2)
    assert [one.kind for one in told] == ["deleted", "event"]


def test_a_broken_plan_is_nothing_to_tell(client: FlaskClient) -> None:
    with following(client) as follower:
        client.put("/_inspect/plan", data="events: [")
        collect(client, "a")
        [told] = follower.take(1)
    assert told.kind == "event"
