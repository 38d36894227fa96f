import assert from "node:assert/strict";
import { test } from "node:test";

import {
  DEFAULT_PINS,
  slimEvent,
  valueAt,
} from "../../../mockcollect/server/page/rows.mjs";
import { createStore } from "../../../mockcollect/server/page/store.mjs";

const event = (id, request, index = 0, of = 1) => ({
  id,
  received_at: "2026-11-23T10:42:07.113Z",
  event_name: `e${id}`,
  status: 200,
  verdict: "valid",
  findings: [],
  size: 10,
  request: { id: request, path: "/events", index, of },
  event: {},
});
const arrival = (...given) => ({ kind: "event", data: event(...given) });
const request = (id) => ({
  kind: "request",
  data: {
    id,
    received_at: "",
    status: 400,
    method: "POST",
    path: "/events",
    size: 1,
    refusal: null,
    event_ids: [],
  },
});
const filled = (...arrivals) => {
  const store = createStore(() => DEFAULT_PINS);
  store.add(arrivals);
  return store;
};
const keys = (store) =>
  store.lines(0, store.lineCount).map((line) => line?.key ?? null);

test("the newest request stands first, whichever came first", () => {
  assert.deepEqual(keys(filled(arrival(1, 1), request(3), arrival(2, 2))), [
    "r3",
    "r2",
    "r1",
  ]);
});

test("nothing is doubled", () => {
  const store = filled(arrival(1, 1), arrival(1, 1), request(2), request(2));
  assert.deepEqual(keys(store), ["r2", "r1"]);
  assert.equal(store.row(1).events.length, 1);
});

test("a batch is one line that opens", () => {
  const store = filled(
    arrival(1, 1),
    arrival(3, 2, 1, 2),
    arrival(2, 2, 0, 2),
    arrival(4, 3),
  );
  assert.deepEqual(keys(store), ["r3", "r2", "r1"]);
  store.toggle(2);
  assert.deepEqual(keys(store), ["r3", "r2", "e2", "e3", "r1"]);
  assert.deepEqual(
    store.lines(3, 5).map((line) => line.key),
    ["e3", "r1"],
  );
  assert.deepEqual(
    ["r3", "r2", "e2", "e3", "r1", "e9"].map((key) => store.indexOf(key)),
    [0, 1, 2, 3, 4, -1],
  );
  store.toggle(2, false);
  assert.equal(store.indexOf("e3"), -1);
});

test("what is held back is shown on release, and counted by request", () => {
  const store = filled(arrival(1, 1));
  store.hold([arrival(2, 2, 0, 2), arrival(3, 2, 1, 2), request(3)]);
  assert.equal(store.heldCount, 2);
  assert.deepEqual(keys(store), ["r1"]);
  assert.equal(store.release(), true);
  assert.deepEqual(keys(store), ["r3", "r2", "r1"]);
  assert.equal(store.heldCount, 0);
});

test("too much to hold is loaded anew", () => {
  const store = filled();
  store.hold(Array.from({ length: 2_100 }, (_, at) => arrival(at + 1, at + 1)));
  assert.equal(store.heldCount, "2000+");
  assert.equal(store.release(), false);
});

test("rows that are not loaded have lines all the same", () => {
  const store = filled();
  store.addPage([request(9).data], [event(5, 8)], 4);
  assert.deepEqual(keys(store), ["r9", "r8", null, null]);
  assert.equal(store.oldest, 8);
});

test("memory has an end: the oldest rows are forgotten, and can be loaded again", () => {
  const store = filled(
    ...Array.from({ length: 4_001 }, (_, at) => arrival(at + 1, at + 1)),
  );
  store.trim();
  assert.equal(store.rowCount, 2_000);
  assert.equal(store.lineCount, 4_001);
  assert.equal(store.newest.request, 4_001);
});

test("a pin is found at the root, in context or in properties", () => {
  assert.equal(valueAt({ context: { page: { url: "u" } } }, "page.url"), "u");
  assert.equal(valueAt({ properties: { items: [{ id: 1 }] } }, "items[0].id"), 1);
  assert.equal(valueAt(null, "a"), undefined);
  assert.equal(valueAt({ "a.b": 1 }, '"a.b"'), 1);
});

test("an amount that is text can be told from a number", () => {
  const slim = slimEvent(
    { ...event(1, 1), event: { revenue: "16,00", user: { id: "7" } } },
    DEFAULT_PINS,
  );
  assert.deepEqual(slim.pins, [
    ["revenue", '"16,00"'],
    ["user.id", "7"],
  ]);
});
