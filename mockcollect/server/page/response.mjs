/** The Response tab: what went out, how long it took, which fault acted. */

import { h } from "./dom.mjs";
import { printable } from "./format.mjs";

const WORDS = {
  200: "OK",
  204: "No Content",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  503: "Service Unavailable",
};

/** Return the tab of a request. */
export function renderResponse(request) {
  const { status } = request;
  const isPixel = request.endpoint === "pixel" && status === 200;
  const took = request.duration_ms ?? request.took_ms;
  const fault = request.fault;
  return h(
    "div",
    { class: "tab-body" },
    h(
      "p",
      { class: "request-line" },
      h("b", { class: status < 400 ? "" : "bad" }, `${status} ${WORDS[status] ?? ""}`),
    ),
    h("p", {}, explanation(status)),
    h(
      "pre",
      { class: "body", tabindex: 0, "aria-label": "Answer" },
      [
        `HTTP/1.1 ${status} ${WORDS[status] ?? ""}`.trim(),
        `X-Mockcollect-Request: ${request.id}`,
        ...(isPixel ? ["Content-Type: image/gif", "", "(a GIF of one pixel)"] : []),
        ...(!isPixel && (status === 200 || status === 400)
          ? ["Content-Length: 0"]
          : []),
      ].join("\n"),
    ),
    took != null && h("p", {}, `It took ${took} ms.`),
    fault &&
      h(
        "p",
        {},
        "A fault rule acted: ",
        h(
          "code",
          {},
          printable(typeof fault === "string" ? fault : JSON.stringify(fault)),
        ),
      ),
  );
}

function explanation(status) {
  if (status === 200)
    return "Production answers 200 to whatever it can read, valid or not. The body is empty.";
  if (status === 400)
    return "Production answers 400 to what is too large or is no JSON. The body is empty: why it was refused stands in the Request tab.";
  if (status === 404 || status === 405)
    return "This is not the address that collects. Post to /events or /events/batch.";
  return "";
}
