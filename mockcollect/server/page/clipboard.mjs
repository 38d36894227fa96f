/** Text to the clipboard, also where the page has no secure origin. */

import { toast } from "./toast.mjs";

/** Copy a text and say so. */
export async function copyText(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copyBySelection(text)) {
      toast("The browser does not let this page copy.");
      return;
    }
  }
  toast(`Copied ${what}.`);
}

function copyBySelection(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "off-screen";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
