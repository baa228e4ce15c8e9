import {
  type Clock,
  type Key,
  type KeyReader,
  keyNotFound,
  type Scope,
  type Service,
  type Usage,
} from "../../domain/index.ts";
import { known } from "../access/in-scope.ts";
import type { Keyring } from "../keyring/keyring.ts";

export interface SeenKey {
  readonly key: Key & Usage;
  /** How many leases of it run; 0 where the pool gives none. */
  readonly inUse: number;
  /** The instant at which its status is to be judged. */
  readonly at: number;
}

interface Parts {
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly keys: KeyReader;
}

/** One key, as it is stored in the database, and its leases. */
export class ShowKey {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Throws `key_not_found`, also for a key outside of `scope`, and `storage_unavailable`. */
  async execute(service: Service, reference: string, scope?: Scope): Promise<SeenKey> {
    const { clock, keyring, keys } = this.#parts;
    const { id } = await keyring.byReference(service, reference);
    const at = clock.now();
    const [stored] = (await keys.list({ service, id, limit: 1 }, at)).keys;
    if (stored === undefined) throw keyNotFound();
    const key = known(stored, scope);
    const [inUse = 0] = (await keyring.leases?.count([key])) ?? [];
    return { key, inUse, at };
  }
}
