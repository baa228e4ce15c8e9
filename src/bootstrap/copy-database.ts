import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  type CopyProgress,
  CopyRefused,
  type Counts,
  copyDatabase,
  DatabaseError,
  type DatabaseUrl,
  NO_CODE,
  openSession,
  PLAIN_SECRETS,
  parseDatabaseUrl,
  type Sealing,
  type SqlSession,
} from "../adapters/mikro-orm/index.ts";
import type { Mac } from "../domain/index.ts";
import { readMasterKeySource } from "./master-key-source.ts";
import { type OpenSealing, openSealing } from "./open-sealing.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const USAGE = `Copies a pool's database into an empty one, ids, standings, counters, log, settings, tokens and audit.

  npm run copy-database -- --from sqlite:./data/keys.db --to postgres://user@host:5432/database

Secrets that are sealed in the source are sealed in the target as well. The master keys are those of MASTER_KEY,
MASTER_KEY_FILE or our own files; FROM_MASTER_KEY_FILE and TO_MASTER_KEY_FILE name others.

Stop the server first: a SQLite file has one owner. Exit codes: 0 copied, 1 not copied, 2 wrong arguments.`;

const { stdout } = process;

process.exitCode = await run(process.argv.slice(2));

async function run(args: readonly string[]): Promise<number> {
  const urls = readArguments(args);
  if (!urls) {
    console.error(USAGE);
    return 2;
  }
  const { from, to } = urls;
  const sessions: SqlSession[] = [];
  try {
    refuseMissing(from);
    const under = sealingsOf(process.env);
    const source = await opened(from, sessions, { ...under.from, keepsPlain: true });
    const isSealed = source.secrets !== PLAIN_SECRETS;
    const target = await opened(to, sessions, isSealed || under.isToNamed ? under.to : undefined);
    const codesOf = (purpose: "token" | "audit") => ({
      source: codeOf(source, under.from, purpose),
      target: codeOf(target, under.to, purpose),
    });
    const codes = { tokens: codesOf("token"), audit: codesOf("audit") };
    const counts = await copyDatabase(source, target, show, codes);
    stdout.write(`copied ${summaryOf(counts)} from ${from.name} to ${to.name}\n`);
    return 0;
  } catch (error) {
    console.error(`not copied: ${reason(error)}`);
    return 1;
  } finally {
    for (const session of sessions) await session.close();
  }
}

function readArguments(args: readonly string[]): { from: DatabaseUrl; to: DatabaseUrl } | undefined {
  try {
    const options = { from: { type: "string" }, to: { type: "string" } } as const;
    const { from = "", to = "" } = parseArgs({ args: [...args], options }).values;
    return { from: parseDatabaseUrl(from), to: parseDatabaseUrl(to) };
  } catch (error) {
    // Its message may repeat the argument, which may hold a password.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function sealingsOf(environment: Environment) {
  const sealingOf = (prefix: string) => {
    const path = environment[`${prefix}_MASTER_KEY_FILE`]?.trim();
    const problems: string[] = [];
    const named = path ? { ...environment, MASTER_KEY: "", MASTER_KEY_FILE: path } : environment;
    const source = readMasterKeySource(named, problems);
    if (problems[0] !== undefined) throw new CopyRefused(problems[0]);
    return openSealing(source, { info: console.error, warn: console.error });
  };
  const isToNamed = Boolean(environment.TO_MASTER_KEY_FILE?.trim());
  return { from: sealingOf("FROM"), to: sealingOf("TO"), isToNamed };
}

/** What vouches for the tokens of a database, or for its audit. */
function codeOf({ secrets }: SqlSession, sealing: OpenSealing, purpose: "token" | "audit"): Mac {
  return secrets === PLAIN_SECRETS ? NO_CODE : sealing.macOf(purpose);
}

/** Opening a file that is not there would make it. */
function refuseMissing(url: DatabaseUrl): void {
  if (url.kind === "sqlite" && !existsSync(url.path)) throw new CopyRefused(`there is no ${url.name}`);
}

async function opened(
  url: DatabaseUrl,
  sessions: SqlSession[],
  sealing: Sealing | undefined,
): Promise<SqlSession> {
  try {
    const session = await openSession(url, sealing);
    sessions.push(session);
    return session;
  } catch (error) {
    const isInUse = error instanceof DatabaseError && error.code === "in_use";
    const advice = isInUse ? ". Stop the server that runs on it" : "";
    throw new CopyRefused(`${reason(error)}${advice}`, { cause: error });
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : "for an unknown reason";
}

function show({ table, done, total }: CopyProgress): void {
  const line = `${table}: ${done} of ${total}`;
  // A terminal has one line of progress rewritten.
  if (stdout.isTTY) stdout.write(`\r${line}\u001b[K${done === total ? "\n" : ""}`);
  else if (done === 0 || done === total) stdout.write(`${line}\n`);
}

function summaryOf({ keys, logs, settings, tokens, audit }: Counts): string {
  return `${keys} keys, ${logs} log rows, ${settings} settings, ${tokens} tokens and ${audit} audit rows`;
}
