import { beforeEach, describe, expect, it } from "vitest";
import { memberOf } from "../../../src/application/keyring/copies.ts";
import { type Key, type KeyDescription, keyLogDraft } from "../../../src/domain/index.ts";
import { until } from "../../../src/testing/until.ts";
import { limitIn, type OpenCopies, openCopies } from "../../situations/copies.ts";

const POOL = { service: "speech", region: "eastasia" } as const;
const WEST = { service: "speech", region: "westus" } as const;

let a: OpenCopies;
let b: OpenCopies;
let key: Key;
beforeEach(async () => {
  a = openCopies();
  b = openCopies(a);
  key = await a.add({ tag: "red" });
  await b.catchingUp.byId(key.id);
  await a.ports.cooldowns.load(WEST, async function* () {});
});

const taken = async (pool: { service: "speech"; region: string; tag?: string }) =>
  (await a.ports.cooldowns.take(pool, "sticky")).status;
const entry = () => keyLogDraft(key, "update_key", { at: a.clock.now() });

/**
 * One process commits its change and has not told the store yet when `act` of the other one is answered. `check`s
 * once the store has been told, and again when the late one has been answered.
 */
async function overtake(
  changes: Partial<KeyDescription>,
  act: () => Promise<unknown>,
  check: () => Promise<void>,
): Promise<void> {
  a.store.hold("put", "drop");
  const late = a.places.describe(key.id, changes, entry);
  await until(() => a.store.held === 1);
  await act();
  a.repository.hold("get");
  a.store.release();
  await until(() => a.repository.held === 1);
  await check();
  a.repository.release();
  await late;
  await check();
}

describe.each<[string, Partial<KeyDescription>]>([
  ["tagged", { tag: "blue" }],
  ["moved", { region: "westus" }],
  ["moved elsewhere", { region: "northeurope" }],
])("I1 while a key is being %s by another process", (_, changes) => {
  it("a removal that was answered stays in force", async () => {
    await overtake(
      changes,
      () => b.places.remove(b.known.get(key.id) as Key, entry()),
      async () => expect([await taken(POOL), await taken(WEST)]).toEqual(["empty", "empty"]),
    );
    expect(await a.ports.keys.get(key.id)).toBeUndefined();
  });

  it("a move that was answered stays in force", async () => {
    await overtake(
      changes,
      () => b.places.describe(key.id, { region: "westus" }, entry),
      async () => expect([await taken(POOL), await taken(WEST)]).toEqual(["empty", "taken"]),
    );
    expect([a.known.get(key.id)?.region, b.known.get(key.id)?.region]).toEqual(["westus", "westus"]);
  });

  it("a move back that was answered stays in force", async () => {
    await overtake(
      changes,
      () => b.places.describe(key.id, { region: "eastasia", tag: "green" }, entry),
      async () => {
        expect([await taken(POOL), await taken({ ...POOL, tag: "green" })]).toEqual(["taken", "taken"]);
        expect([await taken({ ...POOL, tag: "blue" }), await taken(WEST)]).toEqual(["empty", "empty"]);
      },
    );
    expect(a.known.get(key.id)).toMatchObject({ region: "eastasia", tag: "green" });
  });
});

it("a limit that was answered stays in force, whatever an older one is told of late", async () => {
  await overtake(
    { maxInFlight: 5 },
    () => b.places.describe(key.id, { maxInFlight: 7 }, entry),
    async () => expect(limitIn(a, key)).toBe(7),
  );
  expect([a.known.get(key.id)?.maxInFlight, b.known.get(key.id)?.maxInFlight]).toEqual([7, 7]);
});

it("a limit that another process gave and died is told to the store by whoever reads of it", async () => {
  await a.ports.keys.describe(key.id, { maxInFlight: 5 }, null);
  await b.catchingUp.catchUp(b.known.get(key.id) as Key);
  expect(limitIn(b, key)).toBe(5);
});

it("I1 a pool that is filled from an older reading does not get back a key that has left it", async () => {
  const c = openCopies(a);
  const loadPool = a.ports.keys.loadPool.bind(a.ports.keys);
  a.ports.keys.loadPool = async function* (service, region) {
    for await (const keys of loadPool(service, region)) {
      await b.places.describe(key.id, { region: "westus" }, entry);
      yield keys;
    }
  };
  await c.filling.fill(POOL);
  expect([await taken(POOL), await taken(WEST)]).toEqual(["empty", "taken"]);
});

describe("a lease of a key that is moved", () => {
  const leased = async () => {
    const turn = await a.leases.port.lease(POOL, "sticky", { id: "x", ttlMs: 60_000 });
    expect(turn.status).toBe("taken");
  };
  const move = (by: OpenCopies, region = "westus") => by.places.describe(key.id, { region }, entry);
  const inUse = async (region = "westus") =>
    (await a.leases.port.countLeases([memberOf({ ...key, region })]))[0];

  /** A move that waits in one of its steps; what it answers lets it go on to its end. */
  const moveHeldIn = async (step: { readonly held: number; release(): void }) => {
    const moving = move(a);
    await until(() => step.held === 1);
    return () => {
      step.release();
      return moving;
    };
  };

  it("does not run on when it is returned while it is carried along", async () => {
    await leased();
    a.store.hold("put");
    const goOn = await moveHeldIn(a.store);
    expect((await b.leases.port.release(memberOf(key), "x")).status).toBe("returned");
    await goOn();
    expect(await inUse()).toBe(0);
  });

  it("runs on when two processes carry it along", async () => {
    await leased();
    a.leases.hold("carryOff");
    const goOn = await moveHeldIn(a.leases);
    await move(b);
    await goOn();
    expect(await inUse()).toBe(1);
  });

  it("stays where it is when another process moves the key back while it is carried off", async () => {
    await leased();
    a.leases.hold("carryOff");
    const goOn = await moveHeldIn(a.leases);
    await move(b, "eastasia");
    await goOn();
    expect([await inUse("eastasia"), await inUse()]).toEqual([1, 0]);
  });

  it("goes where another process has moved the key before it came along", async () => {
    await leased();
    a.store.hold("put");
    const goOn = await moveHeldIn(a.store);
    await move(b, "northeurope");
    expect(await inUse("northeurope")).toBe(1);
    await goOn();
    expect([await inUse("northeurope"), await inUse(), await inUse("eastasia")]).toEqual([1, 0, 0]);
  });
});
