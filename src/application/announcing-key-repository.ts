import type {
  Key,
  KeyDescription,
  KeyDraft,
  KeyFilter,
  KeyId,
  KeyPage,
  KeyPlace,
  KeyQuery,
  KeyRepository,
  LogDraft,
  News,
  Service,
  Standing,
  Usage,
  UsageDelta,
} from "../domain/index.ts";

/** Tells the news when something has become durable. Nobody waits for it, and reconciling makes up for a loss. */
export class AnnouncingKeyRepository implements KeyRepository {
  readonly #inner: KeyRepository;
  readonly #news: News;

  constructor(inner: KeyRepository, news: News) {
    this.#inner = inner;
    this.#news = news;
  }

  load(): AsyncIterable<readonly Key[]> {
    return this.#inner.load();
  }

  pools(): Promise<readonly KeyPlace[]> {
    return this.#inner.pools();
  }

  loadPool(service: Service, region: string): AsyncIterable<readonly Key[]> {
    return this.#inner.loadPool(service, region);
  }

  get(id: KeyId): Promise<Key | undefined> {
    return this.#inner.get(id);
  }

  findBySecret(service: Service, secret: string): Promise<Key | undefined> {
    return this.#inner.findBySecret(service, secret);
  }

  list(query: KeyQuery, now: number): Promise<KeyPage> {
    return this.#inner.list(query, now);
  }

  scan(filter: KeyFilter, now: number): AsyncIterable<readonly (Key & Usage)[]> {
    return this.#inner.scan(filter, now);
  }

  count(service: Service, now: number) {
    return this.#inner.count(service, now);
  }

  addUsage(deltas: readonly UsageDelta[]): Promise<void> {
    return this.#inner.addUsage(deltas);
  }

  async add(draft: KeyDraft, entry: LogDraft | null): Promise<Key> {
    const key = await this.#inner.add(draft, entry);
    this.#tell("key-changed", key.id);
    return key;
  }

  async describe(
    id: KeyId,
    changes: Partial<KeyDescription>,
    entry: LogDraft | null,
    expectedRegion?: string,
  ): Promise<Key | undefined> {
    const key = await this.#inner.describe(id, changes, entry, expectedRegion);
    if (key) this.#tell("key-changed", id);
    return key;
  }

  async settle(
    id: KeyId,
    standing: Standing,
    entry: LogDraft | null,
    expected?: Standing,
  ): Promise<Standing> {
    const durable = await this.#inner.settle(id, standing, entry, expected);
    if (entry) this.#tell("key-changed", id);
    return durable;
  }

  async remove(id: KeyId, entry: LogDraft | null): Promise<void> {
    await this.#inner.remove(id, entry);
    this.#tell("key-changed", id);
  }

  #tell(kind: "key-changed", id: KeyId): void {
    this.#news.publish({ kind, id }).catch(() => {
      // It is one of the messages that may be lost.
    });
  }
}
