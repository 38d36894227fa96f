/** What stands at the right when nothing is chosen: quality, plan, peak rate, address. */

import { h } from "./dom.mjs";
import { count, levelLook, plural, printable } from "./format.mjs";
import { byName, eventWord, weather } from "./quality.mjs";
import { ADVISED } from "./rate.mjs";

const MOST_NAMED = 10;

/** Return the overview; `figures` has what the API tells, and may lack any of it. */
export function renderOverview(figures, { onFilter, address }) {
  const { counts, coverage, findings, quality, names } = figures;
  const rows = quality?.event_names;
  return h(
    "div",
    { class: "overview" },
    counts?.all > 0 && weather(counts, quality, onFilter),
    rows?.length > 0 && byName(rows, onFilter),
    coverage?.planned?.length > 0 && plan(coverage, onFilter),
    findings?.length > 0 && common(findings, onFilter),
    !rows && names?.size > 0 && seen(names, onFilter),
    counts?.all > 0 && peak(figures.peak),
    h(
      "section",
      {},
      h("h2", {}, "Collect here"),
      h(
        "p",
        {},
        h("code", { class: "address" }, `${address}/events?tc_s=SITE&token=SOURCE_KEY`),
      ),
      h(
        "p",
        { class: "quiet" },
        "Batches go to ",
        h("code", {}, "/events/batch"),
        ". It stands in for collect.commander1.com.",
      ),
    ),
  );
}

function figureList(title, entries, onFilter) {
  const items = entries
    .slice(0, MOST_NAMED)
    .map(({ name, number, word, look }) =>
      h(
        "li",
        {},
        look && h("span", { class: `finding-sign ${look.tone}` }, look.sign),
        h(
          "button",
          { type: "button", class: "link", onclick: () => onFilter(word) },
          h("bdi", {}, printable(name)),
        ),
        h("span", { class: "number" }, count(number)),
      ),
    );
  const rest = entries.length - MOST_NAMED;
  return h(
    "section",
    {},
    h("h2", {}, title),
    h("ul", { class: "figures" }, items),
    rest > 0 && h("p", { class: "quiet" }, `and ${count(rest)} more`),
  );
}

function common(findings, onFilter) {
  const entries = findings.map(({ code, level, count: number }) => ({
    name: code,
    number,
    word: `finding:${code}`,
    look: levelLook(level),
  }));
  return figureList("Common findings", entries, onFilter);
}

function seen(names, onFilter) {
  const entries = [...names].map(([name, number]) => ({
    name: name ?? "(no name)",
    number,
    word: eventWord(name),
  }));
  return figureList("Events", entries, onFilter);
}

function plan({ planned, seen: found = {}, never_sent: never = [] }, onFilter) {
  const items = planned.map((name) =>
    h(
      "li",
      { class: found[name] ? "" : "never" },
      h(
        "span",
        {
          class: "sign",
          role: "img",
          "aria-label": found[name] ? "seen" : "never sent",
        },
        found[name] ? "✓" : "○",
      ),
      h(
        "button",
        { type: "button", class: "link", onclick: () => onFilter(eventWord(name)) },
        h("bdi", {}, printable(name)),
      ),
      h("span", { class: "number" }, found[name] ? count(found[name]) : "never sent"),
    ),
  );
  const title = `Tracking plan: ${planned.length - never.length} of ${plural(planned.length, "event")} seen`;
  return h("section", {}, h("h2", {}, title), h("ul", { class: "figures" }, items));
}

function peak(rate) {
  if (!rate) return null;
  const over = rate > ADVISED;
  return h(
    "section",
    {},
    h("h2", {}, "Peak rate"),
    h(
      "p",
      {},
      h("span", { class: over ? "over" : "" }, `${count(rate)} in one second`),
    ),
    over &&
      h(
        "p",
        { class: "advice" },
        `Above ${ADVISED} requests a second, Commanders Act asks to be told before you go live: write to your contact there.`,
      ),
  );
}
