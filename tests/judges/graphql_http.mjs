// TOKEN=… node graphql_http.mjs URL
// Runs every server audit of the package graphql-http, with the token on each request. Prints one JSON array of
// {id, name, status, reason}; status is ok, warn, error or notice. Exits with 1 unless all are ok.
import { serverAudits } from "graphql-http";

const authorization = `Bearer ${process.env.TOKEN}`;

function fetchFn(url, options = {}) {
  const headers = new Headers(options.headers);
  headers.set("authorization", authorization);
  return fetch(url, { ...options, headers });
}

const findings = [];
for (const audit of serverAudits({ url: process.argv[2], fetchFn })) {
  const result = await audit.fn();
  findings.push({ id: audit.id, name: audit.name, status: result.status, reason: result.reason ?? null });
}
console.log(JSON.stringify(findings));
process.exitCode = findings.every((finding) => finding.status === "ok") ? 0 : 1;
