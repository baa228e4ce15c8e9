import {
  type AccessToken,
  type ChainedAuditEntry,
  type Key,
  type KeyDraft,
  type KeyId,
  keyNotFound,
  type LogDraft,
  type LogEntry,
  type Service,
  type SettingEntry,
  toLogFields,
  type Usage,
} from "../../domain/index.ts";

export type StoredKey = Key & Usage;

/** The data that the in-memory adapters share. Changes are synchronous, hence atomic. */
export class InMemoryDatabase {
  readonly keys = new Map<KeyId, StoredKey>();
  readonly #idBySecret = new Map<string, KeyId>();
  readonly settings = new Map<string, SettingEntry>();
  readonly tokens = new Map<string, AccessToken>();
  /** In the order in which they were written. */
  audit: ChainedAuditEntry[] = [];
  /** In the order in which they were written. */
  logs: LogEntry[] = [];
  #lastKeyId = 0;
  #lastLogId = 0;

  insert(draft: KeyDraft): Key {
    this.#lastKeyId += 1;
    const key = { ...draft, id: this.#lastKeyId, placement: 0 };
    this.keys.set(key.id, { ...key, usageCount: 0, errorCount: 0, lastUsedAt: null });
    this.#idBySecret.set(`${key.service} ${key.secret}`, key.id);
    return key;
  }

  delete(id: KeyId): boolean {
    const key = this.keys.get(id);
    if (key !== undefined) this.#idBySecret.delete(`${key.service} ${key.secret}`);
    return this.keys.delete(id);
  }

  holder(service: Service, secret: string): StoredKey | undefined {
    const id = this.#idBySecret.get(`${service} ${secret}`);
    return id === undefined ? undefined : this.keys.get(id);
  }

  key(id: KeyId): StoredKey {
    const key = this.keys.get(id);
    if (key === undefined) throw keyNotFound();
    return key;
  }

  write(entry: LogDraft | null): void {
    if (entry === null) return;
    this.#lastLogId += 1;
    this.logs.push({ ...toLogFields(entry), id: this.#lastLogId });
  }
}
