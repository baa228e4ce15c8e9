import { Registry } from "@prometheus-io/client";
import type { Health, KeyPool, Measures } from "../../application/index.ts";
import type { PartHealth } from "../../domain/index.ts";
import type { Cells } from "./cells.ts";
import { Families } from "./families.ts";
import type { PoolCells } from "./pool-cells.ts";
import { addProcessMetrics } from "./process-metrics.ts";
import type { Counted } from "./tally.ts";

const PREFIX = "azure_key_pool_";

/** The parts of the health check that are about the store that instances share; there are none where they do not. */
const SHARED_STORE = ["cooldown_store", "redis"];

/** A registry of the client whose numbers are read from the cells, and from the pool if there is one, at each scrape. */
export function registryOf(cells: Cells, pool: KeyPool | undefined, ofProcess: boolean): Registry {
  const registry = new Registry();
  const families = new Families(registry, PREFIX);
  if (pool) addPool(families, pool, cells.pool);
  addEvents(families, cells.pool);
  addSurroundings(families, cells);
  if (ofProcess) addProcessMetrics(new Families(registry));
  return registry;
}

/** What the pool itself tells. */
function addPool(families: Families, pool: KeyPool, cells: PoolCells): void {
  const measure = onceATurn(() => pool.measure());
  const check = shared(() => pool.checkHealth.execute());
  const regionOf = (region: string | null) => cells.regionOf(region);
  families.gauge("keys", "Keys by what they are now.", ["service", "region", "status"], () =>
    measure().keys.flatMap(({ service, region, counts }) =>
      Object.entries(counts).map(([status, count]) => ({
        labels: [service, regionOf(region), status],
        count,
      })),
    ),
  );
  families.counter("handouts_total", "Hand-outs by how they ended.", ["service", "region", "outcome"], () =>
    handOutsOf(measure(), regionOf),
  );
  families.gauge("watchers", "Callers who watch which key to use.", ["service"], () =>
    measure().watchers.map(({ service, count }) => ({ labels: [service], count })),
  );
  families.counter("cooldowns_total", "Cooldowns that began.", ["service", "region"], () => [
    ...measure().keys.map(({ service, region }) => ({ labels: [service, regionOf(region)], count: 0 })),
    ...cells.cooldowns.read(),
  ]);
  families.gauge("leases", "Leases that run and that this instance gave.", ["service", "region"], () => [
    ...measure().keys.map(({ service, region }) => ({ labels: [service, regionOf(region)], count: 0 })),
    ...measure().leases.map(({ service, region, count }) => ({ labels: [service, regionOf(region)], count })),
  ]);
  families.gauge("waiting_callers", "Callers that wait for a lease.", [], () => [
    { labels: [], count: measure().waiting },
  ]);
  families.gauge("owed_writes", "Keys with changes that the database has refused so far.", [], () => [
    { labels: [], count: measure().owing },
  ]);
  families.gauge("database_up", "Whether the database answers.", [], async () =>
    upOf(await check(), ["database"], ["down"]),
  );
  // A shared store that is degraded is one that this instance has left.
  families.gauge(
    "shared_store_up",
    "Whether this instance is with the store that instances share.",
    [],
    async () => upOf(await check(), SHARED_STORE, ["down", "degraded"]),
  );
  families.gauge(
    "degraded",
    "Whether a part is away, or does not hold all that it promises.",
    ["part"],
    async () =>
      Object.entries((await check()).parts).map(([part, { status }]) => ({
        labels: [part],
        count: status === "up" ? 0 : 1,
      })),
  );
}

/** What the pool's events told. */
function addEvents(families: Families, cells: PoolCells): void {
  families.counter("reports_total", "Reports that were taken in.", ["service", "class", "action"], () =>
    cells.readReports(),
  );
  families.counter(
    "ignored_reports_total",
    "Reports that changed nothing because of what their key was.",
    ["reason"],
    () => cells.ignoredReports.read(),
  );
  families.counter(
    "disables_total",
    "Keys that were disabled, by the code they got or by a person.",
    ["service", "region", "code"],
    () => cells.disables.read(),
  );
  families.counter("probes_total", "Questions to Azure whether a key works.", ["kind", "verdict"], () =>
    cells.probes.read(),
  );
  families.histogram("probe_seconds", "Seconds until Azure answered.", () =>
    Object.entries(cells.probeSeconds).map(([kind, distribution]) => ({ labels: { kind }, distribution })),
  );
}

/** What is around the pool. */
function addSurroundings(families: Families, { http, commitSeconds, commitRows, alone }: Cells): void {
  families.histogram("http_request_seconds", "Seconds until an answer was made.", () =>
    http.routes.flatMap(({ route, method, byClass }) =>
      byClass.flatMap((distribution, index) =>
        distribution ? [{ labels: { route, method, status_class: `${index + 1}xx` }, distribution }] : [],
      ),
    ),
  );
  families.counter("token_failures_total", "Requests with a token that lets nobody in.", ["reason"], () =>
    http.tokenFailures.read(),
  );
  families.histogram("commit_seconds", "Seconds of a transaction of the database.", () => [
    { labels: {}, distribution: commitSeconds },
  ]);
  families.histogram("commit_rows", "About how many rows one transaction changed.", () => [
    { labels: {}, distribution: commitRows },
  ]);
  families.counter(
    "instance_alone_seconds_total",
    "Seconds in which this instance went on without the store that instances share.",
    [],
    () => [{ labels: [], count: alone.seconds }],
  );
}

/** With a zero for every pool, so that the first of each is an increase. */
function handOutsOf(
  { keys, handOuts }: Measures,
  regionOf: (region: string | null) => string,
): readonly Counted[] {
  const zeros = keys.flatMap(({ service, region }) =>
    ["handed_out", "all_away", "no_key"].map((outcome) => ({
      labels: [service, regionOf(region), outcome],
      count: 0,
    })),
  );
  const counted = handOuts.map(({ service, region, outcome, count }) => ({
    labels: [service, regionOf(region), outcome.replaceAll("-", "_")],
    count,
  }));
  return [...zeros, ...counted];
}

/** Nothing where there are no such parts. */
function upOf(
  { parts }: Health,
  names: readonly string[],
  notUp: readonly PartHealth["status"][],
): readonly Counted[] {
  const found = names.flatMap((name) => parts[name] ?? []);
  if (found.length === 0) return [];
  return [{ labels: [], count: found.some(({ status }) => notUp.includes(status)) ? 0 : 1 }];
}

/** Reads once for all who ask in one turn. */
function onceATurn<T extends object>(read: () => T): () => T {
  let known: T | undefined;
  return () => {
    if (known) return known;
    queueMicrotask(() => {
      known = undefined;
    });
    known = read();
    return known;
  };
}

/** Asks once for all who ask until there is an answer. */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask().finally(() => {
      asked = undefined;
    });
    return asked;
  };
}
