/** A small menu below a button: arrows move, Enter takes, Esc closes. */

import { byId, h } from "./dom.mjs";

let open = null;

/** Show items, each { label, run, note? }, below an element. */
export function showMenu(anchor, items, { label }) {
  const again = open?.anchor === anchor;
  closeMenu();
  if (again) return;
  const menu = h(
    "div",
    { class: "menu", role: "menu", "aria-label": label },
    items.map((item) =>
      h(
        "button",
        { type: "button", role: "menuitem", onclick: () => take(item) },
        item.label,
        item.note && h("span", { class: "menu-note" }, item.note),
      ),
    ),
  );
  menu.addEventListener("keydown", onKey);
  byId("main").append(menu);
  place(menu, anchor);
  anchor.setAttribute("aria-expanded", "true");
  open = { menu, anchor };
  menu.firstElementChild.focus();
}

/** Close the menu that is open, if one is. */
export function closeMenu({ focus = false } = {}) {
  if (!open) return;
  const { menu, anchor } = open;
  open = null;
  menu.remove();
  anchor.setAttribute("aria-expanded", "false");
  if (focus) anchor.focus();
}

function take(item) {
  closeMenu({ focus: true });
  item.run();
}

function place(menu, anchor) {
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = box.bottom + height + 8 < window.innerHeight;
  menu.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - width - 8))}px`;
  menu.style.top = `${below ? box.bottom + 4 : Math.max(8, box.top - height - 4)}px`;
}

function onKey(event) {
  const items = [...event.currentTarget.children];
  const at = items.indexOf(document.activeElement);
  const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
  event.stopPropagation();
  if (event.key in moves) {
    event.preventDefault();
    items.at(moves[event.key] % items.length).focus();
  }
  if (event.key === "Escape" || event.key === "Tab") closeMenu({ focus: true });
}

document.addEventListener("pointerdown", (event) => {
  if (
    open &&
    !open.menu.contains(event.target) &&
    !open.anchor.contains(event.target)
  ) {
    closeMenu();
  }
});
