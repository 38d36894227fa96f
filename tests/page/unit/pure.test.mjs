import assert from "node:assert/strict";
import { test } from "node:test";

import { difference, differing } from "../../../mockcollect/server/page/diff.mjs";
import {
  asMap,
  figures,
  suggestions,
} from "../../../mockcollect/server/page/figures.mjs";
import {
  bytes,
  clock,
  plural,
  printable,
  verdictLook,
} from "../../../mockcollect/server/page/format.mjs";
import { readJson } from "../../../mockcollect/server/page/json.mjs";
import { createRate } from "../../../mockcollect/server/page/rate.mjs";
import {
  planEntry,
  pytestAssertion,
} from "../../../mockcollect/server/page/snippets.mjs";
import { readState, writeState } from "../../../mockcollect/server/page/state.mjs";

test("sizes are in the unit that reads best", () => {
  assert.deepEqual([0, 1023, 1024, 32768, 512000, 3 << 20].map(bytes), [
    "0 B",
    "1023 B",
    "1.0 KB",
    "32.0 KB",
    "500 KB",
    "3.0 MB",
  ]);
  assert.equal(bytes(null), "–");
});

test("a time is shown to the millisecond", () => {
  assert.match(clock("2026-11-23T10:42:07.113Z"), /^\d\d:42:07\.113$/);
  assert.equal(clock("never"), "–");
});

test("what nobody sees is shown as a dot", () => {
  assert.equal(printable("a\u202eb\u0000c\td\n"), "a·b·c d ");
  assert.equal(printable(null), "");
});

test("numbers have their noun", () => {
  assert.deepEqual(
    [plural(1, "event"), plural(1200, "event")],
    ["1 event", "1,200 events"],
  );
});

test("a verdict has a sign and words beside its colour", () => {
  assert.equal(verdictLook("valid", 2).words, "valid, with 2 notes");
  assert.equal(verdictLook("invalid-rejected").sign, "✗");
  assert.equal(verdictLook("something new").words, "something new");
});

test("two events are compared by field", () => {
  const left = readJson('{"a":1,"b":{"c":"x"},"list":[1,2],"n":1.0}');
  const right = readJson('{"a":"1","b":{"c":"x"},"list":[1],"d":null,"n":1}');
  const lines = difference(left, right);
  assert.equal(differing(lines), 4);
  const [a] = lines;
  assert.deepEqual(
    [a.path, a.left, a.right, a.note],
    ["a", "1", '"1"', "same characters, another type"],
  );
  assert.equal(lines.find((one) => one.path === "d").note, "only on the right");
  assert.equal(lines.find((one) => one.path === "list[1]").note, "only on the left");
});

test("the peak is that of the busiest second", () => {
  const rate = createRate();
  for (const [second, many] of [
    ["10", 3],
    ["11", 7],
    ["12", 2],
  ]) {
    for (let one = 0; one < many; one += 1)
      rate.add(`2026-11-23T10:42:${second}.00${one}Z`);
  }
  assert.equal(rate.peak, 7);
  rate.clear();
  assert.equal(rate.peak, 0);
});

test("an assertion asks for what the event says, not for its moment", () => {
  const event = readJson(
    '{"event_name":"purchase","revenue":16.00,"user":{"id":"1"},"context":{"event_id":"9"},"for":true,"x y":[null]}',
  );
  assert.equal(
    pytestAssertion("purchase", event),
    'mockcollect.assert_sent(\n    "purchase",\n    revenue=16.00,\n    user={"id": "1"},\n    where={"for": True, "x y": [None]},\n)',
  );
  assert.equal(
    pytestAssertion("a", readJson('{"event_name":"a"}')),
    'mockcollect.assert_sent("a")',
  );
});

test("a plan entry has each property with its type", () => {
  const event = readJson(
    '{"event_name":"purchase","revenue":16,"ok":true,"items":[{"id":"a"},{"id":"b"}],"none":null}',
  );
  assert.equal(
    planEntry("purchase", event),
    "purchase:\n  revenue: number, required\n  ok: boolean, required\n  items[].id: string, required\n",
  );
  assert.equal(planEntry("a b", readJson("{}")), '"a b": {}\n');
});

test("the state goes into the URL and comes back", () => {
  const state = {
    q: "event:purchase user.id=1",
    id: 8,
    request: null,
    tab: "verdict",
    with: null,
    pin: "a,b",
  };
  assert.deepEqual(readState(writeState(state)), state);
  assert.equal(writeState(readState("")), "");
  assert.equal(readState("?id=8x").id, null);
  assert.ok(writeState(state).startsWith("?q=event:purchase"));
});

test("counts are read whichever way they are written", () => {
  assert.deepEqual([...asMap([{ value: "a", count: 2 }])], [["a", 2]]);
  assert.deepEqual([...asMap({ a: 2 })], [["a", 2]]);
  assert.equal(asMap(undefined), null);
  assert.equal(figures(null, 3).peak, 3);
  assert.equal(figures({ summary: { peak: { requests: 600 } } }, 3).peak, 600);
  const { seen } = suggestions(
    {
      lists: {
        event_names: [
          { value: null, count: 1 },
          { value: "a", count: 2 },
        ],
      },
    },
    [],
    [],
  );
  assert.deepEqual(seen.event, [{ value: "a", count: 2 }]);
});
