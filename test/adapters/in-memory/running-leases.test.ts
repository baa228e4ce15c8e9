import fc from "fast-check";
import { expect, it } from "vitest";
import { RunningLeases } from "../../../src/adapters/in-memory/running-leases.ts";
import type { Lease } from "../../../src/domain/index.ts";

const keyId = fc.constantFrom(1, 2, 3, 2 ** 40);
// So few that keys have leases of the same ids.
const id = fc.constantFrom("a", "b", "c", "d", "e");
const lease = fc.record({ keyId, id, until: fc.integer({ min: 1, max: 50 }) });
const act = fc.oneof(
  fc.record({ set: lease }),
  fc.record({ restore: lease }),
  fc.record({ remove: lease }),
  fc.constant({ removeFirst: true } as const),
);

it("counts and finds the leases of each key, whatever comes, lasts longer and goes", () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
      const running = new RunningLeases();
      const expected = new Map<string, Lease>();
      const nameOf = ({ keyId, id }: Lease) => `${keyId}.${id}`;
      for (const step of acts) {
        if ("set" in step) {
          running.set(step.set);
          expected.set(nameOf(step.set), step.set);
        } else if ("restore" in step) {
          running.restore(step.restore);
          const there = expected.get(nameOf(step.restore));
          if (!there || there.until < step.restore.until) expected.set(nameOf(step.restore), step.restore);
        } else if ("remove" in step) {
          expect(running.remove(step.remove)).toBe(expected.delete(nameOf(step.remove)));
        } else {
          const [keyId, until] = [running.firstKey, running.firstEnd];
          const before = new Set(expected.keys());
          running.removeFirst();
          const gone = [...before].filter((name) => !running.has(expected.get(name) as Lease));
          expect(gone.map((name) => expected.get(name))).toMatchObject(
            before.size > 0 ? [{ keyId, until }] : [],
          );
          for (const name of gone) expected.delete(name);
        }
        const all = [...expected.values()];
        expect(running.firstEnd).toBe(
          all.length > 0 ? Math.min(...all.map(({ until }) => until)) : undefined,
        );
        for (const keyId of [1, 2, 3, 2 ** 40]) {
          const ofKey = all.filter((each) => each.keyId === keyId);
          expect(running.count(keyId)).toBe(ofKey.length);
          expect([...running.of(keyId)].toSorted(byId)).toEqual(ofKey.toSorted(byId));
        }
        for (const each of all) expect(running.endOf(each)).toBe(each.until);
      }
    }),
    { numRuns: 300 },
  );
});

it("goes on after many leases have all ended", () => {
  const running = new RunningLeases();
  for (let round = 0; round < 2; round++) {
    for (let n = 0; n < 5_000; n++) running.add({ keyId: n % 7, id: `${n}`, until: 5_000 - n });
    expect(running.count(3)).toBe(714);
    for (let n = 4_999; n >= 0; n--) {
      expect(running.firstEnd).toBe(5_000 - n);
      running.removeFirst();
    }
    expect([running.firstEnd, running.count(3)]).toEqual([undefined, 0]);
  }
});

function byId(one: Lease, other: Lease): number {
  return one.id < other.id ? -1 : 1;
}
