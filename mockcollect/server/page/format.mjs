/** Text for people: times, sizes, verdicts. Pure. */

const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/gu;

/** Captured text made safe to read: a dot for each control or invisible character. */
export function printable(text) {
  return String(text ?? "")
    .replace(/[\t\n\r]/g, " ")
    .replace(UNSEEN, "·");
}

/** A text of at most `length` characters. */
export function cut(text, length) {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** The time of day of an ISO instant, to the millisecond, in the reader's zone. */
export function clock(iso, { milliseconds = true } = {}) {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return "–";
  const two = (value) => String(value).padStart(2, "0");
  const time = [moment.getHours(), moment.getMinutes(), moment.getSeconds()];
  const rest = milliseconds
    ? `.${String(moment.getMilliseconds()).padStart(3, "0")}`
    : "";
  return time.map(two).join(":") + rest;
}

/** An instant with its date, for a tooltip. */
export function moment(iso) {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? "–" : `${at.toLocaleDateString()} ${clock(iso)}`;
}

/** Bytes in the unit that reads best; KB is 1,024 as in the limits. */
export function bytes(size) {
  if (size == null) return "–";
  if (size < 1024) return `${size} B`;
  const kb = size / 1024;
  if (kb < 1024) return `${kb.toFixed(kb < 100 ? 1 : 0)} KB`;
  return `${(kb / 1024).toFixed(1)} MB`;
}

/** A whole number with its thousands apart. */
export function count(number) {
  return Number(number).toLocaleString("en-US");
}

/** `1 event`, `2 events`. */
export function plural(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

const VERDICTS = {
  valid: { sign: "✓", short: "valid", words: "valid", tone: "good" },
  "invalid-accepted": {
    sign: "!",
    short: "accepted",
    before: "invalid, ",
    words: "invalid, accepted",
    tone: "warn",
  },
  "invalid-rejected": {
    sign: "✗",
    short: "rejected",
    before: "invalid, ",
    words: "invalid, rejected",
    tone: "bad",
  },
};

/** A verdict's sign, words and tone; never its colour alone. */
export function verdictLook(name, notes = 0) {
  const look = VERDICTS[name] ?? { sign: "?", short: name, words: name, tone: "idle" };
  if (name !== "valid" || !notes) return look;
  const remarks = plural(notes, "note");
  return { ...look, short: `valid, ${remarks}`, words: `valid, with ${remarks}` };
}

const REFUSALS = {
  "too large": "too large",
  "invalid json": "not JSON",
  aborted: "cut off",
};

/** What a refusal is in a word or two. */
export function refusalWord(reason) {
  return REFUSALS[reason] ?? reason;
}

const LEVELS = {
  error: { sign: "✗", tone: "bad" },
  warning: { sign: "!", tone: "warn" },
  note: { sign: "i", tone: "info" },
};

/** A finding's sign and tone. */
export function levelLook(level) {
  return LEVELS[level] ?? { sign: "·", tone: "idle" };
}
