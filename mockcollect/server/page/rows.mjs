/** Rows of the list, made small: one a request, with the few facts it shows. Pure. */

const MAX_PIN = 60;
const LIKE_NUMBER = /^[-+\d.,\s]+$/;
const ID = /(^|[._])id$/;
const RANK = { valid: 0, "invalid-accepted": 1, "invalid-rejected": 2 };

/** What a row shows of each event where it is there, unless the reader chose others. */
export const DEFAULT_PINS = ["revenue", "user.id", "page.url"];

/** Return the steps of a path such as `items[0].product.id`. */
export function steps(path) {
  const found = path.matchAll(/"((?:[^"\\]|\\.)*)"|\[(\d+)\]|([^.[\]"]+)/g);
  return [...found].map(([, text, index, name]) => {
    if (index !== undefined) return Number(index);
    return name ?? text.replace(/\\(["\\])/g, "$1");
  });
}

function follow(data, path) {
  let found = data;
  for (const step of path) found = found?.[step];
  return found;
}

/** Return what stands at a path: at the root, in `context` or in `properties`. */
export function valueAt(data, path) {
  const all = steps(path);
  const places = [data, data?.context, data?.properties];
  return places.map((place) => follow(place, all)).find((value) => value != null);
}

function pinned(data, pins) {
  const found = [];
  for (const path of pins) {
    const value = valueAt(data, path);
    if (value === undefined) continue;
    found.push([path, pinText(path, value)]);
  }
  return found;
}

function pinText(path, value) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const shown = text.length > MAX_PIN ? `${text.slice(0, MAX_PIN)}…` : text;
  // A number sent as text is the commonest mistake: let it be seen. Ids are texts.
  const isOdd = typeof value === "string" && LIKE_NUMBER.test(value) && !ID.test(path);
  return isOdd ? `"${shown}"` : shown;
}

/** Return the few facts that a row shows of an event. */
export function slimEvent(event, pins) {
  const findings = event.findings ?? [];
  return {
    id: event.id,
    name: event.event_name,
    verdict: event.verdict ?? "valid",
    notes: findings.filter((one) => one.level === "note").length,
    finding: findings.find((one) => one.level !== "note")?.message ?? null,
    size: event.size,
    index: event.request.index,
    pins: pinned(event.event, pins),
  };
}

/** Return the row of the request that brought an event, without any events yet. */
export function rowOfEvent(event) {
  return {
    request: event.request.id,
    time: event.received_at,
    status: event.status,
    method: null,
    path: event.request.path,
    of: event.request.of,
    size: null,
    refusal: null,
    events: [],
  };
}

/** Return the row of a request, without its events. */
export function rowOfRequest(request) {
  return {
    request: request.id,
    time: request.received_at,
    status: request.status,
    method: request.method,
    path: request.path,
    of: request.event_ids.length,
    size: request.size,
    refusal: request.refusal && {
      reason: request.refusal.reason,
      message: place(request.refusal) + request.refusal.message,
    },
    events: [],
  };
}

function place(refusal) {
  return refusal.line ? `line ${refusal.line}, column ${refusal.column}: ` : "";
}

/** Put an event into its row, in the order of the batch; return whether it was new. */
export function addEvent(row, event) {
  const { events } = row;
  let at = events.length;
  while (at > 0 && events[at - 1].id > event.id) at -= 1;
  if (at > 0 && events[at - 1].id === event.id) return false;
  events.splice(at, 0, event);
  return true;
}

/** Return the worst verdict of some events. */
export function worst(events) {
  const rank = (event) => RANK[event.verdict] ?? 0;
  return events.reduce((one, other) => (rank(other) > rank(one) ? other : one)).verdict;
}

/** Return how many events have each verdict, the worst first. */
export function tally(events) {
  const counts = new Map();
  for (const { verdict } of events) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return [...counts].sort(([one], [other]) => RANK[other] - RANK[one]);
}

/** Return whether a row opens: it shows several events. */
export function isBatch(row) {
  return row.events.length > 1;
}
