import type { LogDraft } from "../../../domain/index.ts";
import { forCaller, SQLITE_FAULTS } from "../fault.ts";
import { GroupCommit, type GroupCommitOptions, refused, type Transactor } from "../group-commit.ts";
import { writeOneByOne } from "../journal.ts";
import type { SecretColumns } from "../secrets/secret-columns.ts";
import type { Connection, Row, SqlDatabase, SqlValue, Write } from "../sql-database.ts";
import type { SqlFault } from "../sql-fault.ts";
import type { BackgroundConnection } from "./background-connection.ts";
import type { NativeSqlite } from "./native-sqlite.ts";
import { PreparedStatements } from "./prepared-statements.ts";

export interface SqliteParts {
  /** The one connection that writes. */
  readonly native: NativeSqlite;
  /** Undefined when the database is in memory, where no second connection can be. */
  readonly background: BackgroundConnection | undefined;
  /** Says that the file was removed or replaced since it was opened; undefined while it was not. */
  readonly fileFault: () => SqlFault | undefined;
  readonly secrets: SecretColumns;
  readonly check: () => Promise<Connection>;
  /** Closes the connection and releases the lock on the file. */
  readonly release: () => Promise<void>;
}

const ROWS_BETWEEN_CHECKPOINTS = 4000;

export class SqliteDatabase implements SqlDatabase {
  readonly keepsLogTotals = true;
  readonly secrets: SecretColumns;
  readonly check: () => Promise<Connection>;
  readonly #parts: SqliteParts;
  readonly #statements: PreparedStatements;
  readonly #commit: GroupCommit;
  #rowsSinceCheckpoint = 0;
  #checkpointing = false;
  #closing: Promise<void> | undefined;

  constructor(parts: SqliteParts, options: Partial<GroupCommitOptions>) {
    this.secrets = parts.secrets;
    this.check = parts.check;
    this.#parts = parts;
    this.#statements = new PreparedStatements(parts.native);
    const transactor: Transactor = {
      faults: SQLITE_FAULTS,
      transact: async (writes) => this.#transact(writes),
    };
    this.#commit = new GroupCommit(transactor, options);
  }

  get fault(): SqlFault | undefined {
    return this.#commit.fault ?? this.#parts.fileFault() ?? this.secrets.fault;
  }

  async read(sql: string, values: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.#answered(async () => this.#statements.execute(sql, values));
  }

  async scan(sql: string, values: readonly SqlValue[]): Promise<readonly Row[]> {
    const { background } = this.#parts;
    return background === undefined
      ? this.read(sql, values)
      : this.#answered(() => background.execute(sql, values));
  }

  expectScan(): void {
    this.#parts.background?.start();
  }

  // The keys are not needed: the one writer locks the whole file.
  async write<T>(write: Write<T>, rows = 1): Promise<T> {
    const written = await this.#commit.submit(write, rows);
    this.#rowsSinceCheckpoint += rows;
    if (this.#rowsSinceCheckpoint >= ROWS_BETWEEN_CHECKPOINTS) this.#checkpoint();
    return written;
  }

  close(): Promise<void> {
    this.#closing ??= this.#commit
      .close()
      .then(() => this.#parts.background?.close())
      .then(() => this.#parts.release());
    return this.#closing;
  }

  // Synchronous from begin to commit, so that no read on this connection sees half of it.
  #transact(writes: readonly Write<unknown>[]): PromiseSettledResult<unknown>[] {
    this.#rollBack();
    this.#statements.execute("begin immediate", []);
    try {
      const journal: LogDraft[] = [];
      const outcomes = writes.map((write) => this.#outcome(write, journal));
      this.#statements.run(writeOneByOne(journal));
      this.#statements.execute("commit", []);
      return outcomes;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  #rollBack(): void {
    if (this.#parts.native.inTransaction) this.#statements.execute("rollback", []);
  }

  #outcome(write: Write<unknown>, journal: LogDraft[]): PromiseSettledResult<unknown> {
    try {
      return { status: "fulfilled", value: this.#statements.run(write(journal)) };
    } catch (error) {
      return refused(error);
    }
  }

  // A passive checkpoint takes no lock that a writer or reader waits for.
  #checkpoint(): void {
    const { background } = this.#parts;
    if (background === undefined || this.#checkpointing) return;
    this.#rowsSinceCheckpoint = 0;
    this.#checkpointing = true;
    background
      .execute("pragma wal_checkpoint(passive)", [])
      // If it fails, the writer's own checkpoint at WAL_CAP_PAGES follows.
      .catch(() => undefined)
      .finally(() => {
        this.#checkpointing = false;
      });
  }

  async #answered(ask: () => Promise<readonly Row[]>): Promise<readonly Row[]> {
    try {
      return await ask();
    } catch (error) {
      throw forCaller(error, SQLITE_FAULTS);
    }
  }
}
