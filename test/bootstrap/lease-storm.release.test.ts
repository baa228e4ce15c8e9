import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import type { PostgresServer } from "../servers/postgres-server.ts";
import { connect } from "../servers/redis-server.ts";
import { isLongRun, rounds } from "../situations/long-run.ts";
import { Fleet, findServers, type Instance, type Peculiarity } from "./fleet.ts";
import { findOverLimit, RESTORED_MS } from "./lease-checker.ts";
import { LeaseStorm } from "./lease-load.ts";
import type { Span } from "./storm-history.ts";

/** Leases in all. */
const LEASES = rounds(300, 3_000);
const FAULTS = rounds(2, 10);
const SHARE = LEASES / (FAULTS + 1);
/** How long a new list in Redis settles. */
const SETTLE_MS = 3_000;
const SEED = Number(process.env.SEED ?? 1);

const found = await findServers();

/** What has happened to a fleet, on the clock of `performance`. */
class Weather {
  readonly apart: Span[] = [];
  readonly emptied: Span[] = [];
  readonly goneAt = new Map<number, number>();
  readonly #fleet: Fleet;
  readonly #storm: LeaseStorm;

  constructor(fleet: Fleet, storm: LeaseStorm) {
    this.#fleet = fleet;
    this.#storm = storm;
  }

  /** One instance is killed with -9, and another takes its place. */
  async kill(): Promise<void> {
    const dead = this.#fleet.instances.find((instance) => !this.#isGone(instance)) as Instance;
    const next = await this.#fleet.join();
    this.#storm.ask(next);
    this.goneAt.set(this.#storm.indexOf(dead), performance.now());
    await dead.server.kill();
    this.#storm.spare(dead);
  }

  async flush(): Promise<void> {
    const client = await connect(this.#fleet.redis.url);
    const from = performance.now();
    await client.flushAll();
    await client.close();
    await this.#restored();
    const until = performance.now();
    this.emptied.push({ from, until });
    // One that stood still for longer than the list settles has missed that.
    if (until - from > SETTLE_MS) this.apart.push({ from, until });
  }

  async killRedis(): Promise<void> {
    const from = performance.now();
    await this.#fleet.redis.kill();
    await this.#storm.more(SHARE / 4);
    await this.#fleet.redis.restart();
    await this.#fleet.healthy(this.#fleet.instances.filter((instance) => this.#isGone(instance)));
    await this.#restored();
    const until = performance.now();
    this.apart.push({ from, until });
    this.emptied.push({ from, until });
  }

  async #restored(): Promise<void> {
    const running = this.#fleet.instances.filter((instance) => !this.#isGone(instance));
    await Promise.all(running.map((instance) => this.#storm.restored(instance)));
  }

  #isGone(instance: Instance): boolean {
    return this.goneAt.has(this.#storm.indexOf(instance));
  }
}

async function weather(
  postgres: PostgresServer,
  instances: readonly Peculiarity[],
  fault: (weather: Weather, n: number) => Promise<void>,
): Promise<void> {
  const fleet = await Fleet.open(postgres, instances);
  onTestFinished(() => fleet.close());
  const storm = new LeaseStorm(fleet.instances, SEED);
  const weather = new Weather(fleet, storm);
  await storm.begin();
  await storm.more(SHARE);
  for (let n = 0; n < FAULTS; n++) {
    await fault(weather, n);
    await storm.more(SHARE);
  }
  await storm.end();
  const { holds, limits } = storm;
  const apart = [...weather.apart, ...fleet.alone()].map(untilRestored);
  const overLimit = findOverLimit({ ...weather, holds, limits, apart });
  expect(overLimit.slice(0, 20), whatLedTo(overLimit[0], weather, storm)).toEqual([]);
  expect(await storm.room(), "what is left when all has run out").toEqual(limits);
}

/** The seed, and what has happened to the key that was leased too often, in the order of its instants. */
function whatLedTo(overLimit: string | undefined, { apart, emptied }: Weather, storm: LeaseStorm): string {
  const [, id] = /of key (\d+)/.exec(overLimit ?? "") ?? [];
  const happened = [...storm.holds, ...storm.moves]
    .filter(({ keyId }) => keyId === Number(id))
    .toSorted((one, other) => one.from - other.from);
  return JSON.stringify({ SEED, apart, emptied, happened });
}

/** Instances count together again once each has brought back what it gave. */
function untilRestored({ from, until }: Span): Span {
  return { from, until: until + RESTORED_MS };
}

describe.skipIf("missing" in found)(
  `leases never pass a limit and none stays behind ${"missing" in found ? found.missing : ""}`,
  () => {
    const { postgres } = found as { postgres: PostgresServer };
    afterAll(() => postgres.stop());

    it("when instances are killed with -9", () => weather(postgres, [{}, {}, {}], (all) => all.kill()));

    it("when Redis is flushed, and instances are killed with -9", () =>
      weather(postgres, [{}, {}, {}], (all, n) => (n % 2 ? all.kill() : all.flush())));

    describe.runIf(isLongRun)("in full", () => {
      it("when the only instance is killed with -9", () => weather(postgres, [{}], (all) => all.kill()));

      it("when Redis is killed and comes back empty", () =>
        weather(postgres, [{}, {}, {}], (all) => all.killRedis()));
    });
  },
);
