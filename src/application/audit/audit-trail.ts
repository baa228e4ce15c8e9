import {
  type Asker,
  type Audit,
  type AuditAct,
  type AuditDraft,
  type AuditHead,
  type AuditValues,
  type Clock,
  DomainError,
  type Key,
  maskSecret,
} from "../../domain/index.ts";
import { RECORDED_AS } from "./recorded-names.ts";

/** What is about to be done. Without secrets. */
export interface Deed {
  readonly act: AuditAct;
  readonly subject: string;
  readonly before?: AuditValues;
  readonly after?: AuditValues;
  /** By which whoever asked may end it: it has failed as `aborted` then, not as a fault of ours. */
  readonly signal?: AbortSignal | undefined;
}

interface Parts {
  readonly clock: Clock;
  readonly audit: Audit;
  /** Called with each row once it is durable. */
  readonly onRow: (row: AuditDraft & AuditHead) => void;
}

/** Writes down what people do, before it is done. */
export class AuditTrail {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Does the deed once its row is durable; where that cannot be written, nothing is done. A deed that then fails gets
   * a second row, which says why. Throws `storage_unavailable`, and what the deed throws.
   */
  async around<T>(asker: Asker, deed: Deed, run: () => Promise<T>): Promise<T> {
    await this.#write(asker, deed, null);
    try {
      return await run();
    } catch (error) {
      // The first row stands in any case, and why the deed failed is what its caller is to hear.
      await this.#write(asker, deed, failureOf(error, deed)).catch(() => {});
      throw error;
    }
  }

  async #write(asker: Asker, { act, subject, before, after }: Deed, failure: string | null): Promise<void> {
    const { clock, audit, onRow } = this.#parts;
    const draft: AuditDraft = {
      ...asker,
      ...{ at: clock.now(), act, subject, before: before ?? null, after: after ?? null, failure },
    };
    onRow({ ...draft, ...(await audit.append(draft)) });
  }
}

function failureOf(error: unknown, { signal }: Deed): string {
  if (error instanceof DomainError) return error.code;
  return signal?.aborted && error === signal.reason ? "aborted" : "internal";
}

/** Does the deed, and writes it down where there is an audit and somebody has asked. */
export function audited<T>(
  trail: AuditTrail | undefined,
  asker: Asker | undefined,
  deed: Deed,
  run: () => Promise<T>,
): Promise<T> {
  return trail === undefined || asker === undefined ? run() : trail.around(asker, deed, run);
}

/** What the audit tells of a key. */
export function described({
  secret,
  region,
  name,
  tag,
  maxInFlight,
}: Pick<Key, "secret" | "region" | "name" | "tag" | "maxInFlight">): AuditValues {
  return {
    [RECORDED_AS.secret]: maskSecret(secret),
    [RECORDED_AS.region]: region,
    [RECORDED_AS.name]: name,
    [RECORDED_AS.tag]: tag,
    [RECORDED_AS.maxInFlight]: maxInFlight,
  };
}

export function subjectOf({ service, id }: Pick<Key, "service" | "id">): string {
  return `${service} key ${id}`;
}
