import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  DatabaseError,
  type DatabaseUrl,
  type InspectedDatabase,
  inspectDatabase,
} from "../../../../adapters/mikro-orm/index.ts";
import { databaseName } from "../../../database-name.ts";
import { type Finding, fault, good, warning } from "./finding.ts";

const OPEN_TO_OTHERS = 0o077;
/** The files that SQLite and the lock keep beside the database. */
const BESIDE = ["", "-wal", "-shm", ".lock"];
/** How far two clocks may be apart without anybody noticing. */
const CLOCKS_APART_MS = 2_000;
const AHEAD_MS = 60_000;

/** Opens the database to look at it. Without a `database` there is nothing to look at. */
export async function openToCheck(at: DatabaseUrl): Promise<{
  readonly database: InspectedDatabase | undefined;
  readonly findings: readonly Finding[];
}> {
  if (at.kind === "memory") {
    return {
      database: undefined,
      findings: [warning("the database is in memory, and ends with its server")],
    };
  }
  const name = at.kind === "sqlite" ? databaseName(at.name) : at.name;
  if (at.kind === "sqlite" && !existsSync(at.path)) {
    const found = warning(
      `there is no ${name} yet`,
      "the first start makes it, empty; is DATABASE_URL right?",
    );
    return { database: undefined, findings: [found, ...checkFolder(dirname(resolve(at.path)))] };
  }
  const rights = at.kind === "sqlite" ? checkRights(resolve(at.path)) : [];
  try {
    return { database: await inspectDatabase(at), findings: [good(`${name} can be read`), ...rights] };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return { database: undefined, findings: [fault(error.message), ...rights] };
  }
}

export function checkMigrations({ pending, unknown }: InspectedDatabase): Finding {
  if (unknown.length > 0) {
    const names = unknown.join(", ");
    return fault(
      `a newer version has changed the database (${names})`,
      "run that version, or put a backup back",
    );
  }
  if (pending.length === 0) return good("the database is up to date");
  return warning(
    `the database lacks ${pending.length} migrations (${pending.join(", ")})`,
    "the next start runs them, or `azure-key-pool migrate`; make a backup first",
  );
}

export async function checkClock(database: InspectedDatabase): Promise<Finding> {
  const theirs = await database.clock();
  if (theirs !== undefined) return clockFinding("the database", theirs - Date.now());
  const newest = await database.lastLogAt();
  if (newest !== null && newest > Date.now() + AHEAD_MS) {
    const at = new Date(newest).toISOString();
    return fault(`the newest log row is of ${at}, which is to come`, "set this machine's clock");
  }
  return good("the clock is not behind the log");
}

export function clockFinding(of: string, apartMs: number): Finding {
  const apart = `${(Math.abs(apartMs) / 1000).toFixed(1)} s`;
  return Math.abs(apartMs) <= CLOCKS_APART_MS
    ? good(`the clock agrees with that of ${of}`)
    : warning(
        `the clock is ${apart} ${apartMs > 0 ? "behind" : "ahead of"} that of ${of}`,
        "let NTP set both",
      );
}

/** Undefined on Windows, where files have no such rights. */
const hasRights = process.geteuid !== undefined;

function checkRights(file: string): readonly Finding[] {
  if (!hasRights) return [];
  const files = BESIDE.map((suffix) => `${file}${suffix}`).filter((path) => existsSync(path));
  const open = files.filter((path) => statSync(path).mode & OPEN_TO_OTHERS);
  const locked = files.filter((path) => !isWritable(path));
  return [
    ...open.map((path) => warning(`${path} is open to other users`, `chmod 600 ${path}`)),
    ...locked.map((path) => fault(`${path} cannot be written by this user`, "see whom it belongs to")),
    ...(open.length + locked.length === 0 ? [good("the database's files are for their owner alone")] : []),
  ];
}

function checkFolder(folder: string): readonly Finding[] {
  if (existsSync(folder))
    return isWritable(folder) ? [] : [fault(`${folder} cannot be written by this user`)];
  return dirname(folder) === folder ? [] : checkFolder(dirname(folder));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
