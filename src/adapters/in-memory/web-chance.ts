import type { Chance } from "../../domain/index.ts";

/** Chance from what every platform brings along. */
export class WebChance implements Chance {
  random(bytes: number, as: "hex" | "base64url"): string {
    return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString(as);
  }
}
