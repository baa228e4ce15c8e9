import { pino } from "pino";
import {
  createHttpApp,
  type HttpAppOptions,
  type HttpServer,
  httpRoutes,
  type ListenOptions,
  listen,
  type Route,
} from "../../../src/adapters/http/index.ts";
import { InMemoryAudit } from "../../../src/adapters/in-memory/in-memory-audit.ts";
import { InMemoryCooldownStore } from "../../../src/adapters/in-memory/in-memory-cooldown-store.ts";
import { InMemoryDatabase } from "../../../src/adapters/in-memory/in-memory-database.ts";
import { InMemoryEventFeed } from "../../../src/adapters/in-memory/in-memory-event-feed.ts";
import { InMemoryKeyRepository } from "../../../src/adapters/in-memory/in-memory-key-repository.ts";
import { InMemoryLog } from "../../../src/adapters/in-memory/in-memory-log.ts";
import { InMemorySettingRepository } from "../../../src/adapters/in-memory/in-memory-setting-repository.ts";
import { InMemoryTokenRepository } from "../../../src/adapters/in-memory/in-memory-token-repository.ts";
import { ManualClock } from "../../../src/adapters/in-memory/manual-clock.ts";
import { NodeTokenCrypto } from "../../../src/adapters/node-crypto/index.ts";
import { createKeyPool, type KeyPool, type Ports } from "../../../src/application/index.ts";
import { JOBS_BY_HAND } from "../../../src/testing/pool.ts";
import { expectDocumented } from "./documented.ts";

/** JSON as it came over the wire; a test says what it expects of it. */
// biome-ignore lint/suspicious/noExplicitAny: assertions read better without a cast at every step
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Json;
}

export interface Api {
  readonly url: string;
  readonly clock: ManualClock;
  readonly database: InMemoryDatabase;
  readonly pool: KeyPool;
  /** What tells those who listen, unless `wrap` has put another in its place. */
  readonly feed: InMemoryEventFeed;
  /** What has been logged so far, as text and by line. */
  logged(): string;
  lines(): Json[];
  /** Drops what has been logged so far. */
  forgetLogged(): void;
  /** Sends a body as JSON; a string is sent as it stands. Throws when the answer is not as documented. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  server: HttpServer;
  close(): Promise<void>;
}

/** Serves the API on a free port over in-memory adapters; `wrap` breaks or replaces ports. */
export async function openApi(
  wrap: (ports: Ports) => Ports = (ports) => ports,
  further: readonly Route[] = [],
  more: Pick<HttpAppOptions, "eventStreams" | "keyStreams" | "page" | "metrics" | "corsOrigins"> & {
    readonly listen?: ListenOptions;
  } = {},
): Promise<Api> {
  const clock = new ManualClock();
  const database = new InMemoryDatabase();
  const [cooldowns, crypto] = [new InMemoryCooldownStore(clock), new NodeTokenCrypto()];
  const feed = new InMemoryEventFeed(clock);
  const ports: Ports = {
    clock,
    keys: new InMemoryKeyRepository(database),
    log: new InMemoryLog(database),
    settings: new InMemorySettingRepository(database),
    cooldowns,
    leases: { store: cooldowns, chance: crypto },
    events: feed,
    scheduler: JOBS_BY_HAND,
    audit: new InMemoryAudit(database),
    access: { tokens: new InMemoryTokenRepository(database), crypto },
  };
  const pool = createKeyPool(wrap(ports));
  await pool.start();
  const written: string[] = [];
  const parsed: Json[] = [];
  const log = pino({ level: "trace" }, { write: (line: string) => void written.push(line) });
  const options = { pool, clock, log, version: "1.2.3", routes: further, ...more };
  const routes = documentedRoutes(options);
  const server = await listen(createHttpApp(options), more.listen);

  const send: Api["send"] = async (method, path, body, headers) => {
    const sent = typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(`${server.url}/api${path}`, {
      method,
      headers: { ...(sent !== undefined && { "content-type": "application/json" }), ...headers },
      ...(sent !== undefined && { body: sent }),
    });
    const isStream =
      method !== "HEAD" && response.headers.get("content-type")?.startsWith("text/event-stream");
    // It does not end by itself.
    if (isStream) await response.body?.cancel();
    const text = isStream ? "" : await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json") && text !== "";
    const answer = {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
    expectDocumented(routes, method, new URL(response.url).pathname, answer);
    return answer;
  };
  return {
    url: server.url,
    clock,
    database,
    pool,
    feed,
    logged: () => written.join(""),
    lines: () => {
      for (const line of written.slice(parsed.length)) parsed.push(JSON.parse(line));
      return [...parsed];
    },
    forgetLogged: () => {
      written.length = 0;
      parsed.length = 0;
    },
    send,
    get: (path) => send("GET", path),
    post: (path, body) => send("POST", path, body),
    server,
    close: () => server.close(),
  };
}

const ofKind = new Map<string, readonly Route[]>();

/** What the routes promise, made once for all servers that have the same: it depends on none of what they work on. */
function documentedRoutes(options: HttpAppOptions): readonly Route[] {
  const { pool, metrics, page, routes: further = [] } = options;
  if (further.length > 0) return httpRoutes(options);
  const parts = [pool.leases, pool.access, pool.events, pool.audit, metrics, page];
  const kind = parts.map(Boolean).join();
  const routes = ofKind.get(kind) ?? httpRoutes(options);
  ofKind.set(kind, routes);
  return routes;
}

/** A well-formed secret, different for each number. */
export function secretOf(number: number): string {
  return `sekrit${String(number).padStart(26, "0")}`;
}

/** Adds keys 1 to `count` to a pool of the service whose routes are under `base`. */
export async function addKeys(api: Api, count: number, base = "/keys", region = "eastasia"): Promise<void> {
  for (let number = 1; number <= count; number++) {
    const added = await api.post(base, { key: secretOf(number), region, keyname: `Key ${number}` });
    if (added.status !== 201) throw new Error(`Adding key ${number} answered ${added.status}`);
  }
}
