import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { CONNECTIONS, type LoadTool } from "./load-tool.ts";

/** What we use of autocannon, which comes without types. */
type Autocannon = (options: {
  readonly url: string;
  readonly connections: number;
  readonly duration: number;
  readonly requests: readonly object[];
  readonly headers: Readonly<Record<string, string>>;
}) => Promise<{
  readonly requests: { readonly total: number };
  readonly latency: { readonly p99: number };
  readonly duration: number;
  readonly errors: number;
  readonly timeouts: number;
  readonly non2xx: number;
}>;

export const autocannon: LoadTool = {
  name: `autocannon -c${CONNECTIONS} (wrk is not installed; p99 in whole ms)`,
  run: async ({ url, seconds, bodies, token }) => {
    const load = createRequire(import.meta.url)("autocannon") as Autocannon;
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const requests = bodies === undefined ? [{ method: "GET" }] : postsOf(bodies);
    const result = await load({ url, connections: CONNECTIONS, duration: seconds, requests, headers });
    const answered = result.requests.total;
    const errors = result.errors + result.timeouts + result.non2xx;
    return { answered, perSecond: answered / result.duration, p99Ms: result.latency.p99, errors };
  },
};

function postsOf(file: string) {
  const headers = { "content-type": "application/json" };
  const bodies = readFileSync(file, "utf8").trimEnd().split("\n");
  return bodies.map((body) => ({ method: "POST", headers, body }));
}
