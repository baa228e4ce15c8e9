import { type Clock, maskSecret } from "../../domain/index.ts";
import type { RequestKind } from "./route.ts";

/** One request as the emulator saw it. The key is masked. */
export interface SeenRequest {
  /** Epoch milliseconds by the emulator's clock. */
  readonly at: number;
  /** `unknown` for a place Azure does not have. */
  readonly kind: RequestKind | "unknown";
  readonly method: string;
  /** Without the query, which may hold a key. */
  readonly path: string;
  readonly key: string | null;
  /** Where the key, or the token issued for it, was found. */
  readonly keyIn: readonly ("header" | "query")[];
  /** `Ocp-Apim-Subscription-Region`, as Translator wants it. */
  readonly region: string | null;
  /** The HTTP status answered, 101 for an accepted WebSocket; null when there was none (yet). */
  readonly status: number | null;
  /** Whether its connection, or REST exchange, is still going on. */
  readonly open: boolean;
}

export interface RequestFilter {
  /** The whole key, not its masked form. */
  readonly key?: string;
  readonly kind?: RequestKind | "unknown";
}

/** A request that is being answered. */
export interface Entry {
  answered(status: number): void;
  over(): void;
}

interface Row {
  readonly key: string | null;
  seen: SeenRequest;
}

/** The last requests, oldest first. */
export class RequestLog {
  readonly #clock: Clock;
  readonly #limit: number;
  #rows: Row[] = [];

  constructor(clock: Clock, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
  }

  add(request: Omit<SeenRequest, "at" | "status" | "open">): Entry {
    const key = request.key;
    const masked = { ...request, key: key === null ? null : maskSecret(key) };
    const row: Row = { key, seen: { at: this.#clock.now(), ...masked, status: null, open: true } };
    this.#rows.push(row);
    if (this.#rows.length > this.#limit) this.#rows.shift();
    return {
      answered: (status) => {
        row.seen = { ...row.seen, status };
      },
      over: () => {
        row.seen = { ...row.seen, open: false };
      },
    };
  }

  list({ key, kind }: RequestFilter): readonly SeenRequest[] {
    return this.#rows
      .filter(
        (row) => (key === undefined || row.key === key) && (kind === undefined || row.seen.kind === kind),
      )
      .map(({ seen }) => seen);
  }

  clear(): void {
    this.#rows = [];
  }
}
