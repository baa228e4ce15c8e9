import type { ListedToken, NewToken, NewTokenRequest } from "../../../adapters/client/index.ts";

/** Where tokens are made and revoked: the database itself, or the server that has it open. */
export interface TokenDoor {
  /** For people. */
  readonly name: string;
  create(token: NewTokenRequest): Promise<NewToken>;
  list(): Promise<readonly ListedToken[]>;
  revoke(id: string): Promise<void>;
  close(): Promise<void>;
}
