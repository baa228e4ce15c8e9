import type { Logger } from "pino";
import { isLoopback } from "../adapters/http/index.ts";
import type { Access } from "../application/index.ts";
import type { Config } from "./config.ts";

/** Nobody would be let in, or everybody. The message says what to do. */
export class DoorOpen extends Error {
  override readonly name = "DoorOpen";
}

/** Says what is unsafe about the door. Throws `DoorOpen` where it would be open to others than this machine. */
export function checkDoor(access: Access, { host, allowOpen }: Config, logger: Logger): void {
  if (access.forged.length > 0) {
    logger.error(
      { tokens: access.forged },
      "somebody else has written tokens into the database; they let nobody in",
    );
  }
  if (!access.isOpen || isLoopback(host)) return;
  if (!allowOpen)
    throw new DoorOpen(`HOST is ${host} and no token exists: whoever reaches it would get the keys.
  Make a token first: npm run token -- create --name me --role admin
  or set ADMIN_TOKEN (at least 32 characters), or let everybody in with ALLOW_OPEN=1.`);
  logger.warn({ host }, "ALLOW_OPEN: no token exists, and whoever reaches this address gets the keys");
}
