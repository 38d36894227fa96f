/** The inspection API, asked by this page. */

const BASE = "/_inspect";

/** An answer that is no success: its status, and the error that the API wrote. */
export class ApiError extends Error {
  constructor(status, error) {
    super(error?.message ?? `The server answered ${status}.`);
    this.status = status;
    this.code = error?.code ?? "unknown";
    this.position = error?.position ?? null;
    this.suggestion = error?.suggestion ?? null;
  }
}

async function answer(path, parameters, options) {
  const query = new URLSearchParams(
    Object.entries(parameters ?? {}).filter(
      ([, value]) => value != null && value !== "",
    ),
  );
  const response = await fetch(
    `${BASE}${path}${query.size ? `?${query}` : ""}`,
    options,
  );
  if (response.ok) return response;
  const body = await response.json().catch(() => null);
  throw new ApiError(response.status, body?.error);
}

/** Return the JSON that a path answers. */
export async function get(path, parameters, options) {
  return (await answer(path, parameters, options)).json();
}

/** Return the text that a path answers. */
export async function getText(path, parameters, options) {
  return (await answer(path, parameters, options)).text();
}

/** Return the first bytes of a request's body, and how many there are. */
export async function getBody(requestId) {
  const response = await answer(`/requests/${requestId}/body`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Take out what matches; the answer holds a token for `undo`. */
export async function clear(q) {
  return (await answer("/events", { q }, { method: "DELETE" })).json();
}

/** Bring back what a `clear` took out. */
export async function undo(token) {
  const body = JSON.stringify({ undo: token });
  const headers = { "Content-Type": "application/json" };
  return (await answer("/undo", null, { method: "POST", body, headers })).json();
}

/** Return where the stream of a filter is. */
export function streamUrl(q) {
  return `${BASE}/stream${q ? `?${new URLSearchParams({ q })}` : ""}`;
}

/** Return where a request's exact body can be downloaded. */
export function bodyUrl(requestId) {
  return `${BASE}/requests/${requestId}/body`;
}
