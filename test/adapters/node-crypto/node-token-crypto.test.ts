import { expect, it } from "vitest";
import { NodeTokenCrypto } from "../../../src/adapters/node-crypto/index.ts";

const crypto = new NodeTokenCrypto();

it("hashes as SHA-256 does, in base64url", () => {
  expect(crypto.hash("abc")).toBe("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
});

it("32 random bytes are 43 characters, never the same", () => {
  const made = new Set(Array.from({ length: 100 }, () => crypto.random(32, "base64url")));
  expect(made.size).toBe(100);
  for (const text of made) expect(text).toMatch(/^[\w-]{43}$/);
  expect(crypto.random(6, "hex")).toMatch(/^[0-9a-f]{12}$/);
});

it("compares hashes, also of different lengths", () => {
  const one = crypto.hash("a");
  expect(crypto.sameHash(one, crypto.hash("a"))).toBe(true);
  expect(crypto.sameHash(one, crypto.hash("b"))).toBe(false);
  expect(crypto.sameHash(one, "")).toBe(false);
});
