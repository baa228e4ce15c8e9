import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { InMemoryCooldownStore, ManualClock } from "../../../src/adapters/in-memory/index.ts";
import { RedisCooldownStore } from "../../../src/adapters/redis/index.ts";
import type { CooldownStore, Seat, Standing } from "../../../src/domain/index.ts";
import { connect, findRedis, freshPrefix } from "../../servers/redis-server.ts";
import { rounds } from "../../situations/long-run.ts";
import { POOL, reading } from "../../situations/redis-seats.ts";

type Act = (store: CooldownStore) => Promise<unknown>;

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
    maxInFlight: fc.constant(null),
    placement: fc.integer({ min: 0, max: 3 }),
  })
  .map((member) => ({ ...member, service: "speech" as const, region: "eastasia" }));
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
        (store) =>
          store.drop(member),
    ),
  },
);

describe.skipIf("missing" in found)(
  `RedisCooldownStore beside the one in memory ${"missing" in found ? found.missing : ""}`,
  async () => {
    if ("missing" in found) return void it("needs a server", () => {});
    const client = await connect(found.server.url);
    afterAll(async () => {
      client.destroy();
      await found.server.stop();
    });

    it("answers alike, whatever was done before", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(act, { minLength: 20, maxLength: 60 }), async (acts) => {
          const { prefix, clean } = freshPrefix(client);
          const stores = [
            new RedisCooldownStore(client, { prefix }),
            new InMemoryCooldownStore(new ManualClock()),
          ] as const;
          for (const act of acts) expect(await act(stores[0])).toEqual(await act(stores[1]));
          await clean();
        }),
        { numRuns: rounds(60, 2000) },
      );
    });
  },
);
