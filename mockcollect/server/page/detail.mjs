/** The right side: one event or one request, in tabs. */

import { byId, fill, h } from "./dom.mjs";
import { getText } from "./api.mjs";
import { printable, refusalWord } from "./format.mjs";
import { member, readJson } from "./json.mjs";
import { showMenu } from "./menu.mjs";
import { renderRequest } from "./request.mjs";
import { renderResponse } from "./response.mjs";
import { eventName, verdictBadge } from "./row.mjs";
import { renderTree } from "./tree.mjs";
import { renderFindings, renderVerdict } from "./verdict.mjs";

/** Ask for an event or a request as it is recorded. */
export async function loadEvent(id) {
  const text = await getText(`/events/${id}`);
  const { event, request } = JSON.parse(text);
  // Read once more without loss: digits and order as they were sent.
  const tree = member(member(readJson(text), "event"), "event");
  return { event: { findings: [], verdict: "valid", ...event }, request, tree };
}

export async function loadRequest(id) {
  const request = JSON.parse(await getText(`/requests/${id}`));
  return { event: null, request, tree: null };
}

/** Return the tabs that a subject has, each { name, label, render }. */
function tabsOf({ event, request, tree }, actions) {
  const findings = event?.findings ?? [];
  const tabs = [];
  if (event) {
    tabs.push({
      name: "event",
      label: "Event",
      render: () => eventTab(event, tree, actions),
    });
    tabs.push({
      name: "verdict",
      label: "Verdict",
      count: findings.length,
      render: () => renderVerdict(event, { onFilter: actions.onFilter }),
    });
  }
  tabs.push({
    name: "request",
    label: "Request",
    render: () => renderRequest(request),
  });
  tabs.push({
    name: "response",
    label: "Response",
    render: () => renderResponse(request),
  });
  const { length } = request.event_ids;
  if (length < 2) return tabs;
  const render = () => actions.renderBatch(request, event);
  const batch = { name: "batch", label: "Batch", count: length, render };
  return event ? [...tabs, batch] : [batch, ...tabs];
}

function eventTab(event, tree, actions) {
  const onKey = (button, path, node) =>
    showMenu(button, actions.keyItems(path, node), { label: path });
  return h(
    "div",
    { class: "tab-body" },
    renderFindings(event.findings),
    renderTree(tree, { findings: event.findings, onKey }),
  );
}

/** Show a subject in the detail pane; return what the keyboard can do with it. */
export function renderDetail(subject, { tab, actions }) {
  const tabs = tabsOf(subject, actions);
  const current = tabs.find((one) => one.name === tab) ?? tabs[0];
  const panel = h("div", {
    class: "tab-panel",
    role: "tabpanel",
    id: "panel",
    tabindex: 0,
    "aria-labelledby": `tab-${current.name}`,
  });
  panel.append(current.render());
  fill(
    byId("detail"),
    head(subject, actions),
    h(
      "div",
      { class: "tab-bar" },
      tabList(tabs, current, actions),
      copyButton(actions),
    ),
    panel,
  );
  return { tabs: tabs.map((one) => one.name), tab: current.name };
}

function head({ event, request }, actions) {
  const title = event
    ? eventName(event.event_name)
    : `${printable(request.method)} ${printable(request.path)}`;
  const refused =
    request.refusal &&
    h(
      "span",
      { class: "badge bad" },
      h("span", { class: "sign" }, "✗"),
      refusalWord(request.refusal.reason),
    );
  const notes = event?.findings.filter((one) => one.level === "note").length;
  return h(
    "header",
    { class: "detail-head" },
    h(
      "button",
      {
        type: "button",
        class: "icon back",
        "aria-label": "Back to the list",
        onclick: actions.onClose,
      },
      "←",
    ),
    h("h2", {}, h("bdi", {}, title)),
    h(
      "span",
      { class: `quiet number ${event ? "" : "wide"}` },
      event ? `#${event.id}` : `request ${request.id}`,
    ),
    h(
      "span",
      { class: `sent ${request.status < 400 ? "" : "refused"}` },
      `${request.status} sent`,
    ),
    event ? verdictBadge(event.verdict, notes, { full: true }) : refused,
    h(
      "button",
      {
        type: "button",
        class: "icon close",
        "aria-label": "Close (Esc)",
        onclick: actions.onClose,
      },
      "✕",
    ),
  );
}

function tabList(tabs, current, actions) {
  const buttons = tabs.map((one) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${one.name}`,
        "aria-selected": String(one === current),
        "aria-controls": "panel",
        tabindex: one === current ? 0 : -1,
        onclick: () => actions.onTab(one.name),
      },
      one.label,
      one.count > 0 && h("span", { class: "tab-count" }, String(one.count)),
    ),
  );
  return h(
    "div",
    { role: "tablist", "aria-label": "Detail", onkeydown: moveTab },
    buttons,
  );
}

function moveTab(event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  const all = [...event.currentTarget.children];
  const next = all.at((all.indexOf(event.target) + by) % all.length);
  event.preventDefault();
  event.stopPropagation();
  const { id } = next;
  next.click();
  byId(id)?.focus();
}

function copyButton(actions) {
  const open = (event) =>
    showMenu(event.currentTarget, actions.copyItems(), { label: "Copy" });
  return h(
    "div",
    { class: "tab-actions" },
    actions.onCompare &&
      h(
        "button",
        {
          type: "button",
          class: "chip",
          title: "Compare with another event (d)",
          onclick: actions.onCompare,
        },
        "Compare",
      ),
    h(
      "button",
      {
        type: "button",
        class: "chip",
        "aria-haspopup": "menu",
        "aria-expanded": "false",
        onclick: open,
      },
      "Copy ▾",
    ),
  );
}
