import fs from "node:fs";
import { createRequire, syncBuiltinESMExports } from "node:module";

/**
 * Imported by a process ahead of its program: ends it as `kill -9` does at the boundary `KILL_AT`, and otherwise says
 * at its end which there were. A boundary is before each statement, and before each act on a file that makes what was
 * written durable or puts it in its place. It is called after what comes next and how often that came, such as
 * `vacuum 1`.
 */
const { KILL_AT } = process.env;
const counts = new Map<string, number>();
const reached: string[] = [];

function boundary(what: string): void {
  const count = (counts.get(what) ?? 0) + 1;
  counts.set(what, count);
  const name = `${what} ${count}`;
  reached.push(name);
  if (name === KILL_AT) process.kill(process.pid, "SIGKILL");
}

function countCalls<T extends object>(
  of: T,
  name: keyof T,
  what: (given: readonly unknown[]) => string,
): void {
  const call = of[name] as (...given: unknown[]) => unknown;
  of[name] = function (this: unknown, ...given: unknown[]) {
    boundary(what(given));
    return call.apply(this, given);
  } as T[keyof T];
}

const NAME_LENGTH = 40;
const textOf = (query: unknown) =>
  String((query as { readonly text?: string } | undefined)?.text ?? query).slice(0, NAME_LENGTH);

const fromAdapter = createRequire(new URL("../../src/adapters/mikro-orm/index.ts", import.meta.url));
const fromSqlite = createRequire(fromAdapter.resolve("@mikro-orm/sqlite"));
const fromPostgres = createRequire(fromAdapter.resolve("@mikro-orm/postgresql"));

interface Statement {
  run(...given: unknown[]): unknown;
  all(...given: unknown[]): unknown;
  readonly source: string;
}
const Sqlite = fromSqlite("better-sqlite3");
const statement = Object.getPrototypeOf(new Sqlite(":memory:").prepare("select 1")) as Statement;
for (const name of ["run", "all"] as const) {
  const call = statement[name];
  statement[name] = function (this: Statement, ...given) {
    boundary(textOf(this.source));
    return call.apply(this, given);
  };
}
countCalls(Sqlite.prototype, "exec", ([sql]) => textOf(sql));
countCalls(fromPostgres("pg").Client.prototype, "query", ([query]) => textOf(query));

for (const name of ["fsyncSync", "linkSync", "renameSync"] as const) countCalls(fs, name, () => name);
syncBuiltinESMExports();

process.on("exit", () => fs.writeSync(2, `${JSON.stringify({ boundaries: reached })}\n`));
