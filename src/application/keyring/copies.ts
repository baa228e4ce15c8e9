import type {
  Arrival,
  CooldownStore,
  Key,
  KeyRepository,
  LeaseStore,
  Member,
  Placement,
  Seat,
} from "../../domain/index.ts";
import type { ChangeNotices } from "./change-notices.ts";
import type { DurableWrites } from "./durable-writes.ts";
import type { KnownKeys } from "./known-keys.ts";

/** The three copies of each key, and what goes with writing them. What each is for stands at `Keyring`. */
export interface Copies {
  readonly known: KnownKeys;
  readonly store: CooldownStore;
  /** The same store, where it gives leases. */
  readonly leases?: LeaseStore | undefined;
  readonly repository: KeyRepository;
  /** The queue before `repository`. */
  readonly writes: DurableWrites;
  readonly notices: ChangeNotices;
}

/** The key as the cooldown store knows it. */
export function memberOf({ id, service, region, tag, maxInFlight, placement }: Key): Member {
  return { id, service, region, tag, maxInFlight, placement };
}

/** The place of a key that has been given another one by now, as `placement` counts it. */
export function leftFor(key: Key, placement: Placement): Member {
  return { ...memberOf(key), placement };
}

/** Puts keys into the store; one that this process is removing joins no queue, whatever is changed of it meanwhile. */
export function put({ known, store }: Copies, arrivals: readonly Arrival[]): Promise<void> {
  const asLeft = (arrival: Arrival): Arrival =>
    known.isLeaving(arrival.member.id) ? { ...arrival, hasLeft: true } : arrival;
  return store.put(arrivals.map(asLeft));
}

/** A seat with the standing that is known to be durable. */
export function seatOf(key: Key): Seat {
  return { member: memberOf(key), standing: key.standing };
}
