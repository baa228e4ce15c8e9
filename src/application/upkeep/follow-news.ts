import type { Announcement, KeyId, News, WholePool } from "../../domain/index.ts";
import type { Access } from "../access/access.ts";
import type { WatchKey } from "../hand-outs/watch-key.ts";
import type { Keyring } from "../keyring/keyring.ts";
import type { LoadSettings } from "../settings/load-settings.ts";

interface Parts {
  readonly news: News;
  readonly keyring: Keyring;
  readonly loadSettings: LoadSettings;
  /** Absent where callers are not known by tokens. */
  readonly access: Access | undefined;
  readonly watchKey: Pick<WatchKey, "has" | "mayHave" | "look">;
  /** Those who wait for a lease of this pool may ask again. */
  readonly onRoom: (pool: WholePool) => void;
  readonly onFault: (error: unknown) => void;
}

/** More announcements than this are not kept; reconciling finds what they were about. */
const MOST_WAITING = 100_000;

/** Reads again what other instances say they have changed. A burst about one key becomes one read. */
export class FollowNews {
  readonly #parts: Parts;
  readonly #waiting = new Set<KeyId | "settings" | "tokens">();
  /** Those of the keys that somebody has: he is to have another one soon, however many others wait. */
  readonly #watched = new Set<KeyId>();
  #following: Promise<void> | undefined;
  #subscribed: Promise<() => Promise<void>> | undefined;
  #isReading = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Subscribes if it has not yet. What is announced waits until `execute`, lest it be read too early. */
  async listen(): Promise<void> {
    try {
      this.#subscribed ??= this.#parts.news.subscribe((announcement) => this.#note(announcement));
      await this.#subscribed;
    } catch (error) {
      this.#subscribed = undefined;
      throw error;
    }
  }

  /** Listens, and reads what waits; from now on also what comes. What fails is kept for the next time. */
  async execute(): Promise<void> {
    await this.listen();
    this.#isReading = true;
    await this.#follow();
  }

  /** Ends the subscription; resolves when nothing is read any more. What still waits is forgotten. */
  async stop(): Promise<void> {
    const subscribed = this.#subscribed;
    this.#subscribed = undefined;
    this.#isReading = false;
    try {
      // One that fails needs no end, and its fault is its caller's.
      const unsubscribe = await subscribed?.catch(() => undefined);
      await unsubscribe?.();
    } finally {
      await this.#following?.catch(() => {});
      this.#waiting.clear();
      this.#watched.clear();
    }
  }

  #note(announcement: Announcement): void {
    if (announcement.kind === "key-restricted") {
      this.#look(announcement.id);
      return;
    }
    if (announcement.kind === "room-made") {
      this.#parts.onRoom(announcement);
      return;
    }
    const subject = subjectOf(announcement);
    if (typeof subject === "number" && this.#waiting.size >= MOST_WAITING) return;
    if (typeof subject === "number" && this.#parts.watchKey.has(subject)) this.#watched.add(subject);
    this.#waiting.add(subject);
    if (this.#isReading && !this.#following) this.#follow().catch(this.#parts.onFault);
  }

  #look(id: KeyId): void {
    const { watchKey, onFault } = this.#parts;
    if (this.#isReading && watchKey.mayHave(id)) watchKey.look([id]).catch(onFault);
  }

  async #follow(): Promise<void> {
    if (this.#waiting.size > 0) this.#following ??= this.#readAll();
    await this.#following;
  }

  /** Tokens go first: one that was revoked is to be refused within a second, however many keys wait. */
  #next(): KeyId | "settings" | "tokens" | undefined {
    if (this.#waiting.has("tokens")) return "tokens";
    const [first] = this.#watched.size > 0 ? this.#watched : this.#waiting;
    return first;
  }

  /** One after the other: a burst must not become as many reads at once. */
  async #readAll(): Promise<void> {
    const { keyring, loadSettings, access } = this.#parts;
    try {
      for (let subject = this.#next(); subject !== undefined; subject = this.#next()) {
        if (!this.#isReading) return;
        this.#waiting.delete(subject);
        if (typeof subject === "number") this.#watched.delete(subject);
        try {
          if (subject === "settings") await loadSettings.execute();
          else if (subject === "tokens") await access?.load();
          else await keyring.learn(subject);
        } catch (error) {
          this.#waiting.add(subject);
          throw error;
        }
      }
    } finally {
      // In one step with the last look at what waits, or what is noted now would wait for the next time.
      this.#following = undefined;
    }
  }
}

type Read = Exclude<Announcement, { readonly kind: "key-restricted" | "room-made" }>;

function subjectOf(announcement: Read): KeyId | "settings" | "tokens" {
  switch (announcement.kind) {
    case "settings-changed":
      return "settings";
    case "tokens-changed":
      return "tokens";
    case "key-changed":
      return announcement.id;
  }
}
