import { type Lease, leaseName } from "../../../domain/index.ts";
import type { HandedOutKey } from "../keys/key-answers.ts";
import { isoTime } from "../server/iso-time.ts";

/** A lease, and until when its key counts as in use. */
export interface RunningLease {
  readonly lease_id: string;
  readonly expires_at: string;
}

/** A lease with its key. */
export interface GivenLease extends RunningLease {
  readonly key: HandedOutKey;
}

export function presentLease(lease: Lease): RunningLease {
  return { lease_id: leaseName(lease), expires_at: isoTime(lease.until) };
}
