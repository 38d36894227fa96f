/** The numbers behind the chips and the overview, asked for no more than is needed. */

import { get } from "./api.mjs";
import { CHIP_KEYS, LIST_KEYS } from "./chips.mjs";
import { asMap } from "./figures.mjs";
import { without } from "./grammar.mjs";

const SOONEST = 1_000;
const REST = 8; // of its own time a summary rests: it must not keep the server busy

async function matched(q) {
  return (await get("/events", { q, limit: 0 })).matched;
}

async function verdictCounts(base, summary) {
  const known = asMap(summary.verdicts);
  const of = (name) => `${base} ${name}`.trim();
  const note = known?.has("note") ? known.get("note") : matched(of("verdict:note"));
  const invalid = known
    ? (known.get("invalid-accepted") ?? 0) + (known.get("invalid-rejected") ?? 0)
    : matched(of("verdict:invalid"));
  const [notes, invalids] = await Promise.all([note, invalid]);
  return {
    all: summary.matched,
    valid: summary.matched - invalids,
    note: notes,
    invalid: invalids,
    accepted: known?.get("invalid-accepted"),
    rejected: known?.get("invalid-rejected"),
  };
}

/** How many requests got each status that is no 200. */
async function statusCounts(base, summary) {
  const known = asMap(summary.statuses);
  if (known) return known;
  const requests = async (status) => {
    const q = `${base} status:${status}`.trim();
    return [status, (await get("/requests", { q, limit: 0 })).matched];
  };
  const others = await Promise.all(["404", "405"].map(requests));
  return new Map([["400", summary.refused], ...others]);
}

async function ask(q) {
  const base = without(q, ...CHIP_KEYS);
  const free = without(base, ...LIST_KEYS);
  const summary = await get("/events/summary", { q: base });
  const lists = free === base ? summary : await get("/events/summary", { q: free });
  const [counts, statuses, shown] = await Promise.all([
    verdictCounts(base, summary),
    statusCounts(base, summary),
    q === base ? summary.matched : matched(q),
  ]);
  return { summary, lists, counts, statuses, matched: shown };
}

/** Keep counts fresh: `onCounts` gets them, some time after each `ask`. */
export function createCounts({ onCounts }) {
  let timer = 0;
  let next = 0;
  let wanted = "";
  let running = false;
  let stale = false;

  async function run() {
    timer = 0;
    running = true;
    stale = false;
    const q = wanted;
    const began = performance.now();
    const found = await ask(q).catch(() => null);
    running = false;
    next = performance.now() + Math.max(SOONEST, REST * (performance.now() - began));
    if (found && q === wanted) onCounts(found);
    if (stale) soon();
  }

  function soon() {
    if (running) stale = true;
    else timer ||= setTimeout(run, Math.max(0, next - performance.now()));
  }

  return {
    /** Ask for the counts of a filter: at once if it is another one. */
    ask(q) {
      if (q !== wanted) next = 0;
      if (q !== wanted && timer) {
        clearTimeout(timer);
        timer = 0;
      }
      wanted = q;
      soon();
    },
  };
}
