/** What the page says of its connection and of what was dropped. */

import { byId, fill, h } from "./dom.mjs";
import { clock, count } from "./format.mjs";

const WORDS = {
  live: "live",
  connecting: "connecting",
  reconnecting: "reconnecting",
  gone: "not running",
  paused: "paused",
};

/** Show the state of the connection in the header. */
export function showConnection(state) {
  const dot = byId("connection");
  dot.dataset.state = state;
  byId("connection-words").textContent = WORDS[state];
}

function lastSeen(newest) {
  return newest ? `Last event ${clock(newest.time, { milliseconds: false })}.` : "";
}

/** Show at most one banner above the list: what matters most. */
export function showBanner({ connection, newest, dropped, most, problem, address }) {
  const banner = byId("banner");
  const [tone, ...content] = words({
    connection,
    newest,
    dropped,
    most,
    problem,
    address,
  });
  banner.hidden = !tone;
  banner.className = `banner ${tone ?? ""}`;
  fill(banner, ...content);
}

function words({ connection, newest, dropped, most, problem, address }) {
  if (connection === "gone") {
    const { port } = new URL(address);
    return [
      "bad",
      h("strong", {}, "mockcollect is not running. "),
      `${lastSeen(newest)} Start it again with `,
      h("code", {}, `mockcollect --port ${port || 80}`),
      "; this page connects by itself.",
    ];
  }
  if (connection === "reconnecting")
    return ["warn", `Reconnecting. ${lastSeen(newest)}`];
  if (problem) return ["bad", problem];
  if (dropped > 0) {
    return [
      "idle",
      `Older events were dropped (cap ${count(most)}): ${count(dropped)} so far. Keep all with --db FILE, or more with --max-events.`,
    ];
  }
  return [];
}
