import assert from "node:assert/strict";
import { test } from "node:test";

import {
  below,
  leaves,
  member,
  readJson,
  tryJson,
  writeJson,
} from "../../../mockcollect/server/page/json.mjs";

const same = (text) => assert.equal(writeJson(readJson(text), 0), text);

test("digits, order and doubles are kept as they were sent", () => {
  same('{"b":9007199254740993,"2":1e2,"1":-0.10,"b":true}');
  same('[[],{},"",null,[1,[2]]]');
});

test("texts are read with their escapes", () => {
  const node = readJson(String.raw`{"a\"b":"\u00e9\n😀\\"}`);
  assert.equal(member(node, 'a"b').value, "é\n😀\\");
});

test("the last of two equal keys counts, as parsers read it", () => {
  assert.equal(member(readJson('{"a":1,"a":2}'), "a").value, "2");
});

test("what is no JSON is none", () => {
  for (const text of [
    "",
    "{",
    "[1,]",
    '{"a"}',
    "01",
    "nul",
    '"a',
    "1 2",
    "{,}",
    "[1 2]",
  ]) {
    assert.equal(tryJson(text), null, text);
  }
});

test("it reads what the browser's own parser reads", () => {
  const values = [
    0,
    -1.5,
    "x",
    null,
    true,
    [],
    {},
    [{ a: [1, { b: "c" }] }],
    { "": { "a.b": 1 } },
  ];
  for (const value of values) {
    const text = JSON.stringify(value, null, 2);
    assert.deepEqual(JSON.parse(writeJson(readJson(text))), value);
  }
});

test("a thousand levels are no trouble", () => {
  same("[".repeat(1000) + "]".repeat(1000));
});

test("paths are written as the filter grammar reads them", () => {
  assert.equal(below(below(below("", "items"), 0), "id"), "items[0].id");
  assert.equal(below("a", "b.c"), 'a."b.c"');
  assert.equal(below("", 'say "hi"'), String.raw`"say \"hi\""`);
  const found = [...leaves(readJson('{"a":[{"b":1},[]],"c":{}}'))].map(
    ([path]) => path,
  );
  assert.deepEqual(found, ["a[0].b", "a[1]", "c"]);
});
