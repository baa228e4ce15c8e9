import fc from "fast-check";
import { expect, it } from "vitest";
import { UsageCounters } from "../../../src/application/hand-outs/usage-counters.ts";
import { WriteUsage } from "../../../src/application/hand-outs/write-usage.ts";
import type { KeyId, KeyRepository, UsageDelta } from "../../../src/domain/index.ts";

const MOST_AT_ONCE = 500;

interface Sum {
  readonly uses: number;
  readonly errors: number;
  readonly lastUsedAt: number | null;
}

/** What has been counted or written, by key. */
class Sums {
  readonly #byId = new Map<KeyId, Sum>();

  add(...deltas: readonly UsageDelta[]): void {
    for (const { id, uses, errors, lastUsedAt } of deltas) {
      const sum = this.#byId.get(id) ?? { uses: 0, errors: 0, lastUsedAt: null };
      this.#byId.set(id, {
        uses: sum.uses + uses,
        errors: sum.errors + errors,
        lastUsedAt: lastUsedAt === null ? sum.lastUsedAt : Math.max(lastUsedAt, sum.lastUsedAt ?? 0),
      });
    }
  }

  get sorted(): readonly [KeyId, Sum][] {
    return [...this.#byId].sort(([a], [b]) => a - b);
  }
}

function writeInto(addUsage: (deltas: readonly UsageDelta[]) => Promise<void>, counters: UsageCounters) {
  return new WriteUsage({ counters, keys: { addUsage } as KeyRepository });
}

it("writes every count once, also when writes fail and uses are counted meanwhile", async () => {
  const id = fc.integer({ min: 1, max: 3000 });
  const round = fc.record({
    ids: fc.array(id, { maxLength: 1500, size: "max" }),
    meanwhile: fc.array(id, { maxLength: 20 }),
    failures: fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 6 }), async (rounds) => {
      const counters = new UsageCounters();
      const counted = new Sums();
      const written = new Sums();
      let now = 1;
      const use = (key: KeyId) => {
        const isError = key % 3 === 0;
        if (isError) counters.countError(key);
        else counters.countUse(key, ++now);
        counted.add({
          id: key,
          uses: isError ? 0 : 1,
          errors: isError ? 1 : 0,
          lastUsedAt: isError ? null : now,
        });
      };
      for (const { ids, meanwhile, failures } of rounds) {
        let part = 0;
        const writeUsage = writeInto(async (deltas) => {
          expect(deltas.length).toBeLessThanOrEqual(MOST_AT_ONCE);
          meanwhile.forEach(use);
          await null;
          if (failures[part++ % failures.length]) throw new Error("The database is away");
          written.add(...deltas);
        }, counters);
        ids.forEach(use);
        await writeUsage.execute().catch(() => {});
      }
      for (const part of counters.drain()) written.add(...part);
      expect(written.sorted).toEqual(counted.sorted);
    }),
    { numRuns: 50 },
  );
});

it("loses no count when a slow write is overtaken by the next", async () => {
  const counters = new UsageCounters();
  let written = 0;
  const waiting: (() => void)[] = [];
  const writeUsage = writeInto(async (deltas) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    for (const { uses } of deltas) written += uses;
  }, counters);
  const finished = async (run: Promise<void>) => {
    let isFinished = false;
    run.then(() => {
      isFinished = true;
    });
    while (!isFinished) {
      for (const go of waiting.splice(0)) go();
      await new Promise(setImmediate);
    }
  };
  for (let id = 1; id < 2000; id++) counters.countUse(id, 1);
  await finished(writeUsage.execute());
  for (let id = 1; id < 1000; id++) counters.countUse(id, 2);
  const slow = writeUsage.execute();
  const [finishSlow] = waiting.splice(0);
  await finished(writeUsage.execute());
  counters.countUse(1990, 3);
  finishSlow?.();
  await finished(slow);
  await finished(writeUsage.execute());
  expect(written).toBe(1999 + 999 + 1);
});

it("counts on past 32 bits", () => {
  const counters = new UsageCounters();
  counters.restore([{ id: 1, uses: 2 ** 32 - 1, errors: 2 ** 32 - 1, lastUsedAt: 5 }]);
  counters.countUse(1, 6);
  counters.countError(1);
  expect([...counters.drain()]).toEqual([[{ id: 1, uses: 2 ** 32, errors: 2 ** 32, lastUsedAt: 6 }]]);
});
