import type { Service } from "../../domain/index.ts";

/** Turns extend the expiry at most this often within one retention. */
const EXTENSIONS_PER_RETENTION = 40;

export const DEFAULT_PREFIX = "azure-key-pool:";

/** The Redis keys of one service and region, and what this process remembers of them. */
export class PoolPieces {
  /** What a hand-out needs, in the order in which scripts take it; the common hash tag puts them into one slot. */
  readonly keys: string[];
  /** The same, and behind it what leases need. */
  readonly allKeys: string[];
  /** The instant of the last answer, by the clock of Redis. */
  #answeredAt = 0;
  /** From this instant on a turn should extend the expiry of the pieces. */
  #retainAt = 0;

  constructor(prefix: string, service: Service, region: string) {
    const pool = `${prefix}{${service}:${region}}`;
    const named = (piece: string) => `${pool}:${piece}`;
    this.keys = ["standings", "ready", "resting", "tagged"].map(named);
    this.allKeys = [...this.keys, ...["leases", "leasing", "counts"].map(named)];
  }

  /** Whether the next turn should extend the expiry; most need not. */
  get isRetentionDue(): boolean {
    return this.#answeredAt >= this.#retainAt;
  }

  /** A turn was answered at this instant; with `retentionMs` it has extended the expiry. */
  answered(at: number, retentionMs: number | undefined): void {
    this.#answeredAt = at;
    if (retentionMs !== undefined) this.#retainAt = at + retentionMs / EXTENSIONS_PER_RETENTION;
  }
}

/** The first `{…}` in a key decides its slot, so the prefix must not bring one. */
export function checkPrefix(prefix: string): string {
  if (/[{}\s]/.test(prefix)) throw new RangeError("prefix must hold no braces and no white space");
  return prefix;
}
