import type { Figure } from "../bench.ts";
import { Instance } from "../processes/instance.ts";
import { SharedPool } from "../processes/shared-pool.ts";
import { inFigures } from "../render-table.ts";
import { type Row, unmeasured } from "../row.ts";
import { median, percentile } from "../statistics.ts";
import { revocation } from "./revocation.ts";

/** What one instance is told, and how another one shows that it knows. */
interface Change {
  readonly name: string;
  make(instance: Instance, n: number): Promise<void>;
  isKnownTo(instance: Instance, n: number): Promise<boolean>;
}

// The keys are spread over the regions in turn: the first is alone in its pool, which shows at once.
const [ALONE, SEVERAL] = ["eastasia", "westus"] as const;
const REGIONS = [ALONE, SEVERAL, SEVERAL, SEVERAL, SEVERAL];
const FIRST = { alone: 1, several: 2 };
const PATIENCE_MS = 10_000;
/** Callers of the other instance while a key is disabled, and what each of them asks for after that. */
const CALLERS = 8;
const ASKED_AFTER = 4;

const CHANGES: readonly Change[] = [
  {
    name: "a rename",
    make: (instance, n) => instance.send("PUT", `/keys/${FIRST.alone}`, { keyname: `name ${n}` }),
    isKnownTo: async (instance, n) => (await instance.handOut(ALONE)).keyname === `name ${n}`,
  },
  {
    name: "a new tag",
    make: (instance, n) => instance.send("PUT", `/keys/${FIRST.alone}`, { tag: `tag ${n}` }),
    isKnownTo: async (instance, n) => (await instance.handOut(ALONE)).tag === `tag ${n}`,
  },
  {
    name: "a changed setting",
    make: (instance, n) =>
      instance.send("PUT", "/config/key_rotation_strategy", { config_value: rotation(n) }),
    isKnownTo: async (instance, n) => {
      const keys = [await instance.handOut(SEVERAL), await instance.handOut(SEVERAL)];
      return (keys[0]?.id === keys[1]?.id) === (rotation(n) === "sticky");
    },
  },
];

export const staleness: Figure = async ({ effort }) => {
  const found = await SharedPool.open(REGIONS.length, REGIONS);
  if ("missing" in found) return [unmeasured("a change, until another instance knows it", found.missing)];
  const pool = found.server;
  try {
    const servers = [await pool.startInstance(), await pool.startInstance()] as const;
    const [a, b] = [new Instance(servers[0]), new Instance(servers[1])];
    const times = 5 * effort.repetitions;
    // First of all, while the keys of the pool still take turns.
    let broken = 0;
    for (let n = 0; n < times; n++) broken += await handedOutAfterDisable(a, b, FIRST.several + (n % 4));
    const rows: Row[] = [];
    for (const change of CHANGES) {
      // An instance that has just begun may not listen to the news yet.
      await delayOf(change, b, a, -1);
      await delayOf(change, a, b, 0);
      const delays: number[] = [];
      for (let n = 1; n <= times; n++) delays.push(await delayOf(change, a, b, n));
      rows.push({
        figure: `${change.name}, until another instance knows it`,
        unit: "ms",
        measured: median(delays),
        demand: { on: "measured", is: "<", goal: 100 },
        note: `p99 ${inFigures(percentile(delays, 99))} ms of ${times}`,
      });
    }
    rows.push({
      figure: "a disable, then handed out by another instance",
      unit: "",
      measured: broken,
      demand: { on: "measured", is: "=", goal: 0 },
      note: `${times} disables, ${times * CALLERS * ASKED_AFTER} hand-outs after them`,
    });
    // Last of all: from here on nobody is let in without a token.
    rows.push(await revocation(servers[0].url, servers[1].url, times));
    return rows;
  } finally {
    await pool.stop();
  }
};

/** From the answer to the change until the other instance goes by it; its own answer's time is part of that. */
async function delayOf(change: Change, from: Instance, to: Instance, n: number): Promise<number> {
  await change.make(from, n);
  const answeredAt = performance.now();
  while (!(await change.isKnownTo(to, n))) {
    if (performance.now() - answeredAt > PATIENCE_MS) throw new Error(`${change.name} never came through`);
  }
  return performance.now() - answeredAt;
}

/** How often `to` hands out the key to callers who asked after `from` had answered that it is disabled. */
async function handedOutAfterDisable(from: Instance, to: Instance, id: number): Promise<number> {
  let answered = false;
  let broken = 0;
  const caller = async () => {
    for (let left = ASKED_AFTER; left > 0; ) {
      const after = answered;
      const key = await to.handOut(SEVERAL);
      if (!after) continue;
      left--;
      if (key.id === id) broken++;
    }
  };
  const callers = Promise.all(Array.from({ length: CALLERS }, caller));
  await from.send("POST", `/keys/${id}/disable`).finally(() => {
    answered = true;
  });
  await callers;
  await from.send("POST", `/keys/${id}/enable`);
  return broken;
}

function rotation(n: number): string {
  return n % 2 ? "sticky" : "round_robin";
}
