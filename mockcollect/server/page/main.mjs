/** The inspector page: its parts, put together. */

import * as api from "./api.mjs";
import { createCounts } from "./counts.mjs";
import { figures, suggestions } from "./figures.mjs";
import { byId } from "./dom.mjs";
import { createFeed } from "./feed.mjs";
import { createFilter } from "./filter.mjs";
import { plural } from "./format.mjs";
import { withWord } from "./grammar.mjs";
import { bindKeys, showHelp } from "./keyboard.mjs";
import { createList } from "./list.mjs";
import { renderOverview } from "./overview.mjs";
import { DEFAULT_PINS, isBatch } from "./rows.mjs";
import { createSelection } from "./selection.mjs";
import { createState } from "./state.mjs";
import { drawStatus } from "./status.mjs";
import { createStore } from "./store.mjs";
import { bindTheme } from "./theme.mjs";
import { toast } from "./toast.mjs";

const address = location.origin;
const page = {
  connection: "connecting",
  paused: false,
  problem: null,
  found: null,
  keys: [],
};

let placed = true; // the line of what is shown has been found in the list

const pins = () => state.now.pin?.split(",").filter(Boolean) ?? DEFAULT_PINS;
const state = createState(changed);
const store = createStore(pins);

const list = createList({
  scroller: byId("list"),
  store,
  onSelect: (line) => (state.now.id || state.now.request) && choose(line),
  onOpen: openLine,
  onMark: (line) => line.event && compare(line.event.id),
  onNeed: (lines) => feed.more(lines),
  onScroll: () => list.atTop && releaseIfMoving(),
});

const feed = createFeed({
  store,
  mayMove: () => !page.paused && list.atTop,
  onChange: ({ arrived, moved = 0 }) => {
    if (moved) list.shift(moved);
    if (arrived) counts.ask(state.now.q);
    else {
      if (!placed) showSelected(selection.subject);
      list.redraw();
    }
    draw();
  },
  onState: (connection) => {
    page.connection = connection;
    if (connection === "live") counts.ask(state.now.q);
    draw();
  },
  onProblem: (error) => {
    filter.fail(error?.code === "invalid-query" ? error : null);
    page.problem = error && error.code !== "invalid-query" ? error.message : null;
    if (!error) counts.ask(state.now.q);
  },
});

const counts = createCounts({
  onCounts: (found) => {
    page.found = found;
    if (!state.now.id && !state.now.request) selection.refresh();
    draw();
  },
});

const filter = createFilter({
  onApply: (q) => applyFilter(q),
  known: () => suggestions(page.found, page.keys, feed.paths),
});

const selection = createSelection({
  state,
  pins,
  onFilter: (word) => applyFilter(withWord(state.now.q, word)),
  onPin: togglePin,
  renderNothing: () =>
    renderOverview(figures(page.found, feed.peak), {
      onFilter: (word) => applyFilter(withWord(state.now.q, word)),
      address,
    }),
  onShown: showSelected,
});

function applyFilter(q) {
  if (q === state.now.q) {
    filter.fail(null);
    filter.show(q);
    return feed.reload();
  }
  return state.set({ q }, { push: true });
}

function changed(now, before) {
  if (now.q !== before.q) {
    filter.show(now.q);
    list.toTop();
    feed.follow(now.q);
    counts.ask(now.q);
  }
  if (now.pin !== before.pin) feed.reload();
  if (["id", "request", "tab", "with"].some((key) => now[key] !== before[key]))
    selection.refresh();
}

function togglePin(path) {
  const now = pins();
  const next = now.includes(path)
    ? now.filter((one) => one !== path)
    : [...now.slice(-2), path];
  state.set({ pin: next.join(",") || "," }, { push: true });
}

function choose(line, options) {
  if (line.event) selection.pick({ id: line.event.id }, options);
  else selection.pick({ request: line.row.request }, options);
}

function openLine(line, { twist = false } = {}) {
  if (isBatch(line.row) && line.level === 1)
    store.toggle(line.row.request, twist ? undefined : true);
  if (!twist) choose(line, { push: true });
  list.redraw();
}

function showSelected(subject) {
  placed = !subject;
  if (!subject) return list.select(null);
  const request = subject.request.id;
  const row = store.row(request);
  placed = row !== null;
  const inBatch = subject.event && row && isBatch(row);
  if (inBatch && !store.isOpen(request)) store.toggle(request, true);
  return list.select(inBatch ? `e${subject.event.id}` : `r${request}`);
}

function compare(id) {
  const first = selection.compare(id);
  list.mark(first ? keyOf(first) : null);
}

function keyOf(id) {
  const line = list.active;
  return line?.event?.id === id ? line.key : `e${id}`;
}

async function releaseIfMoving() {
  if (!page.paused && (store.heldCount || store.newerCount)) await feed.release();
}

async function showNew() {
  page.paused = false;
  list.toTop();
  await feed.release();
}

function pause() {
  page.paused = !page.paused;
  if (page.paused) draw();
  else releaseIfMoving().then(draw);
}

async function clear() {
  try {
    const cleared = await api.clear(state.now.q);
    const others = cleared.deleted
      ? plural(cleared.deleted, "event")
      : plural(cleared.requests, "request");
    const run = () =>
      api.undo(cleared.undo).then(
        () => toast("Brought back."),
        (error) => toast(error.message),
      );
    toast(`${others} cleared.`, {
      action: { label: "Undo", run },
      seconds: cleared.expires_in,
    });
    if (state.now.id || state.now.request) selection.close();
  } catch (error) {
    toast(error.message, { seconds: 8 });
  }
}

function draw() {
  drawStatus({ page, store, feed, q: state.now.q, address, onFilter: applyFilter });
  list.render();
}

function escape() {
  const { id, request, q } = state.now;
  if (state.now.with) state.set({ with: null }, { push: true });
  else if (id || request) selection.close();
  else if (q) applyFilter("");
  list.focus();
}

function unfold(open) {
  const line = list.active;
  if (!line) return;
  if (line.level === 2 && !open) list.focusKey(`r${line.row.request}`);
  else if (isBatch(line.row)) store.toggle(line.row.request, open);
  list.redraw();
}

bindKeys({
  move: list.move,
  open: () => list.active && openLine(list.active),
  unfold,
  escape,
  filter: filter.focus,
  copyCurl: selection.copyCurl,
  pause,
  compare: () => compare(list.active?.event?.id),
  overview: () => selection.close(),
  neighbour: selection.neighbour,
  clear,
  tab: selection.tab,
});
bindTheme(byId("theme"));
byId("pause").addEventListener("click", pause);
byId("pill").addEventListener("click", showNew);
byId("clear").addEventListener("click", clear);
byId("help-button").addEventListener("click", showHelp);
byId("overview-button").addEventListener("click", () => {
  document.body.classList.toggle("show-overview");
  selection.close();
});
filter.show(state.now.q);
selection.refresh();
feed.follow(state.now.q);
api.get("/filters").then(
  ({ keys }) => (page.keys = keys),
  () => {},
);
