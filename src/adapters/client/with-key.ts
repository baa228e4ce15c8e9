import type { HandedOutKey } from "./api-answers.ts";
import { ApiError } from "./api-error.ts";
import { type AzureCode, azureCodeIn } from "./azure-code.ts";
import type { ClientHooks } from "./client-hooks.ts";
import { NoKeyError } from "./no-key-error.ts";
import { isNotTakenIn } from "./not-taken-in.ts";

export interface WithKeyOptions {
  /** How many keys are tried at most; another one after 401, 403 or 429. Default 4. */
  readonly attempts?: number;
  /**
   * How long it may wait in all, in milliseconds: while every key rests or is in use, while the server is away or too
   * busy, and before the same key is tried again. Default 0: not at all.
   */
  readonly waitMs?: number;
  /** For how long a key is leased at a time, in seconds, 1 to 3600; renewed while the call runs. Default 60. */
  readonly leaseSeconds?: number;
  /**
   * Ends waiting, and is handed to the call, as the client's own signal is. What is thrown after that says nothing about
   * a key.
   */
  readonly signal?: AbortSignal;
  /**
   * What Azure said about the key, read from what the call returned or threw; undefined for nothing, so that nothing is
   * reported. Default: `azureCodeIn`, and 200 for a call that returned something without a code.
   */
  readonly codeOf?: (outcome: unknown, threw: boolean) => AzureCode | undefined;
}

/** A key to work with, until it is given back. */
export interface HeldKey {
  readonly key: HandedOutKey;
  /** Keeps it for longer. */
  renew(): Promise<void>;
  /** How often it has to be renewed, in milliseconds; undefined for a key that is nobody's. */
  readonly renewEveryMs: number | undefined;
  /** Gives it back, and reports what Azure said. */
  giveBack(said: AzureCode | undefined): Promise<void>;
}

export type Taking = HeldKey | NoKeyError;

export interface KeySource {
  /** Takes a key; while all are in use it may wait in turn for so long. Throws `ApiError`. */
  take(waitMs: number): Promise<Taking>;
  /** The pause after so many failures, the last of which may be known; see `backoffMs`. */
  backoffMs(failures: number, error?: ApiError): number;
  /** Told of a report that did not get through. */
  lost(error: unknown): void;
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  now(): number;
  readonly onKeyUsed?: ClientHooks["onKeyUsed"];
}

/** A key that answers one of these may be bad, and another one good; any other code says that of the call. */
const ANOTHER_KEY = new Set([401, 403, 429]);

export type KeyCall<T> = (key: HandedOutKey, signal: AbortSignal) => Promise<T>;

/**
 * Makes the call with a key, reports what Azure said, and makes it again with another key if that is to blame. Answers
 * what the call returns. Throws what it throws, unless a key is to blame; `NoKeyError`; `ApiError`; the reason of the signal.
 */
export async function withKey<T>(
  source: KeySource,
  call: KeyCall<T>,
  { attempts = 4, waitMs = 0, signal, codeOf = codeIn }: WithKeyOptions,
): Promise<T> {
  const patience = new Patience(source, waitMs, signal);
  const refusedTimes = new Map<number, number>();
  for (let attempt = 1; ; attempt++) {
    const held = await takeKey(source, patience);
    const times = refusedTimes.get(held.key.id) ?? 0;
    const ended = await tryWith(held, call, signal);
    const said = await readCode(held, () =>
      signal?.aborted && ended.threw ? undefined : codeOf(ended.outcome, ended.threw),
    );
    const code = said?.code;
    await held.giveBack(said).catch((error: unknown) => {
      // The call is over and its outcome the caller's; a lost report must not take its place.
      source.lost(error);
    });
    source.onKeyUsed?.({ id: held.key.id, region: held.key.region, attempt, code });
    if (code === undefined || !ANOTHER_KEY.has(code)) {
      if (ended.threw) throw ended.outcome;
      return ended.outcome as T;
    }
    refusedTimes.set(held.key.id, times + 1);
    // Another key may be good at once, so a second is enough.
    const refused = () => new NoKeyError("refused", { code, retryAfterSeconds: 1, cause: causeOf(ended) });
    if (attempt >= attempts) throw refused();
    // As a key that has just rested and is protected: the pool hands it out on purpose.
    if (times > 0 && !(await patience.lasts(() => source.backoffMs(times)))) throw refused();
  }
}

