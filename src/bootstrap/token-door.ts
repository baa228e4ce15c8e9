import { SystemClock } from "../adapters/in-memory/index.ts";
import { DatabaseError, openDatabase } from "../adapters/mikro-orm/index.ts";
import { NodeTokenCrypto } from "../adapters/node-crypto/index.ts";
import { Access, AuditTrail, type MadeToken, type ShownToken } from "../application/index.ts";
import type { Asker, NewTokenFields } from "../domain/index.ts";
import type { Config } from "./config.ts";
import { openSealing } from "./open-sealing.ts";
import { auditOf, tokensOf } from "./tokens-of.ts";

/** Where tokens are made and revoked: the database itself, or the server that has it open. */
export interface TokenDoor {
  /** For people, such as `sqlite:./data/keys.db`. */
  readonly name: string;
  create(fields: NewTokenFields): Promise<MadeToken>;
  list(): Promise<readonly ShownToken[]>;
  revoke(id: string): Promise<void>;
  close(): Promise<void>;
}

/** The server said no, or there was none. `exitCode` is 3 when it was not reached, 4 when it did not allow it. */
export class DoorRefused extends Error {
  override readonly name = "DoorRefused";
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * The server at `url` if one is given. Otherwise the database; and where a server has that for itself, as with every
 * SQLite file in use, the server on its port.
 */
export async function openTokenDoor(
  config: Config,
  { url, token }: { readonly url: string | undefined; readonly token: string | undefined },
): Promise<TokenDoor> {
  if (url !== undefined) return serverDoor(url, token);
  try {
    return await databaseDoor(config);
  } catch (error) {
    if (!(error instanceof DatabaseError && error.code === "in_use")) throw error;
    const host = config.host === "0.0.0.0" || config.host === "::" ? "127.0.0.1" : config.host;
    return serverDoor(
      `${config.tls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${config.port}`,
      token,
    );
  }
}

const COMMAND_LINE: Asker = {
  actor: { id: "command line", name: "whoever may open the database", role: null },
  address: null,
  requestId: null,
};

async function databaseDoor({ databaseUrl: url, redisUrl, masterKey }: Config): Promise<TokenDoor> {
  // The standard output is for tokens.
  const sealing = openSealing(masterKey, { info: console.error, warn: console.error });
  // Beside running instances, which read the tokens again when they next compare with the database.
  const database = await openDatabase({ url, usedBy: redisUrl ? "instances" : "one-process", sealing });
  const clock = new SystemClock();
  const trail = new AuditTrail({ clock, audit: auditOf(database, sealing), onRow: () => {} });
  const parts = { tokens: tokensOf(database, sealing), crypto: new NodeTokenCrypto(), clock, trail };
  const access = new Access({ ...parts, adminToken: undefined, onChange: () => {} });
  return {
    name: "the database",
    create: (fields) => access.create(fields, COMMAND_LINE),
    list: () => access.list(),
    revoke: (id) => access.revoke(id, COMMAND_LINE),
    close: () => database.close(),
  };
}

interface SentToken {
  readonly id: string;
  readonly name: string;
  readonly role: ShownToken["role"];
  readonly scope: ShownToken["scope"];
  readonly created_at: string;
  readonly expires_at: string;
  readonly last_used: string | null;
  readonly token: string;
}

function serverDoor(url: string, token: string | undefined): TokenDoor {
  const send = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(new URL(`/api/tokens${path}`, url), {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body && { "content-type": "application/json" }),
      },
      ...(body && { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new DoorRefused(`${url} does not answer: ${String((error as Error).cause ?? error)}`, 3);
    });
    const answer = await response.json().then(toAnswer, () => toAnswer({}));
    if (response.ok) return answer.data;
    const isNotAllowed = response.status === 401 || response.status === 403;
    const advice = isNotAllowed ? ". Set AZURE_KEY_POOL_TOKEN to an admin's token, or ADMIN_TOKEN" : "";
    throw new DoorRefused(
      `${answer.error ?? `${url} answered ${response.status}`}${advice}`,
      isNotAllowed ? 4 : 1,
    );
  };
  return {
    name: url,
    create: async ({ name, role, expiresAt, scope }) => {
      const expires_at = expiresAt == null ? undefined : String(expiresAt);
      const sent = (await send("POST", "", { name, role, expires_at, scope })) as SentToken;
      return { ...shown(sent), text: sent.token };
    },
    list: async () => ((await send("GET", "")) as readonly SentToken[]).map(shown),
    revoke: async (id) => void (await send("DELETE", `/${encodeURIComponent(id)}`)),
    close: async () => {},
  };
}

function shown({ id, name, role, scope, created_at, expires_at, last_used }: SentToken): ShownToken {
  return {
    ...{ id, name, role, scope },
    createdAt: Date.parse(created_at),
    expiresAt: Date.parse(expires_at),
    lastUsedAt: last_used === null ? null : Date.parse(last_used),
  };
}

function toAnswer(json: unknown): { readonly data?: unknown; readonly error?: unknown } {
  return Object(json);
}
