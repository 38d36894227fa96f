/** Pages of requests with their events, as the API has them. */

import { get } from "./api.mjs";

const MOST_EVENTS = 2_000;
const MOST_TURNS = 6; // of the events of one page of requests: batches can hold many

async function eventsOf(q, requests) {
  const ids = requests.flatMap((one) => [one.event_ids[0], one.event_ids.at(-1)]);
  const known = ids.filter((id) => id !== undefined);
  if (!known.length) return [];
  const since = known.reduce((one, other) => Math.min(one, other)) - 1;
  let before = known.reduce((one, other) => Math.max(one, other)) + 1;
  const found = [];
  for (let turn = 0; turn < MOST_TURNS && before; turn += 1) {
    const part = await get("/events", { q, since, before, limit: MOST_EVENTS });
    found.push(...part.events);
    before = part.next;
  }
  return found;
}

async function page(q, parameters) {
  const { requests, matched } = await get("/requests", { q, ...parameters });
  return { requests, matched, events: await eventsOf(q, requests) };
}

/** Return the newest page before a request, or of all. */
export function olderPage(q, before, limit) {
  return page(q, { before, limit });
}

/** Return the page that follows a request. */
export function newerPage(q, since, limit) {
  return page(q, { since, limit, order: "oldest" });
}

/**
 * Return the request that is probably at a place, counted from the newest of so many.
 *
 * The API has no such question; ids grow evenly enough.
 */
export async function requestNear(q, place, total) {
  const [newest, oldest] = await Promise.all([
    get("/requests", { q, limit: 1 }),
    get("/requests", { q, limit: 1, order: "oldest" }),
  ]);
  const [top, bottom] = [newest.requests[0]?.id ?? 1, oldest.requests[0]?.id ?? 1];
  return Math.round(top - ((top - bottom) * place) / Math.max(1, total - 1));
}
