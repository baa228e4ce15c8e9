import type { Service } from "../../domain/index.ts";

export const DEFAULT_PREFIX = "azure-key-pool:";

/** The Redis keys of one service and region, and what this process remembers of them. */
export class PoolPieces {
  /** In the order in which scripts take them; their common hash tag puts them into one slot. */
  readonly keys: string[];
  /** The instant of the last answer, by the clock of Redis. */
  answeredAt = 0;
  /** From this instant on a hand-out should extend the expiry of the pieces. */
  retainAt = 0;

  constructor(prefix: string, service: Service, region: string) {
    const pool = `${prefix}{${service}:${region}}`;
    this.keys = ["standings", "ready", "resting", "tagged"].map((piece) => `${pool}:${piece}`);
  }
}

/** The first `{…}` in a key decides its slot, so the prefix must not bring one. */
export function checkPrefix(prefix: string): string {
  if (/[{}\s]/.test(prefix)) throw new RangeError("prefix must hold no braces and no white space");
  return prefix;
}
