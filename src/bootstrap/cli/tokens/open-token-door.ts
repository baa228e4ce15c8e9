import type { AdminClient } from "../../../adapters/client/index.ts";
import type { Invocation } from "../invocation.ts";
import type { TokenDoor } from "./token-door.ts";

/**
 * The server that was named, if one was. Otherwise the database of the environment; and where a server has that for
 * itself, as with every SQLite file in use, the server on its port.
 */
export async function openTokenDoor(invocation: Invocation): Promise<TokenDoor> {
  if (invocation.givenUrl !== undefined) return serverDoor(invocation.admin, invocation.url);
  const { databaseDoorOr } = await import("./database-door.ts");
  return databaseDoorOr(invocation, (url) => serverDoor(invocation.adminAt(url), url));
}

function serverDoor(admin: AdminClient, name: string): TokenDoor {
  return {
    name,
    create: (token) => admin.createToken(token),
    list: () => admin.listTokens(),
    revoke: (id) => admin.revokeToken(id),
    close: async () => {},
  };
}
