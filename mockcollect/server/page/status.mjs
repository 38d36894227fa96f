/** What the page says around the list: connection, counts, banner, pill, emptiness. */

import { showBanner, showConnection } from "./banner.mjs";
import { renderChips } from "./chips.mjs";
import { byId, fill } from "./dom.mjs";
import { renderFirst, renderNoMatch } from "./empty.mjs";
import { count, plural } from "./format.mjs";

let drawn = { found: null, q: null };

/** Show it all; `page` holds the connection, the counts that were found, what is wrong. */
export function drawStatus({ page, store, feed, q, address, onFilter }) {
  const { found, connection, paused, problem } = page;
  showConnection(connection === "live" && paused ? "paused" : connection);
  drawPause(paused);
  drawPill(store.heldCount);
  if (found) drawCounts(found, q, onFilter);
  const { dropped, max_events: most } = found?.summary ?? {};
  showBanner({ connection, newest: store.newest, dropped, most, problem, address });
  drawEmpty({ isEmpty: feed.loaded && !store.lineCount, found, q, address, onFilter });
}

function drawPause(paused) {
  byId("pause").setAttribute("aria-pressed", String(paused));
  byId("pause").textContent = paused ? "Resume" : "Pause";
}

function drawPill(held) {
  byId("pill").hidden = !held;
  byId("pill").textContent = `↑ ${held} new`;
}

function drawCounts(found, q, onFilter) {
  const total = found.summary.events;
  const words = q
    ? `${count(found.matched)} of ${count(total)}`
    : plural(total, "event");
  // Only a change is spoken by a screen reader.
  if (byId("count").textContent !== words) byId("count").textContent = words;
  document.title = total ? `${words} · mockcollect` : "mockcollect";
  const isChoosing = byId("chips").contains(document.activeElement?.closest("select"));
  if (isChoosing || (drawn.found === found && drawn.q === q)) return;
  drawn = { found, q };
  const { counts, statuses, lists } = found;
  keepFocus(byId("chips"), () => renderChips({ q, counts, statuses, lists, onFilter }));
}

/** Fill an element anew without taking the keyboard from what was in it. */
function keepFocus(element, render) {
  const at = [...element.children].indexOf(document.activeElement);
  render();
  if (at >= 0) element.children[at]?.focus();
}

function drawEmpty({ isEmpty, found, q, address, onFilter }) {
  const nothing = found && !found.summary.requests;
  const empty = byId("empty");
  byId("list").hidden = isEmpty;
  empty.hidden = !isEmpty;
  document.body.classList.toggle("is-empty", Boolean(isEmpty && nothing));
  const kind =
    !isEmpty || !found ? "" : nothing ? "first" : `${q} ${found.summary.events}`;
  if (empty.dataset.kind === kind) return;
  empty.dataset.kind = kind;
  if (!kind) fill(empty);
  else if (nothing) fill(empty, renderFirst(address));
  else
    fill(
      empty,
      renderNoMatch(q, found.summary.events, () => onFilter("")),
    );
}
