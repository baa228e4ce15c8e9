import {
  type Clock,
  DomainError,
  invalid,
  type Key,
  type KeyId,
  type Pool,
  parseRegion,
  placeName,
  type Scheduler,
  type Scope,
  SERVICES,
  type Service,
  statusAt,
} from "../../domain/index.ts";
import type { ClientBudgets } from "../access/client-budgets.ts";
import type { Keyring, LeftQueues } from "../keyring/keyring.ts";
import type { HandOutKey } from "./hand-out-key.ts";
import { type KeyWatch, Watcher, type Watching } from "./key-watch.ts";
import { SpreadStarts } from "./spread-starts.ts";
import { type KeyAnswer, WatcherLine } from "./watcher-line.ts";

/** What is to be watched. */
export interface Watch extends Pool {
  /** After how long the key is changed though it can still be used, in milliseconds, 1,000 to a day. Default: never. */
  readonly rotateMs?: number | undefined;
  /**
   * The id of the last key that was told, on whichever instance: if that can still be used it is gone on with, and no use
   * is counted. Default: another key.
   */
  readonly after?: string | undefined;
}

/** How many watch a service here. */
export interface WatcherCount {
  readonly service: Service;
  readonly count: number;
}

interface Parts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly keyring: Pick<Keyring, "usable" | "look">;
  readonly handOutKey: HandOutKey;
  readonly budgets: ClientBudgets;
  /** Told why those who watch could not be given a key, once until one can. */
  readonly onFault: (error: unknown) => void;
}

/** A hand-out that is under way: its key may be gone by the time of the answer. */
interface Taking {
  readonly watcher: Watcher;
  readonly gone: Set<KeyId>;
}

const LONGEST_ROTATION_MS = 86_400_000;
/** Hand-outs that begin before anything else of the process has its turn. */
const STARTS = 50;
const ID = /^(\d{1,15})-(\d{1,15})$/;

/**
 * Gives each watcher a key, and another as soon as that is out of its reach, whoever has put it there. It learns so from
 * what passes through the keyring, and looks for itself where news may have been lost.
 */
