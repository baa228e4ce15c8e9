import type { Announcement, Key, KeyId, KeyLogDraft } from "../../domain/index.ts";

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

export interface ChangeListeners {
  readonly onChange?: (change: DurableChange) => void;
  /** The cooldown store held a standing of this key that nobody has written, and was put right. */
  readonly onCorrection?: (id: KeyId) => void;
}

/**
 * Notifies the other instances, and the listeners in this process, where a write has become durable. Nobody
 * waits for it, and reconciling makes up for news that is lost.
 */
export class ChangeNotices {
  readonly #announce: (announcement: Announcement) => void;
  readonly #listeners: ChangeListeners;

  constructor(announce: (announcement: Announcement) => void, listeners: ChangeListeners) {
    this.#announce = announce;
    this.#listeners = listeners;
  }

  changed(key: ShownKey, entry: KeyLogDraft | null, left?: Place): void {
    const { id, service, region, name, tag, standing } = key;
    this.#announce({ kind: "key-changed", id });
    const change = { key: { id, service, region, name, tag, standing }, entry };
    this.#listeners.onChange?.(left ? { ...change, left: placeOf(left) } : change);
  }

  corrected(id: KeyId): void {
    this.#listeners.onCorrection?.(id);
  }
}

/** Without what must not be told on. */
function placeOf({ region, name, tag }: Place): Place {
  return { region, name, tag };
}
