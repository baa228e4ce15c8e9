import type { Service } from "../../domain/index.ts";
import type { HandedOutKey, HandOut, Leasing, ReportOutcome } from "./api-answers.ts";
import { ApiError } from "./api-error.ts";
import type { AzureCode } from "./azure-code.ts";
import { NoKeyError } from "./no-key-error.ts";
import type { LeaseReport, LeaseRequest, PoolChoice, Report } from "./requests.ts";
import type { Taking } from "./with-key.ts";

/** The server lets a caller wait in turn for so long. */
const LONGEST_WAIT_MS = 30_000;

/** Who asks for keys. */
interface Asker {
  lease(request: LeaseRequest): Promise<Leasing>;
  handOut(pool: PoolChoice): Promise<HandOut>;
}

/** Who keeps keys and gives them back, and is not ended by the signal that ends the asking. */
interface Returner {
  renewLease(id: string, ttlSeconds: number): Promise<unknown>;
  /** What became of the report, and whether nobody had asked before: a repetition finds the lease ended by the first. */
  release(id: string, report?: LeaseReport): Promise<Released>;
  report(service: Service, report: Report): Promise<unknown>;
}

export interface Released {
  readonly outcome: ReportOutcome | null;
  readonly isFirstAttempt: boolean;
}

/** How long a server that has no leases is believed to have none: it may be replaced by a newer one. */
const WITHOUT_LEASES_MS = 600_000;

/** What is known of a server. */
export interface KnownServer {
  /** Epoch milliseconds; 0 for one that has leases, as far as is known. */
  withoutLeasesUntil: number;
}

interface KeysOfPoolParts {
  readonly asking: Asker;
  readonly returning: Returner;
  readonly pool: PoolChoice;
  readonly leaseSeconds?: number | undefined;
  readonly server: KnownServer;
  now(): number;
}

/** Takes keys of one pool: as leases, or as plain hand-outs from a server that is older than leases. */
export class KeysOfPool {
  readonly #asking: Asker;
  readonly #returning: Returner;
  readonly #pool: PoolChoice;
  readonly #leaseSeconds: number;
  readonly #server: KnownServer;
  readonly #now: () => number;

  constructor({ asking, returning, pool, leaseSeconds = 60, server, now }: KeysOfPoolParts) {
    this.#asking = asking;
    this.#returning = returning;
    this.#pool = pool;
    this.#leaseSeconds = leaseSeconds;
    this.#server = server;
    this.#now = now;
  }

  readonly take = async (waitMs: number): Promise<Taking> => {
    if (this.#now() < this.#server.withoutLeasesUntil) return this.#handOut();
    try {
      return await this.#lease(Math.min(waitMs, LONGEST_WAIT_MS));
    } catch (error) {
      if (!(error instanceof ApiError && isUnknownPath(error))) throw error;
      this.#server.withoutLeasesUntil = this.#now() + WITHOUT_LEASES_MS;
      return this.#handOut();
    }
  };

  async #lease(waitMs: number): Promise<Taking> {
    const leasing = await this.#asking.lease({
      ...this.#pool,
      ttl_seconds: this.#leaseSeconds,
      wait_ms: Math.floor(waitMs),
    });
    if (leasing.status !== "leased") return noKey(leasing);
    const { lease_id, key } = leasing;
    return {
      key,
      renewEveryMs: this.#leaseSeconds * 500,
      renew: async () => void (await this.#returning.renewLease(lease_id, this.#leaseSeconds)),
      giveBack: async (said) => {
        const { outcome, isFirstAttempt } = await this.#returning.release(lease_id, said && wireOf(said));
        // A lease that has ended before takes no code in, and what Azure said of the key is true all the same.
        if (said && outcome === null && isFirstAttempt) await this.#report(key, said);
      },
    };
  }

  async #handOut(): Promise<Taking> {
    const handOut = await this.#asking.handOut(this.#pool);
    if (handOut.status !== "handed-out") return noKey(handOut);
    const { key } = handOut;
    return {
      key,
      renewEveryMs: undefined,
      renew: async () => {},
      giveBack: (said) => this.#report(key, said),
    };
  }

  async #report({ key }: HandedOutKey, said: AzureCode | undefined): Promise<void> {
    if (said) await this.#returning.report(this.#pool.service, { key, ...wireOf(said) });
  }
}

function noKey(answer: {
  readonly status: "no-key" | "all-cooling" | "all-busy";
  readonly retryAfterSeconds?: number;
}): NoKeyError {
  return new NoKeyError(answer.status, { retryAfterSeconds: answer.retryAfterSeconds });
}

function wireOf({ code, retryAfter }: AzureCode) {
  return { code, ...(retryAfter !== undefined && { retry_after: retryAfter }) };
}

/** In the words of the pool itself: a proxy may say for a moment that there is nothing. */
function isUnknownPath({ code, httpStatus }: ApiError): boolean {
  return httpStatus === 404 && code === "not_found";
}
