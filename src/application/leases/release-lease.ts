import {
  leaseNotFound,
  parseLeaseName,
  parseReportedRetryAfter,
  parseStatusCode,
  type Scope,
  type WholePool,
} from "../../domain/index.ts";
import { isWithin } from "../access/in-scope.ts";
import type { CodeOutcome } from "../hand-outs/code-effects.ts";
import type { Report, ReportCode } from "../hand-outs/report-code.ts";
import type { Keyring } from "../keyring/keyring.ts";
import type { Leasing } from "../keyring/leasing.ts";

/** A lease that is returned, and perhaps which code its key got. */
export interface ReleaseRequest extends Partial<Omit<Report, "service" | "secret">> {
  /** As `leaseName` makes it. */
  readonly lease: string;
}

export type LeaseReleased =
  | { readonly status: "returned"; readonly report: CodeOutcome | null }
  /** It was returned before, or has run out: nothing has changed, and a code is not taken in. */
  | { readonly status: "gone" };

interface Parts {
  readonly keyring: Keyring;
  readonly leasing: Leasing;
  readonly reportCode: ReportCode;
  /** A key of this pool had no room, and has again. */
  readonly onRoom: (pool: WholePool) => void;
}

/** Takes a lease back, and with it which code its key got. That a lease has run out says nothing of its key. */
export class ReleaseLease {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Throws what a report throws, and `lease_not_found` for what is no lease's name or not in `scope`. */
  async execute(
    { lease, code, ...rest }: ReleaseRequest,
    scope?: Scope,
    client?: string,
  ): Promise<LeaseReleased> {
    const { keyring, leasing, reportCode, onRoom } = this.#parts;
    // What is refused must not cost its caller the lease.
    if (code !== undefined) parseStatusCode(code);
    if (rest.retryAfter != null) parseReportedRetryAfter(rest.retryAfter);
    const named = parseLeaseName(lease);
    if (!named) throw leaseNotFound();
    const key = await keyring.byId(named.keyId);
    if (key && !isWithin(scope, key)) throw leaseNotFound();
    // In one atomic step and first, so that of two returns at two instances one is a report.
    const ended = await leasing.release(named);
    if (!ended) return { status: "gone" };
    const { service, secret } = ended.key;
    try {
      if (code === undefined) return { status: "returned", report: null };
      const report = await reportCode.execute({ ...rest, service, secret, code }, scope, client);
      return { status: "returned", report };
    } finally {
      // After the report, so that who waits is not given a key that has just been throttled.
      if (ended.hadNoRoom) onRoom(ended.key);
    }
  }
}
