import type { KeyId, LogDraft } from "../../../domain/index.ts";
import { forCaller, POSTGRES_FAULTS } from "../fault.ts";
import { GroupCommit, type GroupCommitOptions, refused, type Transactor } from "../group-commit.ts";
import { writeTogether } from "../journal.ts";
import type { SecretColumns } from "../secrets/secret-columns.ts";
import type { Connection, Row, Script, SqlDatabase, SqlValue, Write } from "../sql-database.ts";
import type { SqlFault } from "../sql-fault.ts";
import { type NativeClient, type NativePool, rowsOf } from "./native-postgres.ts";
import type { OwnerLockState } from "./owner-lock.ts";

export interface PostgresParts {
  readonly pool: NativePool;
  readonly lock: { readonly state: OwnerLockState };
  readonly secrets: SecretColumns;
  readonly check: () => Promise<Connection>;
  /** Closes all connections and releases the lock on the database. */
  readonly release: () => Promise<void>;
}

const LOCK_FAULTS: Readonly<Record<OwnerLockState, SqlFault | undefined>> = {
  held: undefined,
  lost: { reason: "The connection that keeps the database to this process broke, a new one is being made" },
  taken: { reason: "A process has the database open that may not be beside this one" },
};

const LOCK = "select id from keys where id = any(cast(? as bigint[])) order by id for update";

export class PostgresDatabase implements SqlDatabase {
  readonly keepsLogTotals = false;
  readonly secrets: SecretColumns;
  readonly check: () => Promise<Connection>;
  readonly #parts: PostgresParts;
  readonly #commit: GroupCommit;
  /** Not from the pool, so that slow reads cannot keep a report from being written. */
  #writer: NativeClient | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: PostgresParts, options: Partial<GroupCommitOptions>) {
    this.secrets = parts.secrets;
    this.check = parts.check;
    this.#parts = parts;
    const transactor: Transactor = {
      faults: POSTGRES_FAULTS,
      transact: (writes, keys) => this.#transact(writes, keys),
    };
    this.#commit = new GroupCommit(transactor, options);
  }

  get fault(): SqlFault | undefined {
    return this.#commit.fault ?? LOCK_FAULTS[this.#parts.lock.state] ?? this.secrets.fault;
  }

  async read(sql: string, values: readonly SqlValue[]): Promise<readonly Row[]> {
    try {
      return await rowsOf(this.#parts.pool, sql, values);
    } catch (error) {
      throw forCaller(error, POSTGRES_FAULTS);
    }
  }

  scan(sql: string, values: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.read(sql, values);
  }

  /** Nothing to prepare: the server does the reading. */
  expectScan(): void {}

  write<T>(write: Write<T>, rows = 1, keys: readonly KeyId[] = []): Promise<T> {
    return this.#commit.submit(write, rows, keys);
  }

  close(): Promise<void> {
    this.#closing ??= this.#commit.close().then(() => {
      this.#drop();
      return this.#parts.release();
    });
    return this.#closing;
  }

  async #transact(
    writes: readonly Write<unknown>[],
    keys: readonly KeyId[],
  ): Promise<PromiseSettledResult<unknown>[]> {
    const client = await this.#begin();
    try {
      // In the same order on every instance: otherwise two of them deadlock, and wait a second for the server to
      // refuse one, on every try.
      if (keys.length > 1) await rowsOf(client, LOCK, [`{${keys.join(",")}}`]);
      const journal: LogDraft[] = [];
      const outcomes: PromiseSettledResult<unknown>[] = [];
      for (const write of writes) outcomes.push(await outcomeOf(client, write, journal));
      await run(client, writeTogether(journal));
      await client.query({ text: "commit" });
      return outcomes;
    } catch (error) {
      await this.#rollBack(client);
      throw error;
    }
  }

  /** The kept connection may have ended with a restart of the server; then a new one is tried once. */
  async #begin(): Promise<NativeClient> {
    const kept = this.#writer;
    if (kept !== undefined) {
      try {
        await kept.query({ text: "begin" });
        return kept;
      } catch (error) {
        this.#drop();
        if (POSTGRES_FAULTS.kindOf(error) !== "away") throw error;
      }
    }
    this.#writer = await this.#parts.pool.connect();
    try {
      await this.#writer.query({ text: "begin" });
    } catch (error) {
      this.#drop();
      throw error;
    }
    return this.#writer;
  }

  async #rollBack(client: NativeClient): Promise<void> {
    try {
      await client.query({ text: "rollback" });
    } catch {
      // The server rolls back for a lost connection; the first error is the one to report.
      this.#drop();
    }
  }

  #drop(): void {
    this.#writer?.release(true);
    this.#writer = undefined;
  }
}

async function outcomeOf(
  client: NativeClient,
  write: Write<unknown>,
  journal: LogDraft[],
): Promise<PromiseSettledResult<unknown>> {
  try {
    return { status: "fulfilled", value: await run(client, write(journal)) };
  } catch (error) {
    return refused(error);
  }
}

async function run<T>(client: NativeClient, script: Script<T>): Promise<T> {
  let step = script.next();
  while (!step.done) {
    step = script.next(await rowsOf(client, step.value.sql, step.value.values));
  }
  return step.value;
}
