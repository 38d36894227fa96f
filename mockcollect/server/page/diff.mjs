/** Two events compared, field by field. Pure. */

import { leaves, writeJson } from "./json.mjs";

/**
 * Return one line a path, in the order of the first event, then of the second.
 *
 * Each is { path, left, right, same, note } with values as JSON text, undefined where
 * there is none. A list is compared place by place.
 */
export function difference(left, right) {
  const one = flat(left);
  const other = flat(right);
  const paths = [...new Set([...one.keys(), ...other.keys()])];
  return paths.map((path) => line(path, one.get(path), other.get(path)));
}

/** Return how many lines differ. */
export function differing(lines) {
  return lines.filter((one) => !one.same).length;
}

function flat(node) {
  return new Map(leaves(node));
}

function line(path, one, other) {
  const left = one && writeJson(one, 0);
  const right = other && writeJson(other, 0);
  return { path, left, right, same: left === right, note: note(one, other) };
}

function note(one, other) {
  if (!one) return "only on the right";
  if (!other) return "only on the left";
  if (one.type === other.type) return "";
  const asText = (node) => (node.type === "string" ? node.value : writeJson(node, 0));
  return asText(one) === asText(other)
    ? "same characters, another type"
    : "another type";
}
