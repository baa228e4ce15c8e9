import {
  compareListed,
  countByPool,
  DomainError,
  isListed,
  keyNotFound,
  merge,
  sameStanding,
  statusAt,
} from "azure-key-pool/domain";
import type {
  Key,
  KeyCounts,
  KeyDescription,
  KeyDraft,
  KeyFilter,
  KeyId,
  KeyLogDraft,
  KeyPage,
  KeyPlace,
  KeyQuery,
  KeyRepository,
  PoolCounts,
  Service,
  Standing,
  Usage,
  UsageDelta,
} from "azure-key-pool/ports";
import type { JsonFile, StoredKey } from "./json-file.ts";

const PAGE = 500;

export class JsonKeyRepository implements KeyRepository {
  readonly #file: JsonFile;

  constructor(file: JsonFile) {
    this.#file = file;
  }

  async *load(): AsyncGenerator<readonly Key[]> {
    yield inHandOutOrder(this.#keys);
  }

  async pools(): Promise<readonly KeyPlace[]> {
    const places = this.#keys.map(
      ({ service, region }) => [`${service} ${region}`, { service, region }] as const,
    );
    return [...new Map(places).values()];
  }

  async *loadPool(service: Service, region: string): AsyncGenerator<readonly Key[]> {
    yield inHandOutOrder(this.#keys.filter((key) => key.service === service && key.region === region));
  }

  async get(id: KeyId): Promise<Key | undefined> {
    return this.#keys.filter((key) => key.id === id).map(withoutUsage)[0];
  }

  async findBySecret(service: Service, secret: string): Promise<Key | undefined> {
    return this.#keys.filter((key) => key.service === service && key.secret === secret).map(withoutUsage)[0];
  }

  async list(query: KeyQuery, now: number): Promise<KeyPage> {
    const { offset = 0, limit = Number.POSITIVE_INFINITY } = query;
    const keys = this.#matching(query, now);
    if (query.sort) keys.sort(compareListed(query.sort));
    return { keys: keys.slice(offset, offset + limit), total: keys.length };
  }

  async *scan(filter: KeyFilter, now: number): AsyncGenerator<readonly (Key & Usage)[]> {
    const keys = this.#matching(filter, now);
    for (let start = 0; start < keys.length; start += PAGE) yield keys.slice(start, start + PAGE);
  }

  async count(service: Service, now: number): Promise<KeyCounts> {
    const counts = { enabled: 0, cooldown: 0, disabled: 0 };
    for (const key of this.#keys) if (key.service === service) counts[statusAt(key.standing, now)] += 1;
    return counts;
  }

  async countPools(now: number): Promise<readonly PoolCounts[]> {
    return countByPool(this.#keys, now);
  }

  async add(draft: KeyDraft, entry: KeyLogDraft | null): Promise<Key> {
    const { content } = this.#file;
    if (content.keys.some(({ service, secret }) => service === draft.service && secret === draft.secret)) {
      throw new DomainError("key_exists", "Key already exists");
    }
    content.lastKeyId += 1;
    const key = { ...draft, id: content.lastKeyId, placement: 0 };
    content.keys.push({ ...key, usageCount: 0, errorCount: 0, lastUsedAt: null });
    this.#file.addLog(entry && { ...entry, keyId: key.id });
    await this.#file.saved();
    return key;
  }

  async describe(
    id: KeyId,
    changes: Partial<KeyDescription>,
    entry: KeyLogDraft | null,
    expectedRegion?: string,
  ): Promise<Key | undefined> {
    const { region, placement } = this.#stored(id);
    if (expectedRegion !== undefined && region !== expectedRegion) return undefined;
    const isPlaced = [changes.region, changes.tag, changes.maxInFlight].some((given) => given !== undefined);
    const changed = this.#change(id, { ...changes, placement: placement + (isPlaced ? 1 : 0) });
    this.#file.addLog(entry);
    await this.#file.saved();
    return withoutUsage(changed);
  }

  async settle(
    id: KeyId,
    standing: Standing,
    entry: KeyLogDraft | null,
    expected?: Standing,
  ): Promise<Standing> {
    const stored = this.#stored(id).standing;
    if (expected && !sameStanding(stored, expected)) return stored;
    const durable = merge(standing, stored);
    this.#change(id, { standing: durable });
    if (durable.generation === standing.generation) this.#file.addLog(entry);
    await this.#file.saved();
    return durable;
  }

  async remove(id: KeyId, entry: KeyLogDraft | null): Promise<KeyPlace | undefined> {
    const stored = this.#keys.find((key) => key.id === id);
    if (!stored) return undefined;
    this.#file.content.keys = this.#keys.filter((key) => key !== stored);
    this.#file.addLog(entry);
    await this.#file.saved();
    return { service: stored.service, region: stored.region };
  }

  async addUsage(deltas: readonly UsageDelta[]): Promise<void> {
    for (const { id, uses, errors, lastUsedAt } of deltas) {
      const key = this.#keys.find((key) => key.id === id);
      if (!key) continue;
      this.#change(id, {
        usageCount: key.usageCount + uses,
        errorCount: key.errorCount + errors,
        lastUsedAt: lastUsedAt === null ? key.lastUsedAt : Math.max(lastUsedAt, key.lastUsedAt ?? 0),
      });
    }
    await this.#file.saved();
  }

  #matching(filter: KeyFilter, now: number): StoredKey[] {
    return this.#keys.filter((key) => isListed(key, filter, now));
  }

  get #keys(): readonly StoredKey[] {
    return this.#file.content.keys;
  }

  #stored(id: KeyId): StoredKey {
    const key = this.#keys.find((key) => key.id === id);
    if (!key) throw keyNotFound();
    return key;
  }

  #change(id: KeyId, changes: Partial<StoredKey>): StoredKey {
    const changed = { ...this.#stored(id), ...changes };
    this.#file.content.keys = this.#keys.map((key) => (key.id === id ? changed : key));
    return changed;
  }
}

function inHandOutOrder(keys: readonly StoredKey[]): readonly Key[] {
  return keys
    .toSorted((a, b) => (a.lastUsedAt ?? -1) - (b.lastUsedAt ?? -1) || a.id - b.id)
    .map(withoutUsage);
}

function withoutUsage({ usageCount, errorCount, lastUsedAt, ...key }: StoredKey): Key {
  return key;
}
