/** The filter box: suggestions while typing, errors in place. */

import { byId, fill, h } from "./dom.mjs";
import { printable } from "./format.mjs";
import { suggest } from "./grammar.mjs";

/** Bind the box; `onApply(q)` gets what is to be shown, `known()` what to suggest. */
export function createFilter({ onApply, known }) {
  const input = byId("filter");
  const list = byId("suggestions");
  const error = byId("filter-error");
  let offered = null;
  let at = -1;

  function close() {
    offered = null;
    at = -1;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function offer() {
    offered = suggest(input.value, input.selectionStart, known());
    at = -1;
    if (!offered.items.length) return close();
    fill(list, offered.items.map(option));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    input.removeAttribute("aria-activedescendant");
  }

  function option(item, index) {
    const props = {
      role: "option",
      id: `suggestion-${index}`,
      class: item.hint ? "hint" : "",
      "aria-selected": "false",
      "aria-disabled": item.hint ? "true" : null,
      onpointerdown: (event) => {
        event.preventDefault();
        take(item);
      },
    };
    return h(
      "li",
      props,
      item.text && h("b", {}, printable(item.text)),
      h("span", {}, printable(item.help ?? "")),
    );
  }

  function take(item) {
    if (item.hint) return;
    const { value } = input;
    const rest = value.slice(offered.end);
    const space = item.more || rest.startsWith(" ") ? "" : " ";
    input.value = value.slice(0, offered.start) + item.text + space + rest;
    const caret = offered.start + item.text.length + space.length;
    input.setSelectionRange(caret, caret);
    if (item.more) offer();
    else apply();
  }

  function move(by) {
    if (!offered) return offer();
    const { length } = offered.items;
    at = (at + by + length + (at < 0 && by < 0 ? 1 : 0)) % length;
    [...list.children].forEach((one, index) =>
      one.setAttribute("aria-selected", String(index === at)),
    );
    list.children[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", `suggestion-${at}`);
  }

  function apply() {
    close();
    onApply(input.value.trim());
  }

  const keys = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => (offered && at >= 0 ? take(offered.items[at]) : apply()),
    Tab: () => offered && at >= 0 && take(offered.items[at]),
    Escape: () => (offered ? close() : input.value ? clearBox() : input.blur()),
  };

  function clearBox() {
    input.value = "";
    apply();
  }

  input.addEventListener("input", offer);
  input.addEventListener("focus", offer);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (!(event.key in keys) || event.isComposing) return;
    const took = keys[event.key]();
    if (event.key !== "Tab" || took !== false)
      event.key !== "Tab" && event.preventDefault();
    event.stopPropagation();
  });
  byId("filter-clear").addEventListener("click", clearBox);

  return {
    focus() {
      input.focus();
      input.select();
    },
    /** Show a filter that was set elsewhere. */
    show(q) {
      if (document.activeElement !== input || input.value.trim() !== q) input.value = q;
      byId("filter-clear").hidden = !q;
    },
    /** Show what the server says of the filter, with the place; null shows nothing. */
    fail(problem) {
      input.setAttribute("aria-invalid", String(problem !== null));
      error.hidden = problem === null;
      if (problem === null) return;
      const { position, message } = problem;
      const caret = position === null ? null : `${" ".repeat(position)}^`;
      fill(
        error,
        caret !== null &&
          h("pre", { "aria-hidden": "true" }, `${printable(input.value)}\n${caret}`),
        h("span", {}, printable(message)),
      );
    },
  };
}
