import { existsSync } from "node:fs";
import { SystemClock } from "../../../adapters/in-memory/index.ts";
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
} from "../../../adapters/mikro-orm/index.ts";
import { COMMAND_LINE_ASKER, type Mac } from "../../../domain/index.ts";
import { readMasterKeySource } from "../../master-key-source.ts";
import { type OpenSealing, openSealing, type Say } from "../../open-sealing.ts";
import { CommandFailed, EXIT } from "../exit-code.ts";
import { type Environment, type Invocation, secretIn } from "../invocation.ts";
import { sayTo } from "./local-command.ts";

export async function copyBetween(
  invocation: Invocation,
  options: { readonly from?: string; readonly to?: string },
): Promise<void> {
  const from = databaseOf("from", options.from, invocation.environment);
  const to = databaseOf("to", options.to, invocation.environment);
  const sessions: SqlSession[] = [];
  try {
    refuseMissing(from);
    const under = sealingsOf(invocation.environment, sayTo(invocation));
    const source = await opened(from, sessions, { ...under.from, keepsPlain: true });
    const isSealed = source.secrets !== PLAIN_SECRETS;
    const target = await opened(to, sessions, isSealed || under.isToNamed ? under.to : undefined);
    const codesOf = (purpose: "token" | "audit") => ({
      source: codeOf(source, under.from, purpose),
      target: codeOf(target, under.to, purpose),
    });
    const codes = { tokens: codesOf("token"), audit: codesOf("audit") };
    const counts = await copyDatabase(
      source,
      target,
      showing(invocation),
      codes,
      ({ audit_head: _, ...copied }) => ({
        ...COMMAND_LINE_ASKER,
        ...{ at: new SystemClock().now(), act: "copy_database", subject: "database", before: null },
        ...{ after: { from: from.name, ...copied }, failure: null },
      }),
    );
    invocation.answer(counts, () => [`copied ${summaryOf(counts)} from ${from.name} to ${to.name}`]);
  } catch (error) {
    throw new CommandFailed(`not copied: ${reason(error)}`);
  } finally {
    for (const session of sessions) await session.close();
  }
}

/** From the option or the environment. No URL is repeated: it may hold a password. */
function databaseOf(side: "from" | "to", given: string | undefined, environment: Environment): DatabaseUrl {
  const [option, variable] = [`--${side}`, `${side.toUpperCase()}_DATABASE_URL`];
  const fileVariable = `${variable}_FILE`;
  const file = environment[fileVariable]?.trim();
  const sources = [
    { name: option, text: given },
    { name: variable, text: environment[variable]?.trim() },
    { name: fileVariable, text: file && secretIn(file, fileVariable) },
  ].filter(({ text }) => text);
  const [source, another] = sources;
  if (!source?.text) throw wrongUse(`${option} or ${variable} must name a database`);
  if (another) throw wrongUse(`${source.name}: must not be given together with ${another.name}`);
  const url = parsed(source.name, source.text);
  if (source.name !== option || !hasPassword(source.text)) return url;
  const advice = `give it in ${variable}, or in a file that ${fileVariable} names`;
  throw wrongUse(`${option}: every user of this machine can see a password that is in an option; ${advice}`);
}

function parsed(source: string, text: string): DatabaseUrl {
  try {
    return parseDatabaseUrl(text);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw wrongUse(`${source}: must be sqlite:<path> or postgres://…`);
  }
}

/** Also as a parameter, where the driver takes it too. */
function hasPassword(text: string): boolean {
  const url = URL.parse(text);
  return Boolean(url?.password) || [...(url?.searchParams.keys() ?? [])].some((name) => /passw/i.test(name));
}

function wrongUse(message: string): CommandFailed {
  return new CommandFailed(message, EXIT.wrongUse);
}

function sealingsOf(environment: Environment, say: Say) {
  const sealingOf = (prefix: string) => {
    const path = environment[`${prefix}_MASTER_KEY_FILE`]?.trim();
    const problems: string[] = [];
    const named = path ? { ...environment, MASTER_KEY: "", MASTER_KEY_FILE: path } : environment;
    const source = readMasterKeySource(named, problems);
    if (problems[0] !== undefined) throw new CopyRefused(problems[0]);
    return openSealing(source, say);
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

/** A bar on a terminal; elsewhere a line where each table begins and ends. */
function showing(invocation: Invocation): (progress: CopyProgress) => void {
  const { isErrorTerminal } = invocation.terminal;
  return ({ table, done, total }) => {
    if (!isErrorTerminal && (done === 0 || done === total))
      invocation.remark(`${table}: ${done} of ${total}`);
    const progress = invocation.progress(table);
    progress.show(done, total);
    if (done === total) progress.end();
  };
}

function summaryOf({ keys, logs, settings, tokens, audit }: Counts): string {
  return `${keys} keys, ${logs} log rows, ${settings} settings, ${tokens} tokens and ${audit} audit rows`;
}
