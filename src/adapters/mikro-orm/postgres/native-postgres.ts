import type { Row, SqlValue } from "../sql-database.ts";

/** What we use of node-postgres, the driver inside `@mikro-orm/postgresql`; it comes without types. */
export interface NativePool {
  connect(): Promise<NativeClient>;
  query(query: NativeQuery): Promise<{ readonly rows: Row[] }>;
}

export interface NativeClient {
  query(query: NativeQuery): Promise<{ readonly rows: Row[] }>;
  on(event: "error" | "end", listener: () => void): void;
  /** `true` closes the connection instead of giving it back. */
  release(broken?: boolean): void;
}

export interface NativeQuery {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly SqlValue[];
  readonly types?: { getTypeParser(type: number): (text: string) => SqlValue };
}

const NUMBERS = new Set([20, 21, 23, 1700]);

// Without this, node-postgres answers bigint as text. Ids and instants fit into a double.
const types = {
  getTypeParser: (type: number) => (NUMBERS.has(type) ? Number : (text: string) => text),
};

// A named statement is planned once for each connection, which triples the writes per second.
const prepared = new Map<string, { readonly name: string; readonly text: string }>();

/** Statements of many rows come in many lengths; keeping those would grow without end. */
const LONGEST_KEPT = 2000;

export function nativeQuery(sql: string, values: readonly SqlValue[]): NativeQuery {
  if (sql.length > LONGEST_KEPT) return { text: numberedParameters(sql), values, types };
  let known = prepared.get(sql);
  if (known === undefined) {
    known = { name: `pool_${prepared.size}`, text: numberedParameters(sql) };
    prepared.set(sql, known);
  }
  return { ...known, values, types };
}

export async function rowsOf(
  connection: NativePool | NativeClient,
  sql: string,
  values: readonly SqlValue[],
): Promise<readonly Row[]> {
  return (await connection.query(nativeQuery(sql, values))).rows;
}

/** The same text with PostgreSQL's `$1, $2, …` in place of `?`. */
function numberedParameters(sql: string): string {
  let count = 0;
  return sql.replace(/\?/g, () => {
    count += 1;
    return `$${count}`;
  });
}
