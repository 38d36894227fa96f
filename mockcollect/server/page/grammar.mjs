/** The filter grammar as an editor needs it: words, terms, what to suggest. Pure. */

const WORD = /[^\s"]*(?:"[^"\\]*(?:\\.[^"\\]*)*(?:"|$)[^\s"]*)*/y;
const TERM = /^(-?)([A-Za-z_]+):(.*)$/s;
const NEEDS_QUOTES = /[\s"]|^[=<>~]|^$/;
const MAX_SUGGESTIONS = 9;

/** Return the words of a filter with where they begin and end. */
export function words(text) {
  const found = [];
  let at = 0;
  while (at < text.length) {
    WORD.lastIndex = at;
    const word = WORD.exec(text)[0];
    if (word) found.push({ text: word, start: at, end: at + word.length });
    at += word.length || 1;
  }
  return found;
}

/** Return a value as it stands in a filter: quoted where it must be. */
export function quoted(value) {
  const text = String(value);
  return NEEDS_QUOTES.test(text) ? `"${text.replace(/["\\]/g, "\\$&")}"` : text;
}

function unquoted(text) {
  return text.replace(/"((?:[^"\\]|\\.)*)(?:"|$)/g, (_, inner) =>
    inner.replace(/\\(["\\])/g, "$1"),
  );
}

/** Return the term of a word: its key, its value, whether it is negated. */
export function term(word) {
  const match = TERM.exec(word);
  if (!match) return null;
  return { negated: match[1] === "-", key: match[2], value: unquoted(match[3]) };
}

/** Return the value that a filter asks of a key, not negated; null if it asks none. */
export function valueOf(text, key) {
  for (const word of words(text)) {
    const one = term(word.text);
    if (one && one.key === key && !one.negated) return one.value;
  }
  return null;
}

/** Return a filter without the terms of some keys. */
export function without(text, ...keys) {
  return words(text)
    .map((word) => word.text)
    .filter((word) => !keys.includes(term(word)?.key))
    .join(" ");
}

/** Return a filter that asks this value of a key, and no other; null asks none. */
export function withTerm(text, key, value) {
  const rest = without(text, key);
  if (value === null) return rest;
  return `${rest} ${key}:${quoted(value)}`.trim();
}

/** Return a filter with one more word, unless it has it. */
export function withWord(text, word) {
  const has = words(text).some((one) => one.text === word);
  return has ? text : `${text} ${word}`.trim();
}

/**
 * Return what could be written at the caret, and the part of the text it replaces.
 *
 * `seen` holds values by key, each { value, count }; `paths` those of events.
 */
export function suggest(text, caret, { keys = [], seen = {}, paths = [] }) {
  const word = words(text).find((one) => one.start < caret && caret <= one.end);
  const start = word ? word.start : caret;
  const typed = text.slice(start, caret);
  const sign = typed.startsWith("-") ? "-" : "";
  const body = typed.slice(sign.length);
  const span = { start: start + sign.length, end: word ? word.end : caret };
  const colon = body.indexOf(":");
  const items =
    colon < 0
      ? names(body, keys, paths)
      : values(
          body.slice(0, colon),
          unquoted(body.slice(colon + 1)),
          keys,
          seen,
          paths,
        );
  return { ...span, items: items.slice(0, MAX_SUGGESTIONS) };
}

function names(body, keys, paths) {
  const typed = body.toLowerCase();
  const ofKeys = keys
    .filter((key) => key.name.startsWith(typed))
    .map((key) => ({ text: `${key.name}:`, help: key.help, more: true }));
  if (!typed) return ofKeys;
  const ofPaths = paths
    .filter((path) => path.toLowerCase().startsWith(typed) && path !== body)
    .map((path) => ({ text: `${path}=`, help: "a property of the event", more: true }));
  return [...ofKeys, ...ofPaths];
}

function values(name, typed, keys, seen, paths) {
  const key = keys.find((one) => one.name === name.toLowerCase());
  if (!key) return [];
  const wanted = typed.toLowerCase();
  const known = key.name === "has" ? paths.map((path) => ({ value: path })) : [];
  const given = (key.words ?? []).map((value) => ({
    value: value.replaceAll(" ", "-"),
  }));
  const all = [...(seen[key.name] ?? []), ...given, ...known];
  const fits = all.filter(({ value }) => String(value).toLowerCase().includes(wanted));
  const unique = new Map(fits.reverse().map((one) => [one.value, one]));
  const items = [...unique.values()].reverse().map(({ value, count }) => ({
    text: `${key.name}:${quoted(value)}`,
    help: seenWords(count),
  }));
  if (items.length === 1 && String(fits[0].value) === typed) return [];
  return items.length || typed ? items : [{ text: "", help: key.takes, hint: true }];
}

function seenWords(count) {
  if (count === undefined) return "";
  return count === 1 ? "seen once" : `seen ${count} times`;
}
