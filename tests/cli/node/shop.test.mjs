import assert from "node:assert/strict";
import { test } from "node:test";

import { checkout, visit } from "./shop.mjs";

// What one test sent can be asked for at once; what the whole suite sent, `mockcollect
// run --expect` checks at its end.
async function expectSent(...expect) {
  const answer = await fetch(`${process.env.COLLECT_URL}/_inspect/check`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ expect, wait: 2 }),
  });
  const { results } = await answer.json();
  const missed = results.filter((one) => !one.ok).flatMap((one) => [one.sentence, ...one.details]);
  assert.equal(answer.status, 200, missed.join("\n"));
}

test("a visit sends a page view", async () => {
  await visit("https://shop.example/lamp");
  await expectSent('event:page_view page.url="https://shop.example/lamp"');
});

test("a checkout sends its revenue", async () => {
  await checkout(16.0, { retries: Number(process.env.RETRIES ?? 0) });
  await expectSent("event:purchase revenue=16 currency=EUR");
});
