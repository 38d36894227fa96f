/** A JSON tree that folds, with a mark in the margin where something was found. */

import { h } from "./dom.mjs";
import { count, cut, levelLook, plural, printable } from "./format.mjs";
import { below } from "./json.mjs";

const FOLDED_FROM = 3;
const AT_ONCE = 100;
const LONGEST_TEXT = 400;
const LONGEST_KEY = 120;

/**
 * Return the element of a tree.
 *
 * `findings` are shown at their paths; `onKey(button, path, node)` is called when a key
 * is clicked.
 */
export function renderTree(node, { findings, onKey }) {
  const marks = grouped(findings);
  const paths = [...marks.keys()].filter(Boolean);
  const context = { marks, paths, onKey };
  return h("div", { class: "tree" }, branchOrLeaf(context, node, "", null, 0));
}

function grouped(findings) {
  const marks = new Map();
  for (const one of findings)
    marks.set(one.path, [...(marks.get(one.path) ?? []), one]);
  return marks;
}

function branchOrLeaf(context, node, path, step, depth) {
  const isBranch = node.type === "object" || node.type === "array";
  if (isBranch && node.value.length) return branch(context, node, path, step, depth);
  const empty = { object: "{}", array: "[]" }[node.type];
  return line(context, node, path, step, empty ? punctuation(empty) : leaf(node));
}

function line(context, node, path, step, ...content) {
  const found = path ? (context.marks.get(path) ?? []) : [];
  const look = found.length ? levelLook(found[0].level) : null;
  const title = found.map((one) => one.message).join("\n");
  return h(
    "div",
    { class: `tree-line ${look ? `found ${look.tone}` : ""}` },
    look &&
      h(
        "span",
        { class: "margin", title, role: "img", "aria-label": title },
        look.sign,
      ),
    typeof step === "string" && keyOf(context, node, path, step),
    content,
    look && h("span", { class: "tree-said" }, printable(found[0].message)),
  );
}

function keyOf(context, node, path, step) {
  const props = {
    type: "button",
    class: "key",
    title: cut(path, LONGEST_TEXT),
    "aria-haspopup": "menu",
    onclick: (event) => context.onKey(event.currentTarget, path, node),
  };
  return [
    h("button", props, h("bdi", {}, printable(cut(step, LONGEST_KEY)) || '""')),
    punctuation(": "),
  ];
}

function punctuation(text) {
  return h("span", { class: "punctuation" }, text);
}

function leaf(node) {
  if (node.type !== "string") return h("span", { class: node.type }, node.value);
  const text = JSON.stringify(node.value);
  const value = h("bdi", { class: "string" }, printable(text.slice(0, LONGEST_TEXT)));
  if (text.length <= LONGEST_TEXT) return value;
  const label = `… all ${plural(text.length, "character")}`;
  const more = h("button", { type: "button", class: "more" }, label);
  more.addEventListener("click", () => {
    value.textContent = printable(text);
    more.remove();
  });
  return [value, more];
}

/** A fold opens by itself where something was found inside. */
function startsOpen(context, path, depth) {
  if (depth < FOLDED_FROM) return true;
  return context.paths.some(
    (one) => one.startsWith(`${path}.`) || one.startsWith(`${path}[`),
  );
}

function branch(context, node, path, step, depth) {
  const [open, close] = node.type === "object" ? "{}" : "[]";
  const inside = h("div", { class: "tree-inside" });
  const what = node.type === "object" ? "key" : "value";
  const folded = h(
    "span",
    { class: "folded" },
    `… ${plural(node.value.length, what)} ${close}`,
  );
  const end = h("div", { class: "tree-line" }, punctuation(close));
  const twist = h("button", { type: "button", class: "twist" });
  const head = line(context, node, path, step, punctuation(open), folded);
  head.prepend(twist);
  let isOpen = false;

  const toggle = () => {
    isOpen = !isOpen;
    twist.textContent = isOpen ? "▾" : "▸";
    twist.setAttribute("aria-expanded", String(isOpen));
    twist.setAttribute(
      "aria-label",
      `${isOpen ? "Fold" : "Unfold"} ${path || "the event"}`,
    );
    folded.hidden = isOpen;
    inside.hidden = end.hidden = !isOpen;
    if (isOpen && !inside.childElementCount)
      addChildren(context, node, path, depth, inside);
  };
  twist.addEventListener("click", toggle);
  folded.addEventListener("click", toggle);
  inside.hidden = end.hidden = true;
  twist.textContent = "▸";
  twist.setAttribute("aria-expanded", "false");
  twist.setAttribute("aria-label", `Unfold ${path || "the event"}`);
  if (startsOpen(context, path, depth)) toggle();
  return h("div", { class: "tree-branch" }, head, inside, end);
}

/** A hundred at once: an event may have ten thousand keys. */
function addChildren(context, node, path, depth, inside, from = 0) {
  const to = Math.min(node.value.length, from + AT_ONCE);
  for (let at = from; at < to; at += 1) {
    const [step, child] = node.type === "array" ? [at, node.value[at]] : node.value[at];
    inside.append(branchOrLeaf(context, child, below(path, step), step, depth + 1));
  }
  const rest = node.value.length - to;
  if (!rest) return;
  const label = `Show ${Math.min(rest, AT_ONCE)} of ${count(rest)} more`;
  const more = h("button", { type: "button", class: "more" }, label);
  more.addEventListener("click", () => {
    more.remove();
    addChildren(context, node, path, depth, inside, to);
  });
  inside.append(more);
}
