import { accessSync, constants, mkdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { Migrator } from "@mikro-orm/migrations";
import { MikroORM } from "@mikro-orm/sqlite";
import { DatabaseError } from "../database-error.ts";
import type { DatabaseUrl } from "../database-url.ts";
import { SQLITE_FAULTS } from "../fault.ts";
import type { GroupCommitOptions } from "../group-commit.ts";
import { namesOf, type OnMigrated } from "../migrated.ts";
import { opening } from "../opening.ts";
import { ORM_OPTIONS } from "../orm-options.ts";
import { openSecrets } from "../secrets/open-secrets.ts";
import type { Sealing } from "../secrets/sealing.ts";
import type { Sql } from "../secrets/stage.ts";
import type { SqlFault } from "../sql-fault.ts";
import { BackgroundConnection } from "./background-connection.ts";
import { makeForOwner } from "./make-for-owner.ts";
import type { NativeSqlite } from "./native-sqlite.ts";
import { lockOwner } from "./owner-lock.ts";
import { PreparedStatements } from "./prepared-statements.ts";
import { SqliteDatabase } from "./sqlite-database.ts";

export interface SqliteOptions extends Partial<GroupCommitOptions> {
  /** `normal` survives a crash of the process, `full` a loss of power too. Default `normal`. */
  readonly synchronous?: "normal" | "full";
  /** Seals the secrets. Default: they are stored plain. */
  readonly sealing?: Sealing;
  /** Called with the writing connection before anything uses it. */
  readonly onConnect?: (native: NativeSqlite) => void;
  readonly onMigrated?: OnMigrated;
}

export type SqliteUrl = Extract<DatabaseUrl, { kind: "sqlite" | "memory" }>;

/** What it has ever held the process keeps, so no more for a start that seals plain secrets either. */
const CACHE_KB = 4000;

/** 16 MB: from here on the writer checkpoints itself, when the background has not kept up. */
const WAL_CAP_PAGES = 4096;

/**
 * Opens the file, made with its folder when missing, and brings its schema up to date. Throws a
 * `DatabaseError`.
 */
export function openSqlite(url: SqliteUrl, options: SqliteOptions = {}): Promise<SqliteDatabase> {
  return opening(url.name, SQLITE_FAULTS, () => open(url, options));
}

async function open(url: SqliteUrl, options: SqliteOptions): Promise<SqliteDatabase> {
  const { synchronous = "normal", sealing, onConnect, onMigrated, ...commit } = options;
  const file = url.kind === "memory" ? undefined : prepareFile(url);
  const lock = file === undefined ? undefined : lockOwner(file, url.name);
  let orm: MikroORM | undefined;
  const release = async () => {
    await orm?.close(true);
    lock?.release();
  };
  try {
    const opened = await MikroORM.init({
      ...ORM_OPTIONS,
      extensions: [Migrator],
      dbName: file ?? ":memory:",
    });
    orm = opened;
    const native: NativeSqlite = await opened.em.getConnection().getNativeClient();
    onConnect?.(native);
    native.pragma("journal_mode = wal");
    native.pragma(`cache_size = -${CACHE_KB}`);
    // Overwrites what is deleted.
    if (sealing) native.pragma("secure_delete = on");
    native.pragma(`synchronous = ${sealing ? "full" : synchronous}`);
    native.pragma(`wal_autocheckpoint = ${WAL_CAP_PAGES}`);
    native.pragma(`journal_size_limit = ${WAL_CAP_PAGES * 4096}`);
    const migrated = await opened.migrator.up();
    onMigrated?.(namesOf(migrated));
    // Statements of their own, since the schema changes under them.
    const statements = new PreparedStatements(native);
    const sql: Sql = {
      dialect: "sqlite",
      execute: async (text, values = []) => statements.execute(text, values),
    };
    const at = file === undefined ? ({ kind: "memory" } as const) : ({ kind: "sqlite", file } as const);
    const secrets = await openSecrets({ name: url.name, sql, at }, sealing);
    native.pragma(`synchronous = ${synchronous}`);
    // From now on the queue waits for locks; the driver would block hand-outs while it waits.
    native.pragma("busy_timeout = 0");
    const background = file === undefined ? undefined : new BackgroundConnection(file, sealing !== undefined);
    const fileFault = file === undefined ? () => undefined : watchFile(file);
    const check = () => opened.checkConnection();
    return new SqliteDatabase({ native, background, fileFault, secrets, check, release }, commit);
  } catch (error) {
    await release();
    throw error;
  }
}

/** Says whether the file was removed or replaced: the driver would go on writing to the old one, and lose it all. */
function watchFile(file: string): () => SqlFault | undefined {
  const opened = statSync(file).ino;
  return () => {
    const found = statSync(file, { throwIfNoEntry: false })?.ino;
    return found === opened
      ? undefined
      : { reason: "The database file was removed or replaced, what is written is lost" };
  };
}

/** The file's real path, so that two names of one file meet at one lock. What is made only its owner may read. */
function prepareFile({ path, name }: { readonly path: string; readonly name: string }): string {
  const folder = resolve(dirname(path));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, basename(path));
  makeForOwner(file);
  if (!statSync(file).isFile())
    throw new DatabaseError("unusable", `${name} cannot be used: it is not a file`);
  accessSync(file, constants.R_OK | constants.W_OK);
  return realpathSync(file);
}
