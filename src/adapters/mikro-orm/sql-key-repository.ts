import {
  compareListed,
  type Key,
  type KeyCounts,
  type KeyDescription,
  type KeyDraft,
  type KeyFilter,
  type KeyId,
  type KeyLogDraft,
  type KeyOrder,
  type KeyPage,
  type KeyPlace,
  type KeyQuery,
  type KeyRepository,
  type KeySort,
  type PoolCounts,
  type Service,
  type Standing,
  type Usage,
  type UsageDelta,
} from "../../domain/index.ts";
import { toKey, toKeyWithUsage, toOpenedKey, toPlace } from "./key-row.ts";
import { addKey, describeKey, removeKey, settleKey } from "./key-scripts.ts";
import type { SecretColumns, SecretReader } from "./secrets/secret-columns.ts";
import { placeholders, type Row, type SqlDatabase, type SqlValue } from "./sql-database.ts";
import { addUsageRows, USAGE_ROWS } from "./usage-rows.ts";

/** Small, because the garbage of one chunk shows in resident memory. */
const CHUNK = 500;

/** A page of keys crosses threads, and its secrets are opened, in one turn of the event loop. */
const PAGE = 50;

const CHUNK_BY_ID = `select * from keys where id in (${placeholders(CHUNK)})`;
const COUNT = `select
  sum(case when status = 'enabled' and cooldown_until <= ? then 1 else 0 end) as enabled,
  sum(case when status = 'enabled' and cooldown_until > ? then 1 else 0 end) as cooldown,
  sum(case when status = 'disabled' then 1 else 0 end) as disabled
  from keys where service = ?`;

const COUNT_POOLS = `select service, region,
  sum(case when status = 'enabled' and cooldown_until <= ? then 1 else 0 end) as enabled,
  sum(case when status = 'enabled' and cooldown_until > ? then 1 else 0 end) as cooldown,
  sum(case when status = 'disabled' then 1 else 0 end) as disabled,
  min(case when status = 'enabled' and cooldown_until > ? then cooldown_until end) as next_at
  from keys group by service, region order by service, region`;

const ORDERS: Readonly<Record<KeyOrder, string>> = {
  id: "id",
  name: "lower(keyname)",
  region: "region",
  last_used: "coalesce(last_used, -1)",
  usage_count: "usage_count",
  error_count: "error_count",
};

export class SqlKeyRepository implements KeyRepository {
  readonly #database: SqlDatabase;
  readonly #secrets: SecretColumns;

  constructor(database: SqlDatabase) {
    this.#database = database;
    this.#secrets = database.secrets;
  }

  load(): AsyncIterable<readonly Key[]> {
    return this.#inOrder("", []);
  }

  async pools(): Promise<readonly KeyPlace[]> {
    const rows = await this.#database.read("select distinct service, region from keys", []);
    return rows.map(toPlace);
  }

  loadPool(service: Service, region: string): AsyncIterable<readonly Key[]> {
    return this.#inOrder("where service = ? and region = ?", [service, region]);
  }

