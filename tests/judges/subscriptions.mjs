// TOKEN=… node subscriptions.mjs URL QUERY
// Runs one subscription through the clients graphql-ws and graphql-sse. Prints {ws, sse}: what each received.
import { createClient as overEvents } from "graphql-sse";
import { createClient as overSocket } from "graphql-ws";
import WebSocket from "ws";

const [url, query] = process.argv.slice(2);
const Authorization = `Bearer ${process.env.TOKEN}`;

async function received(client) {
  const results = [];
  try {
    for await (const result of client.iterate({ query })) results.push(result);
  } catch (refusal) {
    results.push({ refused: refusal });
  }
  await client.dispose();
  return results;
}

const ws = overSocket({
  url: url.replace("http", "ws"),
  webSocketImpl: WebSocket,
  connectionParams: { Authorization },
  retryAttempts: 0,
});
const sse = overEvents({ url, headers: { Authorization }, retryAttempts: 0 });

console.log(JSON.stringify({ ws: await received(ws), sse: await received(sse) }));
