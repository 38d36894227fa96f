/** The tabs of what was received and what was answered. */

import { bodyUrl, getBody } from "./api.mjs";
import { h } from "./dom.mjs";
import { bytes, count, moment, printable } from "./format.mjs";
import { tryJson, writeJson } from "./json.mjs";

const LIMITS = { events: 32 * 1024, batch: 500 * 1024, pixel: 32 * 1024 };
const MOST_SHOWN = 200_000;
const HEX_SHOWN = 2_048;

/** Return the Request tab. */
export function renderRequest(request) {
  return h(
    "div",
    { class: "tab-body" },
    renderRefusal(request.refusal),
    renderRemarks(request.remarks),
    h(
      "p",
      { class: "request-line" },
      h("b", {}, printable(request.method)),
      " ",
      target(request),
    ),
    h(
      "dl",
      { class: "facts" },
      fact("Site id", request.site_id, "tc_s"),
      fact("Source key", request.source_key, "token"),
      fact("Received", moment(request.received_at)),
      fact("Sender", request.peer),
      fact("Size", size(request)),
    ),
    h("h3", {}, "Headers"),
    headers(request.headers),
    body(request),
  );
}

/** Return why a request was refused, with the place in the body. */
export function renderRefusal(refusal) {
  if (!refusal) return null;
  const place = refusal.line ? `Line ${refusal.line}, column ${refusal.column}: ` : "";
  const excerpt = refusal.excerpt ?? [];
  return h(
    "div",
    { class: "refusal" },
    h(
      "p",
      { class: "lead bad" },
      h("strong", {}, "✗ "),
      place + printable(refusal.message),
    ),
    excerpt.length > 0 &&
      h(
        "pre",
        { class: "excerpt", tabindex: 0, "aria-label": "The place" },
        excerpt.map(printable).join("\n"),
      ),
    refusal.guess && !excerpt.length && h("p", {}, printable(refusal.guess)),
    refusal.fields?.length > 0 && biggest(refusal.fields),
  );
}

function biggest(fields) {
  const rows = fields.map((one) => [
    h("dt", {}, h("code", {}, printable(one.path))),
    h("dd", {}, bytes(one.size)),
  ]);
  return h(
    "div",
    {},
    h("h3", {}, "Biggest fields"),
    h("dl", { class: "facts" }, rows.flat()),
  );
}

function renderRemarks(remarks) {
  if (!remarks?.length) return null;
  const items = remarks.map((one) =>
    h(
      "li",
      {},
      h("span", { class: "finding-sign info", "aria-hidden": "true" }, "i"),
      h("span", {}, printable(one.message)),
    ),
  );
  return h("ul", { class: "findings short" }, items);
}

/** The URL, with the two parameters that identify the source called out. */
function target(request) {
  const parts = [h("bdi", {}, printable(request.path))];
  request.query.split("&").forEach((pair, index) => {
    const own = /^(tc_s|token)=/.test(pair);
    parts.push(
      index ? "&" : request.query && "?",
      h(own ? "mark" : "span", {}, printable(pair)),
    );
  });
  return h("code", {}, parts);
}

function fact(name, value, wire) {
  if (value == null || value === "") return null;
  return [
    h("dt", {}, name, wire && h("code", { class: "quiet" }, ` ${wire}`)),
    h("dd", {}, value instanceof Node ? value : h("bdi", {}, printable(value))),
  ];
}

function size(request) {
  const limit = request.refusal?.limit ?? LIMITS[request.endpoint];
  const measured = request.refusal?.size || request.size;
  if (!limit) return bytes(request.size);
  const over = measured > limit;
  const meter = h("meter", {
    min: 0,
    max: limit,
    high: limit * 0.9,
    value: Math.min(measured, limit),
    "aria-label": "Size against its limit",
  });
  const text = `${count(measured)} of ${count(limit)} bytes${over ? ", too large" : ""}`;
  return h("span", { class: over ? "over" : "" }, text, " ", meter);
}

function headers(all) {
  const rows = Object.entries(all ?? {}).map(([name, value]) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, printable(name)),
      h("td", {}, h("bdi", {}, printable(value))),
    ),
  );
  return h("table", { class: "headers" }, h("tbody", {}, rows));
}

function body(request) {
  const tree = request.body && tryJson(request.body);
  const shown = h("pre", { class: "body", tabindex: 0, "aria-label": "Body" });
  const show = (pretty) => {
    shown.textContent = cutBody(pretty ? writeJson(tree) : (request.body ?? ""));
    for (const one of switches)
      one.setAttribute("aria-pressed", String(one.value === String(pretty)));
  };
  const choice = (label, pretty) =>
    h(
      "button",
      {
        type: "button",
        class: "chip",
        value: String(pretty),
        onclick: () => show(pretty),
      },
      label,
    );
  const switches = tree ? [choice("As sent", false), choice("Pretty", true)] : [];
  if (request.body == null) showBytes(request, shown);
  else show(false);
  const state = request.aborted
    ? "cut off by the sender"
    : request.truncated
      ? "only its first part was kept"
      : "";
  return [
    h(
      "div",
      { class: "body-head" },
      h("h3", {}, "Body ", h("span", { class: "quiet" }, state)),
      switches,
      h(
        "a",
        { href: bodyUrl(request.id), download: "", class: "link" },
        "Download, byte for byte",
      ),
    ),
    shown,
  ];
}

function cutBody(text) {
  if (!text) return "(empty)";
  if (text.length <= MOST_SHOWN) return text;
  return `${text.slice(0, MOST_SHOWN)}\n… ${count(text.length - MOST_SHOWN)} more characters: download it`;
}

async function showBytes(request, shown) {
  const all = await getBody(request.id).catch(() => new Uint8Array());
  const lines = [`${count(all.length)} bytes that are no UTF-8 text`];
  for (let at = 0; at < Math.min(all.length, HEX_SHOWN); at += 16) {
    const row = [...all.slice(at, at + 16)];
    const hex = row.map((one) => one.toString(16).padStart(2, "0")).join(" ");
    const text = row
      .map((one) => (one > 31 && one < 127 ? String.fromCharCode(one) : "·"))
      .join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${hex.padEnd(47)}  ${text}`);
  }
  shown.textContent = lines.join("\n");
}
