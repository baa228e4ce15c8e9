import { leaseNotFound, parseLeaseName, type Scope, type WholePool } from "../../domain/index.ts";
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
  /** It was returned before, has run out, or never was: nothing has changed, and a code is not taken in. */
  | { readonly status: "gone" };

interface Parts {
  readonly keyring: Keyring;
  readonly leasing: Leasing;
  readonly reportCode: ReportCode;
  /** A key of this pool had no room, and has again. */
  readonly onRoom: (pool: WholePool) => void;
}

/** So long a lease runs on whose report could not be taken in. */
const KEPT_FOR_REPORT_MS = 60_000;

/** Takes a lease back, and with it which code its key got. That a lease has run out says nothing of its key. */
export class ReleaseLease {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Answers `gone` also for a lease outside of `scope`. Throws what a report throws, and then the lease runs on, and
   * `lease_not_found` for what is no lease's name.
   */
  async execute(
    { lease, code, ...rest }: ReleaseRequest,
    scope?: Scope,
    client?: string,
  ): Promise<LeaseReleased> {
    const { keyring, leasing, reportCode, onRoom } = this.#parts;
    const named = parseLeaseName(lease);
    if (!named) throw leaseNotFound();
    const key = await keyring.byId(named.keyId);
    // To its caller, a key outside of the scope is one that is not there.
    if (!key || !isWithin(scope, key)) return { status: "gone" };
    const { service, secret } = key;
    // What is refused must not cost its caller the lease.
    const report =
      code === undefined ? null : await reportCode.admit({ ...rest, service, secret, code }, scope, client);
    // In one atomic step and before the report is taken in, so that of two returns at two instances one is a report.
    const ended = await leasing.release(named);
    if (!ended) {
      report?.drop();
      return { status: "gone" };
    }
    try {
      const taken = { status: "returned", report: report && (await report.takeIn()) } as const;
      // After the report, so that who waits is not given a key that has just been throttled.
      if (ended.hadNoRoom) onRoom(ended.key);
      return taken;
    } catch (error) {
      // So that a second release is a report, at whichever instance. Where this fails the lease has ended, and what the
      // report restricts is in force all the same.
      await leasing.putBack(named, ended.key, KEPT_FOR_REPORT_MS).catch(() => {});
      throw error;
    }
  }
}
