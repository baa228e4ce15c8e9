import { randomFillSync } from "node:crypto";
import type { Chance } from "../../domain/index.ts";

/** Bytes that are drawn at a time: to ask for a few costs as much as to ask for many. */
const DRAWN = 4096;

/** Chance for what is made often and holds for a short time, such as leases. */
export class NodeChance implements Chance {
  readonly #drawn = Buffer.alloc(DRAWN);
  #used = DRAWN;

  /** At most as many bytes as are drawn at a time. */
  random(bytes: number, as: "hex" | "base64url"): string {
    if (this.#used + bytes > DRAWN) {
      randomFillSync(this.#drawn);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += bytes;
    return this.#drawn.toString(as, start, this.#used);
  }
}
