import {
  type Clock,
  type Lease,
  leaseNotFound,
  parseLeaseName,
  parseLeaseTtl,
  type Scope,
} from "../../domain/index.ts";
import type { ClientBudgets } from "../access/client-budgets.ts";
import { isWithin } from "../access/in-scope.ts";
import type { Keyring } from "../keyring/keyring.ts";
import type { Leasing } from "../keyring/leasing.ts";

interface Parts {
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly leasing: Leasing;
  readonly budgets: ClientBudgets;
}

export interface RenewalRequest {
  /** As `leaseName` makes it. */
  readonly lease: string;
  /** For how long from now on, in seconds; 1 to 3600. Default: 60. */
  readonly ttlSeconds?: number | undefined;
}

/** Lets a lease last longer, whatever has become of its key meanwhile. */
export class RenewLease {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Throws `invalid_request`, `lease_not_found`, also outside of `scope`, and `budget_exhausted` for a `client`. */
  async execute({ lease, ttlSeconds }: RenewalRequest, scope?: Scope, client?: string): Promise<Lease> {
    const { keyring, leasing, budgets, clock } = this.#parts;
    const ttlMs = parseLeaseTtl(ttlSeconds);
    const named = parseLeaseName(lease);
    const key = named && (await keyring.byId(named.keyId));
    if (!named || !key || !isWithin(scope, key)) throw leaseNotFound();
    // What is refused must not have renewed it, and a lease that is over counts for nothing.
    if (client !== undefined) budgets.checkHand(client, key.id, clock.now());
    const renewed = await leasing.renew(named, ttlMs);
    if (!renewed) throw leaseNotFound();
    // It has the key for an hour from now on, as if it had been handed out again.
    if (client !== undefined) budgets.hand(client, key.id, clock.now());
    return renewed;
  }
}
