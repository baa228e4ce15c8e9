import {
  type CooldownStore,
  type Member,
  NEW_STANDING,
  type Pool,
  type Seat,
  type Standing,
} from "../../src/domain/index.ts";

export const POOL: Pool = { service: "speech", region: "eastasia" };
export const HOUR = 3_600_000;

export function member(id: number, tag: string | null = null): Member {
  return { id, service: "speech", region: "eastasia", tag, maxInFlight: null, placement: 0 };
}

export function seat(id: number, tag: string | null = null, standing: Standing = NEW_STANDING): Seat {
  return { member: member(id, tag), standing };
}

export function cooling(cooldownUntil: number): Standing {
  return { status: "enabled", cooldownUntil, protectedUntil: cooldownUntil + 5_000, generation: 0 };
}

/** A reading for `load` that answers these chunks. */
export function reading(...chunks: (readonly Seat[])[]): () => AsyncIterable<readonly Seat[]> {
  return async function* () {
    yield* chunks;
  };
}

/** What tests do with a store, in few words. */
export function seatsIn(store: CooldownStore) {
  const load = (...seats: Seat[]) => store.load(POOL, reading(seats));
  const takes = async (count: number, pool: Pool = POOL) => {
    const turns = await Promise.all(Array.from({ length: count }, () => store.take(pool, "round_robin")));
    return turns.map((turn) => (turn.status === "taken" ? turn.id : turn.status));
  };
  const heldOf = async (id: number) => {
    const held = await store.read(member(id));
    if (held.status !== "held") throw new Error(`Key ${id} is ${held.status}`);
    return held;
  };
  const now = async () => (await heldOf(1)).at;
  const standing = async (id: number) => (await heldOf(id)).standing;
  const restFor = async (ms: number) => {
    const resting = cooling((await now()) + ms);
    await store.replace(member(1), NEW_STANDING, resting);
    return resting;
  };
  return { load, takes, now, standing, restFor };
}
