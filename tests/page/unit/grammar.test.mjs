import assert from "node:assert/strict";
import { test } from "node:test";

import {
  quoted,
  suggest,
  valueOf,
  without,
  withTerm,
  withWord,
  words,
} from "../../../mockcollect/server/page/grammar.mjs";

const keys = [
  { name: "event", help: "The name.", takes: "a name", words: [] },
  { name: "event_id", help: "The id.", takes: "an id", words: [] },
  {
    name: "verdict",
    help: "The verdict.",
    takes: "a word",
    words: ["valid", "invalid"],
  },
  { name: "refused", help: "Why.", takes: "a reason", words: ["too large"] },
  { name: "has", help: "A path.", takes: "a path", words: [] },
];
const seen = {
  event: [
    { value: "purchase", count: 3 },
    { value: "add to cart", count: 1 },
  ],
};
const paths = ["revenue", "user.id"];
const offered = (text, caret = text.length) =>
  suggest(text, caret, { keys, seen, paths }).items.map((item) => item.text);

test("words are apart by spaces outside of quotes", () => {
  const found = words('a  event:"add to cart" "b c').map((word) => word.text);
  assert.deepEqual(found, ["a", 'event:"add to cart"', '"b c']);
  assert.deepEqual(words(' x"y z" ')[0], { text: 'x"y z"', start: 1, end: 7 });
});

test("a term is asked, put and taken out", () => {
  const text = 'site:29 -verdict:valid event:"add to cart"';
  assert.equal(valueOf(text, "event"), "add to cart");
  assert.equal(valueOf(text, "verdict"), null);
  assert.equal(without(text, "verdict", "site"), 'event:"add to cart"');
  assert.equal(withTerm("event:a x", "event", "b c"), 'x event:"b c"');
  assert.equal(withTerm("event:a x", "event", null), "x");
  assert.equal(withWord("a b", "a"), "a b");
  assert.equal(withWord("a", "b"), "a b");
});

test("values are quoted where they must be, and read back", () => {
  for (const value of ["plain", "two words", 'a "quote"', "back\\slash x", "=1", ""]) {
    assert.equal(valueOf(`event:${quoted(value)}`, "event"), value);
  }
});

test("keys are suggested, then values that were seen", () => {
  assert.deepEqual(offered("ev"), ["event:", "event_id:"]);
  assert.deepEqual(offered("event:"), ["event:purchase", 'event:"add to cart"']);
  assert.deepEqual(offered("-event:pur"), ["event:purchase"]);
  assert.deepEqual(offered("event:purchase"), []);
  assert.deepEqual(offered("verdict:in"), ["verdict:invalid"]);
  assert.deepEqual(offered("refused:"), ["refused:too-large"]);
});

test("paths of events are suggested, also behind has", () => {
  assert.deepEqual(offered("rev"), ["revenue="]);
  assert.deepEqual(offered("has:user"), ["has:user.id"]);
});

test("a key without known values says what it takes", () => {
  const [hint] = suggest("event_id:", 9, { keys, seen, paths }).items;
  assert.deepEqual([hint.text, hint.help, hint.hint], ["", "an id", true]);
});

test("what is replaced is the word at the caret, without its minus", () => {
  const { start, end } = suggest("a -ev b", 5, { keys, seen, paths });
  assert.deepEqual([start, end], [3, 5]);
});

test("an empty box offers all keys", () => {
  assert.equal(offered("").length, keys.length);
});
