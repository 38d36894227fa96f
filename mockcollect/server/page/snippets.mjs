/** Texts to copy: a pytest assertion, an entry of a tracking plan. Pure. */

import { leaves, member } from "./json.mjs";

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const RESERVED = new Set(
  (
    "False None True and as assert async await break class continue def del elif else " +
    "except finally for from global if import in is lambda nonlocal not or pass raise " +
    "return try while with yield"
  ).split(" "),
);
const OWN_ARGUMENTS = [
  "event_name",
  "count",
  "at_least",
  "at_most",
  "timeout",
  "where",
];
const NOT_PROPERTIES = new Set(["event_name", "event", "context", "integrations"]);
const OF_THE_MOMENT = /(^|\.)(event_id|event_timestamp|timestamp|test_code)$/;
const MAX_DEPTH = 6;

/** Return the Python text of a JSON node. */
export function python(node) {
  if (node.type === "string") return pythonText(node.value);
  if (node.type === "literal") {
    return { true: "True", false: "False", null: "None" }[node.value];
  }
  if (node.type === "number") return node.value;
  if (node.type === "array") return `[${node.value.map(python).join(", ")}]`;
  const pairs = node.value.map(([key, one]) => `${pythonText(key)}: ${python(one)}`);
  return `{${pairs.join(", ")}}`;
}

function pythonText(text) {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    escaped,
  );
}

function escaped(sign) {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Return the assertion that this event was sent. */
export function pytestAssertion(name, event) {
  const lines = [pythonText(name ?? ""), ...keywords(event)];
  const oneLine = `mockcollect.assert_sent(${lines.join(", ")})`;
  if (oneLine.length <= 88) return oneLine;
  return `mockcollect.assert_sent(\n    ${lines.join(",\n    ")},\n)`;
}

function keywords(event) {
  const own = [];
  const odd = [];
  for (const [key, node] of properties(event)) {
    const isName = NAME.test(key) && !RESERVED.has(key) && !OWN_ARGUMENTS.includes(key);
    if (isName) own.push(`${key}=${python(node)}`);
    else odd.push(`${pythonText(key)}: ${python(node)}`);
  }
  return odd.length ? [...own, `where={${odd.join(", ")}}`] : own;
}

function properties(event) {
  if (event.type !== "object") return [];
  const inner = member(event, "properties");
  const all = inner?.type === "object" ? inner.value : event.value;
  return all.filter(([key]) => !NOT_PROPERTIES.has(key) && !OF_THE_MOMENT.test(key));
}

const KINDS = { string: "string", number: "number", object: "object", array: "list" };

/** Return the entry of a tracking plan that this event would meet. */
export function planEntry(name, event) {
  const lines = [`${yamlKey(name ?? "")}:`];
  const seen = new Set();
  for (const [key, node] of properties(event)) {
    for (const [path, leaf] of leaves(node, yamlStep(key))) {
      const general = path.replace(/\[\d+\]/g, "[]");
      if (seen.has(general) || OF_THE_MOMENT.test(path) || leaf.value === "null")
        continue;
      if (general.split(".").length > MAX_DEPTH) continue;
      seen.add(general);
      lines.push(`  ${yamlKey(general)}: ${kindOf(leaf)}, required`);
    }
  }
  return `${(lines.length > 1 ? lines : [`${yamlKey(name ?? "")}: {}`]).join("\n")}\n`;
}

function kindOf(node) {
  return node.type === "literal" ? "boolean" : KINDS[node.type];
}

function yamlStep(key) {
  return /[\s.[\]"]/.test(key) ? JSON.stringify(key) : key;
}

function yamlKey(text) {
  return /^[A-Za-z_][\w.[\]-]*$/.test(text) ? text : JSON.stringify(text);
}
