import {
  compareListed,
  countByPool,
  DomainError,
  isListed,
  type Key,
  type KeyCounts,
  type KeyDescription,
  type KeyDraft,
  type KeyFilter,
  type KeyId,
  type KeyLogDraft,
  type KeyPage,
  type KeyPlace,
  type KeyQuery,
  type KeyRepository,
  merge,
  type PoolCounts,
  type Service,
  type Standing,
  sameStanding,
  statusAt,
  type Usage,
  type UsageDelta,
} from "../../domain/index.ts";
import { InMemoryDatabase, type StoredKey } from "./in-memory-database.ts";

const CHUNK = 5000;
const PAGE = 500;

export class InMemoryKeyRepository implements KeyRepository {
  readonly #database: InMemoryDatabase;

  constructor(database: InMemoryDatabase = new InMemoryDatabase()) {
    this.#database = database;
  }

  load(): AsyncGenerator<readonly Key[]> {
    return inChunks([...this.#database.keys.values()]);
  }

  async pools(): Promise<readonly KeyPlace[]> {
    const places = new Map<string, KeyPlace>();
    for (const { service, region } of this.#database.keys.values()) {
      places.set(`${service} ${region}`, { service, region });
    }
    return [...places.values()];
  }

  loadPool(service: Service, region: string): AsyncGenerator<readonly Key[]> {
    return inChunks(this.#all(service).filter((key) => key.region === region));
  }

  async get(id: KeyId): Promise<Key | undefined> {
    const key = this.#database.keys.get(id);
    return key && withoutUsage(key);
  }

  async findBySecret(service: Service, secret: string): Promise<Key | undefined> {
    const key = this.#database.holder(service, secret);
    return key && withoutUsage(key);
  }

  async list(query: KeyQuery, now: number): Promise<KeyPage> {
    const { offset = 0, limit = Number.POSITIVE_INFINITY } = query;
    const matching = this.#matching(query, now);
    if (query.sort) matching.sort(compareListed(query.sort));
    return { keys: matching.slice(offset, offset + limit), total: matching.length };
  }

  async *scan(filter: KeyFilter, now: number): AsyncGenerator<readonly (Key & Usage)[]> {
    const keys = this.#matching(filter, now);
    for (let start = 0; start < keys.length; start += PAGE) yield keys.slice(start, start + PAGE);
  }

  async count(service: Service, now: number): Promise<KeyCounts> {
    const counts = { enabled: 0, cooldown: 0, disabled: 0 };
    for (const key of this.#all(service)) counts[statusAt(key.standing, now)] += 1;
    return counts;
  }

  async countPools(now: number): Promise<readonly PoolCounts[]> {
    return countByPool(this.#database.keys.values(), now);
  }

  async add(draft: KeyDraft, entry: KeyLogDraft | null): Promise<Key> {
    if (this.#database.holder(draft.service, draft.secret) !== undefined) {
      throw new DomainError("key_exists", "Key already exists");
    }
    const key = this.#database.insert(draft);
    this.#database.write(entry && { ...entry, keyId: key.id });
    return key;
  }

  async describe(
    id: KeyId,
    changes: Partial<KeyDescription>,
    entry: KeyLogDraft | null,
    expectedRegion?: string,
  ): Promise<Key | undefined> {
    const stored = this.#database.key(id);
    if (expectedRegion !== undefined && stored.region !== expectedRegion) return undefined;
    const { region, name, tag, maxInFlight } = { ...stored, ...changes };
    const isPlaced = [changes.region, changes.tag, changes.maxInFlight].some((given) => given !== undefined);
    const placement = stored.placement + (isPlaced ? 1 : 0);
    const changed = { ...stored, region, name, tag, maxInFlight, placement };
    this.#database.keys.set(id, changed);
    this.#database.write(entry);
    return withoutUsage(changed);
  }

  async settle(
    id: KeyId,
    standing: Standing,
    entry: KeyLogDraft | null,
    expected?: Standing,
  ): Promise<Standing> {
    const key = this.#database.key(id);
    if (expected && !sameStanding(key.standing, expected)) return key.standing;
    const durable = merge(standing, key.standing);
    this.#database.keys.set(id, { ...key, standing: durable });
    if (durable.generation === standing.generation) this.#database.write(entry);
    return durable;
  }

  async remove(id: KeyId, entry: KeyLogDraft | null): Promise<KeyPlace | undefined> {
    const stored = this.#database.keys.get(id);
    if (!stored) return undefined;
    this.#database.delete(id);
    this.#database.write(entry);
    return { service: stored.service, region: stored.region };
  }

  async addUsage(deltas: readonly UsageDelta[]): Promise<void> {
    for (const { id, uses, errors, lastUsedAt } of deltas) {
      const key = this.#database.keys.get(id);
      if (key === undefined) continue;
      const last = lastUsedAt === null ? key.lastUsedAt : Math.max(lastUsedAt, key.lastUsedAt ?? 0);
      const counted = { usageCount: key.usageCount + uses, errorCount: key.errorCount + errors };
      this.#database.keys.set(id, { ...key, ...counted, lastUsedAt: last });
    }
  }

  #matching(filter: KeyFilter, now: number): StoredKey[] {
    return [...this.#database.keys.values()].filter((key) => isListed(key, filter, now));
  }

  #all(service: Service): StoredKey[] {
    return [...this.#database.keys.values()].filter((key) => key.service === service);
  }
}

async function* inChunks(keys: StoredKey[]): AsyncGenerator<readonly Key[]> {
  const ordered = inHandOutOrder(keys);
  for (let start = 0; start < ordered.length; start += CHUNK) {
    yield ordered.slice(start, start + CHUNK).map(withoutUsage);
  }
}

function inHandOutOrder(keys: StoredKey[]): StoredKey[] {
  return keys.sort((a, b) => (a.lastUsedAt ?? -1) - (b.lastUsedAt ?? -1) || a.id - b.id);
}

function withoutUsage({ usageCount, errorCount, lastUsedAt, ...key }: StoredKey): Key {
  return key;
}
