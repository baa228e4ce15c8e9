import type { Row, Script, SqlValue } from "../sql-database.ts";
import type { NativeSqlite, NativeStatement } from "./native-sqlite.ts";

/** Prepares each statement once; the texts are few, and preparing costs more than running most of them. */
export class PreparedStatements {
  readonly #native: NativeSqlite;
  readonly #statements = new Map<string, NativeStatement>();

  constructor(native: NativeSqlite) {
    this.#native = native;
  }

  execute(sql: string, values: readonly SqlValue[]): readonly Row[] {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#native.prepare(sql);
      this.#statements.set(sql, statement);
    }
    if (statement.reader) return statement.all(values);
    statement.run(values);
    return [];
  }

  run<T>(script: Script<T>): T {
    let step = script.next();
    while (!step.done) step = script.next(this.execute(step.value.sql, step.value.values));
    return step.value;
  }
}
