/** The list: as many elements as fit into the window, however many rows there are. */

import { h, oncePerFrame } from "./dom.mjs";
import { renderLine } from "./row.mjs";

export const LINE_HEIGHT = 46;
const BEYOND = 6;

/**
 * Show a store in an element that scrolls.
 *
 * `onSelect(line)` is called for the line that is moved to or clicked, `onOpen(line)`
 * for one that is opened, `onNeed()` when lines come into view that are not loaded,
 * `onScroll()` after scrolling.
 */
export function createList({
  scroller,
  store,
  onSelect,
  onOpen,
  onMark,
  onNeed,
  onScroll,
}) {
  const spacer = h("div", { class: "spacer", role: "none" });
  scroller.append(spacer);
  const shown = new Map();
  let active = null;
  let selected = null;
  let marked = null;
  let generation = 0;

  const render = oncePerFrame(() => {
    // Read before anything is written: the browser would lay all out in between.
    const first = Math.floor(scroller.scrollTop / LINE_HEIGHT);
    const many = Math.ceil(scroller.clientHeight / LINE_HEIGHT);
    spacer.style.height = `${store.lineCount * LINE_HEIGHT}px`;
    const visible = { from: first, to: first + many };
    const from = Math.max(0, first - BEYOND);
    const to = Math.min(store.lineCount, first + many + BEYOND);
    const wanted = new Map();
    let missing = false;
    store.lines(from, to).forEach((line, at) => {
      if (line) wanted.set(line.key, { line, index: from + at });
      else missing = true;
    });
    keepActive(wanted);
    reconcile(wanted);
    if (missing) onNeed({ from: visible.from, to: visible.to });
  });

  /** The line that has the focus stays, wherever it is scrolled to. */
  function keepActive(wanted) {
    if (!active || wanted.has(active)) return;
    const index = store.indexOf(active);
    if (index < 0) active = null;
    else wanted.set(active, { line: store.lines(index, index + 1)[0], index });
  }

  function reconcile(wanted) {
    for (const [key, { element }] of shown) {
      if (wanted.has(key)) continue;
      element.remove();
      shown.delete(key);
    }
    const tabbable = active ?? wanted.keys().next().value;
    for (const [key, { line, index }] of wanted) {
      const element = elementOf(key, line);
      element.style.transform = `translateY(${index * LINE_HEIGHT}px)`;
      element.tabIndex = key === tabbable ? 0 : -1;
      element.setAttribute("aria-selected", String(key === selected));
      element.setAttribute("aria-posinset", String(index + 1));
      element.setAttribute("aria-setsize", String(store.lineCount));
      element.classList.toggle("marked", key === marked);
    }
  }

  function elementOf(key, line) {
    const known = shown.get(key);
    const isOpen = line.level === 1 && store.isOpen(line.row.request);
    const look = `${generation} ${line.row.events.length} ${line.row.size} ${isOpen}`;
    if (known?.look === look) return known.element;
    const element = known?.element ?? h("div", { role: "treeitem" });
    const cells = renderLine(line, { isOpen });
    element.className = `line level-${line.level}`;
    element.setAttribute("aria-level", String(line.level));
    if (line.level === 1 && line.row.events.length > 1) {
      element.setAttribute("aria-expanded", String(isOpen));
    }
    element.dataset.key = key;
    element.replaceChildren(...cells);
    if (!known) spacer.append(element);
    shown.set(key, { element, look });
    return element;
  }

  function lineAt(index) {
    const last = store.lineCount - 1;
    const at = Math.max(0, Math.min(last, index));
    return last < 0 ? null : store.lines(at, at + 1)[0];
  }

  function scrollTo(index) {
    const top = index * LINE_HEIGHT;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    const bottom = top + LINE_HEIGHT - scroller.clientHeight;
    if (bottom > scroller.scrollTop) scroller.scrollTop = bottom;
  }

  function focus(line, { select = true } = {}) {
    if (!line) return;
    active = line.key;
    scrollTo(store.indexOf(line.key));
    render();
    requestAnimationFrame(() =>
      shown.get(active)?.element.focus({ preventScroll: true }),
    );
    if (select) onSelect(line);
  }

  spacer.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    const line = key && lineAt(store.indexOf(key));
    if (!line) return;
    active = key;
    if (event.ctrlKey || event.metaKey) onMark(line);
    else onOpen(line, { twist: event.target.closest(".twist") !== null });
  });
  spacer.addEventListener("focusin", (event) => {
    active = event.target.closest("[data-key]")?.dataset.key ?? active;
  });
  scroller.addEventListener("scroll", () => {
    render();
    onScroll();
  });
  new ResizeObserver(render).observe(scroller);

  return {
    render,
    get atTop() {
      return scroller.scrollTop < LINE_HEIGHT / 2;
    },
    toTop() {
      scroller.scrollTop = 0;
    },
    /** Draw all lines anew: what they show has changed. */
    redraw() {
      generation += 1;
      render();
    },
    /** Say which line's detail is shown. */
    select(key) {
      selected = key;
      render();
    },
    mark(key) {
      marked = key;
      render();
    },
    /** Move by lines from the active one, and show what it is. */
    move(by, options) {
      const from = active ?? selected;
      const at = from ? store.indexOf(from) : -1;
      const to = Math.max(
        0,
        Math.min(store.lineCount - 1, at < 0 && by !== Infinity ? 0 : at + by),
      );
      const line = lineAt(to);
      if (line) focus(line, options);
      else scrollTo(to); // what is there is loaded first
    },
    /** Keep what is in view where it is, when lines came in above it. */
    shift(by) {
      spacer.style.height = `${store.lineCount * LINE_HEIGHT}px`;
      scroller.scrollTop += by * LINE_HEIGHT;
    },
    focusKey(key) {
      const index = store.indexOf(key);
      if (index >= 0) focus(lineAt(index), { select: false });
      return index >= 0;
    },
    get active() {
      return active ? lineAt(store.indexOf(active)) : null;
    },
    /** Give the keyboard back to the list. */
    focus() {
      spacer.querySelector("[tabindex='0']")?.focus();
    },
  };
}
