/** The peak rate: events in one second, by the time they were received. Pure. */

const KEPT_SECONDS = 120;

export const ADVISED = 500;
/* The vendor asks to be told above so many requests a second. */

/** Return a meter of events a second. */
export function createRate() {
  const seconds = new Map();
  let peak = 0;
  return {
    add(iso, events = 1) {
      const second = iso.slice(0, 19);
      const total = (seconds.get(second) ?? 0) + events;
      seconds.set(second, total);
      peak = Math.max(peak, total);
      if (seconds.size > KEPT_SECONDS) seconds.delete(seconds.keys().next().value);
    },
    get peak() {
      return peak;
    },
    clear() {
      seconds.clear();
      peak = 0;
    },
  };
}
