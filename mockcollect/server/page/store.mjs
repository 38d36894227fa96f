/** The rows that are loaded, in order, and which line of the list shows which. Pure. */

import { addEvent, isBatch, rowOfEvent, rowOfRequest, slimEvent } from "./rows.mjs";

const MOST_HELD = 2_000;
const MOST_ROWS = 4_000;
const MAX_LINES = 300_000; // what fits into the tallest element of every browser

/** Return an empty store; `getPins` says what rows show of an event. */
export function createStore(getPins) {
  let rows = []; // by request id, the oldest first
  let byId = new Map();
  let opened = new Set();
  let held = new Map();
  let newer = 0; // how many rows are above the loaded ones, and below
  let older = 0;
  let overflowed = false;

  const positionOf = (request) => {
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle].request < request) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  function place(row) {
    byId.set(row.request, row);
    const last = rows.at(-1);
    if (!last || last.request < row.request) rows.push(row);
    else rows.splice(positionOf(row.request), 0, row);
    return row;
  }

  function putEvent(event) {
    const row = byId.get(event.request.id) ?? place(rowOfEvent(event));
    return addEvent(row, slimEvent(event, getPins()));
  }

  function putRequest(request) {
    const known = byId.get(request.id);
    if (!known) place(rowOfRequest(request));
    else Object.assign(known, { ...rowOfRequest(request), events: known.events });
    return !known;
  }

  const put = (kind, data) => (kind === "event" ? putEvent(data) : putRequest(data));

  /** The lines that opened batches add, from the top. */
  function openings() {
    const found = [];
    for (const request of opened) {
      const row = byId.get(request);
      if (!row || !isBatch(row)) continue;
      found.push({ row, at: rows.length - 1 - positionOf(request) });
    }
    return found.sort((one, other) => one.at - other.at);
  }

  const lineOfRow = (row) => {
    const event = isBatch(row) ? null : (row.events[0] ?? null);
    return { key: `r${row.request}`, row, event, level: 1 };
  };

  const lineOfChild = (row, event) => ({ key: `e${event.id}`, row, event, level: 2 });

  return {
    /** Put what arrived live; return how many events and requests are new. */
    add(arrivals) {
      return arrivals.filter(({ kind, data }) => put(kind, data)).length;
    },

    /** Keep what arrived out of the list until `release`. */
    hold(arrivals) {
      for (const { kind, data } of arrivals) {
        const key = kind === "event" ? data.request.id : data.id;
        if (byId.has(key) && kind === "request") continue;
        if (held.size < MOST_HELD)
          held.set(key, [...(held.get(key) ?? []), { kind, data }]);
        else overflowed = true;
      }
    },

    /** Show what was held; return false if it was too much, and must be loaded. */
    release() {
      const arrivals = [...held.values()].flat();
      const whole = !overflowed;
      held = new Map();
      overflowed = false;
      if (whole) this.add(arrivals);
      return whole;
    },

    get heldCount() {
      return overflowed ? `${MOST_HELD}+` : held.size;
    },

    /** Put a page below the loaded rows; `matched` counts all there are. */
    addPage(requests, events, matched) {
      requests.forEach(putRequest);
      events.forEach(putEvent);
      older = requests.length ? Math.max(0, matched - newer - rows.length) : 0;
    },

    /** Put a page above them; return by how many lines they moved down. */
    addNewer(requests, events, isLast) {
      const before = newer + rows.length;
      requests.forEach(putRequest);
      events.forEach(putEvent);
      const added = rows.length + newer - before;
      newer = isLast ? 0 : Math.max(1, newer - added);
      return newer + rows.length - before;
    },

    /** Forget the rows, to load others from a place of the list on. */
    jump(place) {
      rows = [];
      byId = new Map();
      newer = place;
    },

    /** Forget the oldest rows when there are too many: they can be loaded again. */
    trim() {
      if (rows.length <= MOST_ROWS) return;
      const dropped = rows.splice(0, rows.length - MOST_ROWS / 2);
      for (const { request } of dropped) {
        byId.delete(request);
        opened.delete(request);
      }
      older += dropped.length;
    },

    clear() {
      rows = [];
      byId = new Map();
      held = new Map();
      newer = older = 0;
      overflowed = false;
    },

    get oldest() {
      return rows[0]?.request ?? null;
    },

    get newest() {
      return rows.at(-1) ?? null;
    },

    get newerCount() {
      return newer;
    },

    get older() {
      return older;
    },

    get rowCount() {
      return rows.length;
    },

    row: (request) => byId.get(request) ?? null,

    isOpen: (request) => opened.has(request),

    toggle(request, open = !opened.has(request)) {
      if (open) opened.add(request);
      else opened.delete(request);
    },

    /** Return how many lines there are, those to be loaded included. */
    get lineCount() {
      const inside = openings().reduce((sum, { row }) => sum + row.events.length, 0);
      return Math.min(MAX_LINES, newer + rows.length + inside + older);
    },

    /** Return the lines from one to another, null for what is not loaded. */
    lines(from, to) {
      const found = [];
      let index = from;
      for (; index < to && index < newer; index += 1) found.push(null);
      for (const { row, at, start } of starts(openings())) {
        for (; index < to && index <= start; index += 1)
          found.push(plain(at - start + index));
        const end = start + row.events.length;
        for (; index < to && index <= end; index += 1) {
          found.push(lineOfChild(row, row.events[index - start - 1]));
        }
      }
      const inside = openings().reduce((sum, { row }) => sum + row.events.length, 0);
      for (; index < to; index += 1) found.push(plain(index - newer - inside));
      return found;
    },

    /** Return on which line a key is, or -1. */
    indexOf(key) {
      const request = key[0] === "r" ? Number(key.slice(1)) : this.requestOf(key);
      const row = byId.get(request);
      if (!row) return -1;
      const at = rows.length - 1 - positionOf(request);
      const before = starts(openings()).filter((one) => one.at < at);
      const line =
        newer + at + before.reduce((sum, one) => sum + one.row.events.length, 0);
      if (key[0] === "r") return line;
      return line + 1 + row.events.findIndex((event) => `e${event.id}` === key);
    },

    /** Return the request of an event whose batch is open, by the key of its line. */
    requestOf(key) {
      const id = Number(key.slice(1));
      for (const request of opened) {
        const row = byId.get(request);
        if (!row || !isBatch(row)) continue;
        if (row.events.some((event) => event.id === id)) return request;
      }
      return null;
    },

    *[Symbol.iterator]() {
      yield* rows;
    },
  };

  function plain(at) {
    const row = rows[rows.length - 1 - at];
    return row ? lineOfRow(row) : null;
  }

  function starts(list) {
    let inside = newer;
    return list.map(({ row, at }) => {
      const start = at + inside;
      inside += row.events.length;
      return { row, at, start };
    });
  }
}
