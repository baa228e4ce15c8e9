import type { WatcherCount } from "../hand-outs/watch-key.ts";
import type { PlaceCount } from "../keyring/keyring.ts";
import type { LeaseCount } from "../keyring/leasing.ts";
import type { HandOutCount } from "./hand-out-counts.ts";

/** What a monitor asks for now and then; read from memory. */
export interface Measures {
  /** Keys by service and region, as far as this process knows; those that other instances have changed too. */
  readonly keys: readonly PlaceCount[];
  /** Hand-outs by this process since the pool was made. */
  readonly handOuts: readonly HandOutCount[];
  /** Those who watch, by service; all services are named. */
  readonly watchers: readonly WatcherCount[];
  /** Leases that run and that this process has given, by service and region; those returned elsewhere too. */
  readonly leases: readonly LeaseCount[];
  /** Callers that wait for a lease. */
  readonly waiting: number;
  /** Keys with changes that the storage has refused so far. */
  readonly owing: number;
}
