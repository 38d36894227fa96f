/** One short notice at the foot of the page, with at most one thing to do about it. */

import { byId, fill, h } from "./dom.mjs";

let timer = 0;

/** Say something; `action` is { label, run }, and `seconds` how long it is there. */
export function toast(text, { action, seconds = 3 } = {}) {
  clearTimeout(timer);
  const run = () => {
    dismiss();
    action.run();
  };
  const button = action && h("button", { type: "button", onclick: run }, action.label);
  const bar = action && h("span", { class: "toast-bar", "aria-hidden": "true" });
  fill(
    byId("toast"),
    h("div", { class: "toast-box" }, h("span", {}, text), button, bar),
  );
  timer = setTimeout(dismiss, seconds * 1000);
}

function dismiss() {
  clearTimeout(timer);
  byId("toast").replaceChildren();
}
