import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { LocalMasterKey } from "./local-master-key.ts";
import { SealingError } from "./sealing-error.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** A key is 44 characters; what is longer is some other file. */
const MAX_BYTES = 1024;

const READABLE_BY_OTHERS = 0o044;
const WRITABLE_BY_OTHERS = 0o022;
const ANYTHING_BY_OTHERS = 0o077;

/**
 * Makes a file with a new master key, and its folder, both for their owner alone. When it returns true they are
 * on the disk; false when there is something of that name already, which stays as it is. Of several
 * processes that do it at once one makes the file, and none ever sees half of it. Throws a `SealingError`.
 */
export function makeKeyFile(path: string): boolean {
  return handling(path, "made", () => {
    const folder = dirname(path);
    const firstMade = mkdirSync(folder, { recursive: true, mode: 0o700 });
    checkFolder(folder);
    const draft = join(folder, `.${basename(path)}.${randomBytes(8).toString("hex")}`);
    try {
      writeDurably(draft, `${LocalMasterKey.generate()}\n`);
      // Unlike a rename, a link never replaces what is there.
      linkSync(draft, path);
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false;
      throw error;
    } finally {
      rmSync(draft, { force: true });
      syncFolders(folder, firstMade);
    }
    return true;
  });
}

/** Puts a file that `makeKeyFile` made in the place of another one, durably. Throws a `SealingError`. */
export function replaceKeyFile(path: string, by: string): void {
  handling(by, "made", () => {
    renameSync(by, path);
    syncFolders(dirname(path), undefined);
  });
}

/**
 * Reads a file that `makeKeyFile` made. Throws a `SealingError` when it or its folder is a link, belongs to
 * another user, or may be read or written by others.
 */
export function readOwnKeyFile(path: string): LocalMasterKey {
  return handling(path, "read", () => {
    checkFolder(dirname(path));
    return readKey(path, O_NOFOLLOW, (stats) => checkOwner(path, stats, "chmod 600"));
  });
}

/**
 * Reads a file that a person named. It may be a link, and its owner another, as secrets that are mounted into
 * containers are. Throws a `SealingError` when others may write to it.
 */
export function readNamedKeyFile(path: string): {
  readonly masterKey: LocalMasterKey;
  readonly isReadableByOthers: boolean;
} {
  return handling(path, "read", () => {
    let mode = 0;
    const masterKey = readKey(path, 0, (stats) => {
      if (keepsOwners()) mode = stats.mode;
      if (mode & WRITABLE_BY_OTHERS) throw unsafe(path, "may be written by others", `chmod go-w ${path}`);
    });
    return { masterKey, isReadableByOthers: (mode & READABLE_BY_OTHERS) !== 0 };
  });
}

function readKey(path: string, flags: number, check: (stats: Stats) => void): LocalMasterKey {
  // A pipe would keep the start waiting for somebody who writes to it.
  const file = openSync(path, O_RDONLY | O_NONBLOCK | flags);
  try {
    // Of the open file: the name could mean another one by now.
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new SealingError("bad_key_file", `${path} is not a file`);
    check(stats);
    const text = stats.size > MAX_BYTES ? "" : readFileSync(file, "utf8");
    return LocalMasterKey.parse(text.replace(/\r?\n$/, ""), path);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new SealingError("bad_key_file", `${path} holds no key: it must be base64 of exactly 32 bytes`);
  } finally {
    closeSync(file);
  }
}

function checkFolder(folder: string): void {
  const stats = lstatSync(folder);
  if (!stats.isDirectory()) throw unsafe(folder, "is a link or no folder", "put a folder there");
  checkOwner(folder, stats, "chmod 700");
}

function checkOwner(path: string, { uid, mode }: Stats, command: string): void {
  if (!keepsOwners()) return;
  if (uid !== process.geteuid?.())
    throw unsafe(path, "belongs to another user", "see who made it, then give it to the user that runs this");
  if (mode & ANYTHING_BY_OTHERS)
    throw unsafe(path, "is open to others", `see who could read it, then ${command} ${path}`);
}

/** Windows has no such owners and modes. */
function keepsOwners(): boolean {
  return process.geteuid !== undefined;
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes the entry in `folder` durable, and those of the folders that were made for it, from the first one on. */
function syncFolders(folder: string, firstMade: string | undefined): void {
  if (!keepsOwners()) return;
  const last = firstMade === undefined ? folder : dirname(firstMade);
  for (let at = folder; ; at = dirname(at)) {
    const handle = openSync(at, O_RDONLY);
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    if (at === last || at === dirname(at)) return;
  }
}

/** Runs `act`. What the operating system refuses becomes a `SealingError` that says what to do. */
function handling<T>(path: string, done: "made" | "read", act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof SealingError) throw error;
    const code = codeOf(error);
    if (code === undefined) throw error;
    if (done === "read" && code === "ENOENT") {
      const message = `There is no ${path}; put the master key back there from your copy of it, or name another place with MASTER_KEY_FILE`;
      throw new SealingError("no_master_key", message, { cause: error });
    }
    if (code === "ELOOP") throw unsafe(path, "is a link", "put the file itself there");
    const { message } = error as Error;
    throw new SealingError(
      "bad_key_file",
      `The key file cannot be ${done}: ${message}; name another place with MASTER_KEY_FILE`,
      { cause: error },
    );
  }
}

function unsafe(path: string, problem: string, advice: string): SealingError {
  return new SealingError(
    "unsafe_key_file",
    `${path} ${problem}, so the master key is not safe there; ${advice}`,
  );
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
