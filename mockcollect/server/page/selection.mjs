/** What is chosen: shown at the right, and what can be done with it. */

import { get } from "./api.mjs";
import { renderBatch } from "./batch.mjs";
import { copyText } from "./clipboard.mjs";
import { renderCompare } from "./compare.mjs";
import { copyCurl, copyItems } from "./copy.mjs";
import { loadEvent, loadRequest, renderDetail } from "./detail.mjs";
import { byId, fill, h } from "./dom.mjs";
import { printable } from "./format.mjs";
import { quoted } from "./grammar.mjs";
import { toast } from "./toast.mjs";

/**
 * Show what the state chooses.
 *
 * `onFilter(word)` adds a word to the filter, `onPin(path)` pins a property,
 * `renderNothing()` is shown when nothing is chosen, `onShown(subject)` is told of it.
 */
export function createSelection({
  state,
  onFilter,
  onPin,
  pins,
  renderNothing,
  onShown,
}) {
  let subject = null;
  let shown = { tabs: [], tab: null };
  let asked = 0;

  const actions = {
    onFilter,
    onClose: close,
    onTab: (tab) => state.set({ tab: tab === shown.tabs[0] ? null : tab }),
    copyItems: () => copyItems(subject),
    keyItems,
    get onCompare() {
      return subject?.event ? compare : null;
    },
    renderBatch: (request, event) =>
      renderBatch(request, event, { onPick: (id) => pick({ id }), load: loadMany }),
  };

  async function loadMany(ids) {
    const range = {
      since: ids[0] - 1,
      before: ids.at(-1) + 1,
      order: "oldest",
      limit: ids.length,
    };
    return (await get("/events", range)).events;
  }

  function keyItems(path, node) {
    const scalar =
      node.type === "string" || node.type === "number" || node.type === "literal";
    const word =
      scalar && node.value !== "null" && String(node.value).length < 200
        ? `${path}=${quoted(node.value)}`
        : `has:${path}`;
    const isPinned = pins().includes(path);
    return [
      {
        label: "Filter by this",
        note: printable(word).slice(0, 40),
        run: () => onFilter(word),
      },
      {
        label: isPinned ? "Unpin from the list" : "Pin to the list",
        run: () => onPin(path),
      },
      { label: "Copy path", run: () => copyText(path, "the path") },
    ];
  }

  function close() {
    state.set({ id: null, request: null, with: null, tab: null }, { push: true });
  }

  function pick({ id = null, request = null }, { push = false } = {}) {
    state.set({ id, request, with: null }, { push });
  }

  /** Load what the state chooses, unless it is there already. */
  async function refresh({ again = false } = {}) {
    const { id, request, tab, with: other } = state.now;
    const mine = (asked += 1);
    document.body.classList.toggle("has-detail", Boolean(id || request));
    if (!id && !request) return showNothing();
    document.body.classList.remove("show-overview");
    try {
      const isNew =
        again ||
        subject?.event?.id !== (id ?? undefined) ||
        (!id && subject?.request.id !== request);
      if (isNew) subject = await (id ? loadEvent(id) : loadRequest(request));
      const second = other && id ? await loadEvent(other) : null;
      if (mine !== asked) return undefined;
      if (second) showCompare(second);
      else draw(tab);
      onShown(subject);
    } catch (error) {
      if (mine === asked) fail(error);
    }
    return undefined;
  }

  function draw(tab) {
    const panel = byId("panel");
    const keep = panel && shown.tab === tab ? panel.scrollTop : 0;
    shown = renderDetail(subject, { tab, actions });
    byId("panel").scrollTop = keep;
  }

  function showNothing() {
    subject = null;
    shown = { tabs: [], tab: null };
    fill(byId("detail"), renderNothing());
    onShown(null);
  }

  function fail(error) {
    subject = null;
    const again = h(
      "button",
      { type: "button", class: "chip", onclick: close },
      "Close",
    );
    fill(
      byId("detail"),
      h("div", { class: "no-match" }, h("p", {}, printable(error.message)), again),
    );
    onShown(null);
  }

  function showCompare(second) {
    const side = ({ event, tree }) => ({ id: event.id, name: event.event_name, tree });
    const onSwap = () => state.set({ id: second.event.id, with: subject.event.id });
    const onClose = () => state.set({ with: null }, { push: true });
    fill(
      byId("detail"),
      renderCompare(side(second), side(subject), { onSwap, onClose }),
    );
  }

  let first = null;

  /** Choose one event, then compare it with another. */
  function compare(id = subject?.event?.id) {
    if (!id) return toast("Choose an event first.");
    if (first === null || first === id) {
      first = first === id ? null : id;
      toast(
        first
          ? `Compare #${id} with: choose another event and press d.`
          : "Not comparing.",
      );
      return first;
    }
    const other = first;
    first = null;
    state.set({ id, request: null, with: other }, { push: true });
    return null;
  }

  return {
    refresh,
    pick,
    close,
    compare,
    get marked() {
      return first;
    },
    get subject() {
      return subject;
    },
    copyCurl: () => (subject ? copyCurl(subject) : toast("Choose an event first.")),
    tab(index) {
      const name = shown.tabs[index];
      if (name) actions.onTab(name);
    },
    /** Show the previous or next event of the batch. */
    neighbour(by) {
      const ids = subject?.request.event_ids ?? [];
      const at = ids.indexOf(subject?.event?.id);
      const id = at < 0 ? ids[0] : ids[at + by];
      if (id) pick({ id });
    },
  };
}
