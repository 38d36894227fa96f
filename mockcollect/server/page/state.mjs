/** The whole state of the page, kept in its URL: paste it into a ticket. */

const KEYS = ["q", "id", "request", "tab", "with", "pin"];

/** Return the state that a URL's query spells. */
export function readState(search) {
  const parameters = new URLSearchParams(search);
  const state = Object.fromEntries(KEYS.map((key) => [key, parameters.get(key)]));
  const number = (text) => (/^\d{1,15}$/.test(text ?? "") ? Number(text) : null);
  return {
    ...state,
    q: state.q ?? "",
    id: number(state.id),
    request: number(state.request),
    with: number(state.with),
  };
}

/** Return the query that spells a state, empty where all is as at first. */
export function writeState(state) {
  const parameters = new URLSearchParams();
  for (const key of KEYS) if (state[key]) parameters.set(key, state[key]);
  const text = parameters.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  return text ? `?${text}` : "";
}

/** Return the state of this page; `onChange(state, before)` is told of each change. */
export function createState(onChange) {
  let state = readState(location.search);

  window.addEventListener("popstate", () => {
    const before = state;
    state = readState(location.search);
    onChange(state, before);
  });

  return {
    get now() {
      return state;
    },
    /** Change parts of it; `push` makes a step that the back button undoes. */
    set(parts, { push = false } = {}) {
      const before = state;
      state = { ...state, ...parts };
      const url = location.pathname + writeState(state);
      if (writeState(before) === writeState(state)) return;
      if (push) history.pushState(null, "", url);
      else history.replaceState(null, "", url);
      onChange(state, before);
    },
  };
}
