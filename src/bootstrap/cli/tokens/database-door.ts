import { presentNewToken, presentToken } from "../../../adapters/http/tokens/token-answers.ts";
import { SystemClock } from "../../../adapters/in-memory/index.ts";
import { DatabaseError, openDatabase } from "../../../adapters/mikro-orm/index.ts";
import { NodeTokenCrypto } from "../../../adapters/node-crypto/index.ts";
import { Access, AuditTrail } from "../../../application/index.ts";
import { COMMAND_LINE_ASKER } from "../../../domain/index.ts";
import { type Config, readConfig } from "../../config.ts";
import { openSealing } from "../../open-sealing.ts";
import { auditOf, tokensOf } from "../../tokens-of.ts";
import type { Invocation } from "../invocation.ts";
import { sayTo } from "../local/local-command.ts";
import type { TokenDoor } from "./token-door.ts";

/** The database, or what `inUse` makes of the URL of the server that has it. */
export async function databaseDoorOr(
  invocation: Invocation,
  inUse: (url: string) => TokenDoor,
): Promise<TokenDoor> {
  const config = readConfig(invocation.environment);
  try {
    return await databaseDoor(config, invocation);
  } catch (error) {
    if (!(error instanceof DatabaseError && error.code === "in_use")) throw error;
    return inUse(urlOf(config));
  }
}

function urlOf({ host: listensOn, port, tls }: Config): string {
  const host = listensOn === "0.0.0.0" || listensOn === "::" ? "127.0.0.1" : listensOn;
  return `${tls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

async function databaseDoor(
  { databaseUrl: url, redisUrl, masterKey }: Config,
  invocation: Invocation,
): Promise<TokenDoor> {
  const sealing = openSealing(masterKey, sayTo(invocation));
  // Beside running instances, which read the tokens again when they next compare with the database.
  const database = await openDatabase({ url, usedBy: redisUrl ? "instances" : "one-process", sealing });
  const clock = new SystemClock();
  const trail = new AuditTrail({ clock, audit: auditOf(database, sealing), onRow: () => {} });
  const parts = { tokens: tokensOf(database, sealing), crypto: new NodeTokenCrypto(), clock, trail };
  const access = new Access({ ...parts, adminToken: undefined, onChange: () => {} });
  return {
    name: "the database",
    create: async ({ name, role, expires_at, scope }) => {
      const expiresAt = expires_at === undefined ? undefined : Number(expires_at);
      return presentNewToken(await access.create({ name, role, expiresAt, scope }, COMMAND_LINE_ASKER));
    },
    list: async () => (await access.list()).map(presentToken),
    revoke: (id) => access.revoke(id, COMMAND_LINE_ASKER),
    close: () => database.close(),
  };
}
