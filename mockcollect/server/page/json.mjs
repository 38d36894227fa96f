/**
 * JSON read without loss: digits as written, keys in order, doubles kept. Pure.
 *
 * The browser's own parser rounds 202110130000000001 and sorts keys that look like
 * numbers; an inspector must show what was sent. A node is { type, value } where the
 * value of an object is a list of [key, node] and that of a number its text.
 */

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y;
const STRING = /"(?:[^"\\]|\\.)*"/sy;

/** Return the tree of a JSON text; throws SyntaxError. */
export function readJson(text) {
  const reader = { text, at: 0 };
  const node = readValue(reader);
  skip(reader);
  if (reader.at < text.length) throw new SyntaxError(`text after JSON at ${reader.at}`);
  return node;
}

/** Return the tree, or null for what is no JSON. */
export function tryJson(text) {
  try {
    return readJson(text);
  } catch {
    return null;
  }
}

/** Return the node below an object's key: the last one, as parsers read it. */
export function member(node, key) {
  if (node?.type !== "object") return undefined;
  return node.value.findLast(([name]) => name === key)?.[1];
}

/** Return the text of a tree again, indented or on one line. */
export function writeJson(node, indent = 2, depth = 0) {
  if (node.type === "string") return JSON.stringify(node.value);
  if (node.type !== "object" && node.type !== "array") return node.value;
  const [open, close] = node.type === "object" ? "{}" : "[]";
  if (!node.value.length) return open + close;
  const line = indent ? `\n${" ".repeat(indent * (depth + 1))}` : "";
  const last = indent ? `\n${" ".repeat(indent * depth)}` : "";
  const colon = indent ? ": " : ":";
  const parts = node.value.map((one) =>
    node.type === "array"
      ? writeJson(one, indent, depth + 1)
      : JSON.stringify(one[0]) + colon + writeJson(one[1], indent, depth + 1),
  );
  return open + line + parts.join(`,${line}`) + last + close;
}

const PLAIN_STEP = /^[^\s.[\]":=<>~!-][^\s.[\]":=<>~!]*$/;

/** Return a path with one more step, as the filter grammar writes it. */
export function below(path, step) {
  if (typeof step === "number") return `${path}[${step}]`;
  const name = PLAIN_STEP.test(step)
    ? step
    : `"${step.replace(/["\\]/g, (sign) => `\\${sign}`)}"`;
  return path ? `${path}.${name}` : name;
}

/** Yield [path, node] of all that is no object or array with something in it. */
export function* leaves(node, path = "") {
  const isBranch = node.type === "object" || node.type === "array";
  if (!isBranch || !node.value.length) {
    yield [path, node];
    return;
  }
  for (const [index, one] of node.value.entries()) {
    const [step, child] = node.type === "array" ? [index, one] : one;
    yield* leaves(child, below(path, step));
  }
}

function skip(reader) {
  SPACE.lastIndex = reader.at;
  SPACE.exec(reader.text);
  reader.at = SPACE.lastIndex;
}

function take(reader, pattern) {
  pattern.lastIndex = reader.at;
  const match = pattern.exec(reader.text);
  if (!match) throw new SyntaxError(`no JSON at ${reader.at}`);
  reader.at = pattern.lastIndex;
  return match[0];
}

function readValue(reader) {
  skip(reader);
  const sign = reader.text[reader.at];
  if (sign === "{") return readList(reader, "object", "}", readMember);
  if (sign === "[") return readList(reader, "array", "]", readValue);
  if (sign === '"') return { type: "string", value: JSON.parse(take(reader, STRING)) };
  const value = take(reader, SCALAR);
  return { type: /[a-z]/.test(value[0]) ? "literal" : "number", value };
}

function readList(reader, type, close, readOne) {
  const value = [];
  reader.at += 1;
  skip(reader);
  if (reader.text[reader.at] === close) {
    reader.at += 1;
    return { type, value };
  }
  for (;;) {
    value.push(readOne(reader));
    skip(reader);
    const sign = reader.text[reader.at];
    reader.at += 1;
    if (sign === close) return { type, value };
    if (sign !== ",") throw new SyntaxError(`no comma at ${reader.at - 1}`);
  }
}

function readMember(reader) {
  skip(reader);
  const key = JSON.parse(take(reader, STRING));
  skip(reader);
  if (reader.text[reader.at] !== ":") throw new SyntaxError(`no colon at ${reader.at}`);
  reader.at += 1;
  return [key, readValue(reader)];
}
