import {
  DomainError,
  type Key,
  type KeyDescription,
  type KeyDraft,
  type KeyId,
  type KeyLogDraft,
  type KeyPlace,
  keyNotFound,
  type LogDraft,
  rankOf,
  type Standing,
} from "../../domain/index.ts";
import {
  NEW_KEY_COLUMNS,
  RANK_COLUMNS,
  STANDING_COLUMNS,
  toKey,
  toPlace,
  toRow,
  toStanding,
  toStandingRow,
} from "./key-row.ts";
import type { SecretColumns } from "./secrets/secret-columns.ts";
import { placeholders, type Script, type SqlValue } from "./sql-database.ts";

// The writes of `SqlKeyRepository`. They are not closures inside it, because V8 makes a hidden class and
// a prototype for each generator function that runs: a kilobyte of old space for every write.

const SETTLE = settleWhere("<=");
const SETTLE_EXPECTED = settleWhere("=");
const STANDING = `select ${STANDING_COLUMNS.join(", ")} from keys where id = ?`;
const DELETE = "delete from keys where id = ? returning service, region";

const COLUMN_OF = { region: "region", name: "keyname", tag: "tag", maxInFlight: "max_in_flight" } as const;

export function* addKey(
  journal: LogDraft[],
  draft: KeyDraft,
  entry: KeyLogDraft | null,
  secrets: SecretColumns,
): Script<Key> {
  const values = [...toRow(draft), ...secrets.valuesOf(draft)];
  const [row] = yield { sql: insertInto(secrets), values };
  if (row === undefined) throw new DomainError("key_exists", "Key already exists");
  const id = row.id as KeyId;
  if (entry !== null) journal.push({ ...entry, keyId: id });
  return { ...draft, id, placement: 0 };
}

export function* describeKey(
  journal: LogDraft[],
  id: KeyId,
  changes: Partial<KeyDescription>,
  entry: KeyLogDraft | null,
  expectedRegion: string | undefined,
  secrets: SecretColumns,
): Script<Key | undefined> {
  // An update has to assign something, also when nothing is given.
  const assignments = ["id = id"];
  const values: SqlValue[] = [];
  for (const field of ["region", "name", "tag", "maxInFlight"] as const) {
    const value = changes[field];
    if (value === undefined) continue;
    assignments.push(`${COLUMN_OF[field]} = ?`);
    values.push(value);
  }
  if ([changes.region, changes.tag, changes.maxInFlight].some((given) => given !== undefined)) {
    assignments.push("placement = placement + 1");
  }
  let where = "id = ?";
  values.push(id);
  if (expectedRegion !== undefined) {
    where += " and region = ?";
    values.push(expectedRegion);
  }
  const [row] = yield { sql: `update keys set ${assignments.join(", ")} where ${where} returning *`, values };
  if (row === undefined) {
    const [stored] = yield { sql: STANDING, values: [id] };
    if (stored === undefined) throw keyNotFound();
    return undefined;
  }
  const key = toKey(row, secrets);
  // A key that does not open is one that is not there.
  if (key !== undefined && entry !== null) journal.push(entry);
  return key;
}

export function* settleKey(
  journal: LogDraft[],
  id: KeyId,
  standing: Standing,
  entry: KeyLogDraft | null,
  expected: Standing | undefined,
): Script<Standing> {
  const values = [...toStandingRow(standing), id, ...rankOf(expected ?? standing)];
  const [changed] = yield { sql: expected ? SETTLE_EXPECTED : SETTLE, values };
  if (changed !== undefined) {
    if (entry !== null) journal.push(entry);
    return standing;
  }
  const [stored] = yield { sql: STANDING, values: [id] };
  if (stored === undefined) throw keyNotFound();
  const durable = toStanding(stored);
  if (entry !== null && !expected && durable.generation === standing.generation) journal.push(entry);
  return durable;
}

export function* removeKey(
  journal: LogDraft[],
  id: KeyId,
  entry: KeyLogDraft | null,
): Script<KeyPlace | undefined> {
  const [removed] = yield { sql: DELETE, values: [id] };
  if (removed === undefined) return undefined;
  if (entry !== null) journal.push(entry);
  return toPlace(removed);
}

// One text for each layout: preparing it anew for each key would cost more than running it.
const inserts = new Map<string, string>();

function insertInto({ columns, unique }: SecretColumns): string {
  const known = inserts.get(unique);
  if (known !== undefined) return known;
  const all = [...NEW_KEY_COLUMNS, ...columns];
  const sql = `insert into keys (${all.join(", ")}) values (${placeholders(all.length)})
    on conflict (${unique}) do nothing returning id`;
  inserts.set(unique, sql);
  return sql;
}

function settleWhere(comparison: "<=" | "="): string {
  const columns = STANDING_COLUMNS.map((column) => `${column} = ?`).join(", ");
  return `update keys set ${columns}
    where id = ? and (${RANK_COLUMNS}) ${comparison} (?, ?, ?, ?, ?, ?) returning id`;
}
