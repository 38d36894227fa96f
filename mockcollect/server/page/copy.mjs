/** What can be copied of an event or a request. */

import { getText } from "./api.mjs";
import { copyText } from "./clipboard.mjs";
import { writeJson } from "./json.mjs";
import { planEntry, pytestAssertion } from "./snippets.mjs";
import { toast } from "./toast.mjs";

/** Copy the command that sends a request again. */
export async function copyCurl({ request }) {
  try {
    const parameters = { q: `request:${request.id}`, format: "curl" };
    await copyText(
      (await getText("/export", parameters)).trimEnd(),
      "the curl command",
    );
  } catch (error) {
    toast(error.message);
  }
}

/** Return the items of the Copy menu. */
export function copyItems(subject) {
  const { event, tree } = subject;
  const name = event?.event_name;
  const curl = { label: "curl", note: "c", run: () => copyCurl(subject) };
  const link = {
    label: "Link to this",
    run: () => copyText(location.href, "the link"),
  };
  if (!event) return [curl, link];
  return [
    curl,
    { label: "Event JSON", run: () => copyText(writeJson(tree), "the event") },
    {
      label: "pytest assertion",
      run: () => copyText(pytestAssertion(name, tree), "the assertion"),
    },
    {
      label: "Tracking plan entry",
      run: () => copyText(planEntry(name, tree), "the plan entry"),
    },
    { ...link, label: "Link to this event" },
  ];
}
