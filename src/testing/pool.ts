import { createInMemoryPorts, ManualClock } from "../adapters/in-memory/index.ts";
import { createKeyPool, type KeyPool, type Ports } from "../application/index.ts";
import type { Key, KeyRepository, Log, Scheduler } from "../domain/index.ts";
import { type Breakable, breakable } from "./breakable.ts";

export interface World {
  readonly pool: KeyPool;
  readonly ports: Ports;
  readonly clock: ManualClock;
  readonly keys: Breakable<KeyRepository>;
  readonly log: Breakable<Log>;
}

/** A scheduler whose short waits end after all pending work; longer ones, the jobs, never do: see `jobs.run`. */
export const JOBS_BY_HAND: Scheduler = {
  after: (ms, run) => {
    if (ms >= 1_000) return () => {};
    const soon = setImmediate(run);
    return () => clearImmediate(soon);
  },
};

/** A started pool whose clock and storage a test controls. */
export async function openWorld(
  clock = new ManualClock(),
  given: Ports = createInMemoryPorts(clock),
): Promise<World> {
  const keys = breakable(given.keys);
  const log = breakable(given.log);
  const ports = { scheduler: JOBS_BY_HAND, ...given, keys: keys.port, log: log.port };
  const pool = createKeyPool(ports);
  await pool.start();
  return { pool, ports, clock, keys, log };
}

export const secretOf = (number: number): string => `secret-${String(number).padStart(26, "0")}`;

/** Adds speech keys to eastasia. */
export async function addKeys(pool: KeyPool, count: number, region = "eastasia"): Promise<Key[]> {
  const keys: Key[] = [];
  for (let i = 1; i <= count; i++) {
    const secret = `${region}-${secretOf(i)}`;
    keys.push(await pool.addKey.execute({ service: "speech", secret, region, name: `key ${i}` }));
  }
  return keys;
}

export function report(pool: KeyPool, key: Key, code: number, note?: string) {
  return pool.reportCode.execute({ service: key.service, secret: key.secret, code, note: note ?? null });
}

/** Hands out a key and answers its id, or the status that says why there is none. */
export async function handOut(pool: KeyPool, region = "eastasia", tag?: string): Promise<number | string> {
  const turn = await pool.handOutKey.execute({ service: "speech", region, ...(tag && { tag }) });
  return turn.status === "handed-out" ? turn.key.id : turn.status;
}

export async function logged(pool: KeyPool, service: "speech" | "translation" = "speech") {
  const services = service === "speech" ? [service, null] : [service];
  const { entries } = await pool.listLogs.execute({ services, offset: 0, limit: 1000 });
  return entries;
}
