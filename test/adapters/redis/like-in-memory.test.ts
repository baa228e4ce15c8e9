import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { InMemoryCooldownStore, ManualClock } from "../../../src/adapters/in-memory/index.ts";
import { RedisCooldownStore } from "../../../src/adapters/redis/index.ts";
import type { Lease, Member, Seat, Standing } from "../../../src/domain/index.ts";
import type { LeasingStore } from "../../../src/testing/lease-store.ts";
import { connect, findRedis, freshPrefix } from "../../servers/redis-server.ts";
import { rounds } from "../../situations/long-run.ts";
import { POOL, reading } from "../../situations/redis-seats.ts";

type Act = (store: LeasingStore) => Promise<unknown>;

const FAR = Date.UTC(2200, 0, 1);
const found = await findRedis();

const standing: fc.Arbitrary<Standing> = fc.oneof(
  fc
    .record({ cooldownUntil: fc.constantFrom(0, 1, FAR, FAR + 1), generation: fc.nat(2) })
    .map((rest): Standing => ({ status: "enabled", protectedUntil: rest.cooldownUntil, ...rest })),
  fc.nat(2).map((generation): Standing => {
    const rest = { cooldownUntil: 0, protectedUntil: 0, generation };
    return { status: "disabled", disabledBy: "person", disabledAt: 5, ...rest };
  }),
);
const tag = fc.constantFrom(null, "a", "b");
const member = fc
  .record({
    id: fc.integer({ min: 8, max: 12 }),
    tag,
    maxInFlight: fc.constantFrom(null, 1, 2),
    placement: fc.integer({ min: 0, max: 3 }),
  })
  .map(inEastasia);
