import { parseArgs } from "node:util";
import { DatabaseError } from "../adapters/mikro-orm/index.ts";
import { SealingError } from "../adapters/sealing/index.ts";
import type { ShownToken } from "../application/index.ts";
import { DomainError, isEverything, type NewTokenFields } from "../domain/index.ts";
import { ConfigError, readConfig } from "./config.ts";
import { DoorRefused, openTokenDoor, type TokenDoor } from "./token-door.ts";

const USAGE = `Makes, lists and revokes the tokens that let programs and people in.

  npm run token -- create --name NAME --role client|viewer|operator|admin
                   [--expires 2027-01-31|30d] [--service S]... [--region R]... [--tag T]...
  npm run token -- list
  npm run token -- revoke ID

A new token goes to the standard output, once. It works on the database of DATABASE_URL; while a server has that for
itself, through the server on HOST and PORT. AZURE_KEY_POOL_URL names another server. A server asks for an admin's
token: AZURE_KEY_POOL_TOKEN, or else ADMIN_TOKEN; none is needed while none exists.

Exit codes: 0 done, 1 refused or failed, 2 wrong use, 3 server not reached, 4 not allowed.`;

type Environment = Readonly<Record<string, string | undefined>>;

type Command = (door: TokenDoor) => Promise<void>;

/** Answers the exit code. */
export async function runTokenCommand(args: readonly string[], environment: Environment): Promise<number> {
  const command = readCommand(args);
  if (!command) {
    console.error(USAGE);
    return 2;
  }
  let door: TokenDoor | undefined;
  try {
    door = await openTokenDoor(readConfig(environment), {
      url: environment.AZURE_KEY_POOL_URL || undefined,
      token: environment.AZURE_KEY_POOL_TOKEN || environment.ADMIN_TOKEN || undefined,
    });
    await command(door);
    return 0;
  } catch (error) {
    if (!isExpected(error)) throw error;
    console.error(error.message);
    return error instanceof DoorRefused ? error.exitCode : 1;
  } finally {
    await door?.close();
  }
}

function isExpected(error: unknown): error is Error {
  return [DoorRefused, DomainError, DatabaseError, SealingError, ConfigError].some(
    (kind) => error instanceof kind,
  );
}

/** Undefined for what is none. */
function readCommand(args: readonly string[]): Command | undefined {
  const [verb, ...rest] = args;
  try {
    if (verb === "create") return createCommand(rest);
    const { positionals } = parseArgs({ args: rest, allowPositionals: true, options: {} });
    const [id, ...more] = positionals;
    if (verb === "list" && id === undefined) return list;
    if (verb === "revoke" && id !== undefined && more.length === 0) return (door) => revoke(door, id);
    return undefined;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function createCommand(args: string[]): Command | undefined {
  const many = { type: "string", multiple: true } as const;
  const one = { type: "string" } as const;
  const options = { name: one, role: one, expires: one, service: many, region: many, tag: many };
  const { name, role, expires, service, region, tag } = parseArgs({ args, options }).values;
  if (name === undefined || role === undefined) return undefined;
  const expiresAt = expires === undefined ? undefined : instantOf(expires);
  const scope = { services: service, regions: region, tags: tag };
  return (door) => create(door, { name, role, expiresAt, scope });
}

/** Epoch milliseconds of a day, a time, or so many days from now; no number at all for what is none of them. */
function instantOf(text: string): number {
  const [, days] = /^(\d{1,5})d$/.exec(text) ?? [];
  return days === undefined ? Date.parse(text) : Date.now() + Number(days) * 86_400_000;
}

async function create(door: TokenDoor, fields: NewTokenFields): Promise<void> {
  const { text, ...token } = await door.create(fields);
  console.error(`made in ${door.name}: ${lineOf(token)}`);
  console.log(text);
}

async function list(door: TokenDoor): Promise<void> {
  for (const token of await door.list()) console.log(lineOf(token));
}

async function revoke(door: TokenDoor, id: string): Promise<void> {
  await door.revoke(id);
  console.error(`revoked in ${door.name}: ${id}`);
}

function lineOf({ id, name, role, scope, expiresAt, lastUsedAt }: ShownToken): string {
  const used = lastUsedAt === null ? "never used" : `last used ${isoHour(lastUsedAt)}`;
  const about = isEverything(scope) ? "all keys" : JSON.stringify(scope);
  return [id, role, about, `until ${new Date(expiresAt).toISOString()}`, used, name].join("  ");
}

function isoHour(at: number): string {
  return `${new Date(at).toISOString().slice(0, 13)}h`;
}
