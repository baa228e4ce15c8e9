import { type KeyId, type LogDraft, storageUnavailable } from "../../../domain/index.ts";
import { postgresFault, withoutValues } from "../fault.ts";
import { GroupCommit, type GroupCommitOptions, refused } from "../group-commit.ts";
import { writeTogether } from "../journal.ts";
import type { Row, Script, SqlDatabase, SqlValue, Write } from "../sql-database.ts";
import { type NativeClient, type NativePool, nativeQuery } from "./native-postgres.ts";

const LOCK = "select id from keys where id = any(cast(? as bigint[])) order by id for update";

export class PostgresDatabase implements SqlDatabase {
  readonly keepsLogTotals = false;
  readonly #pool: NativePool;
  readonly #release: () => Promise<void>;
  readonly #commit: GroupCommit;
  /** Kept out of the pool, so that no number of slow reads keeps a report from being written. */
  #writer: NativeClient | undefined;
  #closing: Promise<void> | undefined;

  constructor(pool: NativePool, release: () => Promise<void>, options: Partial<GroupCommitOptions>) {
    this.#pool = pool;
    this.#release = release;
    const transactor = {
      transact: (writes: readonly Write<unknown>[], keys: readonly KeyId[]) => this.#transact(writes, keys),
      faultKind: postgresFault,
      cleaned: withoutValues,
    };
    this.#commit = new GroupCommit(transactor, options);
  }

  get writeFault(): string | undefined {
    return this.#commit.fault;
  }

  async read(sql: string, values: readonly SqlValue[]): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query(nativeQuery(sql, values))).rows;
    } catch (error) {
      const cause = withoutValues(error);
      throw postgresFault(error) === undefined ? cause : storageUnavailable(cause);
    }
  }

  scan(sql: string, values: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.read(sql, values);
  }

  write<T>(write: Write<T>, rows = 1, keys: readonly KeyId[] = []): Promise<T> {
    return this.#commit.submit(write, rows, keys);
  }

  close(): Promise<void> {
    this.#closing ??= this.#commit.close().then(() => {
      this.#drop();
      return this.#release();
    });
    return this.#closing;
  }

  async #transact(
    writes: readonly Write<unknown>[],
    keys: readonly KeyId[],
  ): Promise<PromiseSettledResult<unknown>[]> {
    const client = await this.#begin();
    try {
      // In one order for every instance. Or else two of them would wait for each other's rows, a second long
      // until the server refuses one, and that again with every try.
      if (keys.length > 1) await client.query(nativeQuery(LOCK, [`{${keys.join(",")}}`]));
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

  /** A kept connection may have died since, with a restart of the server; then a new one is tried once. */
  async #begin(): Promise<NativeClient> {
    const kept = this.#writer;
    if (kept !== undefined) {
      try {
        await kept.query({ text: "begin" });
        return kept;
      } catch (error) {
        this.#drop();
        if (postgresFault(error) !== "away") throw error;
      }
    }
    this.#writer = await this.#pool.connect();
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
      // The server rolls back what a lost connection leaves; the first error tells more than this one.
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
    const { rows } = await client.query(nativeQuery(step.value.sql, step.value.values));
    step = script.next(rows);
  }
  return step.value;
}
