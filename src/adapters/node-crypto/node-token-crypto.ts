import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import type { TokenCrypto } from "../../domain/index.ts";

export class NodeTokenCrypto implements TokenCrypto {
  random(bytes: number, as: "hex" | "base64url"): string {
    return randomBytes(bytes).toString(as);
  }

  hash(text: string): string {
    return hash("sha256", text, "base64url");
  }

  sameHash(one: string, other: string): boolean {
    const [a, b] = [Buffer.from(one), Buffer.from(other)];
    return a.length === b.length && timingSafeEqual(a, b);
  }
}
