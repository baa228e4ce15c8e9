import type { KeyId, Role, Service } from "../../domain/index.ts";
import type { ExportFile, ListedToken, NewToken, RevealedKey, Self, TokenScope } from "./api-answers.ts";
import { ApiConnection, type ConnectionOptions } from "./api-connection.ts";

export interface NewTokenRequest {
  readonly name: string;
  readonly role: Role;
  /** ISO 8601, or epoch milliseconds. Default: in 90 days. */
  readonly expires_at?: string | undefined;
  /** Default: all keys. */
  readonly scope?: TokenScope | undefined;
}

/** An export holds up to every key. */
const EXPORT_MS = 120_000;

const PATHS: Readonly<Record<Service, string>> = { speech: "/keys", translation: "/translation/keys" };

/** What the HTTP API has for admins alone: tokens, and what tells secrets. Throws `ApiError`. */
export class AdminClient {
  readonly #api: ApiConnection;
  readonly #exportMs: number;

  constructor(options: ConnectionOptions = {}) {
    this.#api = new ApiConnection(options);
    this.#exportMs = Math.max(EXPORT_MS, options.timeoutMs ?? 0);
  }

  /** Who the server takes the token's holder for. Any token may ask. */
  readSelf(): Promise<Self> {
    return this.#api.ask<Self>("GET", "/tokens/self");
  }

  /** The tokens by creation, without what their holders send. */
  listTokens(): Promise<readonly ListedToken[]> {
    return this.#api.ask<readonly ListedToken[]>("GET", "/tokens");
  }

  /** `token` of the answer is shown this once. The first token closes the door. */
  createToken(body: NewTokenRequest): Promise<NewToken> {
    return this.#api.ask<NewToken>("POST", "/tokens", { body });
  }

  /** Throws `token_not_found`. */
  async revokeToken(id: string): Promise<void> {
    await this.#api.ask("DELETE", `/tokens/${encodeURIComponent(id)}`);
  }

  /** A key with its secret; the reason goes into the audit. Throws `key_not_found`, `token_required`. */
  revealKey(service: Service, id: KeyId, reason: string): Promise<RevealedKey> {
    return this.#api.ask<RevealedKey>("POST", `${PATHS[service]}/${id}/reveal`, { body: { reason } });
  }

  /** All keys with their secrets, as an import takes them. Throws `token_required`. */
  exportKeys(service: Service): Promise<ExportFile> {
    return this.#api.download<ExportFile>(`${PATHS[service]}/export`, "keys", { timeoutMs: this.#exportMs });
  }
}
