// A shop that sends its events as any Node program would: by fetch, to a URL it reads.

const base = process.env.COLLECT_URL ?? "https://collect.commander1.com";
const key = "7183b9d4-1031-11ee-be56-0242ac120002";

async function send(event_name, properties) {
  const event = {
    event_name,
    user: {
      id: "12345",
      consistent_anonymous_id: "202641827364509182736450",
      consent_categories: ["1"],
    },
    context: {
      event_id: crypto.randomUUID(),
      event_timestamp: Date.now(),
      device: { ip: "203.0.113.24", user_agent: "Mozilla/5.0 (X11)" },
    },
    ...properties,
  };
  const answer = await fetch(`${base}/events?tc_s=29&token=${key}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(event),
  });
  if (!answer.ok) throw new Error(`not collected: ${answer.status}`);
}

export async function visit(url) {
  await send("page_view", { page_type: "product", page: { url } });
}

export async function checkout(revenue, { retries = 0 } = {}) {
  for (let sent = 0; sent <= retries; sent++) {
    await send("purchase", { id: "ORDER-1", revenue, currency: "EUR" });
  }
}