export class WatchKey {
  readonly #parts: Parts;
  readonly #starts: SpreadStarts;
  readonly #watchers = new Set<Watcher>();
  readonly #holders = new Map<KeyId, Set<Watcher>>();
  readonly #lines = new Map<string, WatcherLine>();
  /** The lines of each service and region. */
  readonly #places = new Map<string, Map<string, WatcherLine>>();
  readonly #taking = new Set<Taking>();
  #isOver = false;
  #isFailing = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#starts = new SpreadStarts(parts.scheduler, STARTS);
    parts.clock.onStep?.(() => this.stir());
  }

  /**
   * Resolves with the first notice to be read: a key, or that there is none. A pool outside of `scope` is one without
   * keys. Throws `invalid_request`; `budget_exhausted` when `client`, the id of a token, has had its keys for this hour,
   * who is told of no key when that comes later; what a hand-out throws.
   */
  async execute({ rotateMs, after, ...asked }: Watch, scope?: Scope, client?: string): Promise<KeyWatch> {
    const pool = { ...asked, region: parseRegion(asked.region) };
    checkRotation(rotateMs);
    const watcher = new Watcher({ pool, scope, client, rotateMs }, (closed) => this.#forget(closed));
    if (!this.#isOver && (after === undefined || !(await this.#resume(watcher, after)))) {
      const got = await this.#take(watcher);
      if (got.status !== "key") this.#lineOf(watcher).wait(watcher, got);
    }
    // Meanwhile the pool may have stopped.
    if (this.#isOver) watcher.end();
    return watcher;
  }

  /** Whether somebody here has the key. */
  has(id: KeyId): boolean {
    return this.#holders.has(id);
  }

  /** Whether somebody here has the key, or may be about to. */
  mayHave(id: KeyId): boolean {
    return this.has(id) || this.#taking.size > 0;
  }

  /** Looks in the store whether those keys can still be used. */
  look(ids: readonly KeyId[]): Promise<void> {
    return this.#parts.keyring.look(ids);
  }

  lookAfterAll(): Promise<void> {
    return this.look([...this.#holders.keys()]);
  }

  count(): readonly WatcherCount[] {
    return SERVICES.map((service) => {
      let count = 0;
      for (const { asked } of this.#watchers) if (asked.pool.service === service) count++;
      return { service, count };
    });
  }

  /** Tells everybody that it is the end. */
  end(): void {
    this.#isOver = true;
    for (const watcher of this.#watchers) watcher.end();
  }

  /** Keys may have come back, any of them: asks for those who wait. */
  stir(): void {
    for (const line of this.#lines.values()) line.stir();
  }

  /** The store holds that the key is out of reach. */
  noteRestricted(id: KeyId, from: LeftQueues): void {
    for (const watcher of this.#holders.get(id) ?? []) if (watcher.misses(from)) this.#lose(watcher);
    for (const { watcher, gone } of this.#taking) if (watcher.misses(from)) gone.add(id);
  }

  /** Another thing is known of a key than before. */
  noteKnown(before: Key | undefined, after: Key | undefined): void {
    const key = after ?? before;
    if (key === undefined || (this.#watchers.size === 0 && this.#taking.size === 0)) return;
    const { id } = key;
    const usable =
      after && statusAt(after.standing, this.#parts.clock.now()) === "enabled" ? after : undefined;
    const isLost = (watcher: Watcher) => usable === undefined || !watcher.fits(usable);
    for (const watcher of this.#holders.get(id) ?? []) if (isLost(watcher)) this.#lose(watcher);
    for (const { watcher, gone } of this.#taking) if (isLost(watcher)) gone.add(id);
    for (const place of new Set([before, after])) {
      for (const line of (place && this.#places.get(placeName(place))?.values()) ?? []) line.stir();
    }
  }

  async #resume(watcher: Watcher, after: string): Promise<boolean> {
    const [, id, handedAt] = ID.exec(after)?.map(Number) ?? [];
    if (id === undefined || handedAt === undefined) return false;
    const taking = { watcher, gone: new Set<KeyId>() };
    this.#taking.add(taking);
    try {
      const found = await this.#parts.keyring.usable(id);
      if (!found || !watcher.fits(found.key) || taking.gone.has(id)) return false;
      const { rotateMs, client } = watcher.asked;
      const at = Math.min(handedAt, found.at);
      if (rotateMs !== undefined && at + rotateMs <= found.at) return false;
      if (client !== undefined) this.#parts.budgets.hand(client, id, found.at);
      this.#hold(watcher, found.key, at, found.at);
      return true;
    } finally {
      this.#taking.delete(taking);
    }
  }

  /** Takes the next key for the watcher. Throws what a hand-out does. */
  async #take(watcher: Watcher): Promise<KeyAnswer> {
    const { pool, scope, client } = watcher.asked;
    for (;;) {
      await this.#starts.take();
      const taking = { watcher, gone: new Set<KeyId>() };
      this.#taking.add(taking);
      try {
        const turn = await this.#parts.handOutKey.execute(pool, scope, client);
        if (turn.status === "no-key") return { status: "none", availableAt: null, inMs: Infinity };
        if (turn.status === "all-away") {
          return { status: "none", availableAt: turn.until, inMs: turn.until - turn.at };
        }
        if (taking.gone.has(turn.key.id)) continue;
        this.#hold(watcher, turn.key, turn.at, turn.at);
        return { status: "key" };
      } finally {
        this.#taking.delete(taking);
      }
    }
  }

  /** The same for a watcher that is there already, and has to be told. */
  async #takeLater(watcher: Watcher): Promise<KeyAnswer> {
    try {
      const got = await this.#take(watcher);
      this.#isFailing = false;
      return got;
    } catch (error) {
      if (error instanceof DomainError && error.code === "budget_exhausted") {
        return { status: "barred", until: this.#parts.clock.now() + (error.retryAfterMs ?? 0) };
      }
      if (!this.#isFailing) this.#parts.onFault(error);
      this.#isFailing = true;
      return { status: "failed" };
    }
  }

  /** `since` is when it was handed out. */
  #hold(watcher: Watcher, key: Key, since: number, now: number): void {
    if (watcher.isOver) return;
    this.#lineOf(watcher).served(watcher);
    this.#letGo(watcher);
    watcher.key = key;
    const holders = this.#holders.get(key.id);
    if (holders) holders.add(watcher);
    else this.#holders.set(key.id, new Set([watcher]));
    const { rotateMs } = watcher.asked;
    if (rotateMs !== undefined) this.#rotateIn(watcher, since + rotateMs - now);
    watcher.tell({ kind: "key", id: `${key.id}-${since}`, key, at: since });
  }

  #rotateIn(watcher: Watcher, ms: number): void {
    watcher.stopRotation();
    watcher.stopRotation = this.#parts.scheduler.after(ms, () => this.#lineOf(watcher).ask(watcher));
  }

  #lose(watcher: Watcher): void {
    this.#letGo(watcher);
    this.#lineOf(watcher).ask(watcher);
  }

  #letGo(watcher: Watcher): void {
    watcher.stopRotation();
    const id = watcher.key?.id;
    watcher.key = undefined;
    const holders = id === undefined ? undefined : this.#holders.get(id);
    holders?.delete(watcher);
    if (id !== undefined && holders?.size === 0) this.#holders.delete(id);
  }

  /** The line that the watcher is in, from now on if it was not. */
  #lineOf(watcher: Watcher): WatcherLine {
    const name = nameOf(watcher.asked);
    let line = this.#lines.get(name);
    if (line === undefined) {
      const { clock, scheduler } = this.#parts;
      const get = (member: Watcher) => this.#takeLater(member);
      const onKept = (member: Watcher) =>
        this.#rotateIn(member, member.asked.rotateMs ?? LONGEST_ROTATION_MS);
      line = new WatcherLine({ clock, scheduler, get, onKept });
      this.#lines.set(name, line);
      const place = placeName(watcher.asked.pool);
      const lines = this.#places.get(place);
      if (lines) lines.set(name, line);
      else this.#places.set(place, new Map([[name, line]]));
    }
    if (!this.#watchers.has(watcher)) {
      this.#watchers.add(watcher);
      line.join(watcher);
    }
    return line;
  }

  #forget(watcher: Watcher): void {
    if (!this.#watchers.delete(watcher)) return;
    this.#letGo(watcher);
    const name = nameOf(watcher.asked);
    const line = this.#lines.get(name);
    line?.leave(watcher);
    if (!line?.isEmpty) return;
    this.#lines.delete(name);
    const place = placeName(watcher.asked.pool);
    const lines = this.#places.get(place);
    lines?.delete(name);
    if (lines?.size === 0) this.#places.delete(place);
  }
}

function checkRotation(rotateMs: number | undefined): void {
  if (rotateMs === undefined || (rotateMs >= 1_000 && rotateMs <= LONGEST_ROTATION_MS)) return;
  throw invalid({ field: "rotateMs", message: "must be from 1,000 to 86,400,000 milliseconds" });
}

function nameOf({ pool: { service, region, tag }, scope }: Watching): string {
  return JSON.stringify([service, region, tag, scope]);
}
