/** Chips with counts: verdicts and refusals, and lists of sites, sources, test codes. */

import { byId, fill, h } from "./dom.mjs";
import { count, cut, printable } from "./format.mjs";
import { valueOf, withTerm, without } from "./grammar.mjs";

const VERDICTS = [
  { name: "all", sign: "", tone: "idle" },
  { name: "valid", sign: "✓", tone: "good" },
  { name: "note", sign: "i", tone: "info" },
  { name: "invalid", sign: "!", tone: "warn" },
];
const STATUSES = [
  { code: "400", name: "400 refused" },
  { code: "404", name: "404" },
  { code: "405", name: "405" },
];
const LISTS = [
  { key: "site", label: "site", counted: "site_ids" },
  { key: "source", label: "source", counted: "source_keys" },
  { key: "test", label: "test code", counted: "test_codes" },
];

/** The keys that the chips ask, in order of the page. */
export const CHIP_KEYS = ["verdict", "status"];
export const LIST_KEYS = LISTS.map((one) => one.key);

/** Show the chips: `counts` of verdicts, `statuses`, `lists` by what is counted. */
export function renderChips({ q, counts, statuses, lists, onFilter }) {
  const verdict = valueOf(q, "verdict");
  const status = valueOf(q, "status");
  const bare = without(q, ...CHIP_KEYS);
  const chip = ({ name, sign, tone }, target, pressed, shown) =>
    h(
      "button",
      {
        type: "button",
        class: `chip ${tone}`,
        "aria-pressed": String(pressed),
        onclick: () => onFilter(target),
      },
      sign && h("span", { class: "sign", "aria-hidden": "true" }, sign),
      `${name} `,
      h("span", { class: "chip-count" }, shown === undefined ? "–" : count(shown)),
    );
  const verdicts = VERDICTS.map((one) => {
    const isAll = one.name === "all";
    const pressed = isAll ? !verdict && !status : verdict === one.name;
    const target = isAll || pressed ? bare : withTerm(bare, "verdict", one.name);
    return chip(one, target, pressed, counts[one.name]);
  });
  const refusals = STATUSES.filter(
    (one) => statuses.get(one.code) > 0 || status === one.code,
  ).map((one) => {
    const pressed = status === one.code;
    const target = pressed ? bare : withTerm(bare, "status", one.code);
    return chip(
      { name: one.name, sign: "✗", tone: "bad" },
      target,
      pressed,
      statuses.get(one.code),
    );
  });
  fill(
    byId("chips"),
    ...verdicts,
    ...refusals,
    h("span", { class: "gap" }),
    ...LISTS.map((one) => list(one, q, lists, onFilter)),
  );
}

function list({ key, label, counted }, q, lists, onFilter) {
  const values = (lists[counted] ?? []).filter((one) => one.value != null);
  const chosen = valueOf(q, key);
  if (!values.length && chosen === null) return null;
  const known = values.some((one) => one.value === chosen);
  const extra = chosen !== null && !known ? [{ value: chosen }] : [];
  const options = [...extra, ...values].map((one) =>
    h(
      "option",
      { value: one.value, selected: one.value === chosen },
      `${cut(printable(one.value), 40)}${one.count === undefined ? "" : ` (${count(one.count)})`}`,
    ),
  );
  const onchange = (event) => onFilter(withTerm(q, key, event.target.value || null));
  return h(
    "label",
    { class: `pick ${chosen === null ? "" : "on"}` },
    h("span", {}, label),
    h(
      "select",
      { "data-key": key, onchange },
      h(
        "option",
        { value: "", selected: chosen === null },
        values.length > 1 ? `all ${values.length}` : "all",
      ),
      options,
    ),
  );
}
