import fc from "fast-check";
import { expect, it } from "vitest";
import {
  createInMemoryPorts,
  type InMemoryCooldownStore,
  ManualClock,
} from "../../../src/adapters/in-memory/index.ts";
import { memberOf } from "../../../src/application/keyring/copies.ts";
import { Leasing } from "../../../src/application/keyring/leasing.ts";
import { type Key, keyLogDraft, type Lease } from "../../../src/domain/index.ts";
import { openCopies } from "../../situations/copies.ts";
import { rounds } from "../../situations/long-run.ts";

const REGIONS = ["eastasia", "westus", "northeurope"] as const;
const TTL_MS = 60_000;
const RENEWED_MS = 3_600_000;

const by = fc.constantFrom(0, 1);
const region = fc.constantFrom(...REGIONS);
const act = fc.oneof(
  fc.record({ by, leaseIn: region }),
  fc.record({ by, returned: fc.nat(5) }),
  fc.record({ by, renewed: fc.nat(5) }),
  fc.record({ by, reconciles: fc.constant(true) }),
);
/** What two processes do at once. They move the key one after the other. */
const atOnce = fc.record({ move: fc.record({ by, to: region }), others: fc.array(act, { maxLength: 3 }) });

it("each lease counts once until it is returned or has run out, in whichever order a move and others are answered", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(atOnce, { minLength: 1, maxLength: 4 }),
      async (turns, steps) => {
        const world = await openWorld(turns);
        for (const { move, others } of steps) await world.run([world.move(move), ...others.map(world.act)]);
        // What was not renewed runs out before anybody looks after it.
        world.pass(TTL_MS);
        await world.reconcile();
        const { counts, expected, refused } = await world.end();
        expect({ counts, refused }).toEqual({ counts: expected, refused: [] });
      },
    ),
    { numRuns: rounds(500, 20_000) },
  );
});

/** Two processes that share a store and a database, whose calls begin and are answered in the order of these turns. */
async function openWorld(turns: fc.Scheduler) {
  const clock = new ManualClock();
  const ports = createInMemoryPorts(clock);
  const store = ports.cooldowns as InMemoryCooldownStore;
  let isSlow = false;
  const turn = async () => isSlow && (await turns.schedule(Promise.resolve()));
  const slow = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, name) => {
        const method = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        if (["load", "loadPool"].includes(String(name))) return method.bind(target);
        return async (...given: unknown[]) => {
          await turn();
          const answer = await method.apply(target, given);
          await turn();
          return answer;
        };
      },
    });
  const open = () => {
    const cooldowns = slow(store);
    const process = openCopies({ clock, ports: { ...ports, cooldowns, keys: slow(ports.keys) } });
    const { copies, catchingUp, filling, turns } = process;
    return {
      ...process,
      leasing: new Leasing({ clock, copies, store: cooldowns, catchingUp, filling, turns }),
    };
  };
  const processes = [open(), open()] as const;
  const [first, second] = processes;
  for (const region of REGIONS) await store.load({ service: "speech", region }, async function* () {});
  const { id } = await first.add();
  await second.catchingUp.byId(id);

  const running = new Map<string, Lease>();
  const refused: string[] = [];
  let ids = 0;
  const lease = async ({ leasing }: typeof first, region: string) => {
    const draft = { id: `lease-${++ids}`, ttlMs: TTL_MS };
    const answer = await leasing.lease({ service: "speech", region }, "round_robin", draft, () => {});
    if (answer.status === "leased") running.set(answer.lease.id, answer.lease);
  };
  const giveBack = async ({ leasing }: typeof first, number: number) => {
    const lease = [...running.values()][number];
    if (!lease) return;
    running.delete(lease.id);
    if (!(await leasing.release(lease))) refused.push(lease.id);
  };
  const renew = async ({ leasing }: typeof first, number: number) => {
    const lease = [...running.values()][number];
    if (!lease) return;
    const renewed = await leasing.renew(lease, RENEWED_MS);
    if (running.has(lease.id)) {
      if (renewed) running.set(lease.id, renewed);
      else refused.push(lease.id);
    }
  };
  return {
    move:
      ({ by, to }: { by: number; to: string }) =>
      async () => {
        const entry = (key: Key) => keyLogDraft(key, "update_key", { at: clock.now() });
        await processes[by as 0 | 1].places.describe(id, { region: to }, entry);
      },
    act: (act: { by: number; leaseIn?: string; returned?: number; renewed?: number }) => async () => {
      const process = processes[act.by as 0 | 1];
      if (act.leaseIn !== undefined) await lease(process, act.leaseIn);
      else if (act.returned !== undefined) await giveBack(process, act.returned);
      else if (act.renewed !== undefined) await renew(process, act.renewed);
      else await process.reconciling.run();
    },
    run: async (acts: readonly (() => Promise<void>)[]) => {
      isSlow = true;
      await turns.waitFor(Promise.all(acts.map((act) => act())));
      isSlow = false;
    },
    pass: (ms: number) => void clock.advance(ms),
    reconcile: async () => {
      for (const { reconciling, leasing } of processes) {
        await reconciling.run();
        await leasing.lookAfter();
      }
    },
    end: async () => {
      const key = (await ports.keys.get(id)) as Key;
      const renewed = [...running.values()].filter(({ until }) => until > clock.now()).length;
      const counted = REGIONS.map(async (region) => store.countLeases([memberOf({ ...key, region })]));
      const expected = REGIONS.map((region) => [region === key.region ? renewed : 0]);
      return { counts: await Promise.all(counted), expected, refused };
    },
  };
}
