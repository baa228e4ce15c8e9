import { closeSync, mkdirSync, openSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { Migrator } from "@mikro-orm/migrations";
import { MikroORM } from "@mikro-orm/sqlite";
import type { GroupCommitOptions } from "../group-commit.ts";
import { ORM_OPTIONS } from "../orm-options.ts";
import { BackgroundConnection } from "./background-connection.ts";
import type { NativeSqlite } from "./native-sqlite.ts";
import { lockOwner } from "./owner-lock.ts";
import { SqliteDatabase } from "./sqlite-database.ts";

export interface SqliteOptions extends Partial<GroupCommitOptions> {
  /** `normal` survives a crash of the process, `full` a loss of power too. Default `normal`. */
  readonly synchronous?: "normal" | "full";
  /** Sees the writing connection before anything uses it. */
  readonly onConnect?: (native: NativeSqlite) => void;
}

const IN_MEMORY = ":memory:";

/** 16 MB: the writer checkpoints itself, should the background not have kept up. */
const WAL_CAP_PAGES = 4096;

/**
 * Opens the file, made with its folder when missing, and brings its schema up to date. Throws
 * `DatabaseInUse` when somebody has it open.
 */
export async function openSqlite(path: string, options: SqliteOptions = {}): Promise<SqliteDatabase> {
  const { synchronous = "normal", onConnect, ...commit } = options;
  const file = path === IN_MEMORY ? path : prepareFile(path);
  const lock = file === IN_MEMORY ? undefined : lockOwner(file);
  let orm: MikroORM | undefined;
  const release = async () => {
    await orm?.close(true);
    lock?.release();
  };
  try {
    orm = await MikroORM.init({ ...ORM_OPTIONS, extensions: [Migrator], dbName: file });
    const native: NativeSqlite = await orm.em.getConnection().getNativeClient();
    onConnect?.(native);
    native.pragma("journal_mode = wal");
    native.pragma("cache_size = -4000");
    native.pragma(`synchronous = ${synchronous}`);
    native.pragma(`wal_autocheckpoint = ${WAL_CAP_PAGES}`);
    native.pragma(`journal_size_limit = ${WAL_CAP_PAGES * 4096}`);
    await orm.migrator.up();
    // From now on the queue waits for a lock, not the driver, which would hold up the hand-outs.
    native.pragma("busy_timeout = 0");
    const background = file === IN_MEMORY ? undefined : new BackgroundConnection(file);
    const fileFault = file === IN_MEMORY ? () => undefined : watchFile(file);
    return new SqliteDatabase({ native, background, fileFault, release }, commit);
  } catch (error) {
    await release();
    throw error;
  }
}

/** The driver goes on writing to a file that was removed or replaced, and all of it is gone with the process. */
function watchFile(file: string): () => string | undefined {
  const opened = statSync(file).ino;
  return () => {
    const found = statSync(file, { throwIfNoEntry: false })?.ino;
    return found === opened
      ? undefined
      : "the database file was removed or replaced, what is written is lost";
  };
}

/** The file's real path, so that two names of one file meet at one lock. Only its owner may read it. */
function prepareFile(path: string): string {
  const folder = resolve(dirname(path));
  mkdirSync(folder, { recursive: true });
  closeSync(openSync(join(folder, basename(path)), "a", 0o600));
  return realpathSync(join(folder, basename(path)));
}
