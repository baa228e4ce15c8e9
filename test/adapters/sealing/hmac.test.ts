import { createSecretKey } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Hmac } from "../../../src/adapters/sealing/index.ts";
import { anyCharacter } from "../../situations/any-character.ts";
import { randomKey } from "./random-key.ts";

const VALUES = fc.array(fc.oneof(fc.string({ unit: anyCharacter }), fc.maxSafeInteger(), fc.constant(null)));

it("is HMAC-SHA-256 of the values as JSON", () => {
  const mac = new Hmac(createSecretKey(Buffer.alloc(32, 7)));
  // printf '["speech",1,null]' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07
  expect(Buffer.from(mac.of(["speech", 1, null]), "base64url").toString("hex")).toBe(
    "2f47bf20ef56840d64d0539fc46b120f0e114b9a502ec91e98c831d02a438691",
  );
});

it("verifies what it has vouched for, and no other values", () => {
  const mac = new Hmac(randomKey());
  fc.assert(
    fc.property(VALUES, VALUES, (values, others) => {
      expect(mac.verify(values, mac.of(values))).toBe(true);
      expect(mac.verify(others, mac.of(values))).toBe(JSON.stringify(others) === JSON.stringify(values));
    }),
  );
});

it.each([
  [
    ["ab", "c"],
    ["a", "bc"],
  ],
  [["a", ""], ["a"]],
  [[null], [""]],
  [[null], ["null"]],
  [[1], ["1"]],
  [['a","b'], ["a", "b"]],
  [["\ud800"], ["\ufffd"]],
])("keeps %j apart from %j", (one, other) => {
  const mac = new Hmac(randomKey());
  expect(mac.of(one)).not.toBe(mac.of(other));
});

it("refuses the text of another key, and one that was cut, lengthened or changed", () => {
  const mac = new Hmac(randomKey());
  const text = mac.of(["admin"]);
  expect(text).toHaveLength(43);
  const changed = (text.startsWith("A") ? "B" : "A") + text.slice(1);
  for (const wrong of [new Hmac(randomKey()).of(["admin"]), text.slice(1), `${text}A`, changed, "", "é"]) {
    expect(mac.verify(["admin"], wrong), wrong).toBe(false);
  }
});
