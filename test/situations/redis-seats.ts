import type { RedisCooldownStore } from "../../src/adapters/redis/index.ts";
import { type Member, NEW_STANDING, type Pool, type Seat, type Standing } from "../../src/domain/index.ts";

export const POOL: Pool = { service: "speech", region: "eastasia" };
export const HOUR = 3_600_000;

export function member(id: number, tag: string | null = null): Member {
  return { id, service: "speech", region: "eastasia", tag };
}

export function seat(id: number, tag: string | null = null, standing: Standing = NEW_STANDING): Seat {
  return { member: member(id, tag), standing };
}

export function cooling(cooldownUntil: number): Standing {
  return { status: "enabled", cooldownUntil, protectedUntil: cooldownUntil + 5_000, generation: 0 };
}

/** What tests do with a store, in few words. */
export function seatsIn(store: RedisCooldownStore) {
  const load = (...seats: Seat[]) => store.load("speech", "eastasia", seats);
  const takes = async (count: number, pool: Pool = POOL) => {
    const turns = await Promise.all(Array.from({ length: count }, () => store.take(pool, "round_robin")));
    return turns.map((turn) => (turn.status === "taken" ? turn.id : turn.status));
  };
  const now = async () => (await store.read(member(1)))?.at as number;
  const restFor = async (ms: number) => {
    const resting = cooling((await now()) + ms);
    await store.replace(member(1), NEW_STANDING, resting);
    return resting;
  };
  return { load, takes, now, restFor };
}
