import type { Announcement, Key, KeyId, KeyLogDraft } from "../../domain/index.ts";
import type { OnKnown } from "./known-keys.ts";
import type { Pause } from "./pause.ts";

/** A change of a key that has become durable. */
export interface DurableChange {
  /** The key as the change has left it, or as it was before it was deleted. */
  readonly key: ShownKey;
  /** Its log row. Changes that are logged together have none. */
  readonly entry: KeyLogDraft | null;
  /** Where the key was and what it was called there, when it has been moved or tagged. */
  readonly left?: Place;
}

/** A key without what must not be told on. */
type ShownKey = Pick<Key, "id" | "service" | "region" | "name" | "tag" | "standing">;

type Place = Pick<Key, "region" | "name" | "tag">;

/** What a key has left in the store: all of its queues, or only that of its tag. */
export type LeftQueues = "all" | "tag";

export interface ChangeListeners {
  readonly onChange?: (change: DurableChange) => void;
  /** The cooldown store held a standing of this key that nobody has written, and was put right. */
  readonly onCorrection?: (id: KeyId) => void;
  /** The key rests, is disabled or has left, as the store has it; it may not be durable yet. */
  readonly onRestricted?: (id: KeyId, from: LeftQueues) => void;
  /** What this process knows of a key has changed. */
  readonly onKnown?: OnKnown;
}

interface Parts {
  /** Tells the other instances, if there are any. */
  readonly announce: (announcement: Announcement) => void;
  readonly pause: Pause;
  readonly listeners?: ChangeListeners;
}

/** Who has the key elsewhere is to hear within 50 ms that it is out of reach, however slow the storage is. */
const TELL_AHEAD_MS = 20;

/**
 * Notifies the other instances, and the listeners in this process, where a write has become durable, and where a key is
 * out of reach ahead of that. Nobody waits for it, and reconciling makes up for news that is lost.
 */
export class ChangeNotices {
  readonly #announce: Parts["announce"];
  readonly #pause: Pause;
  readonly #listeners: ChangeListeners;

  constructor({ announce, pause, listeners = {} }: Parts) {
    this.#announce = announce;
    this.#pause = pause;
    this.#listeners = listeners;
  }

  changed(key: ShownKey, entry: KeyLogDraft | null, left?: Place): void {
    const { id, service, region, name, tag, standing } = key;
    this.#announce({ kind: "key-changed", id });
    const change = { key: { id, service, region, name, tag, standing }, entry };
    this.#listeners.onChange?.(left ? { ...change, left: placeOf(left) } : change);
  }

  /**
   * The store has taken a restriction, and `written` is its write: this process is told at once, and the other instances
   * when that is refused or takes long. Otherwise they hear of it when it is durable.
   */
  restricted(id: KeyId, from: LeftQueues, written: Promise<unknown>): void {
    this.#listeners.onRestricted?.(id, from);
    const told = written.then(
      () => true,
      () => false,
    );
    const late = this.#pause(TELL_AHEAD_MS).then(() => false);
    void Promise.race([told, late]).then((isTold) => {
      if (!isTold) this.#announce({ kind: "key-restricted", id });
    });
  }

  /** A look into the store has found the key out of reach there. */
  foundRestricted(id: KeyId): void {
    this.#listeners.onRestricted?.(id, "all");
  }

  corrected(id: KeyId): void {
    this.#listeners.onCorrection?.(id);
  }
}

/** Without what must not be told on. */
function placeOf({ region, name, tag }: Place): Place {
  return { region, name, tag };
}
