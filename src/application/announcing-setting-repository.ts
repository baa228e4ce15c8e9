import type { LogDraft, News, SettingChange, SettingEntry, SettingRepository } from "../domain/index.ts";

/** Tells the news when a setting has changed, on the same terms as `AnnouncingKeyRepository`. */
export class AnnouncingSettingRepository implements SettingRepository {
  readonly #inner: SettingRepository;
  readonly #news: News;

  constructor(inner: SettingRepository, news: News) {
    this.#inner = inner;
    this.#news = news;
  }

  all(): Promise<readonly SettingEntry[]> {
    return this.#inner.all();
  }

  seed(entries: readonly SettingEntry[]): Promise<void> {
    return this.#inner.seed(entries);
  }

  async apply(changes: readonly SettingChange[], entry: LogDraft | null): Promise<void> {
    await this.#inner.apply(changes, entry);
    this.#news.publish({ kind: "settings-changed" }).catch(() => {
      // It is one of the messages that may be lost.
    });
  }
}
