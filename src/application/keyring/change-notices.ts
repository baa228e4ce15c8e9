import type { Announcement, KeyId, KeyLogDraft } from "../../domain/index.ts";

export interface ChangeListeners {
  /** A change of a key has become durable; `entry` is its log row. Changes that are logged together have none. */
  readonly onChange?: (id: KeyId, entry: KeyLogDraft | null) => void;
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

  changed(id: KeyId, entry: KeyLogDraft | null): void {
    this.#announce({ kind: "key-changed", id });
    this.#listeners.onChange?.(id, entry);
  }

  corrected(id: KeyId): void {
    this.#listeners.onCorrection?.(id);
  }
}
