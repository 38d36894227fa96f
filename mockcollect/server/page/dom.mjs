/** Elements made and filled: text always as text, never as markup. */

/** Return a new element. `on…` are listeners, `class` and `aria-…` attributes. */
export function h(name, props = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(props)) set(element, key, value);
  element.append(...children.flat(2).filter((one) => one != null && one !== false));
  return element;
}

function set(element, key, value) {
  if (value == null || value === false) return;
  if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
  else element.setAttribute(key, value === true ? "" : value);
}

/** Return the element with an id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Put children in place of what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(
    ...children.flat(2).filter((one) => one != null && one !== false),
  );
  return element;
}

/** Return a function that runs another once, in the next frame, however often asked. */
export function oncePerFrame(run) {
  let asked = false;
  const now = () => {
    asked = false;
    run();
  };
  return () => {
    if (asked) return;
    asked = true;
    // A hidden tab gets no frames, and must not gather what it has to show.
    if (document.hidden) setTimeout(now, 500);
    else requestAnimationFrame(now);
  };
}

/** Return whether keys are being typed into something. */
export function isTyping(target) {
  return (
    target instanceof Element &&
    target.matches("input:not([type=checkbox]), textarea, select")
  );
}
