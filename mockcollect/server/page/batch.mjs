/** The Batch tab: the neighbours of an event. */

import { h } from "./dom.mjs";
import { bytes } from "./format.mjs";
import { eventName, verdictBadge } from "./row.mjs";

const MOST = 60;

/** Return the tab; `onPick(id)` shows a neighbour. */
export function renderBatch(request, current, { onPick, load }) {
  const list = h("ol", { class: "neighbours" });
  const ids = request.event_ids;
  const at = Math.max(0, ids.indexOf(current?.id));
  const from = Math.max(0, Math.min(at - MOST / 2, ids.length - MOST));
  const part = ids.slice(from, from + MOST);
  load(part).then((events) => {
    list.start = from + 1;
    list.append(...events.map((event) => item(event, current, onPick)));
  });
  return h(
    "div",
    { class: "tab-body" },
    h(
      "p",
      { class: "quiet" },
      `${ids.length} events in one request. Keys [ and ] move between them.`,
    ),
    list,
    ids.length > MOST &&
      h(
        "p",
        { class: "quiet" },
        `${MOST} of them are shown here; open the batch in the list for all.`,
      ),
  );
}

function item(event, current, onPick) {
  const notes = (event.findings ?? []).filter((one) => one.level === "note").length;
  const props = {
    type: "button",
    "aria-current": event.id === current?.id ? "true" : null,
    onclick: () => onPick(event.id),
  };
  return h(
    "li",
    {},
    h(
      "button",
      props,
      h("span", { class: "name" }, h("bdi", {}, eventName(event.event_name))),
      verdictBadge(event.verdict ?? "valid", notes),
      h("span", { class: "size" }, bytes(event.size)),
    ),
  );
}
