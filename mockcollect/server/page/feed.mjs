/** Fills the store: page by page from the API, and live from the stream. */

import { newerPage, olderPage, requestNear } from "./pages.mjs";
import { createRate } from "./rate.mjs";
import { createStream } from "./stream.mjs";

const PAGE = 100;
const FAR = 300;
const MOST_PATHS = 400;

/**
 * Return what loads and follows.
 *
 * `mayMove()` says whether new rows may be shown at once. `onChange()` is called when
 * rows changed, with `moved` by how many lines those in view moved down, `onState(state)` with the connection's, `onProblem(error)` with what the
 * API refuses, null when it does not.
 */
export function createFeed({ store, mayMove, onChange, onState, onProblem }) {
  const rate = createRate();
  const paths = new Set();
  let q = "";
  let load = 0;
  let loading = false;
  let loaded = false;
  let early = [];
  let lastRequest = 0;

  const stream = createStream({ onArrivals: take, onReset: () => reload(), onState });

  function take(texts) {
    const arrivals = texts.map(({ kind, data }) => ({ kind, data: JSON.parse(data) }));
    arrivals.forEach(measure);
    if (loading) early.push(...arrivals);
    else if (mayMove()) {
      store.add(arrivals);
      store.trim();
    } else store.hold(arrivals);
    onChange({ arrived: true });
  }

  function measure({ kind, data }) {
    const id = kind === "event" ? data.request.id : data.id;
    if (id > lastRequest) rate.add(data.received_at);
    lastRequest = Math.max(lastRequest, id);
    if (kind === "event") learn(data.event);
  }

  /** Remember the paths of events, to suggest them. */
  function learn(data, before = "") {
    if (paths.size >= MOST_PATHS || data === null || typeof data !== "object") return;
    if (Array.isArray(data)) return;
    for (const key of Object.keys(data).slice(0, 50)) {
      if (!/^[\w$-]{1,60}$/.test(key)) continue;
      paths.add(before + key);
      if (!before) learn(data[key], `${key}.`);
    }
  }

  // Each loads, and returns what puts it in place: by then it may be out of date.

  async function down() {
    const next = await olderPage(q, store.oldest, PAGE);
    return () => {
      store.addPage(next.requests, next.events, next.matched);
      return 0;
    };
  }

  async function up() {
    const next = await newerPage(q, store.newest.request, PAGE);
    const isLast = next.requests.length < PAGE;
    return () => store.addNewer(next.requests, next.events, isLast);
  }

  /** Load where somebody has scrolled to, far from all that is loaded. */
  async function jump(from) {
    const total = store.newerCount + store.rowCount + store.older;
    const place = Math.round(Math.max(0, Math.min(from - PAGE / 4, total - PAGE)));
    const near = await requestNear(q, place, total);
    const next = await olderPage(q, near + 1, PAGE);
    return () => {
      if (next.requests.length) store.jump(place);
      store.addPage(next.requests, next.events, next.matched);
      return 0;
    };
  }

  /** Take in what arrived while something was loaded. */
  function settle() {
    loading = false;
    if (mayMove()) store.add(early);
    else store.hold(early);
    early = [];
  }

  async function reload() {
    const mine = (load += 1);
    loading = true;
    try {
      const first = await olderPage(q, null, PAGE);
      if (mine !== load) return;
      store.clear();
      store.addPage(first.requests, first.events, first.matched);
      first.requests
        .toReversed()
        .forEach((one) => measure({ kind: "request", data: one }));
      first.events.slice(0, 20).forEach((one) => learn(one.event));
      loaded = true;
      onProblem(null);
    } catch (error) {
      if (mine !== load) return;
      if (error.status === 400) {
        stream.stop();
        onState("live"); // it answers: only the filter is wrong
      }
      onProblem(error);
    }
    settle();
    onChange({ arrived: false });
  }

  return {
    /** Show what matches a filter from now on. */
    async follow(filter) {
      q = filter;
      const mine = (load += 1);
      loading = true;
      early = [];
      // First the stream, then the page: what comes between is in both, not in none.
      await stream.follow(q);
      if (mine === load) await reload();
    },
    reload,
    /** Load what is missing of the lines that are in view. */
    async more({ from, to }) {
      if (loading || !loaded) return;
      const mine = load;
      loading = true;
      const below = to - (store.newerCount + store.rowCount);
      const isFar = below > FAR || store.newerCount - from > FAR;
      const step = isFar ? jump : from < store.newerCount ? up : down;
      const put = await step(from).catch(() => () => 0);
      if (mine !== load) return;
      const moved = put();
      settle();
      onChange({ arrived: false, moved });
    },
    /** Show what was kept back. */
    async release() {
      if (store.newerCount || !store.release()) await reload();
      onChange({ arrived: false });
    },
    get loaded() {
      return loaded;
    },
    get paths() {
      return [...paths];
    },
    get peak() {
      return rate.peak;
    },
  };
}
