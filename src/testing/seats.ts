import {
  type CooldownStore,
  type Member,
  NEW_STANDING,
  type Seat,
  type Standing,
  type WholePool,
} from "../domain/index.ts";

/** The pool that keys of these tests are in unless they say otherwise. */
export const POOL = { service: "speech", region: "eastasia" } as const satisfies WholePool;

/** A reading for `load` that answers these chunks. */
export function reading(...chunks: (readonly Seat[])[]): () => AsyncIterable<readonly Seat[]> {
  return async function* () {
    yield* chunks;
  };
}

export function load(store: CooldownStore, ...seats: Seat[]): Promise<void> {
  return store.load(POOL, reading(seats));
}

export function member(id: number, changes: Partial<Member> = {}): Member {
  return {
    id,
    service: "speech",
    region: "eastasia",
    tag: null,
    maxInFlight: null,
    placement: 0,
    ...changes,
  };
}

export function seat(
  id: number,
  { standing = NEW_STANDING, ...changes }: Partial<Member & { standing: Standing }> = {},
): Seat {
  return { member: member(id, changes), standing };
}

export function coolingUntil(cooldownUntil: number): Standing {
  return { status: "enabled", cooldownUntil, protectedUntil: cooldownUntil + 5_000, generation: 0 };
}
