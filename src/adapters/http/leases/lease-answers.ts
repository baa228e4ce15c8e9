import { type Lease, leaseName } from "../../../domain/index.ts";
import type { HandedOutKey } from "../keys/key-answers.ts";
import { rememberIsoTime } from "../server/iso-time.ts";

/** A lease, and until when its key counts as in use. */
export interface RunningLease {
  readonly lease_id: string;
  readonly expires_at: string;
}

/** A lease with its key. */
export interface GivenLease extends RunningLease {
  readonly key: HandedOutKey;
}

// Leases that were given for as long in one millisecond share it.
const timeOf = rememberIsoTime();

export function presentLease(lease: Lease): RunningLease {
  return { lease_id: leaseName(lease), expires_at: timeOf(lease.until) };
}
