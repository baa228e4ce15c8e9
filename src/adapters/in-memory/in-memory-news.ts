import type { Announcement, News } from "../../domain/index.ts";

/** News within one process. */
export class InMemoryNews implements News {
  readonly #listeners = new Set<(announcement: Announcement) => void>();

  async publish(announcement: Announcement): Promise<void> {
    for (const listener of [...this.#listeners]) listener(announcement);
  }

  async subscribe(listener: (announcement: Announcement) => void): Promise<() => Promise<void>> {
    // A new function for each subscription, so that one listener can subscribe twice.
    const deliver = (announcement: Announcement) => listener(announcement);
    this.#listeners.add(deliver);
    return async () => {
      this.#listeners.delete(deliver);
    };
  }
}
