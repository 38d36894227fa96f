/** Light or dark: as the system has it, until the reader chooses. */

const KEY = "mockcollect-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

function saved() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage may be forbidden
  }
}

function shown() {
  return saved() ?? (dark.matches ? "dark" : "light");
}

function apply(button) {
  document.documentElement.dataset.theme = shown();
  button.setAttribute(
    "aria-label",
    `Use the ${shown() === "dark" ? "light" : "dark"} theme`,
  );
}

/** Make a button switch the theme. */
export function bindTheme(button) {
  apply(button);
  dark.addEventListener("change", () => apply(button));
  button.addEventListener("click", () => {
    try {
      localStorage.setItem(KEY, shown() === "dark" ? "light" : "dark");
    } catch {
      document.documentElement.dataset.theme = shown() === "dark" ? "light" : "dark";
      return;
    }
    apply(button);
  });
}
