/** Two events side by side: what differs first. */

import { difference, differing } from "./diff.mjs";
import { h } from "./dom.mjs";
import { cut, plural, printable } from "./format.mjs";
import { eventName } from "./row.mjs";

const LONGEST = 300;
const MOST_LINES = 500;

/** Return the comparison of two events, each { id, name, tree }. */
export function renderCompare(left, right, { onSwap, onClose }) {
  const lines = difference(left.tree, right.tree);
  const different = differing(lines);
  const body = h("tbody", {});
  const all = h("input", { type: "checkbox" });
  const show = () => {
    const shown = all.checked ? lines : lines.filter((one) => !one.same);
    body.replaceChildren(...shown.slice(0, MOST_LINES).map(row));
  };
  all.addEventListener("change", show);
  show();
  const verb = different === 1 ? "differs" : "differ";
  return h(
    "section",
    { class: "compare", "aria-label": "Comparison" },
    h(
      "header",
      { class: "detail-head" },
      h("h2", {}, "Compare"),
      h(
        "span",
        { class: "quiet" },
        different
          ? `${different} of ${plural(lines.length, "field")} ${verb}`
          : `All ${plural(lines.length, "field")} are the same`,
      ),
      h("label", { class: "check" }, all, " show equal fields"),
      h("button", { type: "button", class: "chip", onclick: onSwap }, "Swap"),
      h(
        "button",
        {
          type: "button",
          class: "icon",
          "aria-label": "Close the comparison",
          onclick: onClose,
        },
        "✕",
      ),
    ),
    h(
      "div",
      { class: "tab-panel" },
      h(
        "table",
        { class: "difference" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ["Field", title(left), title(right)].map((text) =>
              h("th", { scope: "col" }, text),
            ),
          ),
        ),
        body,
      ),
    ),
  );
}

function title(event) {
  return `#${event.id} ${eventName(event.name)}`;
}

function row(line) {
  const sign = line.same ? "=" : "≠";
  return h(
    "tr",
    { class: line.same ? "same" : "differs" },
    h(
      "th",
      { scope: "row" },
      h(
        "span",
        { class: "sign", role: "img", "aria-label": line.same ? "same" : "differs" },
        sign,
      ),
      h("bdi", {}, printable(line.path)),
      line.note && h("span", { class: "quiet" }, line.note),
    ),
    cell(line.left),
    cell(line.right),
  );
}

function cell(text) {
  if (text === undefined) return h("td", { class: "nothing" }, "nothing");
  return h("td", {}, h("bdi", {}, cut(printable(text), LONGEST)));
}
