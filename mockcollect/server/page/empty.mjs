/** What the list says when it has nothing to show. */

import { copyText } from "./clipboard.mjs";
import { h } from "./dom.mjs";
import { plural, printable } from "./format.mjs";

const SITE = "tc_s=29&token=7183b9d4-1031-11ee-be56-0242ac120002";
const EXAMPLE = `{
    "event_name": "search",
    "search_term": "t-shirts",
    "user": {
      "id": "12345",
      "consistent_anonymous_id": "67892",
      "consent_categories": ["1", "3"]
    },
    "context": {
      "event_id": "202110130000000000",
      "event_timestamp": 1639044446636,
      "page": {"url": "https://shop.com/search", "lang": "en"}
    }
  }`;

/** Return the lines that make an empty list non-empty. */
export function firstLines(address) {
  return [
    {
      title: "From a terminal",
      text:
        `curl '${address}/events?${SITE}' \\\n` +
        `  -H 'Content-Type: application/json' \\\n` +
        `  -d '${EXAMPLE}'`,
    },
    {
      title: "In a pytest suite",
      text: `def test_search_is_tracked(mockcollect, shop):\n    shop.search("t-shirts")\n    mockcollect.assert_sent("search", search_term="t-shirts")`,
    },
    {
      title: "A whole visit to a shop, with the mistakes that people make",
      text: `mockcollect demo --url ${address}`,
    },
  ];
}

/** Nothing was ever recorded. */
export function renderFirst(address) {
  return h(
    "div",
    { class: "first" },
    h("h2", {}, "Waiting for the first event"),
    h(
      "p",
      {},
      "This is ",
      h("code", {}, address),
      ", a stand-in for collect.commander1.com. What is sent here shows up at once, with what production would make of it.",
    ),
    firstLines(address).map(snippet),
  );
}

function snippet({ title, text }) {
  const copy = () => copyText(text, "the lines");
  return h(
    "figure",
    { class: "snippet" },
    h(
      "figcaption",
      {},
      h("span", {}, title),
      h(
        "button",
        {
          type: "button",
          class: "chip",
          "aria-label": `Copy: ${title}`,
          onclick: copy,
        },
        "Copy",
      ),
    ),
    h("pre", { tabindex: 0, "aria-label": title }, text),
  );
}

/** A filter hides all there is. */
export function renderNoMatch(q, hidden, onClear) {
  return h(
    "div",
    { class: "no-match" },
    h("p", {}, "No event matches ", h("code", {}, h("bdi", {}, printable(q))), "."),
    hidden > 0 &&
      h(
        "p",
        { class: "quiet" },
        hidden === 1 ? "1 is hidden." : `${plural(hidden, "event")} are hidden.`,
      ),
    h(
      "button",
      { type: "button", class: "chip", onclick: onClear },
      "Clear filter (Esc)",
    ),
  );
}
