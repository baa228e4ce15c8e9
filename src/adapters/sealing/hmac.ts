import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";
import type { Mac } from "../../domain/index.ts";

type Values = Parameters<Mac["of"]>[0];

/** HMAC-SHA-256 in base64url over the values as JSON, which has one text for each list of values. */
export class Hmac implements Mac {
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  of(values: Values): string {
    return createHmac("sha256", this.#key).update(JSON.stringify(values)).digest("base64url");
  }

  verify(values: Values, mac: string): boolean {
    const [expected, given] = [Buffer.from(this.of(values)), Buffer.from(mac)];
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}
