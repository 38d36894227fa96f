/** The keys of the page, and the dialog that lists them. */

import { byId, fill, h, isTyping } from "./dom.mjs";

const HELP = [
  [
    "Move",
    [
      ["j / ↓", "next event"],
      ["k / ↑", "previous event"],
      ["Home / End", "newest, oldest loaded"],
      ["→ / ←", "open, close a batch"],
      ["Enter", "open the detail"],
      ["[ / ]", "previous, next in the batch"],
      ["Esc", "close, or clear the filter"],
    ],
  ],
  [
    "Look",
    [
      ["/", "filter"],
      ["1 – 5", "tabs of the detail"],
      ["d", "compare: on one event, then on another"],
      ["o", "overview"],
    ],
  ],
  [
    "Do",
    [
      ["c", "copy as curl"],
      ["p", "pause, resume"],
      ["Shift + X", "clear what is shown (undo for 10 s)"],
      ["?", "this help"],
    ],
  ],
];

/** Bind the keys to actions by name. */
export function bindKeys(actions) {
  const keys = {
    j: () => actions.move(1),
    ArrowDown: () => actions.move(1),
    k: () => actions.move(-1),
    ArrowUp: () => actions.move(-1),
    Home: () => actions.move(-Infinity),
    End: () => actions.move(Infinity),
    PageDown: () => actions.move(10),
    PageUp: () => actions.move(-10),
    ArrowRight: () => actions.unfold(true),
    ArrowLeft: () => actions.unfold(false),
    Enter: actions.open,
    Escape: actions.escape,
    "/": actions.filter,
    c: actions.copyCurl,
    p: actions.pause,
    d: actions.compare,
    o: actions.overview,
    "[": () => actions.neighbour(-1),
    "]": () => actions.neighbour(1),
    X: actions.clear,
    "?": showHelp,
  };
  for (const [index, digit] of [..."12345"].entries())
    keys[digit] = () => actions.tab(index);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented)
      return;
    if (byId("help").open || isTyping(event.target)) return;
    const isOfList =
      event.target === document.body || byId("list").contains(event.target);
    const moves = /^(Arrow|Home|End|Page|Enter)/.test(event.key);
    // Elsewhere these keys scroll, and Enter presses the button that has the focus.
    if (!(event.key in keys) || (moves && !isOfList)) return;
    event.preventDefault();
    keys[event.key]();
  });
}

/** Show all keys. */
export function showHelp() {
  const dialog = byId("help");
  const groups = HELP.map(([title, keys]) =>
    h(
      "section",
      {},
      h("h3", {}, title),
      h(
        "dl",
        {},
        keys.map(([key, what]) => [
          h(
            "dt",
            {},
            key
              .split(" / ")
              .map((one, at) => [at ? " " : "", h("kbd", {}, one)])
              .flat(),
          ),
          h("dd", {}, what),
        ]),
      ),
    ),
  );
  fill(
    dialog,
    h(
      "header",
      {},
      h("h2", { id: "help-title" }, "Keys"),
      h(
        "button",
        {
          type: "button",
          class: "icon",
          "aria-label": "Close help",
          onclick: () => dialog.close(),
        },
        "✕",
      ),
    ),
    h("div", { class: "help-groups" }, groups),
  );
  dialog.showModal();
}
