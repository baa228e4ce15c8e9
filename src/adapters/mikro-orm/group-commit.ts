import { DomainError, type KeyId, storageUnavailable } from "../../domain/index.ts";
import { type FaultKind, type Faults, forCaller } from "./fault.ts";
import type { Write } from "./sql-database.ts";
import type { SqlFault } from "./sql-fault.ts";

export interface GroupCommitOptions {
  /** How long a caller waits for its commit, in milliseconds. */
  readonly writeTimeoutMs: number;
  /** Rows that one transaction changes at most, so that no commit freezes the hand-outs. */
  readonly maxRows: number;
  /** Writes that may wait; more are refused at once. */
  readonly maxQueued: number;
  /** Called with each transaction that was committed: about how many rows, and how long it took. */
  readonly onCommit: (rows: number, ms: number) => void;
}

export const GROUP_COMMIT_DEFAULTS: GroupCommitOptions = {
  writeTimeoutMs: 5000,
  maxRows: 500,
  maxQueued: 10_000,
  onCommit: () => {},
};

/** How a database runs writes together. */
export interface Transactor {
  readonly faults: Faults;

  /**
   * Runs all writes, which change these keys, in one transaction and commits it. Answers the outcome of each, a
   * refusal (`DomainError`) included; rejects, with everything rolled back, when a statement or the commit failed.
   */
  transact(
    writes: readonly Write<unknown>[],
    keys: readonly KeyId[],
  ): Promise<readonly PromiseSettledResult<unknown>[]>;
}

interface Waiting {
  readonly write: Write<unknown>;
  readonly rows: number;
  readonly keys: readonly KeyId[];
  readonly deadline: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  answered: boolean;
}

const BUSY_PAUSE_MS = 10;

/**
 * One transaction at a time takes all that is queued, so that one commit serves hundreds of callers while
 * each waits for about one commit.
 */
export class GroupCommit {
  readonly #transactor: Transactor;
  readonly #options: GroupCommitOptions;
  #queue: Waiting[] = [];
  #inFlight: Waiting[] = [];
  #draining = false;
  #closed = false;
  #expiry: NodeJS.Timeout | undefined;
  #whenIdle: (() => void)[] = [];
  #fault: string | undefined;

  constructor(transactor: Transactor, options: Partial<GroupCommitOptions> = {}) {
    this.#transactor = transactor;
    this.#options = { ...GROUP_COMMIT_DEFAULTS, ...options };
  }

  get fault(): SqlFault | undefined {
    if (this.#fault === undefined) return undefined;
    return { reason: "Writes to the database fail", detail: this.#fault };
  }

  submit<T>(write: Write<T>, rows = 1, keys: readonly KeyId[] = []): Promise<T> {
    if (this.#closed) return Promise.reject(storageUnavailable(new Error("The database is closed")));
    if (this.#queue.length >= this.#options.maxQueued) {
      return Promise.reject(storageUnavailable(new Error("Too many writes are waiting")));
    }
    return new Promise<T>((resolve, reject) => {
      const deadline = performance.now() + this.#options.writeTimeoutMs;
      const answer = resolve as (value: unknown) => void;
      this.#queue.push({ write, rows, keys, deadline, resolve: answer, reject, answered: false });
      this.#expiry ??= this.#expireIn(this.#options.writeTimeoutMs);
      if (!this.#draining) {
        this.#draining = true;
        setImmediate(this.#drain);
      }
    });
  }

  /** Takes no more writes; resolves when those that wait have been answered. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#draining) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    clearTimeout(this.#expiry);
  }

  // An immediate lets the writes of one turn of the event loop gather; it measured best against a microtask
  // and against a window of a millisecond.
  readonly #drain = async (): Promise<void> => {
    this.#inFlight = this.#takeBatch();
    await this.#commit(this.#inFlight);
    this.#inFlight = [];
    if (this.#queue.length > 0) {
      setImmediate(this.#drain);
      return;
    }
    this.#draining = false;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  };

  #takeBatch(): Waiting[] {
    let rows = 0;
    let count = 0;
    for (const waiting of this.#queue) {
      rows += waiting.rows;
      if (count > 0 && rows > this.#options.maxRows) break;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    let waiting = batch.filter(({ answered }) => !answered);
    while (waiting.length > 0) {
      const startedAt = performance.now();
      try {
        const outcomes = await this.#transactor.transact(
          waiting.map(({ write }) => write),
          waiting.flatMap(({ keys }) => keys),
        );
        this.#fault = undefined;
        this.#options.onCommit(rowsOf(waiting), performance.now() - startedAt);
        for (const [index, outcome] of outcomes.entries()) answer(waiting[index] as Waiting, outcome);
        return;
      } catch (error) {
        const { faults } = this.#transactor;
        const kind = faults.kindOf(error);
        if (kind !== "busy") return this.#failed(waiting, error, kind);
        this.#fault = faults.cleaned(error).message;
        await new Promise((resolve) => setTimeout(resolve, BUSY_PAUSE_MS));
        waiting = waiting.filter(({ answered }) => !answered);
      }
    }
  }

  async #failed(waiting: readonly Waiting[], error: unknown, kind: FaultKind | undefined): Promise<void> {
    const { faults } = this.#transactor;
    if (kind === undefined && waiting.length > 1) {
      for (const one of waiting) await this.#commit([one]);
      return;
    }
    if (kind !== undefined) this.#fault = faults.cleaned(error).message;
    const reason = forCaller(error, faults);
    for (const one of waiting) answer(one, { status: "rejected", reason });
  }

  #expireIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      const now = performance.now();
      const reason = storageUnavailable(new Error(this.#fault ?? "The commit took too long"));
      const pending = [...this.#inFlight, ...this.#queue].filter(({ answered }) => !answered);
      const late = pending.filter(({ deadline }) => deadline <= now);
      for (const waiting of late) answer(waiting, { status: "rejected", reason });
      if (late.length > 0) this.#queue = this.#queue.filter(({ answered }) => !answered);
      const oldest = pending[late.length];
      this.#expiry = oldest && this.#expireIn(Math.max(1, oldest.deadline - now));
    }, ms).unref();
  }
}

function rowsOf(waiting: readonly Waiting[]): number {
  return waiting.reduce((sum, { rows }) => sum + rows, 0);
}

function answer(waiting: Waiting, outcome: PromiseSettledResult<unknown>): void {
  if (waiting.answered) return;
  waiting.answered = true;
  if (outcome.status === "fulfilled") waiting.resolve(outcome.value);
  else waiting.reject(outcome.reason);
}

/** A refusal concerns its own caller only; anything else undoes the transaction. */
export function refused(error: unknown): PromiseRejectedResult {
  if (!(error instanceof DomainError)) throw error;
  return { status: "rejected", reason: error };
}
