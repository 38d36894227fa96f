/** How good what came is, in the words of the platform's weather report. */

import { h } from "./dom.mjs";
import { count, printable } from "./format.mjs";

const MOST_NAMED = 10;

/** Return the word of a filter that asks for the events of a name, null for none. */
export function eventWord(name) {
  return name ? `event:${JSON.stringify(name)}` : "-has:event_name";
}

/** Return how many events have each verdict, as a bar and in words. */
export function weather(counts, quality, onFilter) {
  const noted = counts.note;
  const parts = [
    {
      name: "valid",
      tone: "good",
      number: counts.valid - noted,
      filter: "verdict:valid -verdict:note",
    },
    { name: "valid, with notes", tone: "info", number: noted, filter: "verdict:note" },
    ...invalid(counts),
  ].filter((one) => one.number > 0);
  const total = parts.reduce((sum, one) => sum + one.number, 0) || 1;
  const share = (one) => {
    const percent = (100 * one.number) / total;
    return percent > 0 && percent < 1 ? "<1%" : `${Math.round(percent)}%`;
  };
  const bar = parts.map((one) => {
    const piece = h("span", { class: one.tone });
    piece.style.flexGrow = String(one.number);
    return piece;
  });
  const words = parts.map((one) =>
    h(
      "li",
      {},
      h("span", { class: `dot ${one.tone}`, "aria-hidden": "true" }),
      h(
        "button",
        { type: "button", class: "link", onclick: () => onFilter(one.filter) },
        one.name,
      ),
      h("span", { class: "number" }, count(one.number)),
      h("span", { class: "number quiet" }, share(one)),
    ),
  );
  return h(
    "section",
    {},
    h("h2", {}, "Quality", quality && weatherWord(quality)),
    h("div", { class: "bar", "aria-hidden": "true" }, bar),
    h("ul", { class: "figures" }, words),
  );
}

function invalid(counts) {
  if (counts.accepted === undefined && counts.rejected === undefined) {
    return [
      {
        name: "invalid",
        tone: "warn",
        number: counts.invalid,
        filter: "verdict:invalid",
      },
    ];
  }
  return [
    {
      name: "invalid, accepted",
      tone: "warn",
      number: counts.accepted ?? 0,
      filter: "verdict:invalid-accepted",
    },
    {
      name: "invalid, rejected",
      tone: "bad",
      number: counts.rejected ?? 0,
      filter: "verdict:invalid-rejected",
    },
  ];
}

const WEATHER = { sunny: "☀", cloudy: "☁", rainy: "☂", stormy: "⚡" };

function weatherWord({ weather: word, percentage }) {
  if (!word) return null;
  const sign = h("span", { "aria-hidden": "true" }, WEATHER[word] ?? "");
  return h("span", { class: "weather-word" }, sign, ` ${word}, ${percentage}% valid`);
}

/** How each event name does, in the words of the platform's weather report. */
export function byName(rows, onFilter) {
  const body = rows.slice(0, MOST_NAMED).map((one) => {
    const label = h("bdi", {}, printable(one.value ?? "(no name)"));
    const onclick = () => onFilter(eventWord(one.value));
    return h(
      "tr",
      {},
      h(
        "th",
        { scope: "row" },
        h("button", { type: "button", class: "link", onclick }, label),
      ),
      h("td", {}, count(one.events)),
      h(
        "td",
        { class: one.valid < one.events ? "warn" : "good" },
        `${one.percentage}%`,
      ),
      h("td", { class: "quiet" }, `${WEATHER[one.weather] ?? ""} ${one.weather ?? ""}`),
    );
  });
  const titles = ["Event", "events", "valid", "weather"];
  const head = titles.map((text) => h("th", { scope: "col" }, text));
  const rest = rows.length - MOST_NAMED;
  return h(
    "section",
    {},
    h("h2", {}, "By event"),
    h(
      "table",
      { class: "weather" },
      h("thead", {}, h("tr", {}, head)),
      h("tbody", {}, body),
    ),
    rest > 0 && h("p", { class: "quiet" }, `and ${count(rest)} more`),
  );
}