const seat: fc.Arbitrary<Seat> = fc.record({ member, standing });

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(tag, fc.constantFrom("round_robin" as const, "sticky" as const)).map(
      ([tag, rotation]): Act =>
        async (store) => {
          const { at, ...turn } = { at: 0, ...(await store.take(tag ? { ...POOL, tag } : POOL, rotation)) };
          return turn;
        },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.array(seat, { maxLength: 3 }).map(
      (seats): Act =>
        (store) =>
          store.put(seats),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.array(seat, { maxLength: 3 }).map(
      (seats): Act =>
        (store) =>
          store.load(POOL, reading(seats)),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.array(seat, { maxLength: 3 }).map(
      (seats): Act =>
        async (store) =>
          (await store.follow(seats)).map((held) => ({ ...held, at: 0 })),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(member, standing, fc.option(standing)).map(
      ([member, next, guess]): Act =>
        async (store) => {
          const { standing: held } = { standing: undefined, ...(await store.read(member)) };
          return [held, await store.replace(member, guess ?? held ?? next, next)];
        },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(member, fc.constantFrom("all" as const, "tag" as const)).map(
      ([member, from]): Act =>
        (store) =>
          store.leave(member, from),
    ),
  },
  {
    weight: 1,
    arbitrary: member.map(
      (member): Act =>
        async (store) => {
          const { standing, leases } = await store.drop(member);
          return [standing, leases.map(({ id }) => id).toSorted()];
        },
    ),
  },
);

const KEYS = [8, 9, 10, 11, 12].map((id) => inEastasia({ id, tag: null, maxInFlight: null, placement: 0 }));
/** How many leases each store was asked for, which names the next. */
const asked = new WeakMap<LeasingStore, number>();
const restored = fc.integer({ min: 1, max: 5 }).map((number) => `r${number}`);
const ids = fc.oneof(
  fc.integer({ min: 1, max: 20 }).map((number) => `n${number}`),
  restored,
);

/** How many leases each key has. */
const counted: Act = (store) => store.countLeases(KEYS);

const lease = fc.tuple(tag, fc.constantFrom("round_robin" as const, "sticky" as const)).map(
  ([tag, rotation]): Act =>
    async (store) => {
      const number = (asked.get(store) ?? 0) + 1;
      asked.set(store, number);
      const draft = { id: `n${number}`, ttlMs: 3_600_000 };
      const turn = await store.lease(tag ? { ...POOL, tag } : POOL, rotation, draft);
      return [turn.status, turn.status === "taken" ? turn.lease.keyId : undefined];
    },
);
const release = fc.tuple(member, ids).map(
  ([member, id]): Act =>
    (store) =>
      store.release(member, id),
);
const leave = member.map(
  (member): Act =>
    (store) =>
      store.leave(member),
);

/** In one turn of the event loop, and not as the first of the pool, whose turns are listed meanwhile. */
const atOnce = fc
  .tuple(
    lease,
    fc.array(fc.oneof({ weight: 6, arbitrary: lease }, release, { weight: 1, arbitrary: leave }), {
      maxLength: 12,
    }),
  )
  .map(
    ([first, acts]): Act =>
      async (store) => [
        await first(store),
        await Promise.all(acts.map((act) => act(store))),
        await counted(store),
      ],
  );

const leaseAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: lease.map(
      (lease): Act =>
        async (store) => [await lease(store), await counted(store)],
    ),
  },
  { weight: 3, arbitrary: release },
  { weight: 2, arbitrary: atOnce },
  {
    weight: 1,
    arbitrary: fc.tuple(member, ids).map(
      ([member, id]): Act =>
        async (store) =>
          (await store.renew(member, { id, ttlMs: 3_600_000 })).status,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(member, ids).map(
      ([member, id]): Act =>
        (store) =>
          store.carryOff(member, id),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.array(fc.tuple(member, restored), { maxLength: 3 }).map((pairs): Act => {
      const leases = pairs.map(([{ id: keyId }, id]): Lease => ({ id, keyId, until: FAR }));
      return async (store) => {
        await store.restore(POOL, leases);
        return counted(store);
      };
    }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(seat, fc.array(restored, { maxLength: 3 })).map(([seat, ids]): Act => {
      const leases = ids.map((id): Lease => ({ id, keyId: seat.member.id, until: FAR }));
      return async (store) => {
        await store.put([{ ...seat, leases }]);
        return counted(store);
      };
    }),
  },
);

/** Which of the leases of a key have ended, as its list says. */
const kept: fc.Arbitrary<Act> = fc.tuple(member, fc.array(ids, { maxLength: 5 })).map(
  ([{ id: keyId }, ids]): Act =>
    async (store) => {
      const list = (await store.listOf(POOL)) ?? "none";
      const answer = await store.keep(
        POOL,
        ids.map((id) => ({ id, keyId, until: 0 })),
        list,
      );
      return answer.status === "kept" ? answer.ended : ids;
    },
);

function inEastasia(member: Omit<Member, "service" | "region">): Member {
  return { ...member, service: "speech", region: "eastasia" };
}

describe.skipIf("missing" in found)(
  `RedisCooldownStore beside the one in memory ${"missing" in found ? found.missing : ""}`,
  async () => {
    if ("missing" in found) return void it("needs a server", () => {});
    const client = await connect(found.server.url);
    afterAll(async () => {
      client.destroy();
      await found.server.stop();
    });

    const anyAct = fc.oneof(
      { weight: 1, arbitrary: act },
      { weight: 1, arbitrary: fc.oneof({ weight: 8, arbitrary: leaseAct }, kept) },
    );
    it.each([
      ["hand-outs", act],
      ["hand-outs and leases", anyAct],
    ])("answers alike, whatever was done before: %s", async (_, act) => {
      await fc.assert(
        fc.asyncProperty(fc.array(act, { minLength: 20, maxLength: 60 }), async (acts) => {
          const { prefix, clean } = freshPrefix(client);
          const stores = [
            new RedisCooldownStore(client, { prefix, settleMs: 0 }),
            new InMemoryCooldownStore(new ManualClock()),
          ] as const;
          for (const act of acts) expect(await act(stores[0])).toEqual(await act(stores[1]));
          await clean();
        }),
        { numRuns: rounds(30, 2000) },
      );
    });
  },
);
