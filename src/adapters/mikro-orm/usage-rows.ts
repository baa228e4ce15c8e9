import type { UsageDelta } from "../../domain/index.ts";
import type { Script, SqlValue } from "./sql-database.ts";

/** Keys whose counters one statement adds up at most. */
export const USAGE_ROWS = 500;

// A few sizes instead of every length, so that few statements have to be prepared.
const SIZES = [1, 20, 100, USAGE_ROWS];

const ABSENT: UsageDelta = { id: 0, uses: 0, errors: 0, lastUsedAt: null };

const STATEMENTS = new Map(SIZES.map((size) => [size, statementFor(size)]));

/** Adds to the counters of at most `USAGE_ROWS` keys; one statement, for the sake of the round trip. */
export function* addUsageRows(deltas: readonly UsageDelta[]): Script<void> {
  const rows = [...summed(deltas).values()].sort((a, b) => a.id - b.id);
  const size = SIZES.find((candidate) => candidate >= rows.length) ?? USAGE_ROWS;
  while (rows.length < size) rows.push(ABSENT);
  const values = rows.flatMap(({ id, uses, errors, lastUsedAt }): SqlValue[] => [
    id,
    uses,
    errors,
    lastUsedAt,
  ]);
  yield { sql: STATEMENTS.get(size) as string, values };
}

// An update joins each key once, so that a key named twice would lose the second count.
function summed(deltas: readonly UsageDelta[]): Map<number, UsageDelta> {
  const sums = new Map<number, UsageDelta>();
  for (const delta of deltas) {
    const { uses, errors, lastUsedAt } = sums.get(delta.id) ?? ABSENT;
    sums.set(delta.id, {
      id: delta.id,
      uses: uses + delta.uses,
      errors: errors + delta.errors,
      lastUsedAt:
        delta.lastUsedAt === null || lastUsedAt === null
          ? (delta.lastUsedAt ?? lastUsedAt)
          : Math.max(delta.lastUsedAt, lastUsedAt),
    });
  }
  return sums;
}

function statementFor(size: number): string {
  // PostgreSQL takes untyped values for text; casting them in the list itself slows SQLite down eightfold.
  const [id, uses, errors, lastUsed] = [1, 2, 3, 4].map((n) => `cast(used.column${n} as bigint)`);
  return `update keys set
    usage_count = usage_count + ${uses},
    error_count = error_count + ${errors},
    last_used = case when last_used is null or last_used < ${lastUsed}
      then coalesce(${lastUsed}, last_used) else last_used end
    from (values ${Array.from({ length: size }, () => "(?, ?, ?, ?)").join(", ")}) as used
    where keys.id = ${id}`;
}
