import type { FeedEntry, FeedFollower } from "../../domain/index.ts";
import { parseEvent } from "./event-text.ts";

interface Message {
  readonly id: string;
  readonly message: Readonly<Record<string, unknown>>;
}

/** A client that does nothing else, because a read waits for what comes. */
export interface FeedReader {
  readonly isReady: boolean;
  xRead(stream: { key: string; id: string }, options: { BLOCK: number; COUNT: number }): Promise<unknown>;
  xRevRange(key: string, end: string, start: string, options: { COUNT: number }): Promise<unknown>;
}

export const MOST_KEPT = 10_000;
/** The field of an entry that says that others are missing. */
export const GAP = "gap";
/** The field with an event. */
export const EVENT = "event";

const BEGINNING = "0-0";
const PORTION = 1_000;
/** Less than a client waits for the answer to its ping, which has to wait for this. */
const WAIT_MS = 1_000;
const RETRY_MS = 100;

/** Lets one follower take a stream, from what is kept on; goes on where it was when a connection is replaced. */
export class FeedReading {
  readonly #reader: FeedReader;
  readonly #key: string;
  readonly #follower: FeedFollower;
  #isOver = false;
  /** Undefined before anything was read. */
  #lastId: string | undefined;

  constructor(reader: FeedReader, key: string, follower: FeedFollower) {
    this.#reader = reader;
    this.#key = key;
    this.#follower = follower;
  }

  /** Reads what is kept, and goes on by itself. Resolves also when that fails. */
  async begin(): Promise<void> {
    let isSure = false;
    if (this.#reader.isReady) {
      try {
        await this.#takeAll();
        isSure = true;
      } catch {
        // What is there is read as soon as it can be.
      }
    }
    void this.#goOn(isSure);
  }

  end(): void {
    this.#isOver = true;
  }

  async #goOn(isSure: boolean): Promise<void> {
    while (!this.#isOver) {
      try {
        if (!this.#reader.isReady) throw new Error("Redis is not connected");
        if (!isSure) await this.#makeSure();
        // Once nothing comes, it may be that the stream was made anew, with ids that are behind ours.
        isSure = await this.#readOn();
      } catch {
        isSure = false;
        await new Promise<void>((resolve) => void setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }

  /** Whether anything came. */
  async #readOn(): Promise<boolean> {
    const stream = { key: this.#key, id: this.#lastId ?? BEGINNING };
    const found = await this.#reader.xRead(stream, { BLOCK: WAIT_MS, COUNT: PORTION });
    const messages = (found as readonly { readonly messages: readonly Message[] }[] | null)?.[0]?.messages;
    if (!messages?.length) return false;
    this.#take(messages);
    return true;
  }

  /** Looks whether the stream goes on behind what was read last. Where it does not, all of it is read again. */
  async #makeSure(): Promise<void> {
    if (this.#lastId !== undefined) {
      const [newest] = await this.#range("+", "-", 1);
      if (newest?.id === this.#lastId) return;
      if (newest === undefined) {
        if (this.#lastId === BEGINNING) return;
      } else if (isAfter(newest.id, this.#lastId)) {
        if (this.#lastId === BEGINNING) return;
        if ((await this.#range(this.#lastId, this.#lastId, 1)).length > 0) return;
      }
    }
    await this.#takeAll(() => this.#follower.miss());
  }

  /** `ahead` is called in one turn with the taking: who reads on from a miss is behind what was kept, and told none of it again. */
  async #takeAll(ahead?: () => void): Promise<void> {
    const messages = await this.#range("+", "-", MOST_KEPT);
    if (!this.#isOver) ahead?.();
    this.#lastId = BEGINNING;
    this.#take(messages.toReversed());
  }

  async #range(end: string, start: string, count: number): Promise<readonly Message[]> {
    return (await this.#reader.xRevRange(this.#key, end, start, { COUNT: count })) as readonly Message[];
  }

  #take(messages: readonly Message[]): void {
    if (this.#isOver) return;
    let entries: FeedEntry[] = [];
    const pass = () => {
      if (entries.length > 0) this.#follower.take(entries);
      entries = [];
    };
    for (const { id, message } of messages) {
      this.#lastId = id;
      const event = parseEvent(message[EVENT]);
      if (event) {
        entries.push({ id, event });
      } else if (GAP in message) {
        pass();
        this.#follower.miss();
      }
    }
    pass();
  }
}

function isAfter(id: string, other: string): boolean {
  const [ms, number] = numbersOf(id);
  const [otherMs, otherNumber] = numbersOf(other);
  return ms > otherMs || (ms === otherMs && number > otherNumber);
}

function numbersOf(id: string): readonly [number, number] {
  const [ms = "0", number = "0"] = id.split("-");
  return [Number(ms), Number(number)];
}
