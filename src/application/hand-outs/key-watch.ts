import type { Key, Pool, Scope } from "../../domain/index.ts";
import { isWithin } from "../access/in-scope.ts";
import type { LeftQueues } from "../keyring/keyring.ts";

/** What somebody who watches a pool is told. */
export type KeyNotice =
  /** The key to use from now on, until the next notice. The `id` lets him go on with it elsewhere: see `Watch.after`. */
  | { readonly kind: "key"; readonly id: string; readonly key: Key; readonly at: number }
  /**
   * There is no key for now, and a notice comes when there is. The first is back at `availableAt`, epoch milliseconds;
   * null where none comes back by itself.
   */
  | { readonly kind: "none"; readonly availableAt: number | null }
  /** The pool stops; nothing follows. */
  | { readonly kind: "end" };

/**
 * What somebody who watches is told, at his own pace: only the newest notice waits for him. As an iterable it is for one
 * reader, tells no `end`, and is closed when its loop is left.
 */
export interface KeyWatch extends AsyncIterable<Exclude<KeyNotice, { readonly kind: "end" }>> {
  /** The newest notice, if it has not been read; `end` is read again and again. */
  read(): KeyNotice | undefined;
  /** Calls `ring`, which must not throw, whenever there is something to read. In place of the one before. */
  onNews(ring: () => void): void;
  /** Ends it. */
  close(): void;
}

/** Who watches, and for what. */
export interface Watching {
  readonly pool: Pool;
  readonly scope: Scope | undefined;
  /** The id of a client's token. */
  readonly client: string | undefined;
  readonly rotateMs: number | undefined;
}

/** One who watches. */
export class Watcher implements KeyWatch {
  readonly asked: Watching;
  readonly #onClose: (watcher: Watcher) => void;
  /** The key that it has. */
  key: Key | undefined;
  /** Until when it gets none, whoever else does. */
  barredUntil = 0;
  /** Calls off what changes its key in time. */
  stopRotation: () => void = () => {};
  #unread: KeyNotice | undefined;
  #last: KeyNotice | undefined;
  #ring: () => void = () => {};
  #isOver = false;

  constructor(asked: Watching, onClose: (watcher: Watcher) => void) {
    this.asked = asked;
    this.#onClose = onClose;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether the key may be its key, as long as it can be used. */
  fits(key: Key): boolean {
    const { pool, scope } = this.asked;
    const isInPool = key.service === pool.service && key.region === pool.region;
    return isInPool && (pool.tag === undefined || key.tag === pool.tag) && isWithin(scope, key);
  }

  /** Whether a key that has left these queues is out of its reach. */
  misses(from: LeftQueues): boolean {
    const { pool, scope } = this.asked;
    return from === "all" || pool.tag !== undefined || scope?.tags !== undefined;
  }

  /** Keeps the newest notice; a `none` that repeats the last one is dropped. */
  tell(notice: KeyNotice): void {
    const last = this.#last;
    const isRepeated =
      notice.kind === "none" && last?.kind === "none" && last.availableAt === notice.availableAt;
    if (this.#isOver || isRepeated) return;
    this.#last = notice;
    this.#unread = notice;
    this.#ring();
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#unread = { kind: "end" };
    this.#leave();
  }

  read(): KeyNotice | undefined {
    const notice = this.#unread;
    if (notice?.kind !== "end") this.#unread = undefined;
    return notice;
  }

  onNews(ring: () => void): void {
    this.#ring = ring;
  }

  close(): void {
    this.#ring = () => {};
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Exclude<KeyNotice, { readonly kind: "end" }>> {
    try {
      for (;;) {
        const notice = this.read();
        if (notice?.kind === "end") return;
        if (notice) yield notice;
        else await new Promise<void>((resolve) => this.onNews(resolve));
      }
    } finally {
      this.close();
    }
  }

  #leave(): void {
    this.stopRotation();
    this.#onClose(this);
    this.#ring();
  }
}
