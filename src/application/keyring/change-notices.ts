import type { KeyId, KeyLogDraft, News } from "../../domain/index.ts";

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
  readonly #news: News | undefined;
  readonly #listeners: ChangeListeners;

  constructor(news: News | undefined, listeners: ChangeListeners) {
    this.#news = news;
    this.#listeners = listeners;
  }

  changed(id: KeyId, entry: KeyLogDraft | null): void {
    this.#news?.publish({ kind: "key-changed", id }).catch(() => {
      // It is one of the messages that may be lost.
    });
    this.#listeners.onChange?.(id, entry);
  }

  corrected(id: KeyId): void {
    this.#listeners.onCorrection?.(id);
  }
}
