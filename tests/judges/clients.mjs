// TOKEN=… node clients.mjs URL JOB
// Clients of front ends against one server, at the same time: Apollo Client, urql, graphql-ws, graphql-sse, EventSource.
// Each reads a page, meets an error of each kind, and follows the job over every transport that it speaks. Prints READY
// once all of them have heard of the job, HALFWAY once all have heard of it twice, then, when the job has ended, one JSON
// object: what each client saw.
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { EventSource } from "eventsource";
import { createClient as overEvents } from "graphql-sse";
import { createClient as overSocket } from "graphql-ws";
import { createHash } from "node:crypto";
import WebSocket from "ws";

const [url, job] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${process.env.TOKEN}` };
const sha256 = (query) => createHash("sha256").update(query).digest("hex");

// Named anew each time, so that no server has seen the query before.
const PAGE = `query Page${process.pid}($first: Int!) { mailings(first: $first) { totalCount edges { node { name } } } }`;
const REFUSED = 'mutation Refused { upsertSubscriber(input: { email: "nobody" }) { errors { code path } } }';
const PROGRESS = "subscription Progress($id: ID!) { jobProgress(id: $id) { status progress } }";

const socket = () =>
  overSocket({ url: url.replace("http", "ws"), webSocketImpl: WebSocket, connectionParams: headers, retryAttempts: 0 });

// Every request by its method, and what stood for the query.
function recording() {
  const seen = [];
  const fetch = async (address, options) => {
    const given = options.body ? JSON.parse(options.body) : Object.fromEntries(new URL(address).searchParams);
    const extensions = typeof given.extensions === "string" ? JSON.parse(given.extensions) : given.extensions;
    const hash = extensions?.persistedQuery ? "hash" : null;
    seen.push([options.method ?? "GET", hash, given.query ? "query" : null].filter(Boolean).join(" "));
    return globalThis.fetch(address, options);
  };
  return { fetch, seen };
}

const STEPS = ["READY", "HALFWAY"];
const heard = [0, 0];
let followers = 0;

// Collects what a source pushes until it completes; all followers have begun before the first of them hears anything.
function collected(begin) {
  followers += 1;
  return new Promise((resolve, reject) => {
    const events = [];
    begin({
      next(value) {
        const step = events.push(value) - 1;
        if (step in STEPS && ++heard[step] === followers) console.log(STEPS[step]);
      },
      error: (error) => reject(error),
      complete: () => resolve(events),
    });
  });
}

async function apollo() {
  const cache = () => new InMemoryCache();
  const client = (link) => new ApolloClient({ link, cache: cache(), defaultOptions: { query: { fetchPolicy: "no-cache" } } });
  const http = client(new HttpLink({ uri: url, headers }));
  const web = socket();
  const follow = (over) =>
    collected((sink) =>
      over.subscribe({ query: gql(PROGRESS), variables: { id: job } }).subscribe({
        ...sink,
        next: (result) => (result.error ? sink.error(result.error) : sink.next(result.data.jobProgress)),
      }),
    );
  const progress = { multipart: follow(http), ws: follow(client(new GraphQLWsLink(web))) };
  const { fetch, seen } = recording();
  const persisted = client(
    new PersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(new HttpLink({ uri: url, headers, fetch })),
  );
  const page = () => persisted.query({ query: gql(PAGE), variables: { first: 1 } });
  const read = [await page(), await page()].map((result) => result.data);
  const wrong = await http.query({ query: gql(PAGE), variables: { first: 1_000_000 } }).catch((error) => error);
  return {
    read: (await http.query({ query: gql(PAGE), variables: { first: 1 } })).data,
    wrong: CombinedGraphQLErrors.is(wrong) ? wrong.errors.map((each) => each.extensions.code) : String(wrong),
    refused: (await http.mutate({ mutation: gql(REFUSED) })).data.upsertSubscriber.errors,
    persisted: { read, seen },
    progress: { multipart: await progress.multipart, ws: await progress.ws },
    end: () => web.dispose(),
  };
}

async function urql() {
  const web = socket();
  const client = (...exchanges) =>
    new Client({ url, exchanges, fetchOptions: { headers }, preferGetMethod: false, requestPolicy: "network-only" });
  const http = client(fetchExchange);
  const forward = ({ query, variables }) => ({
    subscribe: (sink) => ({ unsubscribe: web.subscribe({ query: query ?? "", variables }, sink) }),
  });
  const streaming = new Client({ url, exchanges: [fetchExchange], fetchOptions: { headers }, fetchSubscriptions: true });
  const follow = (over) =>
    collected((sink) =>
      over.subscription(PROGRESS, { id: job }).subscribe((result) => {
        if (result.error) return sink.error(result.error);
        // urql tells that a stream has ended by the last result once more.
        return result.hasNext === false ? sink.complete() : sink.next(result.data.jobProgress);
      }),
    );
  const progress = {
    stream: follow(streaming),
    ws: follow(client(subscriptionExchange({ forwardSubscription: forward }))),
  };
  const { fetch, seen } = recording();
  const persisted = new Client({
    url,
    exchanges: [persistedExchange({ generateHash: async (query) => sha256(query) }), fetchExchange],
    fetchOptions: { headers },
    fetch,
    requestPolicy: "network-only",
  });
  const read = [];
  for (const _ of [1, 2]) read.push((await persisted.query(PAGE, { first: 1 }).toPromise()).data);
  const wrong = await http.query(PAGE, { first: 1_000_000 }).toPromise();
  return {
    read: (await http.query(PAGE, { first: 1 }).toPromise()).data,
    wrong: wrong.error.graphQLErrors.map((each) => each.extensions.code),
    refused: (await http.mutation(REFUSED, {}).toPromise()).data.upsertSubscriber.errors,
    persisted: { read, seen },
    progress: { stream: await progress.stream, ws: await progress.ws },
    end: () => web.dispose(),
  };
}

async function iterated(client) {
  const progress = collected(async (sink) => {
    try {
      for await (const { data } of client.iterate({ query: PROGRESS, variables: { id: job } })) sink.next(data.jobProgress);
      sink.complete();
    } catch (error) {
      sink.error(error);
    }
  });
  const [read] = await Array.fromAsync(client.iterate({ query: PAGE, variables: { first: 1 } }));
  return { read: read.data, progress: await progress, end: () => client.dispose() };
}

async function eventSource() {
  const address = new URL(url);
  address.searchParams.set("query", PROGRESS);
  address.searchParams.set("variables", JSON.stringify({ id: job }));
  const fetch = (input, init) => globalThis.fetch(input, { ...init, headers: { ...init.headers, ...headers } });
  const source = new EventSource(address, { fetch });
  const progress = await collected((sink) => {
    source.addEventListener("next", ({ data }) => sink.next(JSON.parse(data).data.jobProgress));
    source.addEventListener("complete", () => sink.complete());
    source.addEventListener("error", (error) => sink.error(error));
  });
  source.close();
  return { progress };
}

const clients = {
  apollo: apollo(),
  urql: urql(),
  graphqlWs: iterated(socket()),
  graphqlSse: iterated(overEvents({ url, headers, retryAttempts: 0 })),
  eventSource: eventSource(),
};
const saw = {};
for (const [name, client] of Object.entries(clients)) {
  const { end, ...rest } = await client.catch((error) => ({ failed: String(error?.stack ?? JSON.stringify(error)) }));
  saw[name] = rest;
  await end?.();
}
console.log(JSON.stringify(saw));
process.exit(0);