  async get(id: KeyId): Promise<Key | undefined> {
    const [row] = await this.#database.read("select * from keys where id = ?", [id]);
    return row && toKey(row, this.#secrets);
  }

  async findBySecret(service: Service, secret: string): Promise<Key | undefined> {
    const { where, values } = this.#secrets.find(service, secret);
    const [row] = await this.#database.read(`select * from keys where ${where}`, values);
    return row && toKey(row, this.#secrets);
  }

  async list(query: KeyQuery, now: number): Promise<KeyPage> {
    const { offset = 0, limit, sort } = query;
    const { where, values } = conditions(query, now);
    if (limit === undefined) {
      const all: (Key & Usage)[] = [];
      for await (const keys of this.scan(query, now)) all.push(...keys);
      if (sort) all.sort(compareListed(sort));
      return { keys: all.slice(offset), total: all.length };
    }
    const order = orderBy(sort);
    // Only the ids are sorted: whole rows are much to carry about.
    const page =
      order === "id"
        ? `select * from keys where ${where} order by id limit ? offset ?`
        : `select * from keys where id in (select id from keys where ${where} order by ${order} limit ? offset ?) order by ${order}`;
    const [rows, [counted]] = await Promise.all([
      this.#database.scan(page, [...values, limit, offset]),
      this.#database.scan(`select count(*) as total from keys where ${where}`, values),
    ]);
    return { keys: this.#withUsage(rows), total: counted?.total as number };
  }

  async *scan(filter: KeyFilter, now: number): AsyncGenerator<readonly (Key & Usage)[]> {
    const { where, values } = conditions(filter, now);
    const sql = `select * from keys where ${where} and id > ? order by id limit ${PAGE}`;
    for (let after = 0, read = PAGE; read === PAGE; ) {
      const rows = await this.#database.scan(sql, [...values, after]);
      read = rows.length;
      after = (rows.at(-1)?.id as KeyId | undefined) ?? after;
      if (read > 0) yield this.#withUsage(rows);
    }
  }

  async count(service: Service, now: number): Promise<KeyCounts> {
    const [row] = await this.#database.scan(COUNT, [now, now, service]);
    const counted = (column: string) => (row?.[column] as number | null) ?? 0;
    return { enabled: counted("enabled"), cooldown: counted("cooldown"), disabled: counted("disabled") };
  }

  async countPools(now: number): Promise<readonly PoolCounts[]> {
    const rows = await this.#database.scan(COUNT_POOLS, [now, now, now]);
    return rows.map((row) => {
      const { enabled, cooldown, disabled, next_at } = row as Record<string, number | null>;
      const counts = { enabled: enabled ?? 0, cooldown: cooldown ?? 0, disabled: disabled ?? 0 };
      return { ...toPlace(row), ...counts, nextAt: next_at ?? null };
    });
  }

  add(draft: KeyDraft, entry: KeyLogDraft | null): Promise<Key> {
    return this.#database.write((journal) => addKey(journal, draft, entry, this.#secrets));
  }

  describe(
    id: KeyId,
    changes: Partial<KeyDescription>,
    entry: KeyLogDraft | null,
    expectedRegion?: string,
  ): Promise<Key | undefined> {
    return this.#database.write(
      (journal) => describeKey(journal, id, changes, entry, expectedRegion, this.#secrets),
      1,
      [id],
    );
  }

  settle(id: KeyId, standing: Standing, entry: KeyLogDraft | null, expected?: Standing): Promise<Standing> {
    return this.#database.write((journal) => settleKey(journal, id, standing, entry, expected), 1, [id]);
  }

  remove(id: KeyId, entry: KeyLogDraft | null): Promise<KeyPlace | undefined> {
    return this.#database.write((journal) => removeKey(journal, id, entry), 1, [id]);
  }

  async addUsage(deltas: readonly UsageDelta[]): Promise<void> {
    const writes: Promise<void>[] = [];
    for (let start = 0; start < deltas.length; start += USAGE_ROWS) {
      const some = deltas.slice(start, start + USAGE_ROWS);
      const ids = some.map(({ id }) => id);
      writes.push(this.#database.write(() => addUsageRows(some), some.length, ids));
    }
    await Promise.all(writes);
  }

  #withUsage(rows: readonly Row[]): readonly (Key & Usage)[] {
    return rows.flatMap((row) => toKeyWithUsage(row, this.#secrets) ?? []);
  }

  // Only the ids are sorted, so that a hundred thousand rows are never in memory at once. The next keys are read, and
  // their secrets opened, while the last ones are taken in.
  async *#inOrder(where: string, values: readonly SqlValue[]): AsyncGenerator<readonly Key[]> {
    const [counted] = await this.#database.read(`select count(*) as total from keys ${where}`, values);
    // Ahead of the ids, since it may have a thread to start.
    const reader = this.#secrets.reader(counted?.total as number);
    try {
      const order = `select id from keys ${where} order by last_used asc nulls first, id`;
      const ids = (await this.#database.read(order, values)).map((row) => row.id as KeyId);
      let next: Promise<readonly Key[]> | undefined;
      for (let start = 0; start < ids.length; start += CHUNK) {
        const keys = next;
        next = this.#keysOf(ids.slice(start, start + CHUNK), reader);
        // Whoever stops before it asks for them is not told that they could not be read.
        next.catch(() => {});
        if (keys) yield await keys;
      }
      if (next) yield await next;
    } finally {
      await reader.close();
    }
  }

  async #keysOf(wanted: readonly KeyId[], reader: SecretReader): Promise<readonly Key[]> {
    // No key has the id 0; one length for all chunks means one statement to prepare.
    const bound = [...wanted, ...new Array<KeyId>(CHUNK - wanted.length).fill(0)];
    const rows = await this.#database.read(CHUNK_BY_ID, bound);
    const secrets = await reader.secretsOf(rows);
    const keys = new Map<KeyId, Key>();
    for (const [n, row] of rows.entries()) {
      const secret = secrets[n];
      if (secret !== undefined) keys.set(row.id as KeyId, toOpenedKey(row, secret));
    }
    return wanted.flatMap((id) => keys.get(id) ?? []);
  }
}

function conditions(query: KeyFilter, now: number): { where: string; values: SqlValue[] } {
  const { service, status, region, tag, text, id } = query;
  const terms = ["service = ?"];
  const values: SqlValue[] = [service];
  const demand = (term: string, ...bound: SqlValue[]) => {
    terms.push(term);
    values.push(...bound);
  };
  if (region !== undefined) demand("region = ?", region);
  if (tag !== undefined) demand("tag = ?", tag);
  if (id !== undefined) demand("id = ?", id);
  if (text !== undefined) {
    const pattern = `%${text.replaceAll(/[!%_]/g, "!$&")}%`;
    const like = (column: string) => `lower(${column}) like lower(?) escape '!'`;
    demand(`(${["keyname", "region", "tag"].map(like).join(" or ")})`, pattern, pattern, pattern);
  }
  if (status === "disabled") demand("status = 'disabled'");
  if (status === "cooldown") demand("status = 'enabled' and cooldown_until > ?", now);
  if (status === "enabled") demand("status = 'enabled' and cooldown_until <= ?", now);
  return { where: terms.join(" and "), values };
}

function orderBy({ by, descending }: KeySort = { by: "id", descending: false }): string {
  const column = ORDERS[by];
  const direction = descending ? " desc" : "";
  return by === "id" ? `id${direction}` : `${column}${direction}, id`;
}
