/** What arrives, as it arrives: one EventSource, and what to say of its state. */

import { streamUrl } from "./api.mjs";
import { oncePerFrame } from "./dom.mjs";

const GONE_AFTER = 8_000;
const RETRY_AFTER = 2_000;

/**
 * Follow what matches a filter, until another `follow`.
 *
 * `onArrivals` gets what gathered in a frame, each { kind, data }; `onReset` says that
 * what is shown must be asked for again; `onState` gets "live", "reconnecting", "gone".
 */
export function createStream({ onArrivals, onReset, onState }) {
  let source = null;
  let gathered = [];
  let heard = false;
  let lost = 0;
  let gone = 0;
  let again = 0;
  let current = "";

  const hand = oncePerFrame(() => {
    const arrivals = gathered;
    gathered = [];
    if (arrivals.length) onArrivals(arrivals);
  });

  const gather = (kind) => (message) => {
    heard ||= message.lastEventId !== "";
    gathered.push({ kind, data: message.data });
    hand();
  };

  function opened() {
    clearTimeout(gone);
    onState("live");
    // The browser resumes behind the last event it has; if it has none, it cannot.
    if (lost && !heard) onReset();
    lost = 0;
  }

  function failed() {
    if (!lost) {
      lost = Date.now();
      onState("reconnecting");
      gone = setTimeout(() => onState("gone"), GONE_AFTER);
    }
    // After an answer that is no stream the browser does not try again: we do.
    if (source.readyState !== EventSource.CLOSED) return;
    heard = false;
    clearTimeout(again);
    again = setTimeout(open, RETRY_AFTER);
  }

  function open() {
    source?.close();
    source = new EventSource(streamUrl(current));
    source.addEventListener("open", opened);
    source.addEventListener("error", failed);
    source.addEventListener("event", gather("event"));
    source.addEventListener("request", gather("request"));
    source.addEventListener("deleted", () => {
      heard = true;
      gathered = [];
      onReset();
    });
  }

  return {
    /** Follow nothing. */
    stop() {
      clearTimeout(again);
      clearTimeout(gone);
      lost = 0;
      source?.close();
    },
    /** Follow a filter; resolves once nothing that arrives later can be missed. */
    follow(q) {
      clearTimeout(again);
      current = q;
      heard = false;
      gathered = [];
      open();
      return new Promise((resolve) => {
        source.addEventListener("open", resolve, { once: true });
        source.addEventListener("error", resolve, { once: true });
      });
    },
  };
}
