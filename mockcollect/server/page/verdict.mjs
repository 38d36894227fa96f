/** The Verdict tab: each finding with its level, place, text, remedy and source. */

import { h } from "./dom.mjs";
import { levelLook, printable, verdictLook } from "./format.mjs";

const MEANING = {
  valid: "Production answers 200 and takes this event.",
  "invalid-accepted": "Production answers 200 and takes this event, with errors.",
  "invalid-rejected": "Production answers 200 and drops this event, in silence.",
};

/** Return the tab of an event; `onFilter(word)` filters by a finding's code. */
export function renderVerdict(event, { onFilter }) {
  const look = verdictLook(event.verdict);
  return h(
    "div",
    { class: "tab-body" },
    h(
      "p",
      { class: `lead ${look.tone}` },
      h("strong", {}, `${look.sign} ${look.words}. `),
      MEANING[event.verdict],
    ),
    event.findings.length
      ? h(
          "ul",
          { class: "findings" },
          event.findings.map((one) => full(one, onFilter)),
        )
      : h("p", { class: "quiet" }, "Nothing to remark."),
  );
}

/** Return the findings in short, for the head of the Event tab. */
export function renderFindings(findings, most = 5) {
  if (!findings.length) return null;
  const rest = findings.length - most;
  return h(
    "ul",
    { class: "findings short" },
    findings.slice(0, most).map((one) => short(one)),
    rest > 0 && h("li", { class: "quiet" }, `and ${rest} more in the Verdict tab`),
  );
}

function sign(finding) {
  const look = levelLook(finding.level);
  return h(
    "span",
    { class: `finding-sign ${look.tone}`, "aria-hidden": "true" },
    look.sign,
  );
}

function short(finding) {
  return h(
    "li",
    {},
    sign(finding),
    h(
      "span",
      {},
      h("span", { class: "visually-hidden" }, `${finding.level}: `),
      printable(finding.message),
    ),
  );
}

function full(finding, onFilter) {
  const filter = () => onFilter(`finding:${finding.code}`);
  return h(
    "li",
    {},
    sign(finding),
    h(
      "div",
      {},
      h(
        "p",
        { class: "finding-said" },
        h("span", { class: "visually-hidden" }, `${finding.level}: `),
        printable(finding.message),
      ),
      finding.remedy && h("p", {}, printable(finding.remedy)),
      h(
        "p",
        { class: "quiet" },
        finding.path && h("code", {}, printable(finding.path)),
        h(
          "button",
          {
            type: "button",
            class: "link",
            title: "Filter by this finding",
            onclick: filter,
          },
          finding.code,
        ),
        finding.rule && h("span", {}, printable(finding.rule)),
      ),
    ),
  );
}
