import { randomBytes } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import type { MasterKey } from "../../domain/index.ts";
import { makeKeyFile, readNamedKeyFile, readOwnKeyFile, replaceKeyFile } from "./key-file.ts";
import { LocalMasterKey } from "./local-master-key.ts";
import { SealingError } from "./sealing-error.ts";

/** Where the master key comes from. */
export type MasterKeySource =
  | { readonly kind: "given"; readonly masterKey: MasterKey }
  /** A file that a person made and named. */
  | { readonly kind: "named-file"; readonly path: string }
  /** A file of our own in this folder, `<id of the database>.key`; for SQLite only. */
  | { readonly kind: "own-file"; readonly folder: string };

/** The database that needs a master key. */
export type SealedDatabase = {
  /** As `newDatabaseId` makes it. */
  readonly id: string;
  /** Whether it holds an envelope. Then a key file that is missing is an error, and no new key is made. */
  readonly hasEnvelope: boolean;
} & ({ readonly kind: "sqlite"; readonly file: string } | { readonly kind: "memory" | "postgres" });

export interface OpenedMasterKey {
  readonly masterKey: MasterKey;
  /** The file that was made for it just now, of which a person should keep a copy; else undefined. */
  readonly madeFile: string | undefined;
  /** What is not as safe as it could be, one line each, for people. */
  readonly warnings: readonly string[];
  /** Of a rotation that was cut off: the key that may be in force by now. Only where there was one. */
  readonly next?: NextMasterKey;
}

/** A key in a file of our own that is to take the place of another one. */
export interface NextMasterKey {
  readonly masterKey: MasterKey;
  /** Once the envelope that it has wrapped is stored. */
  takeOver(): void;
}

const ID = /^[0-9a-f]{32}$/;

/** What a database is called in the name of its key file: 32 hexadecimal digits, no secret. */
export function newDatabaseId(): string {
  return randomBytes(16).toString("hex");
}

/** Opens the master key, and makes it when it may be made. Throws a `SealingError` that says what to do. */
export function openMasterKey(source: MasterKeySource, database: SealedDatabase): OpenedMasterKey {
  if (source.kind === "given") return { masterKey: source.masterKey, madeFile: undefined, warnings: [] };
  if (source.kind === "named-file") return openNamedFile(source.path, database);
  if (database.kind === "sqlite") return openOwnFile(source.folder, database, database.file);
  if (database.kind === "postgres") throw noKeyGiven();
  // What is in memory ends with the process, and so may its key.
  const masterKey = LocalMasterKey.parse(LocalMasterKey.generate(), "this process");
  return { masterKey, madeFile: undefined, warnings: [] };
}

function openNamedFile(path: string, database: SealedDatabase): OpenedMasterKey {
  const { masterKey, isReadableByOthers } = readNamedKeyFile(path);
  const warnings: string[] = [];
  if (isReadableByOthers) warnings.push(`the master key in ${path} may be read by other users`);
  if (database.kind === "sqlite" && isWithin(path, dirname(database.file)))
    warnings.push(`the master key in ${path} is in the folder of the database: one backup takes both`);
  return { masterKey, madeFile: undefined, warnings };
}

function openOwnFile(folder: string, { id, hasEnvelope }: SealedDatabase, database: string): OpenedMasterKey {
  // It comes from the database and becomes a path.
  if (!ID.test(id)) throw new SealingError("bad_key_file", "The id of the database was changed from outside");
  const path = join(folder, `${id}.key`);
  if (isWithin(path, dirname(database))) {
    throw new SealingError(
      "unsafe_key_file",
      `The master key would be made at ${path}, in the folder of the database, so that one backup takes both; move the database into a folder of its own, or name another place with MASTER_KEY_FILE`,
    );
  }
  const isMade = !hasEnvelope && makeKeyFile(path);
  const next = existsSync(nextOf(path)) && nextMasterKey(path);
  const madeFile = isMade ? path : undefined;
  return { masterKey: readOwnKeyFile(path), madeFile, warnings: [], ...(next && { next }) };
}

/** Makes the file beside the one in force; one that an earlier rotation has left there is used. */
export function makeNextMasterKey(folder: string, { id }: SealedDatabase): NextMasterKey {
  const path = join(folder, `${id}.key`);
  makeKeyFile(nextOf(path));
  return nextMasterKey(path);
}

function nextMasterKey(path: string): NextMasterKey {
  return { masterKey: readOwnKeyFile(nextOf(path)), takeOver: () => replaceKeyFile(path, nextOf(path)) };
}

function nextOf(path: string): string {
  return `${path}.next`;
}

function noKeyGiven(): SealingError {
  return new SealingError(
    "no_master_key",
    `A PostgreSQL database needs a master key for its secrets: make one with ${MAKE_KEY}, keep a copy of it, and give it to every instance as MASTER_KEY, or in a file named by MASTER_KEY_FILE`,
  );
}

/** What prints a new master key. */
export const MAKE_KEY = `node -p "crypto.randomBytes(32).toString('base64')"`;

function isWithin(path: string, folder: string): boolean {
  const way = relative(realPath(folder), realPath(path));
  return !isAbsolute(way) && way !== ".." && !way.startsWith(`..${sep}`);
}

/** With links followed as far as the path exists. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const parent = dirname(path);
    if (parent === path || (error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return join(realPath(parent), basename(path));
  }
}
