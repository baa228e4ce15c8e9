import { setTimeout as pause } from "node:timers/promises";
import { type NativeClient, type NativePool, rowsOf } from "./native-postgres.ts";

/** Whether this process has the database for itself, or shares it with others that share their cooldowns too. */
export type UsedBy = "one-process" | "instances";

/**
 * `held`: the database is ours, as `UsedBy` says. `lost`: the connection that held the lock broke, and it is
 * being taken again. `taken`: meanwhile a process has the database open that may not be beside this one.
 */
export type OwnerLockState = "held" | "lost" | "taken";

/** Any number will do, as long as every instance takes the same. */
export const OWNER_LOCK = 7_236_514_209;

const TRY_LOCK: Readonly<Record<UsedBy, string>> = {
  "one-process": `select pg_try_advisory_lock(${OWNER_LOCK}) as locked`,
  instances: `select pg_try_advisory_lock_shared(${OWNER_LOCK}) as locked`,
};

// A process that was killed leaves its lock for a moment.
const TRIES = 20;
const PAUSE_MS = 50;

const RETRY_MS = 1000;
const PING_MS = 5000;

// By default the server would keep the lock for two hours after a machine has vanished.
const SESSION = `set application_name = 'azure-key-pool owner'; set tcp_keepalives_idle = 5;
  set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3`;

/**
 * Takes the database for this process: an advisory lock, exclusive for a process that is alone and shared by
 * those that share it, so that neither kind starts beside the other. The server releases it when
 * the connection ends; therefore it has its own connection, which is watched and replaced.
 */
export class PostgresOwnerLock {
  readonly #pool: NativePool;
  readonly #usedBy: UsedBy;
  readonly #onState: (state: OwnerLockState) => void;
  #state: OwnerLockState = "held";
  #client: NativeClient | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #isReleased = false;

  private constructor(pool: NativePool, usedBy: UsedBy, onState: (state: OwnerLockState) => void) {
    this.#pool = pool;
    this.#usedBy = usedBy;
    this.#onState = onState;
  }

  /** Resolves to undefined when a process has the database open that may not be beside this one. */
  static async take(
    pool: NativePool,
    usedBy: UsedBy,
    onState: (state: OwnerLockState) => void = () => {},
  ): Promise<PostgresOwnerLock | undefined> {
    const lock = new PostgresOwnerLock(pool, usedBy, onState);
    for (let tries = 1; ; tries++) {
      if (await lock.#acquire()) break;
      if (tries === TRIES) return undefined;
      await pause(PAUSE_MS);
    }
    lock.#watch(PING_MS);
    return lock;
  }

  get state(): OwnerLockState {
    return this.#state;
  }

  release(): void {
    this.#isReleased = true;
    clearTimeout(this.#timer);
    this.#drop();
  }

  async #acquire(): Promise<boolean> {
    const client = await this.#pool.connect();
    try {
      await client.query({ text: SESSION });
      const [row] = await rowsOf(client, TRY_LOCK[this.#usedBy], []);
      if (row?.locked !== "t" || this.#isReleased) {
        client.release(true);
        return false;
      }
    } catch (error) {
      client.release(true);
      throw error;
    }
    this.#client = client;
    client.on("error", () => this.#lost(client));
    client.on("end", () => this.#lost(client));
    return true;
  }

  #lost(client: NativeClient): void {
    if (this.#client !== client) return;
    this.#drop();
    this.#become("lost");
    if (!this.#isLooking) this.#watch(0);
  }

  #drop(): void {
    const client = this.#client;
    this.#client = undefined;
    client?.release(true);
  }

  #become(state: OwnerLockState): void {
    if (state === this.#state || this.#isReleased) return;
    this.#state = state;
    this.#onState(state);
  }

  #watch(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#isReleased) this.#timer = setTimeout(() => this.#look(), ms).unref();
  }

  async #look(): Promise<void> {
    const client = this.#client;
    this.#isLooking = true;
    try {
      // A silent connection answers no ping, and the server may have released the lock by then.
      if (client) await client.query({ text: "select 1" });
      else this.#become((await this.#acquire()) ? "held" : "taken");
    } catch {
      // The health check says why the server is away; here it only means to try again.
      if (client) this.#lost(client);
    } finally {
      this.#isLooking = false;
      this.#watch(this.#client ? PING_MS : RETRY_MS);
    }
  }
}
