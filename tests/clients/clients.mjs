// Sends events with one client: node clients.mjs CLIENT URL FOLDER
// Prints {"statuses": {...}} as JSON; FOLDER holds the clients that npm installed.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , client, base, folder] = process.argv;
const site = 'tc_s=29&token=7183b9d4-1031-11ee-be56-0242ac120002';
const require = createRequire(pathToFileURL(`${folder}/index.js`));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);

async function sender() {
  if (client === 'fetch') {
    return async (url, body, headers) => {
      const response = await fetch(url, { method: 'POST', body, headers });
      await response.arrayBuffer();
      return response.status;
    };
  }
  if (client === 'undici') {
    const { request } = await load('undici');
    return async (url, body, headers) => {
      const response = await request(url, { method: 'POST', body, headers });
      await response.body.dump();
      return response.statusCode;
    };
  }
  if (client === 'axios') {
    const axios = require('axios');
    return async (url, data, headers) => {
      const options = { headers, validateStatus: null, proxy: false };
      return (await axios.post(url, data, options)).status;
    };
  }
  const { got } = await load('got');
  return async (url, body, headers) => {
    const options = { body, headers, throwHttpErrors: false, retry: { limit: 0 } };
    return (await got.post(url, options)).statusCode;
  };
}

function sized(size) {
  const [start, end] = ['{"event_name":"sized","fill":"', '"}'];
  return start + 'x'.repeat(size - start.length - end.length) + end;
}

const send = await sender();
const json = { 'Content-Type': 'application/json' };
const events = `${base}/events?${site}`;
const named = (name) => JSON.stringify({ event_name: name, client });
const statuses = {
  single: await send(events, named('single'), json),
  untyped: await send(events, named('untyped')),
  batch: await send(`${base}/events/batch?${site}`,
    `{"batch":[${named('first')},${named('second')}]}`, json),
  largest: await send(events, sized(32768), json),
  tooLarge: await send(events, sized(32769), json),
  farTooLarge: await send(events, 'x'.repeat(5000000), json),
};

const started = performance.now();
const burst = Array.from({ length: 600 }, (_, n) => send(events, named(`burst-${n}`), json));
const counts = {};
for (const status of await Promise.all(burst)) counts[status] = (counts[status] ?? 0) + 1;
statuses.burst = counts;
const seconds = (performance.now() - started) / 1000;
console.log(JSON.stringify({ statuses, seconds }));
process.exit(0);
