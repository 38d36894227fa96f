/** One line of the list: a request, a batch, or an event inside an opened batch. */

import { h } from "./dom.mjs";
import { bytes, clock, printable, refusalWord, verdictLook } from "./format.mjs";
import { isBatch, tally } from "./rows.mjs";

const NAMES_SHOWN = 6;
const SHORT = 26; // so long a pin stands unshortened

/** Return the cells of a line; read aloud in their order, they name it. */
export function renderLine({ row, event, level }, { isOpen }) {
  if (level === 2) return child(row, event);
  if (isBatch(row)) return batch(row, isOpen);
  return event ? single(row, event) : bare(row);
}

/** Return the name of an event as it is shown. */
export function eventName(name) {
  return name ? printable(name) : "(no name)";
}

function unseen(text) {
  return h("span", { class: "visually-hidden" }, text);
}

/** Return a sign with words, of which some are only read aloud. */
function badge(tone, sign, words, before = "", after = "") {
  return h(
    "span",
    { class: `badge ${tone}` },
    h("span", { class: "sign", "aria-hidden": "true" }, sign),
    h("span", {}, before && unseen(before), words, after && unseen(after)),
  );
}

/** Return a verdict as a badge: in full, or so short as a line has room for. */
export function verdictBadge(verdict, notes, { full = false } = {}) {
  const look = verdictLook(verdict, notes);
  if (full) return badge(look.tone, look.sign, look.words);
  return badge(look.tone, look.sign, look.short, look.before);
}

function cells(row, { name, nameClass = "", middle, size, second, twist, place }) {
  const status = place
    ? h("span", { class: "status" })
    : h("span", { class: `status ${row.status < 400 ? "" : "refused"}` });
  if (!place) status.append(String(row.status), unseen(" sent"));
  const when = place
    ? h("span", { class: "time place" }, place)
    : h("time", { class: "time", datetime: row.time }, time(row));
  return [
    h("span", { class: `name ${nameClass}` }, twist, h("bdi", {}, name)),
    status,
    h("span", { class: "verdict" }, middle),
    when,
    h("span", { class: "size" }, bytes(size)),
    h("span", { class: "second" }, second),
  ];
}

function time(row) {
  const shown = clock(row.time);
  return [shown.slice(0, 8), h("span", { class: "ms" }, shown.slice(8))];
}

function pin(path, value) {
  return h(
    "span",
    { class: path.length + value.length > SHORT ? "pin long" : "pin" },
    path && `${printable(path)} `,
    h("bdi", {}, printable(value)),
  );
}

function said(text) {
  return text && h("span", { class: "said" }, h("bdi", {}, printable(text)));
}

function ofEvent(row, event, { place = "", first = null } = {}) {
  return cells(row, {
    name: eventName(event.name),
    nameClass: event.name ? "" : "nameless",
    middle: verdictBadge(event.verdict, event.notes),
    size: event.size,
    second: [
      first,
      event.pins.map(([path, value]) => pin(path, value)),
      said(event.finding),
    ],
    place,
  });
}

function single(row, event) {
  const place = `${event.index + 1} of ${row.of}`;
  return ofEvent(row, event, { first: row.of > 1 && pin("event", place) });
}

function child(row, event) {
  return ofEvent(row, event, { place: `${event.index + 1} of ${row.of}` });
}

function batch(row, isOpen) {
  const { events } = row;
  const only = events.length < row.of ? `, ${events.length} shown` : "";
  const names = [...new Set(events.slice(0, 50).map((event) => eventName(event.name)))];
  const sum = () => events.reduce((size, event) => size + event.size, 0);
  return cells(row, {
    name: `batch of ${row.of}${only}`,
    nameClass: "batch",
    twist: h("span", { class: "twist", "aria-hidden": "true" }, isOpen ? "▾" : "▸"),
    middle: tally(events).map(([name, many]) => {
      const look = verdictLook(name);
      return badge(look.tone, look.sign, String(many), "", ` ${look.words}`);
    }),
    size: row.size ?? sum(),
    second: [
      h("span", { class: "pin long" }, names.slice(0, NAMES_SHOWN).join(", ")),
      said(events.find((event) => event.finding)?.finding),
    ],
  });
}

/** A request without events: refused, or nothing to collect. */
function bare(row) {
  const method = row.method && row.method !== "POST" ? `${printable(row.method)} ` : "";
  const isFine = row.status < 400;
  const word = row.refusal
    ? refusalWord(row.refusal.reason)
    : (WORDS[row.status] ?? "no event");
  return cells(row, {
    name: method + printable(row.path),
    nameClass: "path",
    middle: badge(isFine ? "idle" : "bad", isFine ? "–" : "✗", word),
    size: row.size,
    second: said(row.refusal ? row.refusal.message : REASONS[row.status]),
  });
}

const WORDS = { 404: "no such path", 405: "wrong method" };
const REASONS = {
  404: "Production has no such path: collect at /events or /events/batch.",
  405: "Production does not take this method here.",
};
