import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { required } from "../servers/found.ts";
import { type PostgresServer, PrivatePostgres } from "../servers/postgres-server.ts";
import { connect } from "../servers/redis-server.ts";
import { isLongRun, rounds } from "../situations/long-run.ts";
import { Fleet, findServers, type Instance, type Peculiarity, RECONCILE_MS } from "./fleet.ts";
import { findViolations } from "./storm-checker.ts";
import type { Span } from "./storm-history.ts";
import { INITIAL_COOLDOWN_MS, REGIONS, Storm } from "./storm-load.ts";

/** Before a fault, while it lasts where it has no length of its own, and again after it. */
const SHARE = rounds(250, 3_000);
const FREEZE_MS = 5_000;
/** How long one reconciling may take on a busy machine. */
const RECONCILING_MS = 3_000;
const FLUSHES = 30;
const SEED = Number(process.env.SEED ?? 1);

const found = await findServers();

interface Excuses {
  readonly apart?: Span;
  readonly emptied?: readonly Span[];
  readonly storageAway?: Span;
  readonly gone?: readonly [instance: number, at: number];
}

type Fault = (fleet: Fleet, storm: Storm) => Promise<Excuses>;

describe.skipIf("missing" in found)(`a storm ${"missing" in found ? found.missing : ""}`, () => {
  const { postgres } = found as { postgres: PostgresServer };
  afterAll(() => postgres.stop());

  it("breaks none when an instance is killed with -9", () => weather(postgres, killed));

  describe.runIf(isLongRun)("in full", () => {
    it("on three instances breaks no invariant", () => weather(postgres, async () => ({})));

    it("breaks none while Redis is frozen", () => weather(postgres, frozen));

    it("breaks none when an instance is stopped under load", () => weather(postgres, stopped));

    it("breaks none when Redis is killed and comes back empty", () =>
      weather(postgres, (fleet) =>
        apartWhile(fleet, async () => {
          await fleet.redis.kill();
          await pause(1_000);
          await fleet.redis.restart();
        }),
      ));

    it("breaks none when Redis is flushed", () => weather(postgres, flushed));

    it("breaks none when PostgreSQL is restarted", async ({ skip }) => {
      const own = required(await PrivatePostgres.start());
      if ("missing" in own) return skip(own.missing);
      onTestFinished(() => own.server.stop());
      await weather(own.server, withoutPostgres(own.server));
    });

    it("breaks none when one instance loses Redis", () =>
      weather(postgres, linkCut, [{}, { isLinked: true }, {}]));
  });
});

async function weather(
  postgres: PostgresServer,
  fault: Fault,
  peculiarities?: readonly Peculiarity[],
): Promise<void> {
  const fleet = await Fleet.open(postgres, peculiarities);
  onTestFinished(() => fleet.close());
  const storm = new Storm(fleet.instances, SEED);
  await storm.begin();
  await storm.more(SHARE);
  const { apart, emptied = [], storageAway, gone } = await fault(fleet, storm);
  await storm.more(SHARE);
  const operations = await storm.end();
  const leftBehind = fleet.instances.filter(({ server }) => server.log.some(({ msg }) => msg === "stopped"));
  const dead = gone ? [fleet.instances[gone[0]] as Instance] : [];
  await fleet.healthy([...leftBehind, ...dead]);
  const violations = findViolations({
    operations,
    initialCooldownMs: INITIAL_COOLDOWN_MS,
    apart: [...(apart ? [apart] : []), ...fleet.alone().map(untilReconciled)],
    emptied,
    storageAway: storageAway ? [storageAway] : [],
    goneAt: new Map(gone ? [gone] : []),
    anchored: REGIONS,
    durable: await fleet.durable(),
  });
  // The seed and the first few are enough to look for a cause.
  expect(violations.slice(0, 20), `SEED=${SEED}: ${violations[0]?.what}`).toEqual([]);
}

/** The instances are together again one reconciling after all of them are with Redis. */
function untilReconciled({ from, until }: Span): Span {
  return { from, until: until + RECONCILE_MS + RECONCILING_MS };
}

async function linkCut(fleet: Fleet): Promise<Excuses> {
  return apartWhile(fleet, async () => {
    const link = fleet.instances[1]?.link;
    link?.cut();
    await pause(2_000);
    link?.mend();
  });
}

async function frozen(fleet: Fleet): Promise<Excuses> {
  return apartWhile(fleet, async () => {
    fleet.redis.freeze();
    await pause(FREEZE_MS);
    fleet.redis.thaw();
  });
}

async function killed({ instances }: Fleet, storm: Storm): Promise<Excuses> {
  const last = instances[2] as Instance;
  const at = performance.now();
  await last.server.kill();
  await storm.more(SHARE / 4);
  storm.spare(last);
  return { gone: [2, at] };
}

async function stopped(fleet: Fleet, storm: Storm): Promise<Excuses> {
  const last = fleet.instances[2] as Instance;
  storm.spare(last);
  // Requests that have begun are under way then, and have to be answered.
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  expect(await last.server.stop()).toEqual({ code: 0, signal: null });
  storm.ask(await fleet.join());
  return {};
}

async function flushed(fleet: Fleet, storm: Storm): Promise<Excuses> {
  const client = await connect(fleet.redis.url);
  const emptied: Span[] = [];
  for (let n = 0; n < FLUSHES; n++) {
    const from = performance.now();
    await client.flushAll();
    emptied.push({ from, until: performance.now() });
    // Most of the time long enough apart that moves must be heard of again.
    if (n % 10 === 0) await pause(2 * RECONCILE_MS);
    await storm.more(SHARE / FLUSHES);
  }
  await client.close();
  return { emptied };
}

function withoutPostgres(postgres: PrivatePostgres): Fault {
  return async (fleet, storm) => {
    const from = performance.now();
    await postgres.halt();
    await storm.more(SHARE / 2);
    await postgres.resume();
    await fleet.healthy();
    return { storageAway: { from, until: performance.now() } };
  };
}

async function apartWhile(fleet: Fleet, fault: () => Promise<void>): Promise<Excuses> {
  const from = performance.now();
  await fault();
  await fleet.healthy();
  const apart = untilReconciled({ from, until: performance.now() });
  await pause(apart.until - performance.now());
  return { apart };
}

/** Waits the length of a fault, or of its possible effects; never for something to have happened. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