/** What is left of the time that a caller is willing to wait. */
class Patience {
  readonly #source: KeySource;
  readonly #until: number;
  readonly #signal: AbortSignal | undefined;

  constructor(source: KeySource, waitMs: number, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#until = source.now() + waitMs;
    this.#signal = signal;
  }

  get leftMs(): number {
    return Math.max(this.#until - this.#source.now(), 0);
  }

  /**
   * Waits as long as is said of what is left, if there is patience for it; false when there is not, or it is of no use.
   * Throws the reason of the signal.
   */
  async lasts(pauseOf: (leftMs: number) => number | undefined): Promise<boolean> {
    // Read once: a tick of the clock would make a pause up to the end too long.
    const { leftMs } = this;
    const ms = pauseOf(leftMs);
    if (leftMs === 0 || ms === undefined || ms > leftMs) return false;
    await this.#source.wait(ms, this.#signal);
    this.#signal?.throwIfAborted();
    return true;
  }
}

async function takeKey(source: KeySource, patience: Patience): Promise<HeldKey> {
  for (let failures = 1; ; failures++) {
    const taking = await askForKey(source, patience);
    if (!(taking instanceof Error)) return taking;
    if (!(await patience.lasts((leftMs) => pauseAfter(taking, failures, source, leftMs)))) throw taking;
  }
}

/** What it could not be asked for is answered too, where that is a server which is away or busy. */
async function askForKey(source: KeySource, patience: Patience): Promise<Taking | ApiError> {
  try {
    return await source.take(patience.leftMs);
  } catch (error) {
    // A lease that may have been given must not be taken twice.
    if (error instanceof ApiError && isNotTakenIn(error)) return error;
    throw error;
  }
}

/** In milliseconds; undefined where it is of no use to ask again. */
function pauseAfter(
  failure: NoKeyError | ApiError,
  failures: number,
  source: KeySource,
  leftMs: number,
): number | undefined {
  const askedMs = (failure.retryAfterSeconds ?? 0) * 1000;
  // The last time at the end of the time: the server may be back at any moment.
  if (failure instanceof ApiError)
    return Math.min(source.backoffMs(failures, failure), Math.max(askedMs, leftMs));
  if (failure.retryAfterSeconds === undefined) return undefined;
  // A lease may be given back at any time; a key that rests does not come back sooner.
  const restsMs = failure.reason === "all-busy" ? 0 : askedMs;
  // Not all at the same instant; the first key that is back is not enough for everybody.
  return restsMs + source.backoffMs(failures);
}

/** What the caller throws while it reads the outcome must not cost the key. */
async function readCode(held: HeldKey, read: () => AzureCode | undefined): Promise<AzureCode | undefined> {
  try {
    return read();
  } catch (error) {
    await held.giveBack(undefined).catch(() => {
      // It runs out by itself.
    });
    throw error;
  }
}

function codeIn(outcome: unknown, threw: boolean): AzureCode | undefined {
  return azureCodeIn(outcome) ?? (threw ? undefined : { code: 200 });
}

type Ended = { readonly threw: boolean; readonly outcome: unknown };

async function tryWith<T>(held: HeldKey, call: KeyCall<T>, signal: AbortSignal | undefined): Promise<Ended> {
  const timer =
    held.renewEveryMs !== undefined &&
    setInterval(() => {
      // A lease that has run out is no reason to end the call.
      held.renew().catch(() => {});
    }, held.renewEveryMs);
  try {
    return { threw: false, outcome: await call(held.key, signal ?? new AbortController().signal) };
  } catch (outcome) {
    return { threw: true, outcome };
  } finally {
    if (timer !== false) clearInterval(timer);
  }
}

function causeOf({ threw, outcome }: Ended): unknown {
  return threw ? outcome : undefined;
}
