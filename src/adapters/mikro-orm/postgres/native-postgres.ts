import type { Row, SqlValue } from "../sql.ts";

/** What we use of node-postgres, the driver inside `@mikro-orm/postgresql`; it comes without types. */
export interface NativePool {
  connect(): Promise<NativeClient>;
  query(query: NativeQuery): Promise<{ readonly rows: Row[] }>;
}

export interface NativeClient {
  query(query: NativeQuery): Promise<{ readonly rows: Row[] }>;
  /** `true` closes the connection instead of giving it back. */
  release(broken?: boolean): void;
}

export interface NativeQuery {
  readonly text: string;
  readonly values?: readonly SqlValue[];
  readonly types?: { getTypeParser(type: number): (text: string) => SqlValue };
}

const NUMBERS = new Set([20, 21, 23, 1700]);

// Without this, node-postgres answers bigint as text. Ids and instants fit into a double.
const types = {
  getTypeParser: (type: number) => (NUMBERS.has(type) ? Number : (text: string) => text),
};

const numbered = new Map<string, string>();

/** The same text with PostgreSQL's `$1, $2, …` in place of `?`. */
function numberedParameters(sql: string): string {
  const known = numbered.get(sql);
  if (known !== undefined) return known;
  let count = 0;
  const text = sql.replace(/\?/g, () => {
    count += 1;
    return `$${count}`;
  });
  // Statements of many rows come in many lengths; keeping those would grow without end.
  if (text.length < 2000) numbered.set(sql, text);
  return text;
}

export function nativeQuery(sql: string, values: readonly SqlValue[]): NativeQuery {
  return { text: numberedParameters(sql), values, types };
}
